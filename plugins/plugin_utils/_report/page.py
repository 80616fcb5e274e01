# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page for people: one HTML file that needs nothing else, neither network nor script.

Every value is escaped by Jinja2. Should that ever fail, the page's own policy still allows no
script but its own, by hash, and no request. Private to the collection.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from ...module_utils._attribute_rules.model import Severity
from ...module_utils._changes.model import Action, Change, KnownAfterApply, System, Value, display
from ...module_utils._domain_assessment.model import Option
from ...module_utils._guests.effects import Effect
from ...module_utils._guests.model import SignInMethod
from ...module_utils._people.comparison import Finding
from ...module_utils._people.matching import Matched
from ...module_utils._realms.model import RealmKind
from ...module_utils._unseen_characters import UNSEEN
from .._page.assets import asset, base_style, content_policy
from .documents import INDEX_NAME, by_system, timestamp
from .model import Report, Tenant

_HERE = Path(__file__).parent
_SYSTEM_NAMES = {System.AD: "AD", System.DNS: "DNS", System.ENTRA: "Entra"}
# Up to here all tenants are unfolded at first sight.
_CHANGES_UNFOLDED = 300
_FINDINGS_UNFOLDED = 300
_DOMAINS_UNFOLDED = 300
_GUESTS_UNFOLDED = 300
_ACCOUNTS_UNFOLDED = 300
_MOST_HOLDERS = 10
_MOST_HOSTS = 20
_OPTION_NAMES = {
    Option.TAKE_OVER: "take over",
    Option.NEW_ACCOUNT: "new account",
    Option.ADD_DOMAIN: "add domain",
    Option.WORK_ACCOUNT: "work account",
}
_METHOD_NAMES = {
    SignInMethod.ONE_TIME_PASSCODE: "passcode",
    SignInMethod.ENTRA_MANAGED: "work account",
    SignInMethod.ENTRA_VIRAL: "unmanaged account",
    SignInMethod.ENTRA_UNRESOLVED: "work account, whose is not known",
    SignInMethod.MICROSOFT_ACCOUNT: "Microsoft account",
    SignInMethod.GOOGLE: "Google",
    SignInMethod.FACEBOOK: "Facebook",
    SignInMethod.FEDERATED: "federation",
    SignInMethod.NOT_REDEEMED: "not redeemed",
    SignInMethod.INTERNAL: "account of this tenant",
    SignInMethod.UNKNOWN: "not known",
}
_EFFECT_NAMES = {
    Effect.UNCHANGED: "unchanged",
    Effect.LOCKED_OUT: "locked out",
    Effect.PASSCODE: "passcode",
    Effect.PASSCODE_IF_NO_ACCOUNT: "passcode if there is no account",
    Effect.PASSCODE_BEFORE_MICROSOFT_ACCOUNT: "passcode before a Microsoft account",
    Effect.MICROSOFT_ACCOUNT_IF_NO_ACCOUNT: "Microsoft account if there is no other",
    Effect.UNKNOWN: "not known",
}
_LINK_NAMES = {
    "my_apps": "My Apps",
    "my_apps_by_domain": "My Apps, by the tenant's domain",
    "portal": "Portal",
}
# What somebody has to do something about.
_METHOD_COLORS = {
    SignInMethod.ONE_TIME_PASSCODE: "amber",
    SignInMethod.ENTRA_VIRAL: "amber",
    SignInMethod.ENTRA_UNRESOLVED: "amber",
    SignInMethod.UNKNOWN: "red",
}

_MATCH_NAMES = {
    Matched.HARD: "joined by sync",
    Matched.SOFT: "same address or UPN",
    Matched.AMBIGUOUS: "several fit",
    Matched.ONLY_IN_DIRECTORY: "only in the directory",
    Matched.ONLY_IN_CLOUD: "only in the cloud",
}
_FINDING_NAMES = {
    Finding.AMBIGUOUS: "several fit",
    Finding.DUPLICATE: "address of others too",
    Finding.ONLY_IN_DIRECTORY: "only in the directory",
    Finding.SYNCED_FROM_ELSEWHERE: "synced from elsewhere",
    Finding.UPN_DIFFERS: "UPN differs",
    Finding.ADDRESS_DIFFERS: "address differs",
    Finding.SOFT_MATCH: "not joined yet",
    Finding.UPN_NOT_ADDRESS: "UPN is not the address",
    Finding.UNLICENSED: "no licence",
    Finding.ONLY_IN_CLOUD: "only in the cloud",
    Finding.FIELDS_MISSING: "fields missing",
}
# What keeps names from being put right.
_GRAVE = frozenset({Finding.AMBIGUOUS, Finding.DUPLICATE})

