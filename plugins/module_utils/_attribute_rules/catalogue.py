# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every rule there is, as data: what must hold, how much it matters, who says so, what helps.

The checks (`checks/`) find what breaks a rule and name it by its id; everything else that is told
about a rule comes from here. Pure: no I/O, no Ansible. Private to the collection: it can change in
any release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from .attributes import (
    ADDRESS_LIST_FIELDS,
    DISPLAY_NAME,
    GIVEN_NAME,
    MAIL,
    MAIL_NICKNAME,
    PROXY_ADDRESSES,
    SAM_ACCOUNT_NAME,
    SURNAME,
    TARGET_ADDRESS,
    USER_PRINCIPAL_NAME,
)
from .model import Kind, ObjectClass, Rule, Severity

BLOCKING, WARNING, ADVICE = Severity.BLOCKING, Severity.WARNING, Severity.ADVICE

ALL = frozenset(ObjectClass)
USERS = frozenset({ObjectClass.USER})
PEOPLE = frozenset({ObjectClass.USER, ObjectClass.CONTACT})

# The documents. Office 365 is "Prepare to provision users through directory synchronization to
# Office 365" (2016), Microsoft 365 its later edition "Prepare for directory synchronization to
# Microsoft 365" (2023-12-28); both have a section for each attribute.
OFFICE_365 = "Office 365 (2016)"
MICROSOFT_365 = "Microsoft 365 (2023)"
CLEANUP = f"{OFFICE_365}, Directory cleanup tasks"
E_MAIL = "RFC 5321 section 4.1.2"
EXCHANGE_ALIAS = "Exchange, Set-Mailbox, Alias"
UNICODE = "Unicode Standard Annex 44"
ENTRA_CONNECT = "Microsoft Entra Connect, Understanding default configuration"
ENTRA_SYNC_ERRORS = "Microsoft Entra Connect, Understanding errors during synchronization"

_NEVER_CUT = "Nothing is cut: only a person can tell what a shorter value should be."
_DOMAIN = "A domain is never changed: only a person can tell which one is meant."
_NOT_TEXT = "What was meant cannot be told from bytes that are not UTF-8."
_WHO = "Only a person can tell which of the holders keeps it."
_ROMANISE = "The letters are transliterated."
_DROP = "They are removed."
_DOTTED = "A dot takes the place of spaces between words."
_ELSEWHERE = "The mailbox is in another system: only there its address can be changed."
_ACCOUNT = (
    "People sign in with this name: repair the userPrincipalName instead, as the document says."
)
_PRIMARY_ADDRESS = (
    "The primary e-mail address becomes the name, if its domain is a UPN suffix of the forest."
)
_BLANK_BECOMES = {
    DISPLAY_NAME: "The common name is taken.",
    USER_PRINCIPAL_NAME: _PRIMARY_ADDRESS,
}
_TRIM = "They are trimmed."


def _described(attribute: str) -> str:
    return f"{OFFICE_365}, {attribute}"


def _repair(attribute: str, fix: str) -> dict[str, str]:
    """The fix, where the attribute is one that is changed at all."""
    return {"why_person": _ACCOUNT} if attribute == SAM_ACCOUNT_NAME else {"fix": fix}


def _respelling(attribute: str, fix: str) -> dict[str, str]:
    """The fix, unless the address has to be what it is in another system."""
    return {"why_person": _ELSEWHERE} if attribute == TARGET_ADDRESS else {"fix": fix}


