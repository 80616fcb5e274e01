# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The catalogue of rules for those who read about it: ansible-doc, and docs/attribute_rules.md.

Pure: no I/O, no Ansible. Private to the collection: it can change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .catalogue import RULES
from .model import ObjectClass, Rule

_INTRODUCTION = """\
# Rules about directory attributes

What the modules `ad_attributes_info` and `ad_attributes` judge, one row for each rule. The option
`severities` changes how much a rule matters in a tenant, or switches it off. This page is written
from the catalogue of rules; `make attribute-rules` writes it anew.

- `blocking`: sync fails, or alters the value.
- `warning`: it works, but not as people expect.
- `advice`: it works, and could be better.

The sources: *Office 365 (2016)* is Microsoft's "Prepare to provision users through directory
synchronization to Office 365", *Microsoft 365 (2023)* its later edition "Prepare for directory
synchronization to Microsoft 365" of 28 December 2023. Where they differ, the later one counts,
unless the option `profile` says otherwise. *IdFix* is Microsoft's tool of that name, version 2.6,
which was withdrawn in 2026.
"""

_COLUMNS = ("Rule", "Kind", "Severity", "Objects", "What must hold", "Fix", "Source")
# What ansible-doc would take for markup: a capital letter, or a few, before a bracket
_MARKUP = re.compile(r"\b([A-Z]+)\(")


def described_rules() -> list[str]:
    """One line for each rule, in Ansible's markup."""
    return [
        f"V({rule.id}) - V({rule.severity.value}), {_classes(rule)}. {_no_markup(rule.says)}"
        for rule in RULES
    ]


def as_markdown() -> str:
    """The text of docs/attribute_rules.md."""
    return f"{_INTRODUCTION}{''.join(_sections())}"


def _sections() -> Iterator[str]:
    for attribute in dict.fromkeys(rule.attribute for rule in RULES):
        rules = [rule for rule in RULES if rule.attribute == attribute]
        rows = [_COLUMNS, tuple("---" for _column in _COLUMNS), *map(_row, rules)]
        yield f"\n## {attribute}\n\n" + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _row(rule: Rule) -> Sequence[str]:
    cells = (rule.says, rule.fix or f"A person decides. {rule.why_person}", rule.source)
    return (
        f"`{rule.id}`",
        rule.kind.value,
        rule.severity.value,
        _classes(rule),
        *map(_escaped, cells),
    )


def _classes(rule: Rule) -> str:
    if rule.classes == frozenset(ObjectClass):
        return "all"
    return ", ".join(f"{each.value}s" for each in ObjectClass if each in rule.classes)


def _escaped(text: str) -> str:
    """What is punctuation in Markdown stands for itself."""
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", text)


def _no_markup(text: str) -> str:
    return _MARKUP.sub(r"\1 (", text)
