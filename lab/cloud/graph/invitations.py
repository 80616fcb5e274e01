# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Invitations: new guests, guests invited again, and guests whose redemption is reset.

https://learn.microsoft.com/graph/api/invitation-post
https://learn.microsoft.com/entra/external-id/reset-redemption-status

The texts of refusals are not those of Microsoft, which nobody has written down: no client may
look at them.
"""

from __future__ import annotations

import re
import secrets
import time
import uuid
from typing import Any
from urllib.parse import urlsplit

from ..guests.accounts import accounts_of
from ..guests.making import guest_name
from ..ledger import Entry, Kind, Mail
from ..people import ACCEPTED, PENDING, User
from ..state import Tenant
from ..user_change import UserChange
from .errors import GraphError, bad_request, not_found, permission_denied
from .routes import Answer, Call, Operation
from .schema import BOOLEAN, STRING, Collection, Complex, EntityType, Nullable
from .times import next_change, timestamp

_TYPE = EntityType(
    "microsoft.graph.invitation",
    {
        "invitedUserEmailAddress": STRING,
        "invitedUserDisplayName": Nullable(STRING),
        "invitedUserType": Nullable(STRING),
        "inviteRedirectUrl": STRING,
        "sendInvitationMessage": Nullable(BOOLEAN),
        "resetRedemption": Nullable(BOOLEAN),
        "invitedUser": Nullable(Complex("microsoft.graph.user", {"id": STRING})),
        "invitedUserMessageInfo": Nullable(
            Complex(
                "microsoft.graph.invitedUserMessageInfo",
                {
                    "messageLanguage": Nullable(STRING),
                    "customizedMessageBody": Nullable(STRING),
                    "ccRecipients": Collection(
                        Complex(
                            "microsoft.graph.recipient",
                            {
                                "emailAddress": Complex(
                                    "microsoft.graph.emailAddress",
                                    {"name": Nullable(STRING), "address": STRING},
                                    required=frozenset({"address"}),
                                )
                            },
                            required=frozenset({"emailAddress"}),
                        )
                    ),
                },
            )
        ),
    },
)
_INVITE = frozenset({"User.Invite.All", "User.ReadWrite.All", "Directory.ReadWrite.All"})
_MAKE_MEMBERS = frozenset({"User.ReadWrite.All", "Directory.ReadWrite.All"})

# Letters, digits, and of the rest what the documentation of the resource type leaves; a period or
# hyphen stands neither first nor last.
_ADDRESS = re.compile(r"(?![.-])[\w.-]{1,64}(?<![.-])@(?:[\w-]{1,63}\.)+[\w-]{2,63}")
_USUAL_LANGUAGE = "en-US"
# Where an application without a role may not invite.
_CLOSED = ("none", "adminsAndGuestInviters")


def _create(call: Call) -> Answer:
    values = _TYPE.read_patch(call.body)
    for name in ("invitedUserEmailAddress", "inviteRedirectUrl"):
        if name not in values:
            raise bad_request(f"The property '{name}' is missing.")
    _check(call, values)
    address: str = values["invitedUserEmailAddress"]
    with call.change_users() as change:
        if values.get("resetRedemption"):
            kind, user = _reset(change, values)
        else:
            kind, user = _invite(call, change, values)
    mail = _mail(address, values) if values.get("sendInvitationMessage") else None
    call.note(
        Entry(
            time=timestamp(time.time()),
            tenant=call.tenant_name,
            kind=kind,
            user=user.id,
            address=address,
            redirect_url=values["inviteRedirectUrl"],
            mail=mail,
        )
    )
    return Answer(201, _render(call, values, user))


def _reset(change: UserChange, values: dict[str, Any]) -> tuple[Kind, User]:
    user = _to_reset(change.tenant, values)
    change.update(
        user,
        external_user_state=PENDING,
        state_changed=next_change(user.state_changed),
        signs_in="not_redeemed",
    )
    return "reset", user


def _invite(call: Call, change: UserChange, values: dict[str, Any]) -> tuple[Kind, User]:
    known = _known(change.tenant, values["invitedUserEmailAddress"])
    if known is not None:
        return "reinvite", known
    return "invite", _add(call, change, values)


def _check(call: Call, values: dict[str, Any]) -> None:
    """Refuse what is wrong whoever the guest is."""
    if call.tenant.policies.allow_invites_from in _CLOSED:
        raise permission_denied()
    if not _ADDRESS.fullmatch(values["invitedUserEmailAddress"]):
        raise bad_request("The invited user's mail address is not valid.")
    redirect = urlsplit(values["inviteRedirectUrl"])
    if redirect.scheme not in ("http", "https") or not redirect.netloc:
        raise bad_request("The property 'inviteRedirectUrl' is not the URL of a page.")
    if values.get("invitedUserType") not in (None, "Guest", "Member"):
        raise bad_request("The property 'invitedUserType' is neither Guest nor Member.")
    if values.get("invitedUserType") == "Member" and not _MAKE_MEMBERS & call.permissions:
        raise permission_denied()
    recipients = (values.get("invitedUserMessageInfo") or {}).get("ccRecipients", [])
    if len(recipients) > 1:
        raise bad_request("Only one recipient of a copy is supported.")


def _to_reset(tenant: Tenant, values: dict[str, Any]) -> User:
    """Return the guest whose redemption is to be reset; raises GraphError."""
    identifier = (values.get("invitedUser") or {}).get("id")
    if identifier is None:
        raise bad_request("The id of the invited user is missing.")
    user = tenant.users.find(identifier)
    if user is None:
        raise not_found(identifier)
    if user.external_user_state is None:
        raise bad_request("The user has no account elsewhere, so there is nothing to reset.")
    address = values["invitedUserEmailAddress"].casefold()
    if address not in (entry.casefold() for entry in user.addresses):
        raise bad_request("The mail address is none of the user's.")
    if has_role(tenant, user):
        raise GraphError(
            403,
            "Authorization_RequestDenied",
            "An application cannot reset the redemption of a user with a directory role.",
        )
    return user


def has_role(tenant: Tenant, user: User) -> bool:
    """Say whether the user has a directory role: an application may not touch such users."""
    return any(user.id in role.members for role in tenant.directory_roles)


def _known(tenant: Tenant, address: str) -> User | None:
    """Return the guest who was invited with the address before; raises GraphError."""
    domain = address.rpartition("@")[2].casefold()
    users = tenant.users.with_address(address)
    if any(entry.is_verified and entry.name.casefold() == domain for entry in tenant.domains):
        raise bad_request("The address is of a domain of this tenant: no guest can have it.")
    for user in users:
        if user.external_user_state is not None:
            return user
    if users:
        raise bad_request("A user of this tenant who is no guest has the mail address.")
    return None


def _add(call: Call, change: UserChange, values: dict[str, Any]) -> User:
    address: str = values["invitedUserEmailAddress"]
    tenant = change.tenant
    initial = next(domain.name for domain in tenant.domains if domain.is_initial)
    now = timestamp(time.time())
    user = User(
        id=str(uuid.uuid4()),
        display_name=values.get("invitedUserDisplayName") or address.partition("@")[0],
        user_principal_name=guest_name(address, initial),
        mail=address,
        created=now,
        user_type="Member" if values.get("invitedUserType") == "Member" else "Guest",
        creation_type="Invitation",
        external_user_state=PENDING,
        state_changed=now,
        accounts=accounts_of(call.cloud(), address),
        signs_in="not_redeemed",
    )
    change.add(user)
    return user


def _mail(address: str, values: dict[str, Any]) -> Mail:
    message = values.get("invitedUserMessageInfo") or {}
    return Mail(
        to=address,
        cc=[entry["emailAddress"]["address"] for entry in message.get("ccRecipients", [])],
        language=message.get("messageLanguage") or _USUAL_LANGUAGE,
        body=message.get("customizedMessageBody"),
    )


def _render(call: Call, values: dict[str, Any], user: User) -> dict[str, Any]:
    message = values.get("invitedUserMessageInfo") or {}
    return {
        "@odata.context": f"{call.base_url}/v1.0/$metadata#invitations/$entity",
        "id": str(uuid.uuid4()),
        "inviteRedeemUrl": (
            f"https://login.microsoftonline.com/redeem?rd={secrets.token_urlsafe(24)}"
        ),
        "invitedUserDisplayName": values.get("invitedUserDisplayName"),
        "invitedUserType": values.get("invitedUserType") or user.user_type,
        "invitedUserEmailAddress": values["invitedUserEmailAddress"],
        "sendInvitationMessage": bool(values.get("sendInvitationMessage")),
        "resetRedemption": bool(values.get("resetRedemption")),
        "inviteRedirectUrl": values["inviteRedirectUrl"],
        "status": "Completed" if user.external_user_state == ACCEPTED else PENDING,
        "invitedUserMessageInfo": {
            "messageLanguage": message.get("messageLanguage"),
            "ccRecipients": message.get(
                "ccRecipients", [{"emailAddress": {"name": None, "address": None}}]
            ),
            "customizedMessageBody": message.get("customizedMessageBody"),
        },
        "invitedUser": {"id": user.id},
    }


OPERATIONS = [Operation("POST", "/invitations", _INVITE, _create)]