# An approver must see that they are there, though some are ordinary in names; a space is one of
# them where nothing is beside it.
_UNSEEN = re.compile(rf"[{UNSEEN}]|\A | \Z")


def render(report: Report) -> Iterator[str]:
    """The page in pieces, so that one with 100,000 changes need not be in memory as a whole."""
    style = base_style() + asset(_HERE, "page.css")
    script = asset(_HERE, "page.js")
    stream = (
        _environment()
        .get_template("page.html.j2")
        .stream(
            report=report,
            numbered=list(enumerate(report.tenants)),
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            policy=content_policy(style, script),
            systems=[system for system in System if system.value in by_system(report.changes)],
            actions=_actions(report),
            changes=sum(len(tenant.changes) for tenant in report.tenants),
            irreversible=sum(not change.reversible for change in report.changes),
            other_mode=sum(len(tenant.other_mode) for tenant in report.tenants),
            unfolded=sum(len(tenant.changes) for tenant in report.tenants) <= _CHANGES_UNFOLDED,
            blocking=_blocking(report),
            findings_unfolded=_listed_findings(report) <= _FINDINGS_UNFOLDED,
            most_holders=_MOST_HOLDERS,
            domains_assessed=any(tenant.domain_assessments for tenant in report.tenants),
            domains_unfolded=_listed_domains(report) <= _DOMAINS_UNFOLDED,
            unmanaged=_unmanaged(report),
            most_hosts=_MOST_HOSTS,
            guests_assessed=any(tenant.guest_assessments for tenant in report.tenants),
            guests_unfolded=_listed_guests(report) <= _GUESTS_UNFOLDED,
            with_passcode=_with_passcode(report),
            accounts_assessed=any(tenant.account_assessments for tenant in report.tenants),
            accounts_unfolded=_listed_accounts(report) <= _ACCOUNTS_UNFOLDED,
            differing=_differing(report),
            gates=sum(len(tenant.gates) for tenant in report.tenants),
            troubled=any(tenant.failures or tenant.gaps for tenant in report.tenants),
            index_name=INDEX_NAME,
        )
    )
    stream.enable_buffering(200)
    yield from stream


def shown(value: Value) -> Markup:
    """A value in HTML: text and JSON as code, everything that is not a value in words.

    What has parts with names is shown one by one.
    """
    if isinstance(value, KnownAfterApply) or value is None:
        return Markup("<i>{}</i>").format(display(value))
    if value == "":
        return Markup("<i>(empty)</i>")
    if isinstance(value, dict) and value:
        parts = [
            Markup("{}: {}").format(visible(name), visible(display(part)))
            for name, part in value.items()
        ]
        return Markup("<code>{}</code>").format(Markup("<br>").join(parts))
    return Markup("<code>{}</code>").format(visible(display(value)))


def visible(text: str) -> Markup:
    """Escaped text with its invisible characters made visible by their code points."""
    if not _UNSEEN.search(text):
        return escape(text)
    parts: list[Markup] = []
    end = 0
    for match in _UNSEEN.finditer(text):
        name = unicodedata.name(match[0], "control character").lower()
        parts += [
            escape(text[end : match.start()]),
            Markup('<mark title="{}">U+{:04X}</mark>').format(name, ord(match[0])),
        ]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        shown=shown,
        visible=visible,
        system_name=_SYSTEM_NAMES.__getitem__,
        timestamp=timestamp,
        systems=_systems_told,
        by_number=_by_number,
        color=_color,
        option_name=_OPTION_NAMES.__getitem__,
        method_name=_METHOD_NAMES.__getitem__,
        method_color=lambda method: _METHOD_COLORS.get(method, "blue"),
        methods_told=_methods_told,
        effects_told=_effects_told,
        effect_name=_EFFECT_NAMES.__getitem__,
        links_told=_links_told,
        finding_name=_FINDING_NAMES.__getitem__,
        finding_color=lambda finding: "red" if finding in _GRAVE else "amber",
        findings_told=_findings_told,
        matches_told=_matches_told,
    )
    return environment


