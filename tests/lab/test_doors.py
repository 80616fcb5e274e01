# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module and the action plugin are two doors to one operation, not to be told apart."""

from __future__ import annotations

import importlib
import json
import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import Operation
from lab import lifecycle
from lab.description import Description

from .playbooks import DOORS, ROOT, Operator
from .truth import Truth

_PLUGINS = "ansible_collections.tenantops.migration.plugins"
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))

# What differs from one call to the next whatever the door: times and the ids of requests.
_PASSING = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?"
)

SUFFIX = {"module": "ad_upn_suffix", "arguments": {"suffixes": {"add": ["Doors.Example"]}}}
TXT = {
    "module": "dns_txt",
    "arguments": {"name": "contoso.test", "values": ["doors=1", "x" * 300]},
}
OTP = {"module": "entra_email_otp", "arguments": {"guests": "default"}}
ORDER = {"module": "entra_redemption_order", "arguments": {"fallback": "emailOneTimePasscode"}}
DEFAULTS = {"module": "entra_security_defaults", "arguments": {"enabled": True}}
REDEMPTION = {
    "module": "entra_guest_redemption",
    "arguments": {"methods": ["one_time_passcode", "microsoft_account"], "send_mail": True},
}
DOMAIN = {"module": "entra_domain", "arguments": {"name": "Doors.Contoso.Example."}}
JUDGE = {
    "module": "ad_attributes_info",
    "arguments": {
        "search_bases": ["OU=Fabrikam,DC=corp,DC=example,DC=test"],
        "known_domains": ["test", "example"],
        "transliteration_language": "german",
    },
}
FIX = {**JUDGE, "module": "ad_attributes"}
NOTICES = {
    "module": "notice_files",
    "arguments": {
        "notice": "invitation",
        "folder": "FOLDER/notices",
        "organization": "Contoso",
        "recipients": [
            {"address": "anna@fabrikam.test", "preferred_language": "sv-SE"},
            {"address": "taro@adatum.jp", "name": "山田 太郎"},
        ],
        "languages_by_domain": {"jp": "ja"},
    },
}
GUESTS = {
    "module": "entra_guest",
    "arguments": {
        "guests": [{"address": "Kim@litware.example"}, {"address": "taro@adatum.jp"}],
        "send_mail": True,
        "message_notice": {"organization": "Contoso", "languages_by_domain": {"jp": "ja"}},
        "settle_time": 0,
    },
}

WORK_ACCOUNTS = {
    "module": "entra_user",
    "arguments": {
        "users": [
            {"user_principal_name": "Kim.Doors@contoso.onmicrosoft.com", "usage_location": "se"},
            {
                "user_principal_name": "taro.doors@contoso.onmicrosoft.com",
                "password": "a-Password-of-doors-1",
            },
        ],
        "passwords_file": "FOLDER/passwords.csv",
        "settle_time": 0,
    },
}

SIGN_IN_NAMES = {
    "module": "entra_user_upn",
    "arguments": {"source": "mapping", "mapping": "FOLDER/names.json", "settle_time": 0},
}
RENAME = {
    **FIX,
    "with": {"rename": {"source": "primary_address"}, "upn_suffixes": ["fabrikam.test"]},
}

# Four people, and so many seats.
LICENSES = {
    "module": "entra_license",
    "tenant": "fincher",
    "arguments": {
        "departments": ["Site"],
        "licenses": [{"sku": "standardpack", "disabled_plans": ["YAMMER_ENTERPRISE"]}],
        "settle_time": 0,
    },
}

ALIGNMENT = {**JUDGE, "module": "upn_alignment"}
MUNSON = {"search_bases": ["OU=Munson's Pickles,OU=Accounts,DC=corp,DC=example,DC=test"]}

# What the modules return beside the changes
TOLD = (
    *("changes", "suffixes", "txt_values", "ttl", "guests", "conflicts"),
    *(
        "failures",
        "left",
        "notices",
        "written",
        "summary",
        "users",
        "is_viral",
        "realm",
        "assessed",
    ),
    *("primary", "fallback", "enabled", "locked_out"),
    *("reset", "selected", "pending", "reset_before", "internal"),
    *("accounts", "waiting", "recipients"),
    *("renamed", "temporary", "renaming"),
    *("created", "deleted", "usage_locations", "roles_given", "unchanged"),
    *("inherited", "not_in_force", "skus"),
)

