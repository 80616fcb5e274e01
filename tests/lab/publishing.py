# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs dns_txt against the lab's name servers, and looks at them from behind its back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdata
import dns.tsig
import dns.update
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import Outcome
from ansible_collections.tenantops.migration.plugins.modules.dns_txt import OPERATION
from lab.description import Description

_TIMEOUT = 10

# A TTL and the records as a master file has them; null for none.
Records = tuple[int, frozenset[str]] | None


def validated(options: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as either door gives them to a runner."""
    arguments = OPERATION.arguments
    result = ArgumentSpecValidator(dict(arguments.options), **arguments.constraints()).validate(
        dict(options)
    )
    assert not result.error_messages, result.error_messages
    return dict(result.validated_parameters)


@dataclass(frozen=True)
class Publisher:
    """Somebody who publishes in one zone with its key."""

    lab: Description
    zone: str
    connection: Mapping[str, Any] = field(default_factory=dict)

    def options(self, **options: Any) -> dict[str, Any]:
        """The options of a task, those of the connection to the primary filled in."""
        key, primary = self.key, self.lab.nameservers["primary"]
        return {
            "name": self.zone,
            "dns_server": primary["address"],
            "dns_port": primary["port"],
            "dns_key_name": key["name"],
            "dns_key_secret": key["secret"],
            "dns_key_algorithm": key["algorithm"],
            "dns_timeout": 5,
            **self.connection,
            **options,
        }

    def run(self, *, check_mode: bool = False, **options: Any) -> Outcome:
        """What a task comes to."""
        return OPERATION.run(validated(self.options(**options)), check_mode)

    def publish(self, **options: Any) -> Outcome:
        """A dry run, the run, and a second one: their changes must be equal, and then none."""
        planned = self.run(check_mode=True, **options)
        made = self.run(**options)
        assert made == planned
        for check_mode in (True, False):
            again = self.run(check_mode=check_mode, **options)
            assert again.changes == ()
            assert again.values == made.values
        return made

    @property
    def key(self) -> dict[str, Any]:
        keys = self.lab.nameservers["keys"]
        return dict(keys.get(self.zone) or next(iter(keys.values())))

    def records(self, name: str) -> Records:
        """The TXT records that the primary has at a name, asked without the collection."""
        query = dns.message.make_query(name, "TXT", flags=0)
        answer = self._exchange(query)
        for rrset in answer.answer:
            if rrset.rdtype == dns.rdatatype.TXT:
                return rrset.ttl, frozenset(record.to_text() for record in rrset)
        return None

    def serial(self) -> int:
        """The zone's serial number, which grows with every change."""
        answer = self._exchange(dns.message.make_query(self.zone, "SOA", flags=0))
        soa: Any = answer.answer[0][0]
        return int(soa.serial)

    def write(self, name: str, ttl: int, *records: str) -> None:
        """Replace all TXT records at a name, as another writer does who looks at nothing."""
        update = self._update()
        update.delete(_owner(name), "TXT")
        for record in records:
            update.add(_owner(name), ttl, "TXT", record)
        self._make(update)

    def add(self, name: str, ttl: int, record: str) -> None:
        """Add one record, as another writer."""
        update = self._update()
        update.add(_owner(name), ttl, "TXT", record)
        self._make(update)

    def _update(self) -> dns.update.UpdateMessage:
        key = self.key
        update = dns.update.UpdateMessage(self.zone)
        update.use_tsig(dns.tsig.Key(key["name"], key["secret"], key["algorithm"]))
        return update

    def _make(self, update: dns.update.UpdateMessage) -> None:
        answer = self._exchange(update)
        assert answer.rcode() == dns.rcode.NOERROR, answer

    def _exchange(self, message: dns.message.Message) -> dns.message.Message:
        primary = self.lab.nameservers["primary"]
        return dns.query.tcp(message, primary["address"], port=primary["port"], timeout=_TIMEOUT)


def told(outcome: Outcome) -> list[tuple[str, str, Any, Any]]:
    """The changes of an outcome, in short."""
    return [(c.action.value, c.property, c.before, c.after) for c in outcome.changes or ()]


def _owner(name: str) -> dns.name.Name:
    return dns.name.from_text(name)
