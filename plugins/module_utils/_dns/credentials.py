# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a client proves who it is: one small class for each way.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import base64
import binascii
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from .._errors import AuthenticationFailed, InvalidInput, NotTrusted, NotUnderstood, TenantopsError
from .._libraries import library, require
from .answers import check_query_answer
from .names import absolute_name
from .nameserver import Nameserver, is_address

with library("dnspython"):
    import dns.exception
    import dns.flags
    import dns.message
    import dns.name
    import dns.rcode
    import dns.rdataclass
    import dns.rdatatype
    import dns.rdtypes.ANY.TKEY
    import dns.rrset
    import dns.tsig
with library("gssapi"):
    import gssapi

_SPNEGO = "1.3.6.1.5.5.2"
# RFC 2930 section 2.5: the mode of a key negotiated through GSS-API.
_TKEY_MODE_GSS_API = 3
_TKEY_LIFETIME = 3600
# SPNEGO with Kerberos takes two; a server that asks for ever more is not negotiating.
_NEGOTIATION_ROUNDS = 8


class Credentials(Protocol):
    """One way to sign messages to a name server."""

    def key_for(self, server: Nameserver) -> dns.tsig.Key | None:
        """The key that signs messages to `server`; null for none. May ask the server for it."""


@dataclass(frozen=True)
class NoCredentials:
    """Messages are not signed; the server goes by our address."""

    def key_for(self, server: Nameserver) -> dns.tsig.Key | None:
        return None


@dataclass(frozen=True)
class SharedKey:
    """TSIG with a secret that both sides have (RFC 8945)."""

    name: str
    algorithm: str
    secret: bytes = field(repr=False)

    @classmethod
    def from_options(cls, name: str | None, secret: str | None, algorithm: str) -> SharedKey:
        """Raises `InvalidInput` for a missing part or a secret that is not base64."""
        if not name or not secret:
            raise InvalidInput(
                "dns_auth=tsig needs dns_key_name and dns_key_secret",
                advice="Give both, or choose dns_auth=gss_tsig or dns_auth=none.",
            )
        try:
            decoded = base64.b64decode(secret.strip(), validate=True)
        except (binascii.Error, ValueError):
            decoded = b""
        if not decoded:
            # Without "from": the cause could quote the secret.
            raise InvalidInput(
                "dns_key_secret is not base64",
                subject=name,
                advice="Give the secret as it stands between the quotes in the server's key file.",
            ) from None
        return cls(name=name, algorithm=algorithm, secret=decoded)

    def key_for(self, server: Nameserver) -> dns.tsig.Key | None:
        algorithm = dns.tsig.HMAC_MD5 if self.algorithm == "hmac-md5" else self.algorithm
        return dns.tsig.Key(absolute_name(self.name), self.secret, algorithm)


@dataclass(frozen=True)
class Kerberos:
    """GSS-TSIG (RFC 3645): a key for one run, negotiated with a Kerberos ticket.

    `principal`, `keytab` and `ccache` default to what the Kerberos library finds by itself.
    `host` is the server's name in its service principal DNS/host; null means the name it was found
    by. Nothing of this process's environment is changed.
    """

    principal: str | None
    keytab: str | None
    ccache: str | None
    host: str | None

    def key_for(self, server: Nameserver) -> dns.tsig.Key | None:
        """Negotiate. Raises `AuthenticationFailed`, `NotTrusted`, or what `exchange` raises."""
        require("gssapi")
        host = self._host(server)
        try:
            return _negotiate(server, self._context(host))
        except gssapi.exceptions.GSSError as error:
            raise AuthenticationFailed(
                "Kerberos does not let us in at the name server",
                server=str(server),
                subject=f"DNS/{host}",
                answer=_one_line(error),
                advice="Check dns_kerberos_principal and dns_kerberos_keytab or "
                "dns_kerberos_ccache, that dns_server or dns_server_name is the server's name in "
                "its service principal, krb5.conf, and the clock.",
            ) from error

    def _host(self, server: Nameserver) -> str:
        host = (self.host or server.name).rstrip(".")
        if is_address(host):
            raise InvalidInput(
                "dns_auth=gss_tsig needs the server's host name for Kerberos",
                server=str(server),
                advice="Give it as dns_server, or as dns_server_name beside an address.",
            )
        return host

    def _context(self, host: str) -> gssapi.SecurityContext:
        service = gssapi.Name(f"DNS@{host}", gssapi.NameType.hostbased_service)
        return gssapi.SecurityContext(
            name=service,
            creds=self._acquire(),
            mech=gssapi.OID.from_int_seq(_SPNEGO),
            # Not the order of messages: the answer to a datagram can get lost or be passed over.
            flags=gssapi.RequirementFlag.mutual_authentication
            | gssapi.RequirementFlag.replay_detection
            | gssapi.RequirementFlag.integrity,
            usage="initiate",
        )

    def _acquire(self) -> gssapi.Credentials:
        if self.keytab and not Path(self.keytab).is_file():
            # Kerberos itself would only say that it has no credentials.
            raise InvalidInput(
                "dns_kerberos_keytab is not a file that can be read", subject=self.keytab
            )
        store: dict[bytes | str, bytes | str] = {}
        if self.keytab:
            store["client_keytab"] = self.keytab
        if self.ccache:
            store["ccache"] = self.ccache
        elif self.keytab:
            # Tickets for the keytab's key stay out of the operator's own cache.
            store["ccache"] = f"MEMORY:{uuid.uuid4()}"
        principal = (
            gssapi.Name(self.principal, gssapi.NameType.kerberos_principal)
            if self.principal
            else None
        )
        return gssapi.Credentials(name=principal, usage="initiate", store=store or None)


