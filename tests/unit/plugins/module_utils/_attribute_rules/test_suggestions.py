# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import TypeAlias

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.judgement import (  # noqa: E501
    judge,
    judge_duplicates,
    uniqueness_claims,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.model import (
    DirectoryObject,
    Holder,
    ObjectClass,
    Severity,
    ValueChange,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.policy import (
    Policy,
    Profile,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.suggestions import (  # noqa: E501
    Repair,
    changed,
    repair,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.transliteration import (  # noqa: E501
    Language,
    Transliteration,
)

Values: TypeAlias = "dict[str, str | tuple[str, ...]]"

POLICY = Policy(
    forest_suffixes=frozenset({"contoso.com", "fabrikam.com"}),
    transliteration=Transliteration(Language.GERMAN),
)
HEALTHY: Values = {
    "mail": "jane@contoso.com",
    "proxyAddresses": ("SMTP:jane@contoso.com",),
    "userPrincipalName": "jane@contoso.com",
    "sAMAccountName": "jane",
}


def directory_object(values: Values, kind: ObjectClass = ObjectClass.USER) -> DirectoryObject:
    return DirectoryObject(
        "11111111-1111-1111-1111-111111111111",
        "CN=Jane,DC=contoso,DC=com",
        kind,
        "contoso.com",
        {name: (value,) if isinstance(value, str) else value for name, value in values.items()},
    )


def nobody(space: str, key: str, guid: str) -> bool:
    return False


def repaired(obj: DirectoryObject, policy: Policy = POLICY) -> Repair:
    return repair(obj, judge(obj, policy), policy, nobody)


def after_repair(values: Values, policy: Policy = POLICY) -> dict[str, tuple[str, ...]]:
    obj = directory_object(values)
    return dict(changed(obj, repaired(obj, policy).changes).values)


def reason(obj: DirectoryObject, rule: str, policy: Policy = POLICY) -> str:
    findings = [one for one in repaired(obj, policy).findings if one.rule == rule]
    assert len(findings) == 1
    assert findings[0].suggestion is None
    return findings[0].reason


@pytest.mark.parametrize(
    ("attribute", "value", "expected"),
    [
        ("displayName", " Jane  Doe\u200b ", "Jane  Doe"),
        ("displayName", "Jane\tDoe", "Jane Doe"),
        ("displayName", "Jane \r\n Doe", "Jane Doe"),
        ("displayName", "Jane\x01 Doe", "Jane Doe"),
        ("displayName", "\u202eMüller, Jörg (Köln)", "Müller, Jörg (Köln)"),
        ("displayName", "   ", "Jane D"),
        ("givenName", "Jane ", "Jane"),
        ("givenName", "\u00a0", None),
        ("sn", "\u200b", None),
        ("sn", "\u200fمحمد", "محمد"),
    ],
)
def test_names_lose_what_cannot_be_seen(attribute: str, value: str, expected: str | None) -> None:
    after = after_repair(HEALTHY | {"cn": "Jane D", attribute: value})

    assert after.get(attribute) == (None if expected is None else (expected,))


def test_a_joiner_that_a_script_needs_stays() -> None:
    name = "می\u200cخواهم"

    assert after_repair(HEALTHY | {"displayName": f" {name}"})["displayName"] == (name,)


@pytest.mark.parametrize("common_name", ["", " ", "Jane\nCNF:8a3c"])
def test_a_blank_name_without_another_one_needs_a_person(common_name: str) -> None:
    values: Values = {"displayName": " "}
    if common_name:
        values["cn"] = common_name

    assert "common name" in reason(directory_object(HEALTHY | values), "displayName.blank")


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("jörg.müller", "joerg.mueller"),
        ("JÖRG", "JOERG"),
        ("o\u2019brien", "o'brien"),
        ("jane doe", "jane.doe"),
        ("jane  \u00a0 doe", "jane.doe"),
        ("jane - doe", "jane-doe"),
        ("jane. doe", "jane.doe"),
        ("jane (sales)", "jane.sales"),
        ("doe, jane", "doe.jane"),
        ('"jane doe"', "jane.doe"),
        ("jane;doe", "janedoe"),
        (".jane..doe.", "jane.doe"),
        ("jane\u200bdoe", "janedoe"),
        ("jane\tdoe", "janedoe"),
        ("jane@", "jane"),
        (" jane", "jane"),
        ("анна", "anna"),
    ],
)
def test_one_rewrite_for_each_place_of_an_address(local: str, expected: str) -> None:
    after = after_repair(
        {
            "mail": f"{local}@contoso.com",
            "proxyAddresses": ("smtp:info@contoso.com", f"SMTP:{local}@contoso.com"),
            "userPrincipalName": f"{local}@contoso.com",
        }
    )

    assert after == {
        "mail": (f"{expected}@contoso.com",),
        "proxyAddresses": ("smtp:info@contoso.com", f"SMTP:{expected}@contoso.com"),
        "userPrincipalName": (f"{expected}@contoso.com",),
    }


@pytest.mark.parametrize(
    ("local", "why"),
    [
        ("山田", "Nothing is known to write for 山 田"),
        ("igorь", "Nothing is known to write for ь"),
        ("jane😀", "Nothing is known to write for 😀"),
        ("()", "no name would be left"),
        ("a@b", "It has several @"),
        ("ä" * 40, "80 characters before the @, 64 are allowed"),
    ],
)
def test_an_address_that_only_a_person_can_write(local: str, why: str) -> None:
    obj = directory_object(HEALTHY | {"mail": f"{local}@contoso.com"})

    reasons = [one.reason for one in repaired(obj).findings if one.value == obj.one("mail")]
    assert any(why in reason for reason in reasons)
    assert repaired(obj).changes == ()


@pytest.mark.parametrize(
    ("address", "rule"),
    [
        ("jane@con_toso.com", "domain_part"),
        ("jane@contoso.com.", "domain_part"),
        ("jane@contoso.local", "top_level_domain"),
        ("jane", "format"),
        (f"{'a' * 65}@contoso.com", "local_part"),
        (f"jane@{'a.' * 126}com", "length"),
    ],
)
def test_domain_and_length_are_for_a_person(address: str, rule: str) -> None:
    obj = directory_object(HEALTHY | {"mail": address})

    assert reason(obj, f"mail.{rule}")
    assert repaired(obj).changes == ()


def test_a_value_is_not_half_repaired() -> None:
    obj = directory_object(HEALTHY | {"userPrincipalName": "jörg@contoso.local"})

    assert "userPrincipalName.top_level_domain" in reason(obj, "userPrincipalName.non_ascii")
    assert repaired(obj).changes == ()


def test_the_old_address_stays_where_mail_could_arrive_at_it() -> None:
    after = after_repair(
        {
            "mail": "jane+doe@contoso.com",
            "proxyAddresses": ("SMTP:jane+doe@contoso.com",),
            "userPrincipalName": "jane+doe@contoso.com",
        }
    )

    assert after == {
        "mail": ("janedoe@contoso.com",),
        "proxyAddresses": ("SMTP:janedoe@contoso.com", "smtp:jane+doe@contoso.com"),
        "userPrincipalName": ("janedoe@contoso.com",),
    }


def test_the_name_is_spelled_as_the_object_spells_it_elsewhere() -> None:
    values = HEALTHY | {
        "mail": "Jorg.Muller@contoso.com",
        "proxyAddresses": ("SMTP:Jorg.Muller@contoso.com",),
        "userPrincipalName": "jörg.müller@contoso.com",
        "mailNickname": "jörg.müller",
    }

    after = after_repair(values)

    assert after["userPrincipalName"] == ("Jorg.Muller@contoso.com",)
    assert after["mailNickname"] == ("Jorg.Muller",)


def test_an_address_of_another_domain_tells_nothing_about_the_spelling() -> None:
    values = HEALTHY | {
        "proxyAddresses": ("SMTP:jane@contoso.com", "smtp:jorg@fabrikam.com"),
        "userPrincipalName": "jörg@contoso.com",
    }

    assert after_repair(values)["userPrincipalName"] == ("joerg@contoso.com",)


def test_two_spellings_of_an_address_become_one() -> None:
    after = after_repair(
        HEALTHY
        | {
            "mail": "jörg@contoso.com",
            "proxyAddresses": ("smtp:joerg@contoso.com", "SMTP:jörg@contoso.com"),
            "userPrincipalName": "joerg@contoso.com",
        }
    )

    assert after["mail"] == ("joerg@contoso.com",)
    assert after["proxyAddresses"] == ("SMTP:joerg@contoso.com",)


@pytest.mark.parametrize(
    ("mail", "expected"),
    [
        ("Jane Doe <jane@contoso.com>", "jane@contoso.com"),
        ('"Doe, Jane" <jane@contoso.com>', "jane@contoso.com"),
        ("<jane@contoso.com>", "jane@contoso.com"),
        ("SMTP:jane@contoso.com", "jane@contoso.com"),
        ("mailto:jane@contoso.com", "jane@contoso.com"),
    ],
)
def test_an_address_that_is_wrapped_up(mail: str, expected: str) -> None:
    names: Values = {"displayName": "Jane Doe", "givenName": "Jane", "sn": "Doe"}

    assert after_repair(HEALTHY | names | {"mail": mail})["mail"] == (expected,)


def test_a_name_around_an_address_is_not_lost() -> None:
    obj = directory_object(HEALTHY | {"mail": "Reception <jane@contoso.com>"})

    assert "Reception, which would be lost" in reason(obj, "mail.character")


@pytest.mark.parametrize(
    ("proxies", "expected"),
    [
        (
            ("SMTP:jane@contoso.com", "info@contoso.com"),
            ("SMTP:jane@contoso.com", "smtp:info@contoso.com"),
        ),
        (("jane@contoso.com",), ("SMTP:jane@contoso.com",)),
        (
            ("info@contoso.com", "jane@contoso.com"),
            ("smtp:info@contoso.com", "SMTP:jane@contoso.com"),
        ),
        (("SMTP:smtp:jane@contoso.com",), ("SMTP:jane@contoso.com",)),
        ((" SMTP: jane@contoso.com ",), ("SMTP:jane@contoso.com",)),
        (
            ("SMTP:jane@contoso.com", " "),
            ("SMTP:jane@contoso.com",),
        ),
        (
            ("smtp:Jane@contoso.com", "SMTP:jane@contoso.com"),
            ("SMTP:jane@contoso.com",),
        ),
        (
            ("SMTP:info@contoso.com", "SMTP:jane@contoso.com"),
            ("smtp:info@contoso.com", "SMTP:jane@contoso.com"),
        ),
        (
            ("smtp:info@contoso.com", "smtp:jane@contoso.com"),
            ("smtp:info@contoso.com", "SMTP:jane@contoso.com"),
        ),
        (
            ("smtp:info@contoso.com",),
            ("smtp:info@contoso.com", "SMTP:jane@contoso.com"),
        ),
        (
            ("SMTP:info@contoso.com",),
            ("SMTP:info@contoso.com", "smtp:jane@contoso.com"),
        ),
        (
            ("x500:/o=Contoso/cn=Jane (Köln)", "sip:jane@contoso.com", "SMTP:jane@contoso.com"),
            ("x500:/o=Contoso/cn=Jane (Köln)", "sip:jane@contoso.com", "SMTP:jane@contoso.com"),
        ),
        ((), ("SMTP:jane@contoso.com",)),
    ],
)
def test_which_addresses_there_are(proxies: tuple[str, ...], expected: tuple[str, ...]) -> None:
    values = HEALTHY | {"proxyAddresses": proxies}

    assert after_repair({name: held for name, held in values.items() if held})[
        "proxyAddresses"
    ] == (expected)


@pytest.mark.parametrize(
    ("proxies", "expected"),
    [
        (("smtp:info@contoso.com",), ("SMTP:info@contoso.com",)),
        (
            ("smtp:info@contoso.com", "smtp:jane@contoso.com"),
            ("smtp:info@contoso.com", "SMTP:jane@contoso.com"),
        ),
    ],
)
def test_the_primary_address_without_mail(
    proxies: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    after = after_repair({"userPrincipalName": "jane@contoso.com", "proxyAddresses": proxies})

    assert after["proxyAddresses"] == expected


def test_no_primary_address_is_guessed() -> None:
    obj = directory_object(
        {
            "userPrincipalName": "jane@contoso.com",
            "proxyAddresses": ("smtp:info@contoso.com", "smtp:sales@contoso.com"),
        }
    )

    assert "which of them" in reason(obj, "proxyAddresses.no_primary")


def test_of_several_primary_addresses_none_is_guessed() -> None:
    obj = directory_object(
        HEALTHY | {"proxyAddresses": ("SMTP:info@contoso.com", "SMTP:sales@contoso.com")}
    )
    result = repaired(obj)

    several = [one for one in result.findings if one.rule == "proxyAddresses.several_primaries"]
    assert [bool(one.reason) for one in several] == [True, True]


def test_what_is_no_text_may_be_the_primary_address() -> None:
    obj = DirectoryObject(
        "1",
        "CN=Jane",
        ObjectClass.GROUP,
        "contoso.com",
        {"proxyAddresses": ("smtp:jane@contoso.com",)},
        {"proxyAddresses": (b"SMTP:j\xe4ne@contoso.com",)},
    )

    assert "not text" in reason(obj, "proxyAddresses.no_primary")


@pytest.mark.parametrize(
    ("nickname", "expected"),
    [
        (".jane", "jane"),
        ("..jane.doe", "jane.doe"),
        ("jane doe", "jane.doe"),
        ("jörg", "joerg"),
        ("jane@contoso.com", "janecontoso.com"),
        ("jane.", "jane"),
        (" ", None),
    ],
)
def test_nicknames(nickname: str, expected: str | None) -> None:
    after = after_repair(HEALTHY | {"mailNickname": nickname})

    assert after.get("mailNickname") == (None if expected is None else (expected,))


def test_an_older_profile_asks_less_of_a_nickname() -> None:
    policy = Policy(profile=Profile.OFFICE365_2016)

    after = after_repair(HEALTHY | {"mailNickname": ".jörg müller"}, policy)

    assert after["mailNickname"] == ("jörg müller",)


@pytest.mark.parametrize(
    ("profile", "name", "expected"),
    [
        (Profile.MICROSOFT_2023, "o'brien&co", "o'brienco"),
        (Profile.OFFICE365_2016, "o'brien&co", "o'brienco"),
        (Profile.IDFIX, "o'brien&co", "obrienco"),
        (Profile.IDFIX, "o\u2019brien", "obrien"),
        (Profile.MICROSOFT_2023, "jane$doe", "janedoe"),
        (Profile.MICROSOFT_2023, "jane.&", "jane"),
    ],
)
def test_names_to_sign_in_with_follow_the_profile(
    profile: Profile, name: str, expected: str
) -> None:
    values = HEALTHY | {"userPrincipalName": f"{name}@contoso.com"}

    after = after_repair(values, Policy(profile=profile))

    assert after["userPrincipalName"] == (f"{expected}@contoso.com",)
    assert after["mail"] == ("jane@contoso.com",)


def test_what_only_ad_fs_minds_stays_unless_the_rule_is_more_than_advice() -> None:
    obj = directory_object(HEALTHY | {"userPrincipalName": "o'brien@contoso.com"})
    rule = "userPrincipalName.adfs_character"

    assert reason(obj, rule)
    strict = Policy(severities={rule: Severity.WARNING})
    assert repaired(obj, strict).changes == (
        ValueChange("userPrincipalName", "o'brien@contoso.com", "obrien@contoso.com"),
    )


def test_who_has_no_name_to_sign_in_with_gets_the_primary_address() -> None:
    values = {name: value for name, value in HEALTHY.items() if name != "userPrincipalName"}
    obj = directory_object(values | {"sAMAccountName": "ja/ne"})
    result = repaired(obj)

    name = ValueChange("userPrincipalName", None, "jane@contoso.com")
    assert result.changes == (name,)
    assert {one.rule: one.suggestion for one in result.findings} == {
        "userPrincipalName.missing": name,
        "sAMAccountName.character": name,
    }


@pytest.mark.parametrize(
    ("policy", "primary", "why"),
    [
        (Policy(), "SMTP:jane@contoso.com", "not known"),
        (POLICY, "SMTP:jane@example.org", "is not a UPN suffix"),
        (POLICY, "SMTP:jörg@fabrikam.com.", "is not a UPN suffix"),
        (POLICY, "sip:jane@contoso.com", "no primary"),
    ],
)
def test_a_name_to_sign_in_with_is_not_made_up(policy: Policy, primary: str, why: str) -> None:
    obj = directory_object({"proxyAddresses": (primary,), "sAMAccountName": "jane"})

    assert why in reason(obj, "userPrincipalName.missing", policy)


def test_a_name_unlike_the_primary_address_is_for_a_person() -> None:
    obj = directory_object(HEALTHY | {"userPrincipalName": "jd@contoso.com"})

    assert "person" in reason(obj, "userPrincipalName.not_primary_address")


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("jane@partner.com", "SMTP:jane@partner.com"),
        ("SMTP: jane@partner.com\u200b", "SMTP:jane@partner.com"),
        ("smtp:smtp:jane@partner.com", "smtp:jane@partner.com"),
        (" ", None),
    ],
)
def test_how_a_target_address_is_written(target: str, expected: str | None) -> None:
    after = after_repair(HEALTHY | {"targetAddress": target})

    assert after.get("targetAddress") == (None if expected is None else (expected,))


def test_a_target_address_itself_stays() -> None:
    obj = directory_object(HEALTHY | {"targetAddress": "SMTP:jörg@partner.com"})

    assert "another system" in reason(obj, "targetAddress.non_ascii")


def test_an_address_in_another_system_is_not_respelled() -> None:
    contact = directory_object({"mail": "jörg@partner.com"}, ObjectClass.CONTACT)
    forwarded = directory_object(
        HEALTHY | {"mail": "jörg@partner.com", "targetAddress": "SMTP:jörg@partner.com"}
    )

    for obj in (contact, forwarded):
        assert "another system" in reason(obj, "mail.non_ascii")


def test_spaces_around_an_address_in_another_system_go() -> None:
    contact = directory_object(
        {"mail": "jane@partner.com ", "proxyAddresses": ("SMTP:jane@partner.com",)},
        ObjectClass.CONTACT,
    )

    assert repaired(contact).changes == (
        ValueChange("mail", "jane@partner.com ", "jane@partner.com"),
    )


def test_an_address_that_another_object_has_is_not_suggested() -> None:
    obj = directory_object(HEALTHY | {"userPrincipalName": "jörg@contoso.com"})
    asked = []

    def taken(space: str, key: str, guid: str) -> bool:
        asked.append((space, key, guid))
        return key == "joerg@contoso.com"

    result = repair(obj, judge(obj, POLICY), POLICY, taken)

    assert result.changes == ()
    assert "joerg@contoso.com is what it should be, but another object" in result.findings[0].reason
    assert ("address", "joerg@contoso.com", obj.guid) in asked


def test_an_address_that_others_have_too_is_not_respelled() -> None:
    obj = directory_object(HEALTHY | {"mail": "jörg@contoso.com"})
    other = Holder("2", "CN=Jörg", ObjectClass.USER, "mail", "jörg@contoso.com")
    claims = {one: (other,) for one in uniqueness_claims(obj, POLICY) if "ö" in one.key}
    findings = (*judge(obj, POLICY), *judge_duplicates(obj, claims, POLICY))

    result = repair(obj, findings, POLICY, lambda _space, key, _guid: "ö" in key)

    reasons = {one.rule: one.reason for one in result.findings}
    assert result.changes == ()
    assert "Another object has jörg@contoso.com too" in reasons["mail.non_ascii"]
    assert "which of the holders" in reasons["mail.duplicate"]


def test_others_may_forward_to_the_same_address() -> None:
    obj = directory_object(HEALTHY | {"targetAddress": "jane@partner.com"})

    result = repair(
        obj, judge(obj, POLICY), POLICY, lambda _space, key, _guid: key == "jane@partner.com"
    )

    assert [change.after for change in result.changes] == ["SMTP:jane@partner.com"]


def test_one_refused_step_does_not_keep_the_others_from_being_taken() -> None:
    obj = directory_object(
        HEALTHY
        | {
            "displayName": "Jane ",
            "userPrincipalName": "jörg@contoso.com",
            "mailNickname": ".jane",
        }
    )

    result = repair(
        obj, judge(obj, POLICY), POLICY, lambda _space, key, _guid: key == "joerg@contoso.com"
    )

    assert [change.attribute for change in result.changes] == ["displayName", "mailNickname"]


def test_rules_that_are_switched_off_repair_nothing() -> None:
    policy = Policy(severities={"displayName.edge_whitespace": None})

    assert after_repair(HEALTHY | {"displayName": "Jane "}, policy)["displayName"] == ("Jane ",)


def test_a_suggestion_for_what_is_missing_is_the_change_that_helps() -> None:
    obj = directory_object({"mail": "jane@contoso.com", "userPrincipalName": "jane@contoso.com"})

    added = ValueChange("proxyAddresses", None, "SMTP:jane@contoso.com")
    assert {one.rule: one.suggestion for one in repaired(obj).findings} == {
        "mail.not_in_proxy_addresses": added,
        "proxyAddresses.no_valid_address": added,
    }


def test_what_a_gateway_wrote_is_left_to_it() -> None:
    obj = directory_object(
        HEALTHY | {"proxyAddresses": ("SMTP:jane@contoso.com", 'x500:/o=Contoso/cn="Jane"')}
    )

    assert "left to it" in reason(obj, "proxyAddresses.character")
