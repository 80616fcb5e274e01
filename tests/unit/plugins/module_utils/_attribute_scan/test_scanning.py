# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A scan of entries that no server would hold, served by none: any bytes, and any bad luck."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.model import (
    ObjectClass,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.policy import (
    Policy,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_scan import (
    assessment as assessing,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_scan import (
    scan as scanning,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_scan.forest import (
    Domain,
    Forest,
    Part,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_scan.objects import (
    DECODED,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_scan.scope import (
    Scope,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_scan.snapshot import (
    Snapshot,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ConnectionFailed,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.entry import (
    Entry,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.wire.ber import (
    OCTET_STRING,
    SEQUENCE,
    SET,
    element,
    integer,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.wire.search import (
    ENTRY,
    Page,
)
from ansible_collections.tenantops.migration.plugins.module_utils._review_file.json_lines import (
    findings_file,
)
from ansible_collections.tenantops.migration.plugins.module_utils._review_file.read import (
    read_review_file,
)
from ansible_collections.tenantops.migration.plugins.module_utils._review_file.write import (
    write_review_file,
)

_BASE = "DC=corp,DC=example,DC=com"
_FOREST = Forest((Domain("corp.example.com", _BASE),), frozenset({"contoso.com"}), True)
_SCOPE = Scope((_BASE.lower(),), (), frozenset(ObjectClass))
_Values = Mapping[str, Sequence[bytes]]


class _Directory:
    """Gives pages of made-up entries; may break before the last one."""

    server = "ldap://dc1"

    def __init__(self, things: Iterable[tuple[bytes, _Values]], breaks_after: int | None) -> None:
        self._things = list(things)
        self._breaks_after = breaks_after

    def pages(self, _base: str, _filter: str, _attributes: Sequence[str]) -> Iterator[Page]:
        for number, at in enumerate(range(0, len(self._things), 50)):
            if number == self._breaks_after:
                raise ConnectionFailed("gone", server=self.server)
            messages = [_message(*thing) for thing in self._things[at : at + 50]]
            ends = [sum(map(len, messages[: place + 1])) for place in range(len(messages))]
            yield Page(b"".join(messages), ends)

    def read(self, dn: str, attributes: Sequence[str]) -> Entry:
        held = next(values for name, values in self._things if name == dn.encode())
        return Entry(dn, {name: held[f"all {name}"] for name in attributes})


def _message(dn: bytes, values: _Values) -> bytes:
    listed = b"".join(
        element(
            SEQUENCE,
            element(OCTET_STRING, name.encode())
            + element(SET, b"".join(element(OCTET_STRING, value) for value in held)),
        )
        for name, held in values.items()
        if not name.startswith("all ")
    )
    entry = element(OCTET_STRING, dn) + element(SEQUENCE, listed)
    return element(SEQUENCE, integer(1) + element(ENTRY, entry))


def _user(number: int, **changed: Sequence[bytes]) -> tuple[bytes, dict[str, Sequence[bytes]]]:
    address = f"user.{number}@contoso.com".encode()
    values: dict[str, Sequence[bytes]] = {
        "objectClass": [b"top", b"person", b"organizationalPerson", b"user"],
        "objectGUID": [uuid.UUID(int=number + 1).bytes_le],
        "objectSid": [bytes(24) + (number + 1000).to_bytes(4, "little")],
        "cn": [f"User {number}".encode()],
        "displayName": [f"User {number}".encode()],
        "sAMAccountName": [f"user{number}".encode()],
        "mail": [address],
        "userPrincipalName": [address],
        "proxyAddresses": [b"SMTP:" + address],
        **changed,
    }
    return f"CN=User {number},{_BASE}".encode(), values


@contextmanager
def _assessed(
    monkeypatch: pytest.MonkeyPatch,
    things: Iterable[tuple[bytes, _Values]],
    failures: Sequence[int] = (),
    scope: Scope = _SCOPE,
) -> Iterator[assessing.Assessment]:
    breaks = [*failures, None]
    listed = list(things)

    @contextmanager
    def connect(_settings: Any) -> Iterator[_Directory]:
        yield _Directory(listed, breaks.pop(0))

    monkeypatch.setattr(scanning, "connect", connect)
    monkeypatch.setattr(scanning, "_PAUSE", 0)
    settings: Any = None
    part = Part(settings, _BASE, (), "domain corp.example.com")
    with Snapshot() as snapshot:
        policy = Policy(forest_suffixes=frozenset({"contoso.com"}))
        scan = scanning.Scan(_FOREST, scope, policy, snapshot)
        scan.read(part)
        yield assessing.Assessment(scan, (part,), "ldap://dc1")


def _rules(judged: Iterable[assessing.JudgedObject]) -> dict[str, set[str]]:
    return {
        each.object.dn.partition(",")[0]: {finding.rule for finding in each.findings}
        for each in judged
    }


def test_the_same_is_found_whether_the_screen_saw_it_or_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    things = [
        *(_user(number) for number in range(400)),
        _user(400, mail=[b"user.7@contoso.com"]),
        _user(401, displayName=["User\u200b".encode()]),
    ]
    with _assessed(monkeypatch, things) as assessment:
        assert assessment.counts.objects_read == assessment.counts.in_scope == 402
        found = _rules(assessment.judged())
    assert set(found) == {"CN=User 7", "CN=User 400", "CN=User 401"}
    assert {"mail.duplicate", "address.shared"} <= found["CN=User 7"]
    assert "mail.duplicate" in found["CN=User 400"]
    assert found["CN=User 401"] == {"displayName.invisible_character"}


def test_duplicates_are_sought_in_the_whole_forest_and_told_within_the_scope_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inside = (f"CN=Inside,OU=Sales,{_BASE}".encode(), _user(1)[1])
    outside = (f"CN=Outside,OU=Other,{_BASE}".encode(), _user(2, mail=[b"user.1@contoso.com"])[1])
    scope = Scope((f"ou=sales,{_BASE.lower()}",), (), frozenset(ObjectClass))
    with _assessed(monkeypatch, [inside, outside], scope=scope) as assessment:
        (judged,) = assessment.judged()
        counts = assessment.counts
    assert (counts.objects_read, counts.in_scope) == (2, 1)
    assert {holder.dn for finding in judged.findings for holder in finding.holders} == {
        f"CN=Outside,OU=Other,{_BASE}"
    }


def test_two_suggestions_for_the_same_address_are_both_withheld(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def defective(number: int, address: bytes) -> tuple[bytes, dict[str, Sequence[bytes]]]:
        return _user(
            number, mail=[address], userPrincipalName=[address], proxyAddresses=[b"SMTP:" + address]
        )

    things = [
        defective(1, b"anna (x)berg@contoso.com"),
        defective(2, b"anna  xberg@contoso.com"),
        defective(3, b"eva berg@contoso.com"),
    ]
    with _assessed(monkeypatch, things) as assessment:
        suggested = [
            any(finding.suggestion for finding in judged.findings) for judged in assessment.judged()
        ]
    assert suggested == [False, False, True]


def test_a_part_whose_connection_broke_is_read_again_from_its_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    things = [*(_user(number) for number in range(300)), _user(300, mail=[b"user.7@contoso.com"])]
    with _assessed(monkeypatch, things) as assessment:
        whole = _rules(assessment.judged())
    with _assessed(monkeypatch, things, failures=[3, 0]) as assessment:
        assert assessment.counts.objects_read == 301
        assert _rules(assessment.judged()) == whole
        assert len(assessment.warnings) == 2


def test_a_server_that_always_breaks_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        pytest.raises(ConnectionFailed),
        _assessed(monkeypatch, [_user(1)], failures=[0, 0, 0]),
    ):
        pass


def test_values_that_came_in_part_are_completed(monkeypatch: pytest.MonkeyPatch) -> None:
    dn, values = _user(1)
    del values["proxyAddresses"]
    values["proxyAddresses;range=0-1"] = [b"SMTP:user.1@contoso.com", b"smtp:a@contoso.com"]
    values["all proxyAddresses"] = [
        b"SMTP:user.1@contoso.com",
        *(f"smtp:a{number}@contoso.com".encode() for number in range(400)),
    ]
    with _assessed(monkeypatch, [(dn, values)]) as assessment:
        (judged,) = assessment.judged()
        assert assessment.taken("address", "a399@contoso.com", "another")
    assert {finding.rule for finding in judged.findings} == {"proxyAddresses.too_many"}


def _any_bytes(source: random.Random) -> bytes:
    kind = source.randrange(4)
    if kind == 0:
        return source.randbytes(source.randrange(40))
    if kind == 1:
        return bytes(source.choices(range(32), k=source.randrange(1, 20)))
    if kind == 2:
        text = "".join(chr(source.randrange(0xD800)) for _place in range(source.randrange(1, 20)))
        return text.encode()
    return (
        source.choice([b"SMTP:", b"x500:", b"=cmd|", b""]) + source.randbytes(8) + b"@contoso.com"
    )


def test_any_bytes_are_judged_and_written_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = random.Random(20261122)  # noqa: S311 - the same in every run
    names = sorted(name.decode() for name in DECODED - {b"objectClass", b"objectGUID"})
    things = []
    for number in range(1000):
        name = names[number % len(names)]
        things.append(
            _user(number, **{name: [_any_bytes(source) for _value in range(1 + number % 3)]})
        )
    things.append(_user(1000, displayName=[source.randbytes(5_000_000)]))
    things.append(_user(1001, mail=["ü".encode() * 2_500_000]))
    with _assessed(monkeypatch, things) as assessment:
        judged = list(assessment.judged())
        assert assessment.counts.objects_read == len(things)
        rows = write_review_file(
            tmp_path / "review.csv", ((each.object, each.findings) for each in judged)
        )
        with findings_file(tmp_path / "findings.jsonl") as findings:
            for each in judged:
                findings.add(each.object, each.findings)
    assert len(judged) > 500
    review = read_review_file(tmp_path / "review.csv")
    # Nobody has decided anything.
    assert rows > 500
    assert not review.rows