def _actions(report: Report) -> list[Action]:
    used = {change.action for tenant in report.tenants for change in _all_changes(tenant)}
    return [action for action in Action if action in used]


def _all_changes(tenant: Tenant) -> Iterator[Change]:
    yield from tenant.changes
    yield from tenant.other_mode


def _blocking(report: Report) -> int | None:
    """How many blocking findings there are in all directories, null if none was looked at."""
    assessed = [tenant.assessment for tenant in report.tenants if tenant.assessment is not None]
    if not assessed:
        return None
    return sum(assessment.severities.get(Severity.BLOCKING, 0) for assessment in assessed)


def _listed_findings(report: Report) -> int:
    return sum(
        len(assessment.findings)
        for tenant in report.tenants
        for _label, assessment in tenant.assessments
    )


def _color(outcome: str) -> str:
    return {"complete": "green", "incomplete": "amber", "at a gate": "amber"}.get(outcome, "red")


def _listed_domains(report: Report) -> int:
    return sum(
        len(assessment.rows)
        for tenant in report.tenants
        for _label, assessment in tenant.domain_assessments
    )


def _unmanaged(report: Report) -> int:
    """How many domains are in unmanaged tenants, as the last task of each tenant found them."""
    return sum(
        tenant.domain_assessments[-1][1].realms.get(RealmKind.VIRAL, 0)
        for tenant in report.tenants
        if tenant.domain_assessments
    )


def _listed_guests(report: Report) -> int:
    return sum(
        len(assessment.rows)
        for tenant in report.tenants
        for _label, assessment in tenant.guest_assessments
    )


def _with_passcode(report: Report) -> int:
    """How many guests sign in by passcode, over all tenants."""
    return sum(
        tenant.guests.methods.get(SignInMethod.ONE_TIME_PASSCODE, 0)
        for tenant in report.tenants
        if tenant.guests is not None
    )


def _listed_accounts(report: Report) -> int:
    return sum(
        len(assessment.rows)
        for tenant in report.tenants
        for _label, assessment in tenant.account_assessments
    )


def _differing(report: Report) -> int:
    """How many people have different UPNs in the two systems, over all tenants."""
    return sum(
        tenant.account_assessments[-1][1].findings.get(Finding.UPN_DIFFERS, 0)
        for tenant in report.tenants
        if tenant.account_assessments
    )


def _findings_told(counts: Mapping[Finding, int]) -> list[tuple[str, int]]:
    """In the order of concern, those that occur."""
    return [(_FINDING_NAMES[finding], counts[finding]) for finding in Finding if counts[finding]]


def _matches_told(counts: Mapping[Matched, int]) -> list[tuple[str, int]]:
    """In their own order, those that occur."""
    return [(_MATCH_NAMES[matched], counts[matched]) for matched in Matched if counts[matched]]


def _methods_told(counts: Mapping[SignInMethod, int]) -> list[tuple[str, int]]:
    """In the order of summaries, those that occur."""
    return [
        (_METHOD_NAMES[method], counts[method]) for method in SignInMethod if counts.get(method)
    ]


def _effects_told(counts: Mapping[Effect, int]) -> list[tuple[str, int]]:
    """In the order of the effects, those that occur."""
    return [(_EFFECT_NAMES[effect], counts[effect]) for effect in Effect if counts.get(effect)]


def _links_told(links: Mapping[str, str]) -> list[tuple[str, str]]:
    """Sign-in links by what people call them."""
    return [(_LINK_NAMES.get(name, name), link) for name, link in links.items()]


def _by_number(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """The largest first."""
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _systems_told(changes: list[Change]) -> str:
    """How many changes there are in each system, as in "2 in AD, 1 in DNS"."""
    counts = by_system(changes)
    return ", ".join(
        f"{sum(actions.values())} in {_SYSTEM_NAMES[System(system)]}"
        for system, actions in counts.items()
    )
