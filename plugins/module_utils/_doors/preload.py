# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Imports everything that the collection's operations need, so that it happens once per playbook.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import contextlib
import importlib
import pkgutil

from .._attribute_rules.domains import top_level_domains
from .._errors import MissingLibrary
from .._graph.trust import system_trust

_MODULES = "ansible_collections.tenantops.migration.plugins.modules"

_DOMAINS = "msgraph.generated.domains"
_DNS_RECORDS = ("cname", "mx", "srv", "txt", "unavailable")
_METHODS_POLICY = "msgraph.generated.policies.authentication_methods_policy"
_METHODS = f"{_METHODS_POLICY}.authentication_method_configurations"

# Libraries import these only when they are first used, which would be in every worker again.
# tests/lab/test_doors.py fails when a worker still has to import something.
_LAZILY_IMPORTED = (
    # what the rules for directory attributes use
    "anyascii._data",
    "encodings.punycode",
    "encodings.utf_16_le",
    # names of domains in Unicode
    "idna.uts46data",
    # the HTTP client of Graph
    "anyio._backends._asyncio",
    "anyio.streams.tls",
    "anyio.to_thread",
    "concurrent.futures.thread",
    "h2.connection",
    "httpcore",
    "netrc",
    # the token request
    "azure.core.pipeline.transport._requests_basic",
    "azure.core.rest._requests_asyncio",
    "azure.core.rest._requests_basic",
    "encodings.utf_8_sig",
    "msal_extensions",
    # what every request to Graph uses
    "kiota_abstractions.default_query_parameters",
    "msgraph.generated.models.o_data_errors.o_data_error",
    # the email one-time passcode: its path, and what an answer is compared with
    "msgraph.generated.policies.policies_request_builder",
    f"{_METHODS_POLICY}.authentication_methods_policy_request_builder",
    f"{_METHODS}.authentication_method_configurations_request_builder",
    f"{_METHODS}.item.authentication_method_configuration_item_request_builder",
    *(
        f"msgraph.generated.models.{kind}_authentication_method_configuration"
        for kind in (
            "email",
            "external",
            "fido2",
            "microsoft_authenticator",
            "qr_code_pin",
            "sms",
            "software_oath",
            "temporary_access_pass",
            "verifiable_credentials",
            "voice",
            "x509_certificate",
        )
    ),
    *(
        f"msgraph.generated.models.{model}"
        for model in (
            "authentication_method_state",
            "authentication_method_target",
            "authentication_method_target_type",
            "exclude_target",
            "microsoft_authenticator_authentication_method_target",
            "passkey_authentication_method_target",
            "sms_authentication_method_target",
            "verifiable_credential_authentication_method_target",
        )
    ),
    # domains and what belongs to them
    "msgraph.generated.organization.organization_request_builder",
    f"{_DOMAINS}.domains_request_builder",
    f"{_DOMAINS}.item.domain_item_request_builder",
    *(
        f"{_DOMAINS}.item.{part}.{part}_request_builder"
        for part in (
            "domain_name_references",
            "force_delete",
            "service_configuration_records",
            "verification_dns_records",
            "verify",
        )
    ),
    "msgraph.generated.models.partner_tenant_type",
    *(f"msgraph.generated.models.domain_dns_{kind}_record" for kind in _DNS_RECORDS),
)

# Models that import what their parts are made of when they first read an answer.
_MODELS_WITH_PARTS = (
    "o_data_errors.o_data_error.ODataError",
    "o_data_errors.main_error.MainError",
    "organization_collection_response.OrganizationCollectionResponse",
    "organization.Organization",
    "domain_collection_response.DomainCollectionResponse",
    "domain.Domain",
    "domain_dns_record_collection_response.DomainDnsRecordCollectionResponse",
    "directory_object_collection_response.DirectoryObjectCollectionResponse",
    "user.User",
)


def preload() -> None:
    """Import every module of the collection, and what their libraries import lazily.

    A package that is not installed is passed over: the operation that needs it says so itself. The
    system's certificate authorities and the list of top-level domains are read too, which like a
    module are only data in memory.
    """
    folder = importlib.import_module(_MODULES)
    for module in pkgutil.iter_modules(folder.__path__):
        importlib.import_module(f"{_MODULES}.{module.name}")
    for name in _LAZILY_IMPORTED:
        try:
            importlib.import_module(name)
        except ImportError:
            continue
    for name in _MODELS_WITH_PARTS:
        _import_parts(name)
    with contextlib.suppress(OSError):
        system_trust()
    with contextlib.suppress(MissingLibrary):
        top_level_domains()


def _import_parts(model: str) -> None:
    module, _dot, name = model.rpartition(".")
    with contextlib.suppress(ImportError):
        kind = getattr(importlib.import_module(f"msgraph.generated.models.{module}"), name)
        kind().get_field_deserializers()
