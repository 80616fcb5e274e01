# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Mapping

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._dns.discovery import Resolvers
from ansible_collections.tenantops.migration.plugins.module_utils._domain_assessment import (
    dns_facts,
)
from ansible_collections.tenantops.migration.plugins.module_utils._domain_assessment.model import (
    DnsFacts,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import NotUnderstood

_SOA = "ns1.hoster.test. admin.hoster.test. 1 3600 600 86400 300"


class Answers(Resolvers):
    """A resolver that knows some zones and their records, as a real one would tell of them.

    The keys are "owner type", the value the records as in a master file.
    """

    def __init__(self, zones: list[str], records: Mapping[str, list[str]]) -> None:
        super().__init__([])
        self._zones = [dns.name.from_text(zone) for zone in zones]
        self._records = records
        self.asked: list[str] = []

    def ask(self, name: dns.name.Name, rdtype: dns.rdatatype.RdataType) -> dns.message.Message:
        question = f"{name} {dns.rdatatype.to_text(rdtype)}"
        self.asked.append(question)
        answer = dns.message.make_response(dns.message.make_query(name, rdtype))
        zone = max(
            (zone for zone in self._zones if name.is_subdomain(zone)),
            key=lambda zone: len(zone.labels),
        )
        soa = dns.rrset.from_text(zone, 300, "IN", "SOA", _SOA)
        if question in self._records:
            answer.answer.append(
                dns.rrset.from_text_list(name, 300, "IN", rdtype, self._records[question])
            )
        elif rdtype == dns.rdatatype.SOA and zone == name:
            answer.answer.append(soa)
        else:
            answer.authority.append(soa)
            if name not in self._zones and not any(
                dns.name.from_text(key.split()[0]) == name for key in self._records
            ):
                answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer


def test_hosts_of_a_zone_and_of_its_mail() -> None:
    resolvers = Answers(
        [".", "com.", "contoso.com."],
        {
            "contoso.com. NS": ["NS51.DomainControl.com.", "ns52.domaincontrol.com."],
            "contoso.com. MX": ["20 mail.contoso.com.", "5 contoso-com.mail.protection.example."],
        },
    )

    assert dns_facts.dns_facts(resolvers, "contoso.com") == DnsFacts(
        zone="contoso.com",
        name_servers=("ns51.domaincontrol.com", "ns52.domaincontrol.com"),
        dns_hosts=("domaincontrol.com",),
        mail_servers=("contoso-com.mail.protection.example", "mail.contoso.com"),
        mail_hosts=("protection.example", "contoso.com"),
    )


def test_domain_within_a_zone_has_the_hosts_of_that_zone() -> None:
    resolvers = Answers([".", "com.", "contoso.com."], {"contoso.com. NS": ["ns1.contoso.com."]})

    facts = dns_facts.dns_facts(resolvers, "new.mail.contoso.com")

    assert (facts.zone, facts.dns_hosts) == ("contoso.com", ("contoso.com",))
    assert facts.mail_servers == ()


@pytest.mark.parametrize("domain", ["nobody.com", "nobody.co.uk", "a.nobody.co.uk", "nobody.none"])
def test_domain_that_nobody_has_registered_has_no_zone(domain: str) -> None:
    resolvers = Answers([".", "com.", "uk.", "co.uk."], {})

    assert dns_facts.dns_facts(resolvers, domain) == DnsFacts(None)


def test_domain_that_takes_no_mail_says_so() -> None:
    resolvers = Answers(
        [".", "com.", "contoso.com."],
        {"contoso.com. NS": ["ns1.contoso.com."], "contoso.com. MX": ["0 ."]},
    )

    facts = dns_facts.dns_facts(resolvers, "contoso.com")

    assert (facts.mail_servers, facts.mail_hosts) == ((".",), ())


def test_what_no_resolver_can_tell_is_an_error_and_no_fact() -> None:
    class Failing(Resolvers):
        def ask(self, name: dns.name.Name, rdtype: dns.rdatatype.RdataType) -> dns.message.Message:
            raise NotUnderstood("The name server failed", subject=str(name), answer="SERVFAIL")

    with pytest.raises(NotUnderstood, match=r"who runs the domain's DNS.*SERVFAIL"):
        dns_facts.dns_facts(Failing([]), "contoso.com")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("ns1-03.azure-dns.com", "azure-dns.com"),
        ("ns-1024.awsdns-00.co.uk", "awsdns-00.co.uk"),
        ("dns.customer.github.io", "github.io"),
        ("ns1.contoso.test", "contoso.test"),
        ("localhost", "localhost"),
    ],
)
def test_registrable_domain_of_a_host(host: str, expected: str) -> None:
    assert dns_facts.registrable(host) == expected
