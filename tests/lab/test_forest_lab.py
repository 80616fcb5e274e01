# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forest with the seeded defects: whole in both servers, and as well known as it says."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import ldap3
import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules import (
    catalogue,
    judgement,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.model import (
    DirectoryObject,
    ObjectClass,
    Severity,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.model import (
    Holder as ClaimHolder,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.policy import (
    Policy,
)
from lab.description import Description
from lab.directory.forest import DEFECTS, OBJECTS, Forest, Holder, Repair, forest
from lab.directory.ldif import Entry

from .conftest import LabCommand
from .directory_administrator import administrator_connection

BASE = "OU=Forest,DC=corp,DC=example,DC=test"

# What no server with this schema holds: an object without this name is left out before it is judged
NOT_SEEDED = {"sAMAccountName.missing"}


@pytest.fixture(params=list(Holder))
def truth(request: pytest.FixtureRequest) -> Forest:
    return forest(BASE, request.param)


def test_it_has_the_size_it_says(truth: Forest) -> None:
    assert len({entry.dn.lower() for entry in truth.objects}) == len(truth.objects) == OBJECTS
    assert len(truth.defects) == DEFECTS
    # No finding belongs to two defects.
    findings = [
        finding for defect in truth.defects for finding in (defect.expected, *defect.consequences)
    ]
    assert len({finding[:4] for finding in findings}) == len(findings)


def test_it_is_the_same_every_time(truth: Forest) -> None:
    again = forest(BASE, Holder.SAMBA if forest(BASE) == truth else Holder.OPENLDAP)
    assert again == truth


def test_every_rule_about_an_object_is_broken() -> None:
    broken = {finding.rule for holder in Holder for finding in forest(BASE, holder).expected}
    missing_fields = {rule.id for rule in catalogue.RULES if rule.severity is Severity.ADVICE}
    seeded_advice = broken & missing_fields
    assert broken >= {rule.id for rule in catalogue.RULES} - NOT_SEEDED - (
        missing_fields - seeded_advice
    )
    assert seeded_advice == {
        "targetAddress.duplicate_contact",
        "targetAddress.shared",
        "userPrincipalName.adfs_character",
    }


def test_every_fate_and_every_class_is_there(truth: Forest) -> None:
    assert {finding.repair for finding in truth.expected} == set(Repair)
    classes = {guid(entry): str(entry.attributes["objectClass"][-1]) for entry in truth.objects}
    assert {classes[finding.guid] for finding in truth.expected} == {"user", "group", "contact"}


def test_what_is_skipped_has_nothing_to_be_found(truth: Forest) -> None:
    skipped = {each.guid for each in truth.skipped}
    assert len(skipped) > 20
    assert not skipped & {finding.guid for finding in truth.expected}
    assert len({each.reason for each in truth.skipped}) >= 9


def test_the_rules_find_what_was_seeded_and_nothing_else(truth: Forest) -> None:
    """Without a server, a scan or a network: only what is judged."""
    policy = Policy(
        forest_suffixes=frozenset((*truth.upn_suffixes, "corp.example.test")),
        verified_domains=frozenset(truth.verified_domains),
    )
    skipped = {each.guid for each in truth.skipped}
    objects = [as_read(entry) for entry in truth.objects if guid(entry) not in skipped]
    found = {
        (each.guid, finding.rule, finding.attribute, finding.value)
        for each, others in with_others(objects, policy)
        for finding in (
            *judgement.judge(each, policy),
            *judgement.judge_duplicates(each, others, policy),
        )
    }
    expected = {finding[:4] for finding in truth.expected}
    assert found - expected == set()
    assert expected - found == set()


def test_samba_holds_it(lab_with_forest: Description) -> None:
    with administrator_connection(lab_with_forest) as connection:
        assert differences(connection, forest(BASE)) == []


def test_openldap_holds_it(lab: Description, lab_command: LabCommand) -> None:
    lab_command("up", "--with", "openldap")
    lab_command("reset", "openldap")
    server = ldap3.Server(
        lab.openldap["address"], lab.openldap["ldaps_port"], use_ssl=True, get_info=ldap3.NONE
    )
    account = lab.openldap["service_account"]
    with ldap3.Connection(server, account["dn"], account["password"]) as connection:
        assert differences(connection, forest(BASE, Holder.OPENLDAP)) == []


def test_reset_brings_it_back(lab_with_forest: Description, lab_command: LabCommand) -> None:
    some = forest(BASE).objects[7]
    with administrator_connection(lab_with_forest) as connection:
        connection.modify(some.dn, {"description": [(ldap3.MODIFY_REPLACE, ["changed"])]})
        assert connection.search(some.dn, "(description=changed)", ldap3.BASE)
    lab_command("reset", "directory")
    with administrator_connection(lab_with_forest) as connection:
        assert not connection.search(some.dn, "(description=changed)", ldap3.BASE)
        assert differences(connection, forest(BASE)) == []


def as_read(entry: Entry) -> DirectoryObject:
    """The object as a scan would make it of what a server gave."""
    values = {
        name: tuple(value for value in values if isinstance(value, str))
        for name, values in entry.attributes.items()
    }
    undecodable = {
        name: tuple(value for value in values if isinstance(value, bytes))
        for name, values in entry.attributes.items()
        if name not in {"objectGUID", "objectSid"}
    }
    return DirectoryObject(
        guid=guid(entry),
        dn=entry.dn,
        object_class=ObjectClass(str(entry.attributes["objectClass"][-1])),
        domain="corp.example.test",
        values={name: held for name, held in values.items() if held},
        undecodable={name: held for name, held in undecodable.items() if held},
    )


def with_others(
    objects: Sequence[DirectoryObject], policy: Policy
) -> Iterator[tuple[DirectoryObject, dict[judgement.Claim, tuple[ClaimHolder, ...]]]]:
    """Each object with the others that claim the same."""
    claims = {each.guid: judgement.uniqueness_claims(each, policy) for each in objects}
    holders = defaultdict(list)
    for each in objects:
        for claim in claims[each.guid]:
            holder = ClaimHolder(
                each.guid, each.dn, each.object_class, claim.attribute, claim.value
            )
            holders[claim.space, claim.key].append(holder)
    for each in objects:
        yield (
            each,
            {claim: tuple(holders[claim.space, claim.key]) for claim in claims[each.guid]},
        )


def guid(entry: Entry) -> str:
    (raw,) = entry.attributes["objectGUID"]
    assert isinstance(raw, bytes)
    return str(uuid.UUID(bytes_le=raw))


def differences(connection: ldap3.Connection, truth: Forest) -> list[str]:
    """What a server has otherwise than the generator says, object by object."""
    held = dict(read(connection))
    told = [f"only there: {held[key]['cn']}" for key in held.keys() - set(map(guid, truth.objects))]
    for entry in truth.objects:
        found = held.get(guid(entry), {})
        for name, values in entry.attributes.items():
            if Counter(map(octets, values)) != Counter(found.get(name.lower(), [])):
                told.append(f"{entry.dn}: {name}: {found.get(name.lower())}")
    return told


def read(connection: ldap3.Connection) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object by its objectGUID; names of attributes in lower case."""
    found = connection.extend.standard.paged_search(
        BASE,
        "(|(objectClass=user)(objectClass=group)(objectClass=contact))",
        attributes=READ,
        paged_size=500,
        generator=True,
    )
    for answer in found:
        raw = {name.lower(): values for name, values in answer["raw_attributes"].items()}
        yield str(uuid.UUID(bytes_le=raw["objectguid"][0])), raw


READ = sorted(
    {
        name
        for holder in Holder
        for entry in forest(BASE, holder).objects
        for name in entry.attributes
    }
)


def octets(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()
