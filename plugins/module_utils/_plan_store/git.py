# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan store in a Git repository, through the program git.

What is made is one commit, pushed without force. Private to the collection: it can change in any
release.
"""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import sleep

from .._errors import InvalidInput, MissingLibrary
from .errors import StoreUnusable
from .folder import FolderDocuments
from .model import Location, Result, Work

_TRIES = 20
_LONGEST_PAUSE = 2.0
_TIMEOUT = 300
# What git prints when somebody else has pushed meanwhile; the words are fixed by LC_ALL=C.
_OVERTAKEN = ("[rejected]", "[remote rejected]", "cannot lock ref", "fetch first")
_OF_ANOTHER_CLONE = frozenset({"GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"})
_AUTHOR = ("tenantops.migration", "tenantops.migration@invalid")


class GitDocuments(FolderDocuments):
    """The documents in a clone."""

    def folders(self) -> Sequence[str]:
        return [name for name in super().folders() if name != ".git"]


@dataclass(frozen=True)
class GitStore:
    """A store in a repository. `token` is the password for a repository over HTTPS."""

    location: Location
    token: str | None = None
    ca_path: str | None = None

    def perform(self, work: Work[Result]) -> Result:
        """Do the work in a clone, then commit and push; anew if somebody has pushed meanwhile."""
        if shutil.which("git") is None:
            raise MissingLibrary(
                "The program git is missing",
                advice="Install it where the playbook runs, or keep plans in a folder.",
            )
        with tempfile.TemporaryDirectory(prefix="plans-") as folder:
            clone = Path(folder) / "clone"
            self._clone(clone)
            for attempt in range(_TRIES):
                result = work(GitDocuments(clone))
                if not self._commit(clone) or self._push(clone):
                    return result
                sleep(min(_LONGEST_PAUSE, 0.05 * 2**attempt))
                self._catch_up(clone)
        raise StoreUnusable(
            f"Others have pushed to the plan store {_TRIES} times while plans were pushed",
            server=self.location.place,
            advice="Run it again when it is quieter.",
        )

    def _clone(self, clone: Path) -> None:
        branch = ["--branch", self.location.branch] if self.location.branch else []
        answer = self._git("clone", "--quiet", "--depth=1", *branch, self.location.place, clone)
        if answer.returncode != 0 and branch and _has_no_branch(answer.stderr):
            # The first plan of all: the branch is made by the push.
            self._must("clone", "--quiet", "--depth=1", self.location.place, clone)
            self._must("checkout", "--quiet", "--orphan", str(self.location.branch), within=clone)
            self._must("rm", "--quiet", "-r", "-f", "--ignore-unmatch", ".", within=clone)
        elif answer.returncode != 0:
            raise self._unusable("clone", answer)

    def _commit(self, clone: Path) -> bool:
        """Commit what is new; false if nothing is."""
        self._must("add", "--all", within=clone)
        if not self._must("status", "--porcelain", within=clone).stdout.strip():
            return False
        self._must("commit", "--quiet", "--message=Plans of a fleet", within=clone)
        return True

    def _push(self, clone: Path) -> bool:
        answer = self._git("push", "--quiet", "origin", "HEAD", within=clone)
        if answer.returncode == 0:
            return True
        if any(words in answer.stderr for words in _OVERTAKEN):
            return False
        raise self._unusable("push", answer)

    def _catch_up(self, clone: Path) -> None:
        head = self._must("symbolic-ref", "--short", "HEAD", within=clone).stdout.strip()
        self._must("fetch", "--quiet", "--depth=1", "origin", head, within=clone)
        self._must("reset", "--quiet", "--hard", "FETCH_HEAD", within=clone)
        self._must("clean", "--quiet", "-d", "-f", within=clone)

    def _must(
        self, *words: str | Path, within: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        answer = self._git(*words, within=within)
        if answer.returncode != 0:
            raise self._unusable(str(words[0]), answer)
        return answer

    def _git(
        self, *words: str | Path, within: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        command = ["git", *(["-C", str(within)] if within else []), *map(str, words)]
        try:
            # Transports know no module whose run_command they could call, and without a shell the
            # place, which begins with its scheme, is no option and no command.
            # pylint: disable-next=ansible-bad-function
            return subprocess.run(  # noqa: S603
                command,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise StoreUnusable(
                f"git {words[0]} did not end in {_TIMEOUT} seconds", server=self.location.place
            ) from error

    def _environment(self) -> dict[str, str]:
        """Nobody is asked for a password, and the token stands in no command line."""
        author, address = _AUTHOR
        settings = {"commit.gpgSign": "false"}
        if self.token:
            if not self.location.place.startswith("https://"):
                raise InvalidInput(
                    "A token is for a Git repository over HTTPS only",
                    subject=self.location.place,
                    advice="Leave store_token out; ssh uses its own keys.",
                )
            basic = base64.b64encode(f"x-access-token:{self.token}".encode()).decode()
            settings[f"http.{self.location.place}.extraHeader"] = f"Authorization: Basic {basic}"
        if self.ca_path:
            settings["http.sslCAInfo"] = self.ca_path
        environment = {
            **{name: value for name, value in os.environ.items() if name not in _OF_ANOTHER_CLONE},
            "LC_ALL": "C",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_SSH_COMMAND": os.environ.get("GIT_SSH_COMMAND", "ssh -o BatchMode=yes"),
            "GIT_AUTHOR_NAME": author,
            "GIT_AUTHOR_EMAIL": address,
            "GIT_COMMITTER_NAME": author,
            "GIT_COMMITTER_EMAIL": address,
            "GIT_CONFIG_COUNT": str(len(settings)),
        }
        for number, (key, value) in enumerate(settings.items()):
            environment[f"GIT_CONFIG_KEY_{number}"] = key
            environment[f"GIT_CONFIG_VALUE_{number}"] = value
        return environment

    def _unusable(self, step: str, answer: subprocess.CompletedProcess[str]) -> StoreUnusable:
        return StoreUnusable(
            f"git {step} failed",
            server=self.location.place,
            answer=" ".join(answer.stderr.split())[-500:],
            advice="Look that the repository is there, and that this user or token may read and "
            "push to it.",
        )


def _has_no_branch(told: str) -> bool:
    return "Remote branch" in told and "not found" in told
