# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judged by a parser of its own, written from RFC 2849 alone; tests/lab has other people's."""

from __future__ import annotations

import base64
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    KNOWN_AFTER_APPLY,
    Action,
    Change,
    System,
    Value,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput
from ansible_collections.tenantops.migration.plugins.module_utils._ldif.records import (
    change_records,
    undoing,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldif.write import (
    write_plan_ldif,
    write_undo_ldif,
)

_DN = "CN=Jane,DC=contoso,DC=example"


def _change(
    before: Value, after: Value, attribute: str = "mail", *, thing: str = "1", name: str = _DN
) -> Change:
    action = Action.REPLACE
    if attribute == "proxyAddresses":
        action = Action.ADD if before is None else Action.REMOVE
    return Change(
        System.AD, "directory_object", thing, name, attribute, action, before, after, "mail.format"
    )


def _text(*changes: Change, comments: Sequence[str] = ()) -> str:
    return "".join(change_records(changes, comments))


@dataclass(frozen=True)
class _Record:
    """What a record asks for: its object, and which values go and come, in order."""

    dn: str
    modifications: tuple[tuple[str, str, tuple[str, ...]], ...]


# ABNF of RFC 2849: SAFE-STRING = [SAFE-INIT-CHAR *SAFE-CHAR]
_SAFE_STRING = re.compile(
    r"(?:[\x01-\x09\x0b\x0c\x0e-\x1f\x21-\x39\x3b\x3d-\x7f][\x01-\x09\x0b\x0c\x0e-\x7f]*)?"
)


def _parse(text: str) -> list[_Record]:
    assert text.isascii()
    assert text.endswith("\n")
    assert max(map(len, text.split("\n"))) <= 76
    unfolded = text.replace("\n ", "")
    first, *others = unfolded.split("\n\n")
    version, *comments = first.split("\n")
    assert version == "version: 1"
    assert all(not line or line.startswith("#") for line in comments)
    return [_parse_record(record.rstrip("\n").split("\n")) for record in others]


def _parse_record(lines: list[str]) -> _Record:
    name, dn = _attribute(lines[0])
    assert (name, lines[1], lines[-1]) == ("dn", "changetype: modify", "-")
    return _Record(dn, tuple(_parse_modifications(lines[2:])))


def _parse_modifications(lines: list[str]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    while lines:
        operation, attribute = _attribute(lines[0])
        assert operation in ("add", "delete")
        end = lines.index("-")
        values = [_attribute(line) for line in lines[1:end]]
        assert {name for name, _value in values} == {attribute}
        yield operation, attribute, tuple(value for _name, value in values)
        lines = lines[end + 1 :]


def _attribute(line: str) -> tuple[str, str]:
    match = re.fullmatch(r"([A-Za-z][A-Za-z0-9-]*):(:?) *(.*)", line, re.DOTALL)
    assert match is not None, line
    name, is_base64, value = match.groups()
    if is_base64:
        return name, base64.b64decode(value, validate=True).decode()
    assert _SAFE_STRING.fullmatch(value), line
    return name, value


def test_old_values_go_and_new_ones_come() -> None:
    text = _text(
        _change("old", "new"),
        _change("smtp:old", None, "proxyAddresses"),
        _change(None, "SMTP:new", "proxyAddresses"),
        _change(None, "smtp:old", "proxyAddresses"),
        _change(None, "Jane", "displayName", thing="2", name="CN=Other,DC=contoso,DC=example"),
        comments=["Tenant: contoso"],
    )

    assert text == (
        "version: 1\n"
        "# Tenant: contoso\n"
        "\n"
        "dn: CN=Jane,DC=contoso,DC=example\n"
        "changetype: modify\n"
        "delete: mail\n"
        "mail: old\n"
        "-\n"
        "add: mail\n"
        "mail: new\n"
        "-\n"
        "delete: proxyAddresses\n"
        "proxyAddresses: smtp:old\n"
        "-\n"
        "add: proxyAddresses\n"
        "proxyAddresses: SMTP:new\n"
        "proxyAddresses: smtp:old\n"
        "-\n"
        "\n"
        "dn: CN=Other,DC=contoso,DC=example\n"
        "changetype: modify\n"
        "add: displayName\n"
        "displayName: Jane\n"
        "-\n"
    )


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("plain", "mail: plain"),
        ("with spaces within", "mail: with spaces within"),
        ("a:b<c", "mail: a:b<c"),
        (" first", "mail:: IGZpcnN0"),
        ("last ", "mail:: bGFzdCA="),
        (":colon", "mail:: OmNvbG9u"),
        ("<less", "mail:: PGxlc3M="),
        ("å", "mail:: w6U="),
        ("a\nb", "mail:: YQpi"),
        ("a\rb", "mail:: YQ1i"),
        ("a\x00b", "mail:: YQBi"),
        ("a\tb", "mail:: YQli"),
        ("\x7f", "mail:: fw=="),
        (" ", "mail:: IA=="),
        ("-", "mail: -"),
        ("# x", "mail: # x"),
    ],
)
def test_value_is_base64_where_it_has_to_be(value: str, line: str) -> None:
    assert f"\n{line}\n" in _text(_change(value, None))