def _text_rules(
    attribute: str, classes: frozenset[ObjectClass], *, unseen: Severity
) -> Iterator[Rule]:
    """What holds for every text. `unseen` is how much it matters that something cannot be seen:
    in an address it blocks, in a name it only misleads."""
    yield Rule(
        id=f"{attribute}.blank",
        attribute=attribute,
        kind=Kind.BLANK,
        severity=WARNING if attribute in (GIVEN_NAME, SURNAME) else BLOCKING,
        says="A value is more than spaces and characters that cannot be seen.",
        source=_described(DISPLAY_NAME) if attribute == DISPLAY_NAME else "IdFix, Blank",
        classes=classes,
        **_repair(attribute, _BLANK_BECOMES.get(attribute, "The value is removed.")),
    )
    yield Rule(
        id=f"{attribute}.control_character",
        attribute=attribute,
        kind=Kind.CHARACTER,
        severity=BLOCKING,
        says="There are no control characters (tab, line break, U+0000 to U+001F, U+007F to"
        " U+009F) and no code points that are not characters.",
        source=f"{UNICODE}, General_Category Cc",
        classes=classes,
        **_repair(attribute, _DROP),
    )
    yield Rule(
        id=f"{attribute}.invisible_character",
        attribute=attribute,
        kind=Kind.CHARACTER,
        severity=unseen,
        says="There are no characters without width (such as U+200B) and none that turn the"
        " direction of writing (such as U+202E).",
        source=f"{UNICODE}, Default_Ignorable_Code_Point and Bidi_Control",
        classes=classes,
        **_repair(attribute, _DROP),
    )
    yield Rule(
        id=f"{attribute}.edge_whitespace",
        attribute=attribute,
        kind=Kind.CHARACTER,
        severity=unseen,
        says="There are no spaces at the beginning and at the end.",
        source="IdFix, dedicated rules",
        classes=classes,
        **_repair(attribute, _TRIM),
    )


def _length(attribute: str, most: int, classes: frozenset[ObjectClass], source: str = "") -> Rule:
    return Rule(
        id=f"{attribute}.length",
        attribute=attribute,
        kind=Kind.LENGTH,
        severity=BLOCKING,
        says=f"At most {most} characters (UTF-16 units).",
        source=source or _described(attribute),
        classes=classes,
        why_person=_NEVER_CUT,
    )


def _duplicate(attribute: str, classes: frozenset[ObjectClass], where: str = "forest") -> Rule:
    return Rule(
        id=f"{attribute}.duplicate",
        attribute=attribute,
        kind=Kind.DUPLICATE,
        severity=BLOCKING,
        says=f"No other object of the {where} has the same value.",
        source=_described(attribute),
        classes=classes,
        why_person=_WHO,
    )


def _e_mail_rules(attribute: str) -> Iterator[Rule]:
    """The syntax of e-mail addresses, after the prefix if the attribute has one."""
    source = f"{_described(attribute)}; {E_MAIL}"
    if attribute == MAIL:
        source = f"{OFFICE_365}, e-mail standards; {E_MAIL}"
    yield Rule(
        id=f"{attribute}.space",
        attribute=attribute,
        kind=Kind.CHARACTER,
        severity=BLOCKING,
        says="There are no spaces of any kind.",
        source=source,
        classes=ALL,
        **_respelling(attribute, _DOTTED),
    )
    yield Rule(
        id=f"{attribute}.character",
        attribute=attribute,
        kind=Kind.CHARACTER,
        severity=BLOCKING,
        says='None of \\ < > ( ) ; : , [ ] ".',
        source=source,
        classes=ALL,
        **_respelling(attribute, _DROP),
    )
    yield Rule(
        id=f"{attribute}.non_ascii",
        attribute=attribute,
        kind=Kind.CHARACTER,
        severity=BLOCKING,
        says="Only ASCII: no letter with a diacritical mark, no other script.",
        source=f"{MICROSOFT_365}, proxyAddresses; {E_MAIL}",
        classes=ALL,
        **_respelling(attribute, _ROMANISE),
    )
    yield Rule(
        id=f"{attribute}.format",
        attribute=attribute,
        kind=Kind.FORMAT,
        severity=BLOCKING,
        says="There is one @, between a name and a domain.",
        source=source,
        classes=ALL,
        why_person="Only a person can tell which address is meant.",
    )
    yield Rule(
        id=f"{attribute}.local_part",
        attribute=attribute,
        kind=Kind.LOCAL_PART,
        severity=BLOCKING,
        says="Before the @ stands a name of at most 64 characters, without a dot at its beginning"
        " or end and without two dots in a row.",
        source=f"{source}; RFC 5321 section 4.5.3.1.1",
        classes=ALL,
        **_respelling(attribute, "Superfluous dots are removed."),
    )
    yield Rule(
        id=f"{attribute}.domain_part",
        attribute=attribute,
        kind=Kind.DOMAIN_PART,
        severity=BLOCKING,
        says="After the @ stands a domain name.",
        source=f"{source}; RFC 1123 section 2.1",
        classes=ALL,
        why_person=_DOMAIN,
    )
    yield Rule(
        id=f"{attribute}.top_level_domain",
        attribute=attribute,
        kind=Kind.TOP_LEVEL_DOMAIN,
        severity=BLOCKING,
        says="The top-level domain exists, so that mail can find its way.",
        source=f"{source}; public suffix list; RFC 6761",
        classes=ALL,
        why_person=_DOMAIN,
    )


