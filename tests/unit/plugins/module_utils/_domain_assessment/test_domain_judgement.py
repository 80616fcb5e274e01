# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._domain_assessment import (
    judgement,
)
from ansible_collections.tenantops.migration.plugins.module_utils._domain_assessment.model import (
    DnsFacts,
    Entry,
    Option,
)
from ansible_collections.tenantops.migration.plugins.module_utils._realms.model import (
    Realm,
    RealmKind,
)

_TENANT = "6f1c2a41-9b7d-4c3e-8a51-0d2b3c4e5f61"
_DOMAIN = Entry("contoso.test")
_PERSON = Entry("contoso.test", "jane@contoso.test")
_IN_DNS = DnsFacts("contoso.test", ("ns1.contoso.test",), ("contoso.test",))
_NOT_IN_DNS = DnsFacts(None)


def _realm(kind: RealmKind, tenant: str = _TENANT) -> Realm:
    if kind is RealmKind.UNKNOWN:
        return Realm("contoso.test", kind)
    return Realm("contoso.test", kind, tenant, "global", "Contoso")


@pytest.mark.parametrize(
    ("entry", "kind", "dns", "option"),
    [
        (_DOMAIN, RealmKind.VIRAL, _IN_DNS, Option.TAKE_OVER),
        (_PERSON, RealmKind.VIRAL, _IN_DNS, Option.TAKE_OVER),
        (_PERSON, RealmKind.VIRAL, None, Option.TAKE_OVER),
        (_DOMAIN, RealmKind.VIRAL, _NOT_IN_DNS, Option.NEW_ACCOUNT),
        (_DOMAIN, RealmKind.UNKNOWN, _IN_DNS, Option.ADD_DOMAIN),
        (_DOMAIN, RealmKind.UNKNOWN, None, Option.ADD_DOMAIN),
        (_DOMAIN, RealmKind.UNKNOWN, _NOT_IN_DNS, Option.NEW_ACCOUNT),
        (_PERSON, RealmKind.UNKNOWN, _IN_DNS, Option.NEW_ACCOUNT),
        (_PERSON, RealmKind.UNKNOWN, _NOT_IN_DNS, Option.NEW_ACCOUNT),
        (_DOMAIN, RealmKind.MANAGED, _IN_DNS, Option.WORK_ACCOUNT),
        (_PERSON, RealmKind.FEDERATED, _NOT_IN_DNS, Option.WORK_ACCOUNT),
    ],
)
def test_option_follows_the_realm(
    entry: Entry, kind: RealmKind, dns: DnsFacts | None, option: Option
) -> None:
    judged = judgement.judge(entry, _realm(kind), dns=dns)

    assert judged.option is option
    assert judged.reason


@pytest.mark.parametrize("tenant", sorted(judgement.CONSUMER_TENANTS))
@pytest.mark.parametrize("kind", [RealmKind.MANAGED, RealmKind.FEDERATED])
def test_domain_of_personal_accounts_is_no_organisations(tenant: str, kind: RealmKind) -> None:
    assert judgement.judge(_PERSON, _realm(kind, tenant)).option is Option.NEW_ACCOUNT


def test_own_tenant_is_told_from_that_of_others() -> None:
    theirs = judgement.judge(_DOMAIN, _realm(RealmKind.MANAGED))
    ours = judgement.judge(_DOMAIN, _realm(RealmKind.MANAGED), own_tenants=[_TENANT])

    assert theirs.option is ours.option is Option.WORK_ACCOUNT
    assert _TENANT in theirs.reason
    assert "Contoso" in theirs.reason
    assert "your tenant" in ours.reason


def test_personal_account_is_told_where_it_matters() -> None:
    reason = judgement.judge(_PERSON, _realm(RealmKind.UNKNOWN), is_personal=True).reason

    assert reason.startswith("The address is that of a personal account.")
    assert (
        "personal"
        not in judgement.judge(_PERSON, _realm(RealmKind.UNKNOWN), is_personal=False).reason
    )
