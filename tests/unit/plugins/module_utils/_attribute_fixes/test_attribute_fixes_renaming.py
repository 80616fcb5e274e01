# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Iterable

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_fixes.model import (
    values_after,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_fixes.renaming import (
    Adjusted,
    RenamePlan,
    plan_renames,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.judgement import (  # noqa: E501
    uniqueness_claims,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.model import (
    DirectoryObject,
    ObjectClass,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.policy import (
    Policy,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import Refused
from ansible_collections.tenantops.migration.plugins.module_utils._sign_in_names.wanted import (
    Source,
    Wanted,
)

POLICY = Policy(forest_suffixes=frozenset({"contoso.com", "corp.local", "fabrikam.com"}))
PRIMARY = Wanted(Source.PRIMARY_ADDRESS)
BY_SUFFIX = Wanted(Source.SUFFIX_MAP, suffixes={"corp.local": "contoso.com"})
BY_MAPPING = Wanted(Source.MAPPING, names={"guid-kim": "taken@contoso.com"})
BOTH = (Adjusted.MAIL, Adjusted.PROXY_ADDRESSES)


def person(name: str, **values: str | tuple[str, ...] | None) -> DirectoryObject:
    given = {"displayName": name, "sAMAccountName": name, **values}
    return DirectoryObject(
        guid=f"guid-{name}",
        dn=f"CN={name},OU=People,DC=corp,DC=local",
        object_class=ObjectClass.USER,
        domain="corp.local",
        values={
            attribute: (held,) if isinstance(held, str) else held
            for attribute, held in given.items()
            if held
        },
    )


def planned(
    things: Iterable[DirectoryObject],
    wanted: Wanted = PRIMARY,
    adjusted: Iterable[Adjusted] = (),
    policy: Policy = POLICY,
    others: Iterable[DirectoryObject] = (),
) -> RenamePlan:
    things = list(things)

    def taken(space: str, key: str, guid: str) -> bool:
        return any(
            (claim.space, claim.key) == (space, key)
            for each in (*things, *others)
            if each.guid != guid
            for claim in uniqueness_claims(each, policy)
        )

    return plan_renames(things, wanted, adjusted, policy, taken)


def after(plan: RenamePlan, name: str = "kim") -> dict[str, tuple[str, ...]]:
    (request,) = (each for each in plan.requests if each.id == f"guid-{name}")
    return values_after(plan.known[request.id], request.changes)


def test_the_primary_address_becomes_the_name() -> None:
    kim = person(
        "kim",
        userPrincipalName="kim@corp.local",
        mail="kim.akers@contoso.com",
        proxyAddresses=("SMTP:kim.akers@contoso.com", "smtp:kim@contoso.com"),
    )
    plan = planned([kim], adjusted=BOTH)
    ((change,),) = (request.changes for request in plan.requests)
    assert (change.property, change.before, change.after) == (
        "userPrincipalName",
        "kim@corp.local",
        "kim.akers@contoso.com",
    )
    assert change.reversible
    assert plan.names == {"guid-kim": "kim.akers@contoso.com"}
    again = DirectoryObject(**{**vars(kim), "values": after(plan)})
    assert planned([again], adjusted=BOTH).unchanged == 1


def test_another_suffix_and_its_addresses() -> None:
    kim = person(
        "kim",
        userPrincipalName="kim@corp.local",
        mail="kim@fabrikam.com",
        proxyAddresses=("SMTP:kim@fabrikam.com", "smtp:k@fabrikam.com", "x500:/o=a"),
    )
    only_name = after(planned([kim], BY_SUFFIX))
    assert only_name["userPrincipalName"] == ("kim@contoso.com",)
    assert only_name["mail"] == ("kim@fabrikam.com",)
    whole = after(planned([kim], BY_SUFFIX, BOTH))
    assert whole["userPrincipalName"] == whole["mail"] == ("kim@contoso.com",)
    assert sorted(whole["proxyAddresses"]) == [
        "SMTP:kim@contoso.com",
        "smtp:k@fabrikam.com",
        "smtp:kim@fabrikam.com",
        "x500:/o=a",
    ]


def test_a_secondary_address_becomes_the_primary_one() -> None:
    kim = person(
        "kim",
        userPrincipalName="kim@corp.local",
        proxyAddresses=("SMTP:k@contoso.com", "smtp:Kim@contoso.com"),
    )
    whole = after(planned([kim], BY_SUFFIX, BOTH))
    assert sorted(whole["proxyAddresses"]) == ["SMTP:kim@contoso.com", "smtp:k@contoso.com"]
    assert "mail" not in whole


def test_an_address_that_no_mail_arrives_at_is_not_kept() -> None:
    kim = person("kim", userPrincipalName="kim@corp.local", proxyAddresses=("SMTP:kim@corp.local",))
    assert after(planned([kim], BY_SUFFIX, BOTH))["proxyAddresses"] == ("SMTP:kim@contoso.com",)


def test_an_object_without_addresses_gets_none() -> None:
    kim = person("kim", userPrincipalName="kim@corp.local")
    assert after(planned([kim], BY_SUFFIX, BOTH)).keys() == {
        "userPrincipalName",
        "displayName",
        "sAMAccountName",
    }


def test_who_is_not_meant_is_told() -> None:
    plan = planned([person("kim", userPrincipalName="kim@other.local")], BY_SUFFIX)
    assert [(left.thing.dn, left.reason) for left in plan.left] == [
        ("CN=kim,OU=People,DC=corp,DC=local", "suffix_map does not name its suffix")
    ]
    assert plan.scope == 1
    assert not plan.failures


@pytest.mark.parametrize(
    ("values", "wanted", "told"),
    [
        ({"mail": "j\u00fcrgen@contoso.com"}, PRIMARY, "cannot be a name"),
        ({"mail": "kim@elsewhere.com"}, PRIMARY, "elsewhere.com is neither a domain of the forest"),
        ({"proxyAddresses": ("SMTP:a@contoso.com", "SMTP:b@contoso.com")}, PRIMARY, "several"),
        ({"mail": "taken@contoso.com"}, PRIMARY, "another object has it as well"),
        ({"mail": "x@contoso.com"}, BY_MAPPING, "another object has it or is to"),
    ],
)
def test_what_cannot_be(values: dict[str, str], wanted: Wanted, told: str) -> None:
    kim = person("kim", userPrincipalName="kim@corp.local", **values)
    other = person("other", userPrincipalName="taken@contoso.com")
    plan = planned([kim], wanted, others=[other])
    assert not plan.requests
    assert told in str(plan.failures[0].error)
    assert plan.failures[0].id == "guid-kim"


def test_a_suffix_that_the_tenant_has_not_verified() -> None:
    policy = Policy(
        forest_suffixes=frozenset({"contoso.com", "fabrikam.com"}),
        verified_domains=frozenset({"fabrikam.com"}),
    )
    kim = person("kim", userPrincipalName="kim@corp.local")
    plan = planned([kim], BY_SUFFIX, policy=policy)
    assert "has not verified contoso.com" in str(plan.failures[0].error)


def test_two_who_would_get_one_name() -> None:
    things = [
        person("kim", userPrincipalName="kim@corp.local", mail="k@contoso.com"),
        person("lee", userPrincipalName="kim@fabrikam.com", mail="x@contoso.com"),
    ]
    wanted = Wanted(
        Source.SUFFIX_MAP, suffixes={"corp.local": "contoso.com", "fabrikam.com": "contoso.com"}
    )
    plan = planned(things, wanted)
    assert not plan.requests
    assert [failure.id for failure in plan.failures] == ["guid-kim", "guid-lee"]
    assert "kim@contoso.com" in str(plan.failures[0].error)


def test_what_may_not_be_changed_at_all() -> None:
    kim = person("kim", userPrincipalName="kim@corp.local")
    plan = plan_renames(
        [kim], BY_SUFFIX, (), POLICY, lambda *_claim: False, lambda _thing: Refused("protected")
    )
    assert [failure.error.problem for failure in plan.failures] == ["protected"]


def test_the_order_does_not_depend_on_the_servers() -> None:
    things = [person(name, userPrincipalName=f"{name}@corp.local") for name in "cab"]
    proposal = planned(things, BY_SUFFIX).proposal
    assert [request.id for request in proposal.requests] == ["guid-a", "guid-b", "guid-c"]
    assert proposal.scope == 3
