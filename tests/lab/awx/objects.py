# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the controller keeps: making, changing, linking and finding objects, and their rules."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from .checks import CHECKS, Object
from .credential_types import HIDDEN, secret_fields
from .kinds import KINDS, READ_ONLY, UNIFIED, Kind

# Settings of notifications that are kept as secrets
_SECRET_SETTINGS = ("password", "token")


class Refused(Exception):
    """A request that the controller answers with 400; `problems` are by field."""

    def __init__(self, problems: Mapping[str, Any]) -> None:
        super().__init__(str(problems))
        self.problems = dict(problems)


class NotFound(Exception):
    """What the controller answers with 404."""


class Objects:
    """All objects of a controller, by kind and number; numbers are its own for all kinds.

    `repositories` are the playbooks of each repository, by its address.
    """

    def __init__(self, repositories: Mapping[str, Iterable[str]]) -> None:
        self.repositories = {url: frozenset(names) for url, names in repositories.items()}
        self._kept: dict[str, dict[int, Object]] = {kind: {} for kind in KINDS}
        self._links: dict[tuple[str, int, str], list[int]] = {}
        self._surveys: dict[int, dict[str, Any]] = {}
        self._numbers = itertools.count(10)

    # Finding

    def all(self, kind: str) -> list[Object]:
        """The objects of a kind, oldest first."""
        return list(self._kept[kind].values())

    def object(self, kind: str, number: int) -> Object:
        """An object. Raises `NotFound`."""
        try:
            return self._kept[kind][number]
        except KeyError:
            raise NotFound from None

    def named(self, kind: str, name: str) -> Object:
        """The one object with a name, for tests."""
        (found,) = (each for each in self.all(kind) if each["name"] == name)
        return found

    def by_named_url(self, kind: str, text: str) -> Object:
        """An object by its name and that of its organization, as in name++organization."""
        name, _plus, owner = text.partition("++")
        for each in self.all(kind):
            organization = each.get("organization")
            owned_by = self.object("organizations", organization)["name"] if organization else ""
            if (each["name"], owned_by) == (name, owner):
                return each
        raise NotFound

    def unified(self, number: int) -> Object:
        """A template, project or source by its number."""
        for kind in (*UNIFIED, "workflow_approval_templates"):
            if number in self._kept[kind]:
                return self._kept[kind][number]
        raise NotFound

    def all_unified(self) -> list[Object]:
        """Whatever a node or a schedule can run."""
        return [each for kind in UNIFIED for each in self.all(kind)]

    def links(self, kind: str, number: int, link: str) -> list[Object]:
        """The objects on one list of an object, in their order."""
        self.object(kind, number)
        other = KINDS[kind].links[link]
        return [self.object(other, each) for each in self._links.get((kind, number, link), [])]

    def survey(self, number: int) -> Mapping[str, Any]:
        """The survey of a template; empty without one."""
        return self._surveys.get(number, {})

    def playbooks(self, project: Object) -> frozenset[str]:
        """What the last update of a project found in its repository.

        Nothing yet in a new project: its first update begins a moment after it is made.
        """
        if not project["scm_revision"]:
            return frozenset()
        return self.repositories.get(project["scm_url"], frozenset())

    # Writing

    def make(self, kind: str, given: Mapping[str, Any]) -> Object:
        """Make an object. Raises `Refused`."""
        rules = KINDS[kind]
        missing = [name for name in rules.required if given.get(name) in (None, "")]
        if missing:
            raise Refused({name: ["This field is required."] for name in missing})
        item = {**copy.deepcopy(dict(rules.fields)), "type": rules.type}
        item |= self._taken(kind, given)
        self._check(kind, item)
        return self._keep(kind, item)

    def change(self, kind: str, number: int, given: Mapping[str, Any]) -> Object:
        """Change fields of an object. Raises `Refused`."""
        item = self.object(kind, number)
        changed = item | self._taken(kind, given)
        if kind == "credentials":
            changed["inputs"] = self._with_kept_secrets(item, changed["inputs"])
        in_use = any(each["credential_type"] == number for each in self.all("credentials"))
        if kind == "credential_types" and in_use and changed["inputs"] != item["inputs"]:
            raise Refused({"inputs": ["Modifications are not allowed for types that are in use"]})
        self._check(kind, changed)
        item.update(changed)
        return item

    def remove(self, kind: str, number: int) -> None:
        """Remove an object."""
        self.object(kind, number)
        del self._kept[kind][number]

    def link(self, kind: str, number: int, link: str, other: int, *, remove: bool) -> None:
        """Put an object on a list of another, or take it off. Raises `Refused`."""
        linked = [each["id"] for each in self.links(kind, number, link)]
        added = self.object(KINDS[kind].links[link], other)
        if remove:
            linked = [each for each in linked if each != other]
        elif other not in linked:
            if link == "credentials":
                self._refuse_second_of_type(kind, number, added)
            linked.append(other)
        self._links[kind, number, link] = linked

    def update_project(self, number: int) -> None:
        """Look into the repository of a project."""
        self.object("projects", number)["scm_revision"] = "1" * 40

    def set_survey(self, number: int, survey: dict[str, Any]) -> None:
        """Replace the survey of a template."""
        self._surveys[number] = survey

    def secret(self, credential: str) -> Mapping[str, str]:
        """What a credential really holds, for tests."""
        inputs: Mapping[str, str] = self.named("credentials", credential)["inputs"]
        return inputs

    # As a client sees it

    def shown(self, kind: str, item: Object) -> Object:
        """An object as the API tells it: secrets hidden, with its address and those beside it."""
        told = copy.deepcopy(item)
        number = told["id"]
        url = f"/api/v2/{kind}/{number}/"
        related = {link: f"{url}{link}/" for link in KINDS[kind].links}
        if KINDS[kind].has_survey:
            related["survey_spec"] = f"{url}survey_spec/"
            related["launch"] = f"{url}launch/"
        summary: dict[str, Any] = {}
        if kind == "credentials":
            hidden = secret_fields(
                self.object("credential_types", told["credential_type"])["inputs"]
            )
            told["inputs"] |= dict.fromkeys(told["inputs"].keys() & hidden, HIDDEN)
        elif kind == "notification_templates":
            settings = told["notification_configuration"]
            settings |= {name: HIDDEN for name in _SECRET_SETTINGS if settings.get(name)}
        elif kind == "projects":
            related["update"] = f"{url}update/"
        elif kind == "workflow_job_template_nodes":
            related["create_approval_template"] = f"{url}create_approval_template/"
            if told["unified_job_template"] is not None:
                related["unified_job_template"] = self._address(told["unified_job_template"])
        elif kind == "workflow_job_templates":
            summary["object_roles"] = {"approval_role": self._role(number)}
        return told | {"url": url, "related": related, "summary_fields": summary}

    # Rules

    def _taken(self, kind: str, given: Mapping[str, Any]) -> Object:
        """What is written of what was given."""
        rules = KINDS[kind]
        # Of a job template it is that of its project, whatever the client says.
        ignored = READ_ONLY | ({"organization"} if kind == "job_templates" else set[str]())
        unknown = given.keys() - rules.fields.keys() - ignored
        if unknown:
            raise Refused({name: ["Unknown field"] for name in sorted(unknown)})
        taken = {name: value for name, value in given.items() if name not in ignored}
        self._check_references(rules, taken)
        if kind == "job_templates" and "project" in taken:
            taken["organization"] = self.object("projects", taken["project"])["organization"]
        if kind == "inventory_sources" and "inventory" in taken:
            inventory = self.object("inventories", taken["inventory"])
            taken["organization"] = inventory["organization"]
        return copy.deepcopy(taken)

    def _check_references(self, rules: Kind, taken: Mapping[str, Any]) -> None:
        for name, kind in rules.refers.items():
            number = taken.get(name)
            if number is None:
                continue
            try:
                if kind == "unified_job_templates":
                    self.unified(number)
                else:
                    self.object(kind, number)
            except NotFound:
                problem = f'Invalid pk "{number}" - object does not exist.'
                raise Refused({name: [problem]}) from None

    def _check(self, kind: str, item: Object) -> None:
        unique = KINDS[kind].unique
        for other in self.all(kind) if unique else ():
            same = all(other.get(name) == item.get(name) for name in unique)
            if same and other["id"] != item.get("id"):
                names = ", ".join(unique)
                raise Refused({"__all__": [f"{kind} with this ({names}) already exists."]})
        problems: dict[str, list[str]] = {}
        for name, problem in CHECKS[kind](self, item) if kind in CHECKS else ():
            problems.setdefault(name, []).append(problem)
        if problems:
            raise Refused(problems)

    def _keep(self, kind: str, item: Object) -> Object:
        item["id"] = next(self._numbers)
        if kind == "credential_types":
            item["managed"] = False
        elif kind == "projects":
            item["scm_revision"] = ""
        self._kept[kind][item["id"]] = item
        return item

    def _with_kept_secrets(self, item: Object, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """What is sent as hidden stays as it was."""
        return {
            name: item["inputs"].get(name, "") if value == HIDDEN else value
            for name, value in inputs.items()
        }

    def _refuse_second_of_type(self, kind: str, number: int, added: Object) -> None:
        for other in self.links(kind, number, "credentials"):
            if other["credential_type"] == added["credential_type"]:
                name = self.object("credential_types", added["credential_type"])["name"]
                raise Refused({"error": f"Cannot assign multiple {name} credentials."})

    def _address(self, number: int) -> str:
        kind_of = {KINDS[kind].type: kind for kind in (*UNIFIED, "workflow_approval_templates")}
        return f"/api/v2/{kind_of[self.unified(number)['type']]}/{number}/"

    def _role(self, workflow: int) -> dict[str, Any]:
        """The role of those who may approve in a workflow."""
        name = f"approval of {workflow}"
        found = [role for role in self.all("roles") if role["name"] == name]
        role = found[0] if found else self._keep("roles", {"name": name, "type": "role"})
        return {"id": role["id"], "name": "Approve"}