def _name_rules() -> Iterator[Rule]:
    yield from _text_rules(DISPLAY_NAME, ALL, unseen=WARNING)
    yield _length(DISPLAY_NAME, 256, ALL)
    yield from _text_rules(GIVEN_NAME, PEOPLE, unseen=WARNING)
    yield _length(GIVEN_NAME, 64, PEOPLE)
    yield from _text_rules(SURNAME, PEOPLE, unseen=WARNING)


def _mail_rules() -> Iterator[Rule]:
    yield from _text_rules(MAIL, ALL, unseen=BLOCKING)
    yield _length(MAIL, 256, ALL, "IdFix; Active Directory schema, mail, rangeUpper")
    yield from _e_mail_rules(MAIL)
    yield _duplicate(MAIL, ALL)
    yield Rule(
        id="mail.not_in_proxy_addresses",
        attribute=MAIL,
        kind=Kind.MISMATCH,
        severity=WARNING,
        says="The address is among the proxyAddresses.",
        source=CLEANUP,
        classes=ALL,
        fix="It is added to them.",
    )


def _mail_nickname_rules() -> Iterator[Rule]:
    yield from _text_rules(MAIL_NICKNAME, ALL, unseen=BLOCKING)
    yield _length(MAIL_NICKNAME, 64, ALL, EXCHANGE_ALIAS)
    yield Rule(
        id="mailNickname.leading_dot",
        attribute=MAIL_NICKNAME,
        kind=Kind.CHARACTER,
        severity=BLOCKING,
        says="It does not begin with a dot.",
        source=_described(MAIL_NICKNAME),
        classes=ALL,
        fix="Leading dots are removed.",
    )
    yield Rule(
        id="mailNickname.dot",
        attribute=MAIL_NICKNAME,
        kind=Kind.FORMAT,
        severity=WARNING,
        says="It does not end with a dot and has no two dots in a row (profile microsoft_2023).",
        source=EXCHANGE_ALIAS,
        classes=ALL,
        fix="Superfluous dots are removed.",
    )
    source = f"{MICROSOFT_365}, mailNickname; {EXCHANGE_ALIAS}"
    yield Rule(
        id="mailNickname.space",
        attribute=MAIL_NICKNAME,
        kind=Kind.CHARACTER,
        severity=BLOCKING,
        says="There are no spaces, for which sync would write underscores (profile"
        " microsoft_2023).",
        source=source,
        classes=ALL,
        fix=_DOTTED,
    )
    yield Rule(
        id="mailNickname.character",
        attribute=MAIL_NICKNAME,
        kind=Kind.CHARACTER,
        severity=BLOCKING,
        says='None of \\ < > ( ) ; : , [ ] " @, for which sync would write underscores (profile'
        " microsoft_2023).",
        source=source,
        classes=ALL,
        fix=_DROP,
    )
    yield Rule(
        id="mailNickname.non_ascii",
        attribute=MAIL_NICKNAME,
        kind=Kind.CHARACTER,
        severity=WARNING,
        says="Only ASCII, since sync may write underscores for the rest (profile microsoft_2023).",
        source="Microsoft Graph, user, mailNickname",
        classes=ALL,
        fix=_ROMANISE,
    )
    yield _duplicate(MAIL_NICKNAME, ALL)


