# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dns.message
import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._dns.discovery import soa_above
from ansible_collections.tenantops.migration.plugins.module_utils._dns.names import absolute_name
from ansible_collections.tenantops.migration.plugins.module_utils._dns.nameserver import (
    Endpoint,
    Nameserver,
    parse_endpoint,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Example.TEST", "example.test."),
        ("example.test.", "example.test."),
        ("_dmarc.example.test", "_dmarc.example.test."),
        ("*.example.test", "*.example.test."),
        ("bücher.example.test", "xn--bcher-kva.example.test."),
        ("_dmarc.BÜCHER。example.test", "_dmarc.xn--bcher-kva.example.test."),
        ("faß.test", "xn--fa-hia.test."),
        (r"a\.b.test", r"a\.b.test."),
    ],
)
def test_a_name_has_one_form(text: str, name: str) -> None:
    assert str(absolute_name(text)) == name


@pytest.mark.parametrize("text", ["", ".", "a..test", "x" * 64 + ".test", "☃.test", "a." * 128])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        absolute_name(text)


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("192.0.2.1", ("192.0.2.1", 53)),
        ("192.0.2.1:5353", ("192.0.2.1", 5353)),
        ("ns1.example.test:5353", ("ns1.example.test", 5353)),
        ("2001:db8::1", ("2001:db8::1", 53)),
        ("[2001:db8::1]", ("2001:db8::1", 53)),
        ("[2001:db8::1]:5353", ("2001:db8::1", 5353)),
    ],
)
def test_a_resolver_is_read(text: str, endpoint: tuple[str, int]) -> None:
    assert parse_endpoint(text) == endpoint


@pytest.mark.parametrize(
    "text", ["", ":53", "host:", "host:dns", "host:0", "host:65536", "[::1]53", "[::1]:", "[::1"]
)
def test_what_is_no_resolver_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_endpoint(text)


def test_a_server_is_told_by_name_and_address() -> None:
    endpoints = [Endpoint("2001:db8::1", 53)]
    assert str(Nameserver("ns1.test", endpoints, "tcp", 1)) == "ns1.test ([2001:db8::1]:53)"
    assert str(Nameserver("2001:db8::1", endpoints, "tcp", 1)) == "[2001:db8::1]:53"


SOA = "example.test. 60 IN SOA ns1.Example.test. h.example.test. 1 2 3 4 5"
ANSWER = "id 1\nopcode QUERY\nrcode NOERROR\nflags QR AA\n;QUESTION\n{name}. IN SOA\n"


@pytest.mark.parametrize(
    ("name", "sections", "found"),
    [
        ("example.test", f";ANSWER\n{SOA}\n", True),
        ("www.example.test", f";AUTHORITY\n{SOA}\n", True),
        ("www.other.test", f";AUTHORITY\n{SOA}\n", False),
        ("www.example.test", "", False),
        # The SOA record is that of the alias's target.
        (
            "www.example.test",
            f";ANSWER\nwww.example.test. 60 IN CNAME x.example.test.\n;AUTHORITY\n{SOA}\n",
            False,
        ),
    ],
)
def test_the_zone_is_the_one_whose_soa_is_above(name: str, sections: str, found: bool) -> None:
    answer = dns.message.from_text(ANSWER.format(name=name) + sections)
    zone = soa_above(answer, absolute_name(name))
    if found:
        assert zone is not None
        assert (str(zone.zone), str(zone.primary)) == ("example.test.", "ns1.example.test.")
    else:
        assert zone is None
