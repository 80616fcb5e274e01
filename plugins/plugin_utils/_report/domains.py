# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task result says about domains: whose they are, who runs their DNS, what fits.

Plain data, and how it is read from the results of domain_info: no I/O and no Ansible. Private to
the collection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...module_utils._domain_assessment.model import Option
from ...module_utils._realms.model import RealmKind
from .assessment import printable


@dataclass(frozen=True)
class ListedDomain:
    """A domain, or the person behind an address, as people read it.

    `option` is null where it is not known whose the domain is; `errors` then say why.
    """

    text: str
    line: int | None
    name: str
    role: str
    realm: RealmKind | None
    is_personal: bool
    tenant_id: str
    brand: str
    is_dns_known: bool
    dns_hosts: tuple[str, ...]
    name_servers: tuple[str, ...]
    mail_hosts: tuple[str, ...]
    option: Option | None
    reason: str
    errors: tuple[str, ...]


@dataclass(frozen=True)
class DomainAssessment:
    """Domains as one task found them.

    The figures are about all of them, `rows` are those that the task listed, and `files` where it
    wrote all. `entries` counts rows and `options` and `failed` are of them; `realms` and
    `dns_hosts` count each domain once.
    """

    entries: int
    domains: int
    failed: int
    options: Mapping[Option, int]
    realms: Mapping[RealmKind, int]
    dns_hosts: Mapping[str, int]
    rows: tuple[ListedDomain, ...]
    files: tuple[str, ...]


def domain_assessment(result: Mapping[str, Any]) -> DomainAssessment | None:
    """The assessment in a result, null if there is none.

    Raises `KeyError`, `TypeError` or `ValueError` if it is not one as this version knows it.
    """
    summary = result.get("summary")
    if not isinstance(summary, Mapping) or "realms" not in summary:
        return None
    return DomainAssessment(
        entries=int(summary["entries"]),
        domains=int(summary["domains"]),
        failed=int(summary["failed"]),
        options={Option(name): int(number) for name, number in dict(summary["options"]).items()},
        realms={RealmKind(name): int(number) for name, number in dict(summary["realms"]).items()},
        dns_hosts={
            printable(name): int(number) for name, number in dict(summary["dns_hosts"]).items()
        },
        rows=tuple(map(_row, _listed(result["assessed"]))),
        files=tuple(printable(path) for path in dict(result.get("written") or {}).values() if path),
    )


def _row(row: Mapping[str, Any]) -> ListedDomain:
    line, realm, option = row["line"], row["realm"], row["option"]
    return ListedDomain(
        text=printable(row["text"]),
        line=None if line is None else int(line),
        name=printable(row["name"]),
        role=printable(row["role"]),
        realm=None if realm is None else RealmKind(realm),
        is_personal=bool(row["personal_account"]),
        tenant_id=_text(row["tenant_id"]),
        brand=_text(row["brand"]),
        is_dns_known=row["zone"] is not None,
        dns_hosts=_texts(row["dns_hosts"]),
        name_servers=_texts(row["name_servers"]),
        mail_hosts=_texts(row["mail_hosts"]),
        option=None if option is None else Option(option),
        reason=printable(row["reason"]),
        errors=tuple(map(_error, _listed(row["errors"]))),
    )


def _error(error: Mapping[str, Any]) -> str:
    problem, answer, advice = (printable(error[part]) for part in ("problem", "answer", "advice"))
    told = f"{problem} ({answer})." if answer else f"{problem}."
    return f"{told} {advice}".rstrip()


def _text(value: object) -> str:
    return "" if value is None else printable(value)


def _texts(values: Any) -> tuple[str, ...]:
    return tuple(map(printable, _listed(values)))


def _listed(values: Any) -> Sequence[Any]:
    if not isinstance(values, list | tuple):
        raise TypeError("no list")
    return values