def _proxy_addresses_rules() -> Iterator[Rule]:
    yield from _text_rules(PROXY_ADDRESSES, ALL, unseen=BLOCKING)
    yield _length(PROXY_ADDRESSES, 256, ALL)
    yield _prefix_rule(PROXY_ADDRESSES, BLOCKING)
    yield from _e_mail_rules(PROXY_ADDRESSES)
    yield _duplicate(PROXY_ADDRESSES, ALL)
    yield Rule(
        id="proxyAddresses.repeated",
        attribute=PROXY_ADDRESSES,
        kind=Kind.DUPLICATE,
        severity=BLOCKING,
        says="An object has each address once, whatever the case of its letters.",
        source=CLEANUP,
        classes=ALL,
        fix="The primary address stays, or else the first that is written well; the others are"
        " removed.",
    )
    yield Rule(
        id="proxyAddresses.several_primaries",
        attribute=PROXY_ADDRESSES,
        kind=Kind.MISMATCH,
        severity=BLOCKING,
        says="At most one address has the prefix SMTP in capitals, which makes it the primary one.",
        source="Exchange, Email addresses of recipients",
        classes=ALL,
        fix="The one that mail names stays the primary address, the others become secondary.",
    )
    yield Rule(
        id="proxyAddresses.no_primary",
        attribute=PROXY_ADDRESSES,
        kind=Kind.MISSING,
        severity=WARNING,
        says="Where there are e-mail addresses, one of them is the primary one (SMTP in capitals).",
        source="Exchange, Email addresses of recipients",
        classes=ALL,
        fix="The one in mail becomes the primary address; without mail the only one, or the name"
        " with which the user signs in.",
    )
    yield Rule(
        id="proxyAddresses.no_valid_address",
        attribute=PROXY_ADDRESSES,
        kind=Kind.MISSING,
        severity=WARNING,
        says="A user to be licensed has a valid e-mail address that no other object has, in a"
        " verified domain if those are given.",
        source=CLEANUP,
        classes=USERS,
        fix="The address in mail is added, if it is one.",
    )
    yield Rule(
        id="proxyAddresses.too_many",
        attribute=PROXY_ADDRESSES,
        kind=Kind.LENGTH,
        severity=BLOCKING,
        says="There are not more values than sync carries (the option most_proxy_addresses).",
        source=f"{ENTRA_SYNC_ERRORS}, LargeObject",
        classes=ALL,
        why_person="Only a person can tell which addresses are no longer needed.",
    )


def _prefix_rule(attribute: str, severity: Severity) -> Rule:
    return Rule(
        id=f"{attribute}.no_prefix",
        attribute=attribute,
        kind=Kind.FORMAT,
        severity=severity,
        says="A value begins with the type of the address and a colon, such as SMTP:.",
        source=f"{_described(attribute)}; Exchange, Email addresses of recipients",
        classes=ALL,
        fix="An e-mail address gets the prefix smtp, or SMTP where it is the primary one.",
    )


def _sam_account_name_rules() -> Iterator[Rule]:
    """Judged only where a user has no valid userPrincipalName, as the document says."""
    yield from _text_rules(SAM_ACCOUNT_NAME, USERS, unseen=BLOCKING)
    yield _length(SAM_ACCOUNT_NAME, 20, USERS)
    yield Rule(
        id="sAMAccountName.character",
        attribute=SAM_ACCOUNT_NAME,
        kind=Kind.CHARACTER,
        severity=BLOCKING,
        says='None of [ \\ " | , / : < > + = ; ? * ], and in the profile microsoft_2023 no'
        " apostrophe either.",
        source=f"{_described(SAM_ACCOUNT_NAME)}; {MICROSOFT_365}, sAMAccountName",
        classes=USERS,
        why_person=_ACCOUNT,
    )
    yield Rule(
        id="sAMAccountName.missing",
        attribute=SAM_ACCOUNT_NAME,
        kind=Kind.MISSING,
        severity=BLOCKING,
        says="A user without a valid userPrincipalName has a sAMAccountName.",
        source=f"{CLEANUP}; {ENTRA_CONNECT}",
        classes=USERS,
        why_person="Only a person can tell the name.",
    )
    yield _duplicate(SAM_ACCOUNT_NAME, USERS, where="domain")


