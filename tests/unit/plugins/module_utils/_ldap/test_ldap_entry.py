# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import uuid

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import NotUnderstood
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.entry import Entry
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.filters import escaped
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.root_dse import RootDse

GUID = uuid.UUID("8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21")


def test_values_by_name_in_any_case() -> None:
    entry = Entry("CN=x", {"uPNSuffixes": [b"a.test", "ü.test".encode()]})
    assert entry.values("UPNSUFFIXES") == (b"a.test", "ü.test".encode())
    assert entry.texts("upnsuffixes") == ("a.test", "ü.test")
    assert entry.values("mail") == ()
    assert entry.texts("mail") == ()


def test_one_value() -> None:
    entry = Entry("CN=x", {"cn": [b"x"], "mail": [b"a", b"b"]})
    assert entry.text("cn") == "x"
    for attribute in ("mail", "sn"):
        with pytest.raises(NotUnderstood, match=attribute) as caught:
            entry.text(attribute)
        assert caught.value.subject == "CN=x"


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(NotUnderstood, match="cn is not UTF-8"):
        Entry("CN=x", {"cn": [b"\xff"]}, "ldaps://dc1:636").texts("cn")


def test_guid_in_the_byte_order_of_active_directory() -> None:
    entry = Entry("CN=x", {"objectGUID": [GUID.bytes_le]})
    assert entry.guid() == str(GUID)


@pytest.mark.parametrize("values", [[], [b"short"], [GUID.bytes_le, GUID.bytes_le]])
def test_what_is_no_guid(values: list[bytes]) -> None:
    with pytest.raises(NotUnderstood, match="objectGUID"):
        Entry("CN=x", {"objectGUID": values}).guid()


def test_the_root_dse_of_another_directory_is_not_understood() -> None:
    entry = Entry("", {"namingContexts": [b"dc=example"]}, "ldaps://other:636")
    with pytest.raises(NotUnderstood, match="not what an Active Directory gives") as caught:
        RootDse.of(entry)
    assert caught.value.subject == "rootDSE"


def test_a_filter_matches_the_text_and_nothing_else() -> None:
    assert escaped("a*b(c)d\\e\0") == "a\\2ab\\28c\\29d\\5ce\\00"
    assert escaped("Räksmörgås") == "Räksmörgås"
