# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

from ..module_utils._attribute_rules.documentation import described_rules

# A string of JSON is one of YAML.
_RULES = "\n".join(f"      - {json.dumps(line)}" for line in described_rules())


class ModuleDocFragment:
    """The options of judging a directory: which objects, by which rules. The list of the rules is
    made from their catalogue."""

    # With its type, since ansible-test parses what has none as a plain string.
    DOCUMENTATION: str = r"""
options:
  search_bases:
    description:
      - The subtrees of the server's domain whose objects are looked at, as distinguished names. The
        default is the whole domain.
      - Duplicates are looked for in the whole forest all the same, see O(forest_search).
    type: list
    elements: str
  exclude:
    description:
      - Subtrees that are left out, as distinguished names.
      - Addresses that their objects hold still count as taken.
    type: list
    elements: str
    default: []
  filter:
    description:
      - An LDAP filter (RFC 4515) that an object must match as well to be looked at, for example
        V((!(extensionAttribute1=NoSync\)\)).
      - Addresses that other objects hold still count as taken.
    type: str
  classes:
    description:
      - The classes of objects that are looked at. C(inetOrgPerson) counts as V(user).
    type: list
    elements: str
    choices:
      - user
      - group
      - contact
    default:
      - user
      - group
      - contact
  forest_search:
    description:
      - Where duplicates are looked for. The result says what was searched, in
        RV(tenantops.migration.ad_attributes_info#module:summary.searched).
    type: str
    choices:
      auto: The other domains of the forest are read from its global catalog, unless that lacks an
        attribute that must be unique; then each from a domain controller of its own.
      global_catalog: The other domains are read from the global catalog, port 3269 with
        O(ad_encryption=ldaps) and else 3268, whatever it lacks.
      domains: Each other domain is read from its own domain controllers, whose names the forest
        tells.
      connected_domain: Only the domain of the server is read. Duplicates in other domains are not
        seen.
    default: auto
  profile:
    description:
      - Whose rules are followed where the sources differ.
    type: str
    choices:
      microsoft_2023: Microsoft's page on preparing for directory synchronization, in its edition of
        2023. An apostrophe is allowed in a user principal name, no letter with a diacritic is.
      office365_2016: The same page in its older edition, for Office 365.
      idfix: Microsoft's tool IdFix 2.6, with its limits.
    default: microsoft_2023
  severities:
    description:
      - Other severities than the catalogue's, as V(blocking), V(warning), V(advice) or V(off) by
        the id of the rule. A rule that is V(off) is not judged.
      - V(blocking) means that sync fails or alters the value, V(warning) that it works otherwise
        than people expect, V(advice) that it works and could be better.
      - The rules, each with its severity and the objects that it is about, are
@RULES@
    type: dict
    default: {}
  verified_domains:
    description:
      - The domains that are verified in the tenant. A sign-in name in another domain becomes one in
        C(onmicrosoft.com).
      - If not set, this is not judged.
    type: list
    elements: str
  upn_suffixes:
    description:
      - UPN suffixes that the forest does not have yet and will have before anybody is changed,
        since the same run adds them. Those that it has are read from it.
    type: list
    elements: str
    default: []
  known_domains:
    description:
      - Domains that are accepted whatever the list of top-level domains says, with all below them,
        for example V(corp.test).
    type: list
    elements: str
    default: []
  licensed:
    description:
      - The users who are to be licensed, so that they need a valid and unique address and sign-in
        name.
    type: str
    choices:
      all: All users.
      enabled: Users whose account is not disabled.
      none: No users. What only licensed users need is not judged.
    default: enabled
  most_proxy_addresses:
    description:
      - How many proxy addresses an object may have.
    type: int
    default: 300
  transliteration_language:
    description:
      - How letters that are not ASCII are written where they are not allowed. Letters are never
        left out. Where there is no way to write one, a person must decide.
    type: str
    choices:
      none: In no language's own way, V(é) as V(e) and V(ü) as V(u).
      danish: The Danish way, V(æ) as V(ae), V(ø) as V(oe), V(å) as V(aa).
      finnish: The Finnish way, V(ä) as V(a), V(ö) as V(o), V(å) as V(a).
      german: The German way, V(ä) as V(ae), V(ö) as V(oe), V(ü) as V(ue), V(ß) as V(ss).
      japanese: Kana in Hepburn's way. Kanji are read in many ways, so a person must decide.
      norwegian: The Norwegian way, V(æ) as V(a), V(ø) as V(o), V(å) as V(a).
      swedish: The Swedish way, V(å) as V(a), V(ä) as V(a), V(ö) as V(o).
    default: none
  transliteration_characters:
    description:
      - How certain characters, or names, are written whatever the language says, for example V(aa)
        for V(å) and V(yamada) for V(山田). The longest that fits counts; what is given in small
        letters is good for capitals too.
    type: dict
    default: {}
  findings_limit:
    description:
      - How many findings the result lists at most, the gravest first. The figures in
        RV(tenantops.migration.ad_attributes_info#module:summary) are about all of them.
    type: int
    default: 100
""".replace("@RULES@", _RULES)