def _target_address_rules() -> Iterator[Rule]:
    yield from _text_rules(TARGET_ADDRESS, ALL, unseen=BLOCKING)
    yield _length(TARGET_ADDRESS, 256, ALL)
    yield _prefix_rule(TARGET_ADDRESS, WARNING)
    yield from _e_mail_rules(TARGET_ADDRESS)
    yield _duplicate(TARGET_ADDRESS, ALL)
    yield Rule(
        id="targetAddress.duplicate_contact",
        attribute=TARGET_ADDRESS,
        kind=Kind.DUPLICATE,
        severity=ADVICE,
        says="No two contacts forward to the same address; they may.",
        source=_described(TARGET_ADDRESS),
        classes=frozenset({ObjectClass.CONTACT}),
        why_person=_WHO,
    )
    yield Rule(
        id="targetAddress.shared",
        attribute=TARGET_ADDRESS,
        kind=Kind.DUPLICATE,
        severity=ADVICE,
        says="Mail is not forwarded to an address that another object of the forest holds as its"
        " own; it may.",
        source=ENTRA_SYNC_ERRORS,
        classes=ALL,
        why_person="Only a person can tell whether the forwarding is meant.",
    )


def _user_principal_name_rules() -> Iterator[Rule]:
    source = _described(USER_PRINCIPAL_NAME)
    yield Rule(
        id="userPrincipalName.missing",
        attribute=USER_PRINCIPAL_NAME,
        kind=Kind.MISSING,
        severity=WARNING,
        says="A user has a userPrincipalName; without it the cloud makes one of the"
        " sAMAccountName.",
        source=CLEANUP,
        classes=USERS,
        fix=_PRIMARY_ADDRESS,
    )
    yield from _text_rules(USER_PRINCIPAL_NAME, USERS, unseen=BLOCKING)
    yield _length(USER_PRINCIPAL_NAME, 113, USERS)
    yield _upn(
        "local_length", Kind.LENGTH, "At most 64 characters before the @.", why_person=_NEVER_CUT
    )
    yield _upn(
        "domain_length", Kind.LENGTH, "At most 48 characters after the @.", why_person=_NEVER_CUT
    )
    yield _upn(
        "format",
        Kind.FORMAT,
        "There is one @.",
        why_person="Only a person can tell the name and the suffix.",
    )
    yield _upn(
        "at_sign_first",
        Kind.LOCAL_PART,
        "The @ is not the first character.",
        why_person="Only a person can tell the name.",
    )
    yield _upn(
        "name_end",
        Kind.LOCAL_PART,
        "The name before the @ does not end with a dot, an ampersand, a space or another @.",
        fix=_TRIM,
    )
    yield _upn(
        "dot",
        Kind.LOCAL_PART,
        "The name before the @ does not begin with a dot and has no two dots in a row.",
        fix="Superfluous dots are removed.",
    )
    yield _upn("space", Kind.CHARACTER, "There are no spaces of any kind.", fix=_DOTTED)
    yield _upn(
        "character",
        Kind.CHARACTER,
        "Of ASCII, the name holds only letters, digits and ' . - _ ! # ^ ~ (profile"
        ' microsoft_2023), or none of \\ % & * + / = ? { } | < > ( ) ; : , [ ] " (profile'
        " office365_2016) and no apostrophe either (profile idfix).",
        source=f"{MICROSOFT_365}, userPrincipalName; {source}",
        fix=_DROP,
    )
    yield _upn(
        "non_ascii",
        Kind.CHARACTER,
        "Only ASCII: no letter with a diacritical mark, no other script, for which sync would"
        " write underscores.",
        source=f"{MICROSOFT_365}, userPrincipalName; {source}",
        fix=_ROMANISE,
    )
    yield _upn(
        "domain_part", Kind.DOMAIN_PART, "After the @ stands a domain name.", why_person=_DOMAIN
    )
    yield _upn(
        "top_level_domain",
        Kind.TOP_LEVEL_DOMAIN,
        "The domain is routable: its top-level domain exists and is not for internal use.",
        source=f"{source}; public suffix list; RFC 6761",
        why_person=_DOMAIN,
    )
    yield _upn(
        "not_verified",
        Kind.DOMAIN_PART,
        "The domain is one that the tenant has verified (option verified_domains); for any other"
        " the cloud puts the tenant's first domain.",
        source="Microsoft Entra ID, UserPrincipalName population",
        why_person=_DOMAIN,
    )
    yield _upn(
        "not_forest_suffix",
        Kind.DOMAIN_PART,
        "The domain is a domain of the forest or one of its UPN suffixes.",
        severity=WARNING,
        source=f"{OFFICE_365}, Add an alternative UPN suffix to AD DS",
        why_person=f"{_DOMAIN} The module ad_upn_suffix adds a suffix.",
    )
    yield _upn(
        "not_primary_address",
        Kind.MISMATCH,
        "The name is the primary e-mail address, so that people have one name to remember.",
        severity=WARNING,
        source=f"{OFFICE_365}, Prepare the userPrincipalName attribute",
        why_person="To change the name by which people sign in is for a person to decide.",
    )
    yield _upn(
        "adfs_character",
        Kind.CHARACTER,
        "For single sign-on with AD FS the name holds only letters, digits and . - _.",
        severity=ADVICE,
        source=f"{OFFICE_365}, Add an alternative UPN suffix to AD DS",
        fix="They are removed where the rule is made more than advice.",
    )
    yield _duplicate(USER_PRINCIPAL_NAME, USERS)


