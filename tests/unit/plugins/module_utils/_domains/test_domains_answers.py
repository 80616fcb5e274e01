# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from msgraph.generated.models.directory_object import DirectoryObject
from msgraph.generated.models.domain import Domain as DomainAnswer
from msgraph.generated.models.domain_dns_mx_record import DomainDnsMxRecord
from msgraph.generated.models.domain_dns_record import DomainDnsRecord
from msgraph.generated.models.domain_dns_srv_record import DomainDnsSrvRecord
from msgraph.generated.models.domain_dns_txt_record import DomainDnsTxtRecord
from msgraph.generated.models.domain_state import DomainState
from msgraph.generated.models.user import User

from ansible_collections.tenantops.migration.plugins.module_utils._domains.answers import (
    VerificationRecord,
    domain_from,
    reference_from,
    service_record_from,
    verification_from,
)
from ansible_collections.tenantops.migration.plugins.module_utils._domains.model import (
    Domain,
    Reference,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import NotUnderstood

SERVER = "https://graph.microsoft.com"
FULL: dict[str, Any] = {"id": "contoso.com", "is_verified": True, "is_default": False}
TXT = DomainDnsTxtRecord(record_type="Txt", label="contoso.com", text="MS=ms12345678", ttl=3600)
MX = DomainDnsMxRecord(record_type="Mx", label="contoso.com", mail_exchange="ms1.msv1.invalid")


def answer(**fields: Any) -> DomainAnswer:
    return DomainAnswer(**{**FULL, "is_initial": False, **fields})


class TestDomain:
    def test_all_of_it(self) -> None:
        told = answer(
            id="CONTOSO.com",
            is_root=True,
            is_admin_managed=True,
            authentication_type="Managed",
            supported_services=["Email"],
            state=DomainState(operation="Verification", status="Scheduled"),
        )
        assert domain_from(told, SERVER, "domains/contoso.com") == Domain(
            "contoso.com",
            is_verified=True,
            is_root=True,
            is_admin_managed=True,
            authentication_type="Managed",
            supported_services=("Email",),
            operation="Verification",
            operation_status="Scheduled",
        )

    def test_what_is_missing_and_not_needed_is_null(self) -> None:
        told = domain_from(answer(state=DomainState()), SERVER, "x")
        assert told == Domain("contoso.com", is_verified=True)
        assert told.to_json()["supported_services"] is None

    @pytest.mark.parametrize(
        "wrong",
        [
            None,
            {},
            DirectoryObject(id="contoso.com"),
            DomainAnswer(),
            *(answer(**{field: None}) for field in (*FULL, "is_initial")),
        ],
    )
    def test_anything_else_is_an_error_and_never_absent(self, wrong: Any) -> None:
        with pytest.raises(NotUnderstood) as caught:
            domain_from(wrong, SERVER, "domains/contoso.com")
        assert (caught.value.server, caught.value.subject) == (SERVER, "domains/contoso.com")


class TestVerification:
    def read(self, *records: DomainDnsRecord) -> VerificationRecord | None:
        return verification_from(records, "contoso.com", SERVER, "x")

    def test_the_txt_record_is_told(self) -> None:
        assert self.read(MX, TXT) == VerificationRecord("contoso.com", "MS=ms12345678", 3600)

    def test_without_its_type_the_sdk_does_not_know_the_text(self) -> None:
        base = DomainDnsRecord(
            record_type="Txt", label="Contoso.com", additional_data={"text": "MS=ms1"}
        )
        assert self.read(base) == VerificationRecord("contoso.com", "MS=ms1", None)

    def test_there_may_be_none(self) -> None:
        assert self.read() is None
        assert self.read(MX) is None

    def test_the_same_twice(self) -> None:
        assert self.read(TXT, TXT) == self.read(TXT)

    @pytest.mark.parametrize(
        "wrong",
        [
            [DomainDnsTxtRecord(record_type="Txt", label="contoso.com")],
            [DomainDnsTxtRecord(record_type="Txt", label="contoso.com", text="")],
            [DomainDnsTxtRecord(record_type="TXT", text="MS=ms1")],
            [DomainDnsTxtRecord(record_type="Txt", label="@", text="MS=ms1")],
            [DomainDnsTxtRecord(record_type="Txt", label="fabrikam.com", text="MS=ms1")],
            [TXT, DomainDnsTxtRecord(record_type="Txt", label="contoso.com", text="MS=ms2")],
        ],
    )
    def test_nothing_is_published_by_guess(self, wrong: list[DomainDnsRecord]) -> None:
        with pytest.raises(NotUnderstood):
            self.read(*wrong)


def test_service_records_tell_what_their_type_has() -> None:
    mx = DomainDnsMxRecord(
        record_type="Mx", label="contoso.com", ttl=60, is_optional=False, preference=0
    )
    assert service_record_from(mx) == {
        "type": "Mx",
        "name": "contoso.com",
        "ttl": 60,
        "is_optional": False,
        "supported_service": None,
        "preference": 0,
    }
    srv = DomainDnsSrvRecord(record_type="Srv", name_target="sip", port=443, service="_sip")
    told = service_record_from(srv)
    assert (told["name_target"], told["port"], told["service"]) == ("sip", 443, "_sip")
    base = DomainDnsRecord(record_type="CName", additional_data={"canonicalName": "a.b"})
    assert service_record_from(base)["canonical_name"] == "a.b"


@pytest.mark.parametrize(
    ("told", "reference"),
    [
        (
            User(id="1", user_principal_name="anna@contoso.com", display_name="Anna"),
            Reference("1", "user", "anna@contoso.com"),
        ),
        (
            DirectoryObject(
                id="2",
                odata_type="#microsoft.graph.somethingNew",
                additional_data={"displayName": "New"},
            ),
            Reference("2", "somethingNew", "New"),
        ),
        (DirectoryObject(id="3"), Reference("3", "directoryObject", "3")),
    ],
)
def test_references(told: DirectoryObject, reference: Reference) -> None:
    if isinstance(told, User):
        told.odata_type = "#microsoft.graph.user"
    assert reference_from(told, SERVER, "x") == reference


def test_a_reference_without_an_id() -> None:
    with pytest.raises(NotUnderstood):
        reference_from(DirectoryObject(), SERVER, "x")
