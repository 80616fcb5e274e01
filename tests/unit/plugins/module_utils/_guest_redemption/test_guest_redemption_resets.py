# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resets with a Graph of our own, which keeps count of what is done to whom."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.control import (
    ChangeControl,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.converge import (
    ConvergedMany,
    converge_many,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.journal import (
    Journal,
    read_journal,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ChangedMeanwhile,
    ConnectionFailed,
    NotUnderstood,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph import waiting
from ansible_collections.tenantops.migration.plugins.module_utils._guest_redemption.links import (
    LinksFile,
)
from ansible_collections.tenantops.migration.plugins.module_utils._guest_redemption.model import (
    sort,
)
from ansible_collections.tenantops.migration.plugins.module_utils._guest_redemption.resets import (
    GuestRedemptions,
    Wishes,
)
from ansible_collections.tenantops.migration.plugins.module_utils._guests.links import sign_in_links
from ansible_collections.tenantops.migration.plugins.module_utils._guests.model import (
    Guest,
    SignInMethod,
)
from ansible_collections.tenantops.migration.plugins.module_utils._notices.messages import (
    InvitationMessages,
)

TENANT = "3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11"
BEFORE = "2024-02-11T09:12:44Z"
AFTER = "2026-11-23T07:15:00Z"


def guest(name: str, language: str | None = None) -> Guest:
    address = f"{name}@litware.example"
    return Guest(
        id=f"id-of-{name}",
        address=address,
        user_principal_name=f"{name}_litware.example#EXT#@contoso.onmicrosoft.com",
        display_name=name.capitalize(),
        domain="litware.example",
        state="Accepted",
        state_changed=BEFORE,
        method=SignInMethod.MICROSOFT_ACCOUNT,
        issuer="MicrosoftAccount",
        preferred_language=language,
        account_enabled=True,
        created=BEFORE,
    )


@dataclass
class Graph:
    """A tenant; `answer` may put another answer in the place of one to a reset."""

    answer: Callable[[str], dict[str, Any] | None] = lambda _identity: None
    lost_batches: dict[int, bool] = field(default_factory=dict)
    stale_looks: int = 0
    redeemed_since: frozenset[str] = frozenset()
    roles: dict[str, list[str]] = field(default_factory=dict)
    server: str = "https://graph.example"
    tenant: str = TENANT
    retry_time: float = 60.0
    resets: Counter[str] = field(default_factory=Counter)
    bodies: list[Any] = field(default_factory=list)
    batches: int = 0
    asked: list[str] = field(default_factory=list)

    @property
    def client(self) -> Any:
        return SimpleNamespace(request_adapter=self)

    async def call(self, _subject: str, request: Callable[[], Awaitable[Any]], **_how: Any) -> Any:
        return await request()

    async def send_primitive_async(self, information: Any, _kind: str, _errors: Any) -> bytes:
        path = unquote(information.url).removeprefix("https://graph.example/v1.0/")
        self.asked.append(path)
        return json.dumps(self._answer(path, information.content)).encode()

    def _answer(self, path: str, content: bytes | None) -> Any:
        if path == "$batch":
            return self._batch(json.loads(content or b"")["requests"])
        if path == "directoryRoles":
            return {"value": [{"id": name, "displayName": name} for name in self.roles]}
        if path.startswith("directoryRoles/"):
            members = self.roles[path.split("/")[1]]
            return {"value": [{"id": member} for member in members]}
        return self._user(path)

    def _user(self, path: str) -> Any:
        identity = path.removeprefix("users/").partition("?")[0]
        is_reset = identity in self.resets
        is_shown = is_reset and self.stale_looks == 0
        self.stale_looks = max(0, self.stale_looks - is_reset)
        return {
            "id": identity,
            "externalUserState": "PendingAcceptance" if is_shown else "Accepted",
            "externalUserStateChangeDateTime": (
                AFTER if is_shown or identity in self.redeemed_since else BEFORE
            ),
        }

    def _batch(self, members: list[Any]) -> Any:
        if members[0]["method"] == "GET":
            users = {member["id"]: self._user(member["url"][1:]) for member in members}
            return {
                "responses": [
                    {"id": identity, "status": 200, "body": user}
                    for identity, user in users.items()
                ]
            }
        self.batches += 1
        is_done = self.lost_batches.get(self.batches)
        if is_done is False:
            raise ConnectionFailed("cut off before it was done")
        answers = [{"id": member["id"], **self._reset(member)} for member in members]
        if is_done:
            raise ConnectionFailed("cut off after it was done")
        return {"responses": answers}

    def _reset(self, member: Any) -> dict[str, Any]:
        body = member["body"]
        identity = body["invitedUser"]["id"]
        other = self.answer(identity)
        if other is not None:
            return other
        self.resets[identity] += 1
        self.bodies.append(body)
        link = f"https://login.example/redeem?rd={identity}"
        invitation = {"invitedUser": {"id": identity}, "inviteRedeemUrl": link}
        return {"status": 201, "headers": {}, "body": invitation}


def wishes(**others: Any) -> Wishes:
    usual = Wishes(
        send_mail=False,
        messages=messages(),
        redirect_url="https://apps.example",
        per_second=1000.0,
        settle_time=10.0,
        check_roles=False,
        links=None,
    )
    return replace(usual, **others)


def messages(**options: Any) -> InvitationMessages:
    given = {"message_language": "en-US", "message_notice": None, "messages": None, **options}
    return InvitationMessages.from_parameters(given, notice="x", links=sign_in_links(TENANT))


@pytest.fixture(autouse=True)
def time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is waited for passes at once."""
    real, clock = asyncio.sleep, [0.0]

    async def sleep(seconds: float) -> None:
        clock[0] += seconds
        await real(0)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    monkeypatch.setattr(waiting, "time", SimpleNamespace(monotonic=lambda: clock[0]))


ADA, BOB = guest("ada", "sv"), guest("bob")


def run(
    graph: Graph,
    *guests: Guest,
    check_mode: bool = False,
    control: ChangeControl | None = None,
    **others: Any,
) -> tuple[ConvergedMany, GuestRedemptions]:
    chosen = guests or (ADA, BOB)
    options = wishes(**others)
    things = GuestRedemptions(graph, chosen, options)  # type: ignore[arg-type]
    proposal = sort(chosen, "graph").proposal(chosen, mailed=options.send_mail)
    made = asyncio.run(
        converge_many(things, proposal, control or ChangeControl(), check_mode=check_mode)
    )
    return made, things


def test_each_is_reset_once_and_a_dry_run_tells_the_same() -> None:
    graph = Graph()
    dry, _things = run(graph, check_mode=True)
    assert graph.asked == []
    made, _things = run(graph)
    assert made == dry
    assert graph.resets == {ADA.id: 1, BOB.id: 1}
    assert graph.bodies == [
        {
            "invitedUserEmailAddress": each.address,
            "inviteRedirectUrl": "https://apps.example",
            "sendInvitationMessage": False,
            "resetRedemption": True,
            "invitedUser": {"id": each.id},
        }
        for each in (ADA, BOB)
    ]


def test_who_has_redeemed_since_is_left_alone(tmp_path: Path) -> None:
    graph = Graph(redeemed_since=frozenset({ADA.id}))
    control = ChangeControl(journal=Journal(tmp_path / "contoso" / "run.jsonl"))
    made, _things = run(graph, control=control)
    assert [change.id for change in made.changes] == [BOB.id]
    (failure,) = made.failures
    assert failure.id == ADA.id
    assert isinstance(failure.error, ChangedMeanwhile)
    assert graph.resets == {BOB.id: 1}
    journal = read_journal(tmp_path / "contoso" / "run.jsonl")
    assert [write.outcome for write in journal] == ["not_made", "made"]


def test_each_is_mailed_in_their_own_language() -> None:
    graph = Graph()
    texts = [{"language": "sv", "text": "Hej", "domains": None}]
    run(graph, send_mail=True, messages=messages(messages=texts))
    assert [body["invitedUserMessageInfo"] for body in graph.bodies] == [
        {"messageLanguage": "sv", "customizedMessageBody": "Hej"},
        {"messageLanguage": "en-US"},
    ]
    assert all(body["sendInvitationMessage"] for body in graph.bodies)


@pytest.mark.parametrize("is_done", [False, True])
@pytest.mark.parametrize("stale_looks", [0, 3])
def test_a_lost_answer_is_looked_back_at(is_done: bool, stale_looks: int, tmp_path: Path) -> None:
    graph = Graph(lost_batches={1: is_done}, stale_looks=stale_looks)
    control = ChangeControl(journal=Journal(tmp_path / "contoso" / "run.jsonl"))
    links = LinksFile(tmp_path / "links.csv")
    made, things = run(graph, control=control, links=links)
    assert made.failures == ()
    assert len(made.changes) == 2
    assert graph.resets == {ADA.id: 1, BOB.id: 1}
    journal = read_journal(tmp_path / "contoso" / "run.jsonl")
    assert [write.outcome for write in journal] == ["made", "made"]
    assert len(things.without_link) == (2 if is_done else 0)
    assert len((tmp_path / "links.csv").read_text().splitlines()) == (1 if is_done else 3)


def test_links_are_in_their_file_alone(tmp_path: Path) -> None:
    graph = Graph()
    made, _things = run(graph, links=LinksFile(tmp_path / "links.csv"))
    told = json.dumps([change.to_json() for change in made.changes])
    assert "redeem?rd=" not in told
    assert f"redeem?rd={ADA.id}" in (tmp_path / "links.csv").read_text()


def test_without_room_for_links_nobody_more_is_reset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = LinksFile(tmp_path / "links.csv")
    monkeypatch.setattr(links, "begin", lambda: None)
    (tmp_path / "links.csv").mkdir()
    graph = Graph()
    crowd = [guest(f"g{number}") for number in range(1000)]
    made, things = run(graph, *crowd, links=links)
    assert made.stopped is not None
    assert "redemption links" in str(made.stopped)
    # Those under way are done, and told as such.
    assert 0 < len(made.changes) < 1000
    assert len(made.changes) == len(things.without_link) == graph.resets.total()


@pytest.mark.parametrize("check_mode", [True, False])
def test_holders_of_a_role_are_refused_before_anything_is_sent(check_mode: bool) -> None:
    graph = Graph(roles={"Guest Inviter": [ADA.id], "Reader": [ADA.id, "somebody"]})
    made, _things = run(graph, check_mode=check_mode, check_roles=True)
    assert [change.id for change in made.changes] == [BOB.id]
    (failure,) = made.failures
    assert failure.id == ADA.id
    assert failure.error.answer == "Guest Inviter, Reader"
    assert "Helpdesk Administrator" in failure.error.advice
    assert graph.resets == ({} if check_mode else {BOB.id: 1})


def test_what_graph_denies_is_told_with_the_permission_and_the_role() -> None:
    denied = {"error": {"code": "Authorization_RequestDenied", "message": "Insufficient."}}
    graph = Graph(
        answer=lambda identity: (
            {"status": 403, "headers": {}, "body": denied} if identity == ADA.id else None
        )
    )
    made, _things = run(graph)
    (failure,) = made.failures
    assert failure.id == ADA.id
    assert failure.error.nothing_written
    assert "User.Invite.All" in failure.error.advice
    assert "directory role" in failure.error.advice


@pytest.mark.parametrize("body", [None, [], {}, {"invitedUser": {"id": "somebody"}}])
def test_an_answer_about_somebody_else_is_no_success(body: Any) -> None:
    graph = Graph(
        answer=lambda identity: (
            {"status": 201, "headers": {}, "body": body} if identity == ADA.id else None
        )
    )
    made, _things = run(graph)
    (failure,) = made.failures
    assert isinstance(failure.error, NotUnderstood)
    assert not failure.error.nothing_written


def test_a_state_that_is_not_known_is_not_taken_for_a_reset(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    graph = Graph(lost_batches={1: True})
    monkeypatch.setattr(
        graph,
        "_answer",
        lambda path, content: (
            graph._batch(json.loads(content)["requests"])
            if path == "$batch"
            else {"id": path.partition("?")[0][6:], "externalUserState": "Elsewhere"}
        ),
    )
    made, _things = run(graph)
    assert [type(failure.error) for failure in made.failures] == [NotUnderstood] * 2
    assert not any(failure.error.nothing_written for failure in made.failures)
    assert graph.resets == {ADA.id: 1, BOB.id: 1}