def _upn(
    what: str,
    kind: Kind,
    says: str,
    *,
    severity: Severity = BLOCKING,
    source: str = "",
    fix: str = "",
    why_person: str = "",
) -> Rule:
    return Rule(
        id=f"{USER_PRINCIPAL_NAME}.{what}",
        attribute=USER_PRINCIPAL_NAME,
        kind=kind,
        severity=severity,
        says=says,
        source=source or _described(USER_PRINCIPAL_NAME),
        classes=USERS,
        fix=fix,
        why_person=why_person,
    )


def _general_rules() -> Iterator[Rule]:
    yield Rule(
        id="address.shared",
        attribute="address",
        kind=Kind.DUPLICATE,
        severity=BLOCKING,
        says="No other object has the address in another attribute: mail, proxyAddresses and"
        " userPrincipalName together name one object.",
        source=f"{ENTRA_SYNC_ERRORS}, AttributeValueMustBeUnique",
        classes=ALL,
        why_person=_WHO,
    )
    yield Rule(
        id="value.undecodable",
        attribute="value",
        kind=Kind.FORMAT,
        severity=BLOCKING,
        says="Every value is text in UTF-8.",
        source="RFC 4517 section 3.3.6",
        classes=ALL,
        why_person=_NOT_TEXT,
    )


def _address_list_rules() -> Iterator[Rule]:
    """Counted over all objects, never found on one of them."""
    for attribute in ADDRESS_LIST_FIELDS:
        yield Rule(
            id=f"{attribute}.missing",
            attribute=attribute,
            kind=Kind.MISSING,
            severity=ADVICE,
            says="The address list shows it; how many users have it is told as a percentage.",
            source=f"{CLEANUP}, global address list",
            classes=USERS,
            why_person="Only a person can tell the value.",
        )


RULES: tuple[Rule, ...] = (
    *_name_rules(),
    *_mail_rules(),
    *_mail_nickname_rules(),
    *_proxy_addresses_rules(),
    *_sam_account_name_rules(),
    *_target_address_rules(),
    *_user_principal_name_rules(),
    *_general_rules(),
    *_address_list_rules(),
)
"""In the order in which the documentation lists them."""

BY_ID: Mapping[str, Rule] = MappingProxyType({entry.id: entry for entry in RULES})

DEFAULT_SEVERITIES: Mapping[str, Severity | None] = MappingProxyType(
    {entry.id: entry.severity for entry in RULES}
)


def rule(id_: str) -> Rule:
    """The rule of this id. Raises `KeyError` if there is none."""
    return BY_ID[id_]
