# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import random

import dns.rdata
import dns.rdataclass
import dns.rdatatype
import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput
from ansible_collections.tenantops.migration.plugins.module_utils._txt_records.master_file import (
    parsed,
    written,
)


@pytest.mark.parametrize(
    ("strings", "form"),
    [
        ((b"MS=ms12345",), '"MS=ms12345"'),
        ((b"",), '""'),
        ((b"a", b"b c"), '"a" "b c"'),
        ((b'k="v" \\ ;',), r'"k=\"v\" \\ ;"'),
        (("bücher 表 😀".encode(),), '"bücher 表 😀"'),
        ((b"\x00\x07\n\x7f\xff\xfe",), r'"\000\007\010\127\255\254"'),
        # A character cut in two is no UTF-8 on either side.
        ((b"x\xc3", b"\xbcy"), r'"x\195" "\188y"'),
        # What looks like a space, or turns the text round, must be seen.
        (("a\u00a0b\u202ec".encode(),), r'"a\194\160b\226\128\174c"'),
        # A digit after an escape is not part of it.
        ((b"\x011",), r'"\0011"'),
    ],
)
def test_strings_are_written_and_read_back(strings: tuple[bytes, ...], form: str) -> None:
    assert written(strings) == form
    assert parsed(form) == strings


def test_any_bytes_come_back() -> None:
    chance = random.Random(2136)  # noqa: S311 - no secret
    for _each in range(2000):
        strings = tuple(
            chance.randbytes(chance.randrange(256)) for _each in range(chance.randrange(1, 4))
        )
        assert parsed(written(strings)) == strings


def test_dnspython_reads_the_form_where_it_is_ascii() -> None:
    strings = (bytes(range(128)), bytes(range(128, 256)))
    record = dns.rdata.from_text(
        dns.rdataclass.IN, dns.rdatatype.TXT, written(strings), relativize=False
    )
    assert record.to_wire() == b"".join(bytes([len(part)]) + part for part in strings)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        '"open',
        '"a""b"',
        '"a"  "b"',
        '"a" b',
        r'"\25"',
        r'"\256"',
        '"a"b"',
        f'"{"x" * 256}"',
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parsed(text)
