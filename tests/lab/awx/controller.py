# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in of AWX for tests: what its API answers to the modules of awx.awx.

It is stricter than AWX where AWX would ignore something: unknown fields and filters are refused.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from ..hosting.server import Company, Misused, Reply, Request
from .checks import Object
from .kinds import KINDS
from .objects import NotFound, Objects, Refused
from .surveys import problems_of_survey
from .workflows import Run, Workflows

USER, PASSWORD = "admin", "opensesame"

_ROOT = "/api/v2/"
_VERSION = {"X_API_Product_Name": "AWX", "X_API_Product_Version": "24.6.1"}


class Controller(Company):
    """AWX with nothing in it but a user, a team and an instance group.

    `page_size` is small, so that lists have several pages. `writes_of` tells what changed it.
    """

    def __init__(self, repositories: Mapping[str, Iterable[str]], *, page_size: int = 4) -> None:
        super().__init__()
        self.objects = Objects(repositories)
        self.workflows = Workflows(self.objects)
        self._page_size = page_size
        self._tokens: dict[int, str] = {}
        self.objects.make("instance_groups", {"name": "default"})
        owner = self.objects.make("organizations", {"name": "Default"})
        self.objects.make("teams", {"name": "Reviewers", "organization": owner["id"]})

    @property
    def token(self) -> Mapping[str, str]:
        """What signs in without a further request."""
        self._tokens[0] = "token-of-an-administrator"
        return {"CONTROLLER_OAUTH_TOKEN": self._tokens[0]}

    @property
    def password(self) -> Mapping[str, str]:
        """What gets a token for each task, and gives it back."""
        return {"CONTROLLER_USERNAME": USER, "CONTROLLER_PASSWORD": PASSWORD}

    @property
    def changes(self) -> list[str]:
        """The requests that changed something, as METHOD PATH; signing in is none."""
        return [f"{each.method} {each.path}" for each in self.writes]

    def answer(self, request: Request) -> Reply:
        if not request.path.startswith(_ROOT) or not request.path.endswith("/"):
            raise Misused(request.path)
        words = request.path.removeprefix(_ROOT).strip("/").split("/")
        if words[0] == "tokens":
            return self._token(request, words[1:])
        if request.headers.get("authorization", "") not in {
            f"Bearer {token}" for token in self._tokens.values()
        }:
            return _told(401, {"detail": "Authentication credentials were not provided."})
        try:
            return self._dispatch(request, words)
        except NotFound:
            return _told(404, {"detail": "Not found."})
        except Refused as error:
            return _told(400, error.problems)

    def _token(self, request: Request, words: list[str]) -> Reply:
        allowed = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {allowed}":
            return _told(401, {"detail": "Invalid username/password."})
        if request.method == "POST":
            number = len(self._tokens) + 1
            self._tokens[number] = secrets.token_hex(8)
            return _told(201, {"id": number, "token": self._tokens[number]})
        del self._tokens[int(words[0])]
        return Reply(204)

    def _dispatch(self, request: Request, words: list[str]) -> Reply:
        match request.method, words:
            case "GET", ["unified_job_templates"]:
                shown = [self._shown_unified(each) for each in self.objects.all_unified()]
                return self._page(request, shown)
            case "GET" | "POST", [("workflow_jobs" | "workflow_approvals"), *_rest]:
                return self._runs(request, words)
            case "GET", ["project_updates", number]:
                return _told(200, self._project_update(int(number)))
            case _, [kind] if kind in KINDS:
                return self._kind(request, kind)
            case _, [kind, name] if kind in KINDS:
                return self._one(request, kind, self._find(kind, name))
            case _, [kind, number, part] if kind in KINDS:
                return self._part(request, kind, int(number), part)
        raise Misused(request.path)

    # Objects

    def _find(self, kind: str, name: str) -> Object:
        if name.isdigit():
            return self.objects.object(kind, int(name))
        return self.objects.by_named_url(kind, name)

    def _kind(self, request: Request, kind: str) -> Reply:
        if kind == "workflow_approval_templates":
            raise Misused("there is no list of them")
        if request.method == "POST":
            made = self.objects.make(kind, request.json)
            return _told(201, self.objects.shown(kind, made))
        if request.method != "GET":
            return _told(405, {"detail": "Method not allowed."})
        return self._page(
            request, [self.objects.shown(kind, each) for each in self.objects.all(kind)]
        )

    def _one(self, request: Request, kind: str, item: Object) -> Reply:
        if request.method == "GET":
            return _told(200, self.objects.shown(kind, item))
        if request.method == "PATCH":
            changed = self.objects.change(kind, item["id"], request.json)
            return _told(200, self.objects.shown(kind, changed))
        if request.method == "DELETE":
            self.objects.remove(kind, item["id"])
            return Reply(204)
        return _told(405, {"detail": "Method not allowed."})

    def _part(self, request: Request, kind: str, number: int, part: str) -> Reply:
        self.objects.object(kind, number)
        if part in KINDS[kind].links:
            return self._links(request, kind, number, part)
        if part == "survey_spec" and KINDS[kind].has_survey:
            return self._survey(request, number)
        if (kind, part) == ("workflow_job_template_nodes", "create_approval_template"):
            return self._approval_template(request, number)
        if (kind, part) == ("workflow_job_templates", "launch") and request.method == "POST":
            given = request.json.get("extra_vars", {})
            return _told(201, _shown_run(self.workflows.launch(number, given)))
        if (kind, part) == ("projects", "update") and request.method == "POST":
            return _told(202, self._project_update(number) | {"status": "pending"})
        raise NotFound

    def _links(self, request: Request, kind: str, number: int, link: str) -> Reply:
        other = KINDS[kind].links[link]
        if request.method == "GET":
            linked = self.objects.links(kind, number, link)
            return self._page(request, [self.objects.shown(other, each) for each in linked])
        remove = bool(request.json.get("disassociate"))
        self.objects.link(kind, number, link, request.json["id"], remove=remove)
        return Reply(204)

    def _survey(self, request: Request, number: int) -> Reply:
        if request.method == "GET":
            return _told(200, self.objects.survey(number))
        if request.method == "DELETE":
            self.objects.set_survey(number, {})
            return _told(200, {})
        problems = list(problems_of_survey(request.json))
        if problems:
            return _told(400, {"error": problems[0]})
        self.objects.set_survey(number, request.json)
        return _told(200, {})

    def _approval_template(self, request: Request, number: int) -> Reply:
        if request.method != "POST":
            return _told(405, {"detail": "Method not allowed."})
        made = self.objects.make("workflow_approval_templates", request.json)
        node = {"unified_job_template": made["id"]}
        self.objects.change("workflow_job_template_nodes", number, node)
        return _told(201, self.objects.shown("workflow_approval_templates", made))

    def _project_update(self, project: int) -> dict[str, Any]:
        """An update of a project, which is done as soon as it is asked for."""
        self.objects.update_project(project)
        return {
            "id": project,
            "url": f"{_ROOT}project_updates/{project}/",
            "status": "successful",
            "failed": False,
            "finished": "2026-01-01T00:00:00Z",
            "scm_revision": self.objects.object("projects", project)["scm_revision"],
        }

    def _shown_unified(self, item: Object) -> Object:
        kinds = {KINDS[kind].type: kind for kind in KINDS}
        return self.objects.shown(kinds[item["type"]], item)

    # Runs

    def _runs(self, request: Request, words: list[str]) -> Reply:
        match request.method, words:
            case "GET", ["workflow_jobs", number]:
                return _told(200, _shown_run(self.workflows.run(int(number))))
            case "GET", ["workflow_jobs", number, "workflow_nodes"]:
                nodes = [
                    {
                        "id": job.number,
                        "job__name": job.template["name"],
                        "related": {"job": f"{_ROOT}workflow_approvals/{job.number}/"},
                    }
                    for job in self.workflows.run(int(number)).jobs.values()
                ]
                return self._page(request, nodes)
            case "POST", ["workflow_approvals", number, ("approve" | "deny") as decision]:
                self.workflows.decide(int(number), approve=decision == "approve")
                return Reply(204)
        raise NotFound

    # Lists

    def _page(self, request: Request, items: list[Object]) -> Reply:
        query = dict(request.query)
        page = int(query.pop("page", 1))
        found = [item for item in items if _fits(item, query)]
        start = (page - 1) * self._page_size
        more = start + self._page_size < len(found)
        following = "&".join(
            f"{name}={value}" for name, value in {**query, "page": str(page + 1)}.items()
        )
        return _told(
            200,
            {
                "count": len(found),
                "next": f"{request.path}?{following}" if more else None,
                "previous": None,
                "results": found[start : start + self._page_size],
            },
        )


def _fits(item: Object, query: Mapping[str, str]) -> bool:
    """Whether an object is what was asked for: by all filters, and by one of those with or."""
    either = []
    for name, value in query.items():
        field = name.removeprefix("or__")
        if field not in item:
            raise Refused({"detail": f"{item.get('type')} has no field named '{field}'"})
        fits = str(item[field]) == value
        if name.startswith("or__"):
            either.append(fits)
        elif not fits:
            return False
    return not either or any(either)


def _shown_run(run: Run) -> dict[str, Any]:
    is_done = run.status != "running"
    return {
        "id": run.number,
        "type": "workflow_job",
        "url": f"{_ROOT}workflow_jobs/{run.number}/",
        "status": run.status,
        "failed": run.status == "failed",
        "finished": "2026-01-01T00:00:00Z" if is_done else None,
        "extra_vars": run.variables,
    }


def _told(status: int, body: Any) -> Reply:
    return Reply.of_json(status, body, **_VERSION)