def test_name_that_is_not_ascii_is_base64() -> None:
    name = "CN=Åsa Öberg,DC=contoso,DC=example"

    text = _text(_change("a", "b", name=name))

    assert f"\ndn:: {base64.b64encode(name.encode()).decode()}\n" in text


def test_lines_are_folded_at_76() -> None:
    lines = _text(_change("x" * 1000, None)).split("\n")

    assert max(map(len, lines)) == 76
    assert _parse("\n".join(lines))[0].modifications == (("delete", "mail", ("x" * 1000,)),)


def test_change_of_nothing_makes_no_record() -> None:
    assert _parse(_text(_change("a", "a"), _change("b", "c", thing="2"))) == [
        _Record(_DN, (("delete", "mail", ("b",)), ("add", "mail", ("c",))))
    ]


def test_undo_is_the_opposite_in_reverse_order() -> None:
    changes = [
        _change("a", "b"),
        _change("smtp:c", None, "proxyAddresses", thing="2", name="CN=2"),
        _change(None, "smtp:d", "proxyAddresses", thing="2", name="CN=2"),
    ]

    assert _parse(_text(*undoing(changes))) == [
        _Record(
            "CN=2",
            (("delete", "proxyAddresses", ("smtp:d",)), ("add", "proxyAddresses", ("smtp:c",))),
        ),
        _Record(_DN, (("delete", "mail", ("b",)), ("add", "mail", ("a",)))),
    ]


_VALUE = st.text(min_size=1)


@given(
    name=_VALUE,
    pairs=st.lists(st.tuples(_VALUE | st.none(), _VALUE | st.none()), min_size=1, max_size=4),
    comment=st.text(),
)
def test_any_text_comes_back(
    name: str, pairs: list[tuple[str | None, str | None]], comment: str
) -> None:
    changes = [
        _change(before, after, thing=str(number), name=name)
        for number, (before, after) in enumerate(pairs)
    ]

    records = _parse(_text(*changes, comments=[comment]))

    expected = []
    for before, after in pairs:
        modifications = []
        if before != after:
            if before is not None:
                modifications.append(("delete", "mail", (before,)))
            if after is not None:
                modifications.append(("add", "mail", (after,)))
        if modifications:
            expected.append(_Record(name, tuple(modifications)))
    assert records == expected


@pytest.mark.parametrize(
    "change",
    [
        _change("a", KNOWN_AFTER_APPLY),
        _change(["a"], "b"),
        _change("a", "b", "mail\nreplace: member"),
        Change(System.DNS, "txt_rrset", "1", "contoso.test", "TXT", Action.ADD, None, "a"),
    ],
)
def test_what_is_no_value_of_a_directory_object_is_refused(change: Change) -> None:
    with pytest.raises(InvalidInput, match="attributes of directory objects"):
        _text(change)


def test_files_name_tenant_and_run(tmp_path: Path) -> None:
    plan, undo = tmp_path / "plan.ldif", tmp_path / "undo.ldif"
    changes = [_change("a", "b")]

    write_plan_ldif(plan, iter(changes), tenant="contoso", run="r1")
    write_undo_ldif(undo, changes)

    assert plan.read_text().startswith(
        "version: 1\n# Makes the changes of a plan.\n# Tenant: contoso\n# Run: r1\n# It fails"
    )
    assert "Tenant" not in undo.read_text()
    assert _parse(plan.read_text())[0].modifications[0] == ("delete", "mail", ("a",))
    assert _parse(undo.read_text())[0].modifications[0] == ("delete", "mail", ("b",))
    assert {stat.S_IMODE(path.stat().st_mode) for path in (plan, undo)} == {0o600}


def test_file_with_a_change_that_is_refused_does_not_appear(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        write_plan_ldif(tmp_path / "plan.ldif", [_change("a", "b"), _change(["a"], "b")])

    assert list(tmp_path.iterdir()) == []
