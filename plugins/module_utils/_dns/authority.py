# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An authoritative server and our credentials for it: signed messages, answers that are proven.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .._errors import NotTrusted, NotUnderstood, TenantopsError
from .._libraries import library
from .answers import (
    check_query_answer,
    check_update_answer,
    is_prerequisite_failure,
    tsig_error,
)
from .credentials import Credentials, Kerberos
from .discovery import soa_above
from .nameserver import Nameserver

with library("dnspython"):
    import dns.exception
    import dns.flags
    import dns.message
    import dns.name
    import dns.rcode
    import dns.rdatatype
    import dns.tsig
    import dns.update


@dataclass
class AuthoritativeServer:
    """A server that has zones of its own.

    Questions are signed with the key that writes, so that what would stop a write shows in a dry
    run too. `accept_unverified` is for servers whose GSS-TSIG answers are signed wrongly though
    they are genuine: these are then believed, with a warning. A wrong signature with a shared key
    is never believed.
    """

    nameserver: Nameserver
    credentials: Credentials
    accept_unverified: bool = False
    _key: dns.tsig.Key | None = field(default=None, init=False, repr=False)
    _has_key: bool = field(default=False, init=False)
    _answers_verify: bool = field(default=True, init=False)

    def __str__(self) -> str:
        return str(self.nameserver)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the operator should know though it worked."""
        if self._answers_verify:
            return ()
        warning = (
            f"The signatures of the answers of {self} do not verify (GSS-TSIG). Because of "
            "dns_unverified_answers=read_back they are believed, and a write counts only when an "
            "unsigned question shows what was written."
        )
        return (warning,)

    def query(self, owner: dns.name.Name, rdtype: dns.rdatatype.RdataType) -> dns.message.Message:
        """An authoritative answer, NOERROR or NXDOMAIN, without an alias in it.

        Raises for every other answer.
        """
        subject = told(owner, rdtype)
        answer = self._exchange(dns.message.make_query(owner, rdtype, flags=0), subject)
        check_query_answer(answer, str(self), subject)
        if not answer.flags & dns.flags.AA:
            raise self._not_authoritative(answer, owner)
        self._refuse_alias(answer, subject)
        return answer

    def update(self, update: dns.update.UpdateMessage, subject: str) -> None:
        """Make an update. Raises `ChangedMeanwhile` if its prerequisites do not hold, and for every
        other answer but success."""
        answer = self._exchange(update, subject, is_write=True)
        check_update_answer(answer, str(self), subject)

    def ask_to_update(self, update: dns.update.UpdateMessage, subject: str) -> None:
        """Send an update whose prerequisites cannot hold, to learn whether we may make one.

        Raises for every answer but that the prerequisites do not hold.
        """
        answer = self._exchange(update, subject, is_write=True)
        if is_prerequisite_failure(answer):
            return
        check_update_answer(answer, str(self), subject)
        raise NotUnderstood(
            "The name server does not heed the prerequisites of updates",
            server=str(self),
            subject=subject,
            answer="NOERROR to prerequisites that contradict each other",
            advice="Without them another writer's change could be lost (RFC 2136 section 2.4). "
            "Use a server that has them.",
        )

    def zone_of(self, owner: dns.name.Name) -> dns.name.Name:
        """The zone that the server itself has `owner` in. Raises if it does not say so."""
        found = soa_above(self.query(owner, dns.rdatatype.SOA), owner)
        if found is None:
            raise NotUnderstood(
                "The name server does not say which zone the name is in",
                server=str(self),
                subject=told(owner, dns.rdatatype.SOA),
                answer="no SOA record",
                advice="Check name and dns_server.",
            )
        return found.zone

    def _exchange(
        self, message: dns.message.Message, subject: str, *, is_write: bool = False
    ) -> dns.message.Message:
        if not self._has_key:
            self._key, self._has_key = self.credentials.key_for(self.nameserver), True
        is_signed = self._key is not None and (is_write or self._answers_verify)
        if is_signed:
            message.use_tsig(self._key)
        answer = self.nameserver.exchange(message, subject)
        if is_signed and _needs_proof(answer):
            self._verify(message, answer, subject, is_write=is_write)
        return answer

    def _verify(
        self,
        message: dns.message.Message,
        answer: dns.message.Message,
        subject: str,
        *,
        is_write: bool,
    ) -> None:
        fault = _signature_fault(message, answer)
        if not fault:
            return
        if not self._believes_unverified:
            raise self._unproven(fault, subject, is_write=is_write)
        self._answers_verify = False

    @property
    def _believes_unverified(self) -> bool:
        return self.accept_unverified and isinstance(self.credentials, Kerberos)

    def _unproven(self, fault: str, subject: str, *, is_write: bool) -> TenantopsError:
        advice = "Something between may alter messages, or the clocks are apart."
        if isinstance(self.credentials, Kerberos):
            advice += (
                " Some versions of Samba sign their answers wrongly: for such a server set "
                "dns_unverified_answers=read_back."
            )
        # A write whose answer is not proven may have been made.
        kind = NotUnderstood if is_write else NotTrusted
        return kind(
            "The signature of the name server's answer does not verify",
            server=str(self),
            subject=subject,
            answer=fault,
            advice=advice,
        )

    def _not_authoritative(
        self, answer: dns.message.Message, owner: dns.name.Name
    ) -> NotUnderstood:
        cuts = [r for r in answer.authority if r.rdtype == dns.rdatatype.NS]
        if cuts and owner.is_subdomain(cuts[0].name) and cuts[0].name != dns.name.root:
            servers = ", ".join(sorted(str(record) for record in cuts[0]))
            return NotUnderstood(
                f"{cuts[0].name} is delegated to other name servers",
                server=str(self),
                subject=str(owner),
                answer=f"a referral to {servers}",
                advice=f"Set zone to {cuts[0].name} and dns_server to its primary, or leave both "
                "out so that they are found.",
            )
        return NotUnderstood(
            "The name server is not authoritative for the name",
            server=str(self),
            subject=str(owner),
            answer="an answer without AA",
            advice="dns_server must be the primary of the zone, not a resolver.",
        )

    def _refuse_alias(self, answer: dns.message.Message, subject: str) -> None:
        for rrset in answer.answer:
            if rrset.rdtype in (dns.rdatatype.CNAME, dns.rdatatype.DNAME):
                kind = dns.rdatatype.to_text(rrset.rdtype)
                raise NotUnderstood(
                    f"There is an alias ({kind}) at {rrset.name}, where no other records can be",
                    server=str(self),
                    subject=subject,
                    answer=f"{kind} to {rrset[0]}",
                    advice="Publish at the alias's target, or remove the alias first.",
                )


def _needs_proof(answer: dns.message.Message) -> bool:
    """Whether the answer's signature counts. A server that does not accept ours cannot sign; from
    an answer without signature that says no, nothing but an error is concluded."""
    if answer.had_tsig:
        return not tsig_error(answer)
    return answer.rcode() in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN)


def _signature_fault(message: dns.message.Message, answer: dns.message.Message) -> str:
    """Why the answer to a signed message is not proven; empty if it is."""
    if not answer.had_tsig:
        return "it is not signed"
    try:
        dns.message.from_wire(answer.wire or b"", keyring=message.keyring, request_mac=message.mac)
    except dns.exception.DNSException as error:
        return str(error) or type(error).__name__
    return ""


def told(owner: dns.name.Name, rdtype: dns.rdatatype.RdataType) -> str:
    """A record set as error messages name it."""
    return f"{owner} {dns.rdatatype.to_text(rdtype)}"