CASES: dict[str, dict[str, Any]] = {
    **{
        f"{case['module']}-{name}": {**case, **how}
        for case in (SUFFIX, TXT, OTP, ORDER, DEFAULTS, REDEMPTION, DOMAIN, FIX, LICENSES)
        for name, how in {
            "dry": {"check_mode": True, "diff": True},
            "run": {"diff": True},
            "again": {},
        }.items()
    },
    "guests-dry": {**GUESTS, "check_mode": True, "diff": True},
    "guests-run": {**GUESTS, "diff": True},
    "guests-again": GUESTS,
    "guests-in-part": {**GUESTS, "with": {"guests": [{"address": "eve+1@litware.example"}]}},
    "guests-of-no-address": {**GUESTS, "with": {"guests": [{"address": "eve"}]}},
    "guests-no-more-dry": {**GUESTS, "with": {"state": "absent"}, "check_mode": True},
    "guests-no-more-run": {**GUESTS, "with": {"state": "absent"}},
    "work-accounts-made-dry": {**WORK_ACCOUNTS, "check_mode": True, "diff": True},
    "work-accounts-made-run": {**WORK_ACCOUNTS, "diff": True},
    "work-accounts-made-again": WORK_ACCOUNTS,
    "names-dry": {**SIGN_IN_NAMES, "check_mode": True, "diff": True},
    "names-run": {**SIGN_IN_NAMES, "diff": True},
    "names-again": SIGN_IN_NAMES,
    "names-exchanged-back": {
        **SIGN_IN_NAMES,
        "with": {"mapping": "FOLDER/names-before.json"},
    },
    "names-of-nobody-in-particular": {
        "module": "entra_user_upn",
        "arguments": {"source": "primary_address"},
    },
    "names-of-another-domain": {
        "module": "entra_user_upn",
        "arguments": {
            "source": "suffix_map",
            "suffix_map": {"contoso.onmicrosoft.com": "nobody.example"},
            "user_principal_names": ["administrator@contoso.onmicrosoft.com"],
        },
    },
    "names-that-go-round": {
        "module": "entra_user_upn",
        "arguments": {
            "source": "suffix_map",
            "suffix_map": {"a.example": "b.example", "b.example": "a.example"},
        },
    },
    "work-accounts-gone-dry": {**WORK_ACCOUNTS, "with": {"state": "absent"}, "check_mode": True},
    "work-accounts-gone-run": {**WORK_ACCOUNTS, "with": {"state": "absent"}},
    "work-accounts-that-are-deleted": WORK_ACCOUNTS,
    "work-accounts-of-no-domain": {
        **WORK_ACCOUNTS,
        "with": {"users": [{"user_principal_name": "kim@nobody.example"}]},
    },
    "work-accounts-with-a-weak-password": {
        **WORK_ACCOUNTS,
        "with": {
            "users": [
                {"user_principal_name": "weak@contoso.onmicrosoft.com", "password": "weak-of-doors"}
            ]
        },
    },
    "work-accounts-with-no-place-for-passwords": {
        **WORK_ACCOUNTS,
        "with": {"passwords_file": "passwords.csv"},
    },
    "work-accounts-with-roles-without-permission": {
        **WORK_ACCOUNTS,
        "with": {
            "users": [
                {
                    "user_principal_name": "role@contoso.onmicrosoft.com",
                    "roles": ["User Administrator"],
                }
            ]
        },
    },
    "work-accounts-with-no-such-role": {
        **WORK_ACCOUNTS,
        "tenant": "fincher",
        "with": {
            "users": [
                {"user_principal_name": "role@fincher.onmicrosoft.com", "roles": ["Tea Maker"]}
            ]
        },
    },
    "notices-dry": {**NOTICES, "check_mode": True},
    "notices-run": NOTICES,
    "notices-once-more": NOTICES,
    "notices-for-nobody": {**NOTICES, "with": {"recipients": []}},
    "notices-to-no-address": {**NOTICES, "with": {"recipients": [{"address": "anna@"}]}},
    "notices-of-no-template": {**NOTICES, "with": {"notice": "farewell"}},
    "work-accounts": {
        "module": "work_account_info",
        "arguments": {"read_csv": "FOLDER/people.csv", "domain": "contoso.onmicrosoft.com"},
    },
    "work-accounts-of-no-list": {
        "module": "work_account_info",
        "arguments": {"read_csv": "FOLDER/nobody.csv", "domain": "contoso.onmicrosoft.com"},
    },
    "notices-from-nobody": {"module": "notice_files", "arguments": {"folder": "FOLDER/notices"}},
    "renaming-in-check-mode": {**RENAME, "check_mode": True, "diff": True},
    "renaming-of-nobody": {
        **FIX,
        "with": {"rename": {"source": "suffix_map", "suffix_map": {"nobody.test": "else.test"}}},
    },
    "renaming-without-a-map": {**FIX, "with": {"rename": {"source": "mapping"}}},
    "renaming-and-reviewing": {
        **FIX,
        "with": {"rename": {"source": "mail"}, "review_file": "FOLDER/review.csv"},
    },
    "change_rollback-dry": {
        "module": "change_rollback",
        "arguments": {"undo_run": "doors", "run": "undo"},
        "check_mode": True,
        "diff": True,
    },
    "change_rollback-run": {
        "module": "change_rollback",
        "arguments": {"undo_run": "doors", "run": "undo"},
    },
    "change_rollback-unknown-run": {
        "module": "change_rollback",
        "arguments": {"undo_run": "nobody"},
    },
    "change_rollback-neither": {"module": "change_rollback", "arguments": {}},
    "judge": JUDGE,
    "judge-in-check-mode": {**JUDGE, "check_mode": True, "diff": True},
    "judge-nobody": {**JUDGE, "with": {"filter": "(cn=nobody)"}},
    "judge-nowhere": {**JUDGE, "with": {"search_bases": ["OU=Nowhere,DC=corp,DC=example,DC=test"]}},
    "judge-by-a-broken-filter": {**JUDGE, "with": {"filter": "(cn=nobody"}},
    "judge-by-no-rule-of-ours": {**JUDGE, "with": {"severities": {"mail.colour": "blocking"}}},
    "judge-with-no-password": {**JUDGE, "with": {"ad_password": "wrong-password-of-doors"}},
    "fix-too-many": {**FIX, "with": {"max_changes": "0"}},
    "fix-no-rule-of-ours": {**FIX, "with": {"fix_rules": ["mail.colour"]}},
    "fix-without-the-file": {**FIX, "with": {"review_file": "/nonexistent/review.csv"}},
    "set-and-add": {
        "module": "ad_upn_suffix",
        "arguments": {"suffixes": {"add": ["a.example"], "set": ["b.example"]}},
    },
    "bad-suffix": {"module": "ad_upn_suffix", "arguments": {"suffixes": {"add": ["bad suffix!"]}}},
    "suffix-in-use": {
        "module": "ad_upn_suffix",
        "arguments": {"suffixes": {"remove": ["legacy.example.test"]}},
    },
    "wrong-password": {**SUFFIX, "with": {"ad_password": "wrong-password-of-doors"}},
    "no-directory": {**SUFFIX, "with": {"ad_servers": ["127.0.0.1:1"]}},
    "unknown-option": {"module": "dns_txt", "arguments": {"name": "x.test", "colour": "red"}},
    "wrong-type": {"module": "dns_txt", "arguments": {"name": "contoso.test", "ttl": "long"}},
    "no-values": {"module": "dns_txt", "arguments": {"name": "contoso.test"}},
    "refused-zone": {"module": "dns_txt", "arguments": {"name": "refused.test", "values": ["x"]}},
    "broken-zone": {"module": "dns_txt", "arguments": {"name": "broken.test", "values": ["x"]}},
    "wrong-key": {**TXT, "with": {"dns_key_secret": "d3Jvbmcta2V5LW9mLWRvb3Jz"}},
    "wrong-choice": {"module": "entra_email_otp", "arguments": {"guests": "sometimes"}},
    "wrong-secret": {**OTP, "with": {"entra_client_secret": "wrong-secret-of-doors"}},
    "no-order": {"module": "entra_redemption_order", "arguments": {}},
    "order-of-the-same": {
        "module": "entra_redemption_order",
        "arguments": {"primary": ["azureActiveDirectory", "azureActiveDirectory"]},
    },
    # The passcode is off again after the rollback.
    "order-without-a-passcode": ORDER,
    "order-without-a-passcode-in-check-mode": {**ORDER, "check_mode": True},
    "defaults-off": {"module": "entra_security_defaults", "arguments": {"enabled": False}},
    "no-secret": {**OTP, "with": {"entra_client_secret": ""}},
    "look": {
        "module": "dns_txt_info",
        "arguments": {"name": "contoso.test", "values": ["doors=1"]},
    },
    "look-at-no-zone": {"module": "dns_txt_info", "arguments": {"name": "refused.test"}},
    "look-in-vain": {
        "module": "dns_txt_info",
        "arguments": {"name": "contoso.test", "values": ["nobodys=1"], "wait": 0.1},
    },
    "look-for-something-odd": {
        "module": "dns_txt_info",
        "arguments": {"name": "contoso.test", "resolvers": ["a b"], "wait": -1},
    },
    "not-known-in-a-run": {**TXT, "with": {"values": ["(known after apply)"]}},
    "alignment-without-sync": ALIGNMENT,
    "alignment-without-sync-in-check-mode": {**ALIGNMENT, "check_mode": True},
    "alignment-in-empty-batches": {**ALIGNMENT, "with": {"batch_size": 0}},
    "alignment-by-no-map": {**ALIGNMENT, "with": {"source": "suffix_map"}},
    "alignment-in-check-mode": {
        "module": "upn_alignment",
        "tenant": "munson",
        "arguments": {
            **MUNSON,
            "source": "primary_address",
            "upn_suffixes": ["munson.test"],
            "known_domains": ["test"],
        },
        "check_mode": True,
        "diff": True,
    },
    "alignment-of-nobody": {**ALIGNMENT, "with": {"filter": "(cn=nobody)"}},
    "sync": {"module": "entra_sync_info", "arguments": {}},
    "sync-of-a-directory": {
        "module": "entra_sync_info",
        "tenant": "munson",
        "arguments": {"synced_after": "2026-01-01T00:00:00Z"},
    },
    "sync-of-nobody": {"module": "entra_sync_info", "arguments": {"users": [{}]}},
    "sync-at-no-time": {"module": "entra_sync_info", "arguments": {"synced_after": "soon"}},
    "sync-in-vain": {
        "module": "entra_sync_info",
        "arguments": {"users": [{"user_principal_name": "nobody@contoso.test"}], "wait": 0.1},
    },
    "no-wait-in-check-mode": {
        **TXT,
        "with": {"values": ["waiting=1"], "wait": 60},
        "check_mode": True,
    },
    "too-many": {**OTP, "arguments": {"guests": "enabled"}, "with": {"max_changes": "0"}},
    "not-a-limit": {**OTP, "with": {"max_changes": "some"}},
    "guests-of-one-domain": {
        "module": "entra_guest_info",
        "arguments": {"domains": ["Adatum.Test."], "rows_limit": 5},
    },
    "redemption-of-nobody-in-particular": {
        "module": "entra_guest_redemption",
        "arguments": {},
    },
    "redemption-of-one-who-is-not-there": {
        "module": "entra_guest_redemption",
        "arguments": {"addresses": ["nobody@adatum.test"]},
    },
    "redemption-with-no-place-for-links": {
        "module": "entra_guest_redemption",
        "arguments": {"methods": ["google"], "links_file": "links.csv"},
    },
    "guests-by-no-method-of-ours": {
        "module": "entra_guest_info",
        "arguments": {"methods": ["carrier_pigeon"]},
    },
    "accounts-of-both-systems": {
        "module": "account_comparison_info",
        "arguments": {
            "search_bases": ["OU=Contoso,DC=corp,DC=example,DC=test"],
            "write_csv": "FOLDER/accounts.csv",
            "rows_limit": 5,
        },
    },
    "accounts-that-are-synchronised": {
        "module": "account_comparison_info",
        "tenant": "munson",
        "arguments": {**MUNSON, "rows_limit": 100},
    },
    "accounts-of-no-filter": {
        "module": "account_comparison_info",
        "arguments": {"filter": "(department=Sales"},
        "check_mode": True,
    },
    "users": {
        "module": "entra_user_info",
        "arguments": {"creation_type": "EmailVerified", "domains": ["Contoso.Test."]},
    },
    "users-by-everything": {
        "module": "entra_user_info",
        "arguments": {"user_types": ["Guest"], "account_enabled": True, "rows_limit": 3},
    },
    "user-who-is-not-there": {
        "module": "entra_user_info",
        "arguments": {"user_principal_names": ["nobody@contoso.onmicrosoft.com"]},
    },
    "licenses-without-permission": {**LICENSES, "tenant": "contoso"},
    "licenses-of-no-product": {**LICENSES, "with": {"licenses": [{"sku": "NO_SUCH_PRODUCT"}]}},
    "licenses-of-too-few-seats": {**LICENSES, "with": {"departments": ["Site", "Office"]}},
    "licenses-through-a-group": {
        **LICENSES,
        "with": {
            "departments": ["Models"],
            "licenses": [{"sku": "EMS", "state": "absent"}],
        },
    },
    "licenses-of-nobody": {
        "module": "entra_license",
        "arguments": {"licenses": [{"sku": "ENTERPRISEPACK"}]},
    },
    "users-of-no-domain": {
        "module": "entra_user_info",
        "arguments": {"creation_type": "EmailVerified", "domains": ["*.test"]},
    },
    "domain-without-proof": {
        "module": "entra_domain",
        "arguments": {"name": "doors.contoso.example", "state": "verified"},
    },
    "domain-of-somebody-else": {
        "module": "entra_domain",
        "arguments": {"name": "proseware.test", "state": "verified"},
    },
    "domain-in-use": {
        "module": "entra_domain",
        "arguments": {"name": "contoso.onmicrosoft.com", "state": "absent"},
    },
    "domain-of-no-name": {"module": "entra_domain", "arguments": {"name": "doors"}},
    "domain-that-cannot-be-meant": {
        "module": "entra_domain",
        "arguments": {"name": "doors.contoso.example", "state": "absent", "make_default": True},
    },
    "tenant": {"module": "entra_tenant_info", "arguments": {}},
    "domains-of-the-tenant": {
        "module": "entra_domain_info",
        "arguments": {"details": ["verification", "service_records", "references"]},
    },
    "domains-that-are-not-there": {
        "module": "entra_domain_info",
        "arguments": {"names": ["nobody.example"]},
        "check_mode": True,
        "diff": True,
    },
    "open-gate": {"module": "entra_domain_gate", "arguments": {"name": "doors.example.test"}},
    "closed-gate": {"module": "entra_domain_gate", "arguments": {"name": "proseware.test"}},
    "nobody-comes": {
        "module": "entra_domain_gate",
        "arguments": {
            "name": "lucerne.test",
            "takeover": "internal",
            "internal_txt": "MS=ms12345678",
            "wait": 0.1,
        },
    },
    "realms": {
        "module": "entra_realm_info",
        "arguments": {"names": ["Litware.test.", "bücher.example", "ana.ruiz@litware.test"]},
    },
    "realms-in-check-mode": {
        "module": "entra_realm_info",
        "arguments": {"names": ["litware.test"], "personal_accounts": False},
        "check_mode": True,
    },
    "some-realms": {
        "module": "entra_realm_info",
        "arguments": {"names": ["proseware.test", "*.test", "treyresearch.test", "192.0.2.1"]},
    },
    "realms-at-no-pace": {
        "module": "entra_realm_info",
        "arguments": {"names": ["litware.test"], "requests_per_second": 0},
    },
    "domains": {
        "module": "domain_info",
        "arguments": {"names": ["Litware.test.", "ana.ruiz@litware.test", "adatum.test"]},
    },
    "some-domains": {
        "module": "domain_info",
        "arguments": {"names": ["litware.test", "*.test", "nobody.example"]},
        "check_mode": True,
    },
    "domains-of-no-list": {
        "module": "domain_info",
        "arguments": {"read_csv": "/nonexistent/list.csv"},
    },
    "no-domains": {"module": "domain_info", "arguments": {}},
    "no-locks": {"module": "fleet_locks", "arguments": {"folder": "FOLDER/locks"}},
    "a-lock-that-is-not-there": {
        "module": "fleet_locks",
        "arguments": {"folder": "FOLDER/locks", "break_lock": "contoso", "force": True},
        "check_mode": True,
    },
    "locks-of-a-relative-folder": {"module": "fleet_locks", "arguments": {"folder": "locks"}},
    "another-wave": {
        "module": "fleet_wave_gate",
        "arguments": {"tenants": ["a", "b", "c"], "going_on": ["a", "c"], "error_budget": "34%"},
    },
    "no-more-waves": {
        "module": "fleet_wave_gate",
        "arguments": {"tenants": ["a", "b", "c"], "going_on": ["a", "c"], "error_budget": "0"},
    },
    "no-plan-store": {
        "module": "fleet_plan_pin",
        "arguments": {"run": "monday", "course": "migrate", "store": "FOLDER/no-store"},
    },
    "no-plan-store-at-all": {
        "module": "fleet_plan_approve",
        "arguments": {"run": "monday", "approver": "anna"},
    },
    "plan-store-with-a-password": {
        "module": "fleet_plan_fetch",
        "arguments": {
            "run": "monday",
            "course": "migrate",
            "tenants": ["contoso"],
            "folder": "FOLDER/approved",
            "store": "https://anna:secret@plans.example/a",
        },
    },
    "nothing-to-compare": {
        "module": "fleet_plan_compare",
        "arguments": {
            "run": "monday",
            "course": "migrate",
            "tenants": ["contoso"],
            "approved": "/nonexistent/approved",
            "dry_run": "/nonexistent/check",
            "since": "2026-11-23T22:15:00+00:00",
            "store": "/nonexistent",
        },
    },
    "no-plan": {**OTP, "with": {"approved_plan": "/nonexistent/plan.json"}},
    "drift-begun": {
        "module": "fleet_drift",
        "arguments": {
            "state": "begun",
            "tenants": ["contoso"],
            "folder": "FOLDER/drift",
            "run": "night",
        },
    },
    "drift-without-plans": {
        "module": "fleet_drift",
        "arguments": {"tenants": ["contoso"], "plans": "FOLDER", "folder": "FOLDER/drift"},
    },
    "drift-of-nobody": {
        "module": "fleet_drift",
        "arguments": {"tenants": [], "plans": "FOLDER", "folder": "FOLDER/drift"},
    },
}


