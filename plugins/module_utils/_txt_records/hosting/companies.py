# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Opening a record set at the hosting company that the operator names.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from .account import Account, Requirements
from .record_set import HostedRecords, HostedRecordSet, patiently
from .zones import hosted_name


class Opener(Protocol):
    """Finds the zone of a name at a company. Names are absolute."""

    def __call__(self, account: Account, owner: str, zone: str | None) -> HostedRecords:
        """The records at `owner`. Raises for what is not found."""


@dataclass(frozen=True)
class Company:
    """A company, by what it needs and how its records are reached."""

    requirements: Requirements
    open: Opener


def company(provider: str) -> Company:
    """A company by its name in `dns_provider`.

    Its libraries are imported here and not before: each takes half a second, and most runs need
    none of them.
    """
    if provider == "route53":
        from . import route53

        return Company(route53.REQUIREMENTS, route53.Route53.open)
    if provider == "azure":
        from . import azure

        return Company(azure.REQUIREMENTS, azure.AzureDns.open)
    if provider == "cloudflare":
        from . import cloudflare

        return Company(cloudflare.REQUIREMENTS, cloudflare.Cloudflare.open)
    if provider == "godaddy":
        from . import godaddy

        return Company(godaddy.REQUIREMENTS, godaddy.GoDaddy.open)
    if provider == "google":
        from . import google

        return Company(google.REQUIREMENTS, google.GoogleCloudDns.open)
    raise ValueError(f"no such company: {provider}")


def open_hosted(parameters: Mapping[str, Any], name: str, zone: str | None) -> HostedRecordSet:
    """The TXT record set at `name`, by the options of the documentation fragment `dns`."""
    chosen = company(parameters["dns_provider"])
    account = Account.from_parameters(parameters, chosen.requirements)
    owner = hosted_name(name)
    given_zone = None if zone is None else hosted_name(zone)
    with account.discreet():
        records = patiently(lambda: chosen.open(account, owner, given_zone), account.retry_time)
    return HostedRecordSet(account, records)
