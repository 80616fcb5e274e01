# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What directory sync leaves out, by flags, numbers and identifiers; never by how a name begins."""

from __future__ import annotations

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_scan.skips import (
    reason_to_skip,
)

_SID = bytes.fromhex("010500000000000515000000010000000200000003000000")
_OURS = _SID + (1104).to_bytes(4, "little")
_DN = b"CN=Anna,DC=corp,DC=example,DC=com"

_USER = {b"sAMAccountName": [b"anna"], b"objectSid": [_OURS]}
_CONTACT = {b"mail": [b"a@x.com"], b"proxyAddresses": [b"SMTP:a@x.com"]}


@pytest.mark.parametrize(
    ("kind", "attributes", "reason"),
    [
        ("user", {b"isCriticalSystemObject": [b"TRUE"]}, "critical system object"),
        (
            "user",
            {b"objectSid": [_SID + (500).to_bytes(4, "little")]},
            "well-known account (RID below 1000)",
        ),
        (
            "user",
            {b"objectSid": [_SID + (999).to_bytes(4, "little")]},
            "well-known account (RID below 1000)",
        ),
        # Each of the seven kinds in the mask, in decimal as LDAP writes them.
        *(
            (
                "user",
                {b"msExchRecipientTypeDetails": [str(kind).encode()]},
                "system mailbox (msExchRecipientTypeDetails)",
            )
            for kind in (0x1000, 0x2000, 0x4000, 0x400000, 0x800000, 0x1000000, 0x20000000)
        ),
        ("user", {b"sAMAccountName": [b"AAD_0123"]}, "account of directory sync (AAD_, MSOL_)"),
        ("user", {b"sAMAccountName": [b"msol_0123"]}, "account of directory sync (AAD_, MSOL_)"),
        ("user", {b"sAMAccountName": [b"CAS_{0}"]}, "client access account (CAS_)"),
        ("user", {b"mailNickname": [b"SystemMailbox{1f}"]}, "system mailbox (mailNickname)"),
        ("group", {b"groupType": [b"8"]}, "distribution group without mail"),
        (
            "group",
            {b"msExchRecipientTypeDetails": [b"1073741824"]},
            "role group (msExchRecipientTypeDetails)",
        ),
        ("contact", {b"mail": [b"a@x.com"]}, "contact without mail or proxyAddresses"),
        (
            "contact",
            {b"mail": [b"nobody"], b"proxyAddresses": [b"x500:/o=x"]},
            "contact without address",
        ),
    ],
)
def test_objects_that_are_skipped(
    kind: str, attributes: dict[bytes, list[bytes]], reason: str
) -> None:
    whole = {**(_USER if kind == "user" else {}), **attributes}
    assert reason_to_skip(_DN, kind, whole) == reason


def test_a_user_without_account_name_is_skipped() -> None:
    assert reason_to_skip(_DN, "user", {}) == "user without sAMAccountName"


@pytest.mark.parametrize("line_feed", [b"\\0A", b"\\0a", b"\n"])
def test_conflict_objects_are_skipped(line_feed: bytes) -> None:
    dn = b"CN=Anna" + line_feed + b"CNF:6f9619ff-8b86-d011-b42d-00c04fc964ff,DC=example"
    assert reason_to_skip(dn, "user", _USER) == "replication conflict (CNF)"


@pytest.mark.parametrize(
    ("kind", "attributes"),
    [
        ("user", {}),
        ("user", {b"isCriticalSystemObject": [b"FALSE"]}),
        ("user", {b"objectSid": [_SID + (1000).to_bytes(4, "little")]}),
        ("user", {b"sAMAccountName": [b"Administration Clerk"]}),
        ("user", {b"sAMAccountName": [b"guestroom"]}),
        ("user", {b"sAMAccountName": [b"Msolovyov"]}),
        ("user", {b"sAMAccountName": [b"cas_tor"]}),
        ("user", {b"msExchRecipientTypeDetails": [b"1"]}),
        ("user", {b"msExchRecipientTypeDetails": [b"2147483648"]}),
        ("user", {b"msExchRecipientTypeDetails": [b"nonsense"]}),
        ("group", {b"groupType": [b"-2147483640"]}),
        ("group", {b"groupType": [b"8"], b"mail": [b"g@x.com"]}),
        ("contact", {}),
    ],
)
def test_objects_that_are_not_skipped(kind: str, attributes: dict[bytes, list[bytes]]) -> None:
    base = {"user": _USER, "group": {}, "contact": _CONTACT}[kind]
    assert reason_to_skip(_DN, kind, {**base, **attributes}) is None