def credentials_from(parameters: Mapping[str, Any]) -> Credentials:
    """What the options of the documentation fragment `dns` say. Raises `InvalidInput`."""
    if parameters["dns_auth"] == "none":
        return NoCredentials()
    if parameters["dns_auth"] == "gss_tsig":
        return Kerberos(
            principal=parameters["dns_kerberos_principal"],
            keytab=parameters["dns_kerberos_keytab"],
            ccache=parameters["dns_kerberos_ccache"],
            host=parameters["dns_server_name"],
        )
    return SharedKey.from_options(
        parameters["dns_key_name"], parameters["dns_key_secret"], parameters["dns_key_algorithm"]
    )


def _negotiate(server: Nameserver, context: gssapi.SecurityContext) -> dns.tsig.Key:
    """RFC 3645 section 3.1: exchange tokens in TKEY records until both sides have the key."""
    # No part of a zone: Samba does not verify signatures whose key name DNS compression shortens.
    name = dns.name.from_text(f"{uuid.uuid4()}.gss.")
    key = dns.tsig.Key(name, context, dns.tsig.GSS_TSIG)  # type: ignore[arg-type]
    token = context.step()
    for _round in range(_NEGOTIATION_ROUNDS):
        answer = server.exchange(_tkey_query(name, token or b""), subject=str(name))
        token = context.step(_tkey_token(answer, name, server))
        if context.complete:
            _check_signature(answer, key, server)
            return key
    raise _no_agreement(server, f"no key after {_NEGOTIATION_ROUNDS} rounds")


def _tkey_query(name: dns.name.Name, token: bytes) -> dns.message.Message:
    now = int(time.time())
    record = dns.rdtypes.ANY.TKEY.TKEY(  # type: ignore[no-untyped-call]
        dns.rdataclass.ANY,
        dns.rdatatype.TKEY,
        dns.tsig.GSS_TSIG,
        now,
        now + _TKEY_LIFETIME,
        _TKEY_MODE_GSS_API,
        dns.rcode.NOERROR,
        token,
    )
    query = dns.message.make_query(name, dns.rdatatype.TKEY, dns.rdataclass.ANY, flags=0)
    query.additional.append(dns.rrset.from_rdata(name, 0, record))
    return query


def _tkey_token(answer: dns.message.Message, name: dns.name.Name, server: Nameserver) -> bytes:
    check_query_answer(answer, str(server), f"TKEY {name}")
    rrset = answer.get_rrset(answer.answer, name, dns.rdataclass.ANY, dns.rdatatype.TKEY)
    if not rrset:
        raise _no_agreement(server, "no TKEY record in it")
    record: Any = rrset[0]
    if record.error != dns.rcode.NOERROR:
        raise AuthenticationFailed(
            "The name server does not accept our Kerberos ticket",
            server=str(server),
            subject=f"TKEY {name}",
            answer=dns.rcode.to_text(record.error, tsig=True),
            advice="Check the server's keytab and clock, and dns_server_name.",
        )
    token: bytes = record.key
    return token


def _check_signature(answer: dns.message.Message, key: dns.tsig.Key, server: Nameserver) -> None:
    """RFC 3645 section 3.1.3.1: the last answer is signed with the new key."""
    try:
        dns.message.from_wire(answer.wire or b"", keyring=key)
    except dns.exception.DNSException as error:
        raise NotTrusted(
            "The name server's answer to our Kerberos negotiation is not signed rightly",
            server=str(server),
            answer=type(error).__name__,
            advice="Something between may alter messages, or the server is not what it says.",
        ) from error


def _no_agreement(server: Nameserver, answer: str) -> TenantopsError:
    return NotUnderstood(
        "The name server does not negotiate a key (TKEY, RFC 3645)",
        server=str(server),
        answer=answer,
        advice="Check that it supports GSS-TSIG, or choose dns_auth=tsig.",
    )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