def _write_names(folder: Path) -> None:
    """Other names for one of the work accounts, and back again."""
    names = [f"{local}@contoso.onmicrosoft.com" for local in ("taro.doors", "taro.gates")]
    for name, (before, after) in {"names": names, "names-before": names[::-1]}.items():
        (folder / f"{name}.json").write_text(json.dumps({before: after}), encoding="utf-8")


def play(lab: Description, tmp_path: Path, door: str) -> list[dict[str, Any]]:
    """A play with one task for each case, which keeps all results in a file."""
    inventory = yaml.safe_load(Path(lab.data["inventory"]).read_text())
    (tmp_path / door).mkdir(mode=0o700)
    (tmp_path / door / "people.csv").write_text("address,old_account\na@b.test,no\nc@b.test,yes\n")
    _write_names(tmp_path / door)
    tasks: list[dict[str, Any]] = []
    for number, (name, case) in enumerate(CASES.items()):
        # Each door has a folder of its own to write to.
        case = json.loads(json.dumps(case).replace("FOLDER", str(tmp_path / door)))
        tenant = case.get("tenant", "contoso")
        defaults = _connections(inventory, tenant)
        # A journal of the same name stands in the messages.
        changes = {"journal": str(tmp_path / door), "tenant": tenant, "run": "doors"}
        arguments = {
            **{
                option: value
                for option, value in defaults.items()
                if option in _options(case["module"])
            },
            **({} if _changes_no_tenant(case["module"]) else changes),
            **case["arguments"],
            **case.get("with", {}),
        }
        tasks.append(
            {
                "name": name,
                f"tenantops.migration.{case['module']}": arguments,
                "register": f"result_{number}",
                "ignore_errors": True,
                "check_mode": case.get("check_mode", False),
                "diff": case.get("diff", False),
            }
        )
    # In one task for all, since each would take longer than most cases.
    registered = ", ".join(f"'{name}': result_{number}" for number, name in enumerate(CASES))
    tasks.append(
        {
            "name": "Keep the results",
            "ansible.builtin.copy": {
                "content": f"{{{{ {{{registered}}} | to_nice_json }}}}",
                "dest": f"{tmp_path}/{door}.json",
                "mode": "0600",
            },
            "diff": False,
            "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        }
    )
    return [{"hosts": "contoso", "gather_facts": False, "tasks": tasks}]


def _changes_no_tenant(module: str) -> bool:
    return module.endswith(("_info", "_gate", "_files")) or module.startswith("fleet_")


def _connections(inventory: dict[str, Any], tenant: str) -> dict[str, Any]:
    """The options that lead to a tenant's systems."""
    (variables,) = (
        group["hosts"][tenant] for group in inventory.values() if tenant in group.get("hosts", {})
    )
    return {
        name.removeprefix("tenant_"): value
        for name, value in variables.items()
        if name.startswith(("tenant_ad_", "tenant_dns_", "tenant_entra_"))
    }


def _options(module: str) -> Collection[str]:
    operation: Operation = importlib.import_module(f"{_PLUGINS}.modules.{module}").OPERATION
    return operation.arguments.options


@dataclass(frozen=True)
class Results:
    """What came through each door: the whole output, and the result of every case by its name."""

    output: dict[str, str]
    by_case: dict[tuple[str, str], dict[str, Any]]

    def __getitem__(self, door_and_case: tuple[str, str]) -> dict[str, Any]:
        return self.by_case[door_and_case]


@pytest.fixture(scope="module")
def results(lab: Description, tmp_path_factory: pytest.TempPathFactory) -> Results:
    """The result of every case through each door, from the same start."""
    folder = tmp_path_factory.mktemp("doors")
    output: dict[str, str] = {}
    by_case: dict[tuple[str, str], dict[str, Any]] = {}
    for door in DOORS:
        lifecycle.reset(lab.state, [])
        playbook = folder / f"{door}.yml"
        playbook.write_text(json.dumps(play(lab, folder, door)))
        finished = Operator(lab, folder).run(str(playbook), "-vvvv", door=door)
        assert finished.exit_code == 0, finished.output
        output[door] = finished.output
        text = (folder / f"{door}.json").read_text().replace(str(folder / door), "FOLDER")
        by_case |= {(door, name): result for name, result in json.loads(text).items()}
    return Results(output, by_case)


def test_every_module_has_cases() -> None:
    assert {case["module"] for case in CASES.values()} == set(MODULES)


def comparable(result: dict[str, Any]) -> Any:
    return json.loads(_PASSING.sub("*", json.dumps(result)))


@pytest.mark.parametrize("name", CASES)
def test_both_doors_give_the_same(results: Results, name: str) -> None:
    worker, module = results["worker", name], results["module", name]
    # Ansible adds these to what a module returns.
    for added in ("ansible_facts", "exception"):
        worker.pop(added, None)
        module.pop(added, None)
    assert comparable(worker) == comparable(module)


@pytest.mark.parametrize("name", [name for name in CASES if "-" in name and "dry" in name])
def test_the_dry_run_tells_what_the_run_does(results: Results, name: str) -> None:
    for door in DOORS:
        dry = results[door, name]
        real = results[door, name.replace("dry", "run")]
        assert dry["changed"] is real["changed"] is True
        for told in TOLD:
            assert dry.get(told) == real.get(told), told


@pytest.mark.parametrize("name", [name for name in CASES if name.endswith("-again")])
def test_the_second_run_changes_nothing(results: Results, name: str) -> None:
    for door in DOORS:
        assert results[door, name]["changed"] is False
        assert results[door, name]["changes"] == []


def test_each_door_was_used(results: Results) -> None:
    """Only the module door starts an AnsiballZ payload for our modules."""
    for module in MODULES:
        assert f"AnsiballZ_{module}.py" not in results.output["worker"]
    assert "Using module file" in results.output["module"]
    for module in MODULES:
        assert f"plugins/modules/{module}.py" in results.output["module"]


def test_no_error_is_a_defect_or_a_traceback(results: Results) -> None:
    for door in DOORS:
        assert "Traceback" not in results.output[door]
        for name in CASES:
            assert results[door, name].get("error", {}).get("kind") != "defect", name


def test_no_wrong_secret_is_shown_either(results: Results) -> None:
    """What was given as a secret is masked even if it is none."""
    for door in DOORS:
        for name, case in CASES.items():
            text = json.dumps(results[door, name])
            for option, value in case.get("with", {}).items():
                if option.endswith(("password", "secret")) and value:
                    assert value not in text
                    assert value not in results.output[door]


@pytest.mark.parametrize(
    "playbook",
    [
        "migrate",
        "assess_directory",
        "prepare_directory",
        "assess_domains",
        "assess_guests",
        "guest_access",
        "assess_accounts",
        "align_accounts",
        "work_accounts",
    ],
)
def test_a_worker_imports_nothing_any_more(
    clean_lab: Description, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, playbook: str
) -> None:
    """All that the operations need is imported once, before the workers are forked."""
    monkeypatch.setenv("PYTHONPATH", f"{_import_log(tmp_path)}:{os.environ.get('PYTHONPATH', '')}")
    monkeypatch.setenv("TENANTOPS_TEST_IMPORT_LOG", str(tmp_path / "imported"))
    folders = {
        "assess_directory": "tenantops_reviews",
        "assess_domains": "tenantops_assessments",
        "assess_guests": "tenantops_assessments",
        "assess_accounts": "tenantops_assessments",
        "work_accounts": "tenantops_passwords",
    }
    hosts = {"assess_accounts": "munson", "align_accounts": "lamna", "work_accounts": "fincher"}
    variables = {folders[playbook]: str(tmp_path)} if playbook in folders else {}
    if playbook in hosts:
        variables["tenantops_hosts"] = hosts[playbook]
    # What is changed in the directory is waited for.
    Truth(clean_lab).cloud("PUT", "/sync/lamna", {"every": 1})
    finished = Operator(clean_lab, tmp_path).run(playbook, **variables)
    assert finished.exit_code == 0, finished.output
    log = tmp_path / "imported"
    assert log.exists(), finished.output
    # Ansible's own plugins for the templates of the play are no business of ours.
    ansible = ("ansible.", "ansible_collections.ansible.")
    late = {name for name in log.read_text().split() if not name.startswith(ansible)}
    assert late == set()


def _import_log(tmp_path: Path) -> Path:
    """A sitecustomize that notes what a forked worker imports while our action plugin runs."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import os, sys\n"
        "def after_fork():\n"
        "    import atexit\n"
        "    known = set(sys.modules)\n"
        "    exit_now = os._exit\n"
        "    def note(code):\n"
        "        late = sorted(set(sys.modules) - known)\n"
        "        with open(os.environ['TENANTOPS_TEST_IMPORT_LOG'], 'a') as log:\n"
        "            log.write(' '.join(late) + ' ')\n"
        "        exit_now(code)\n"
        "    os._exit = note\n"
        "os.register_at_fork(after_in_child=after_fork)\n"
    )
    return folder
