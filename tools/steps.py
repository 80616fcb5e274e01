# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the quality gate runs: each step's commands, where they run and what they see."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tools import environments
from tools.environments import Environment
from tools.paths import (
    ANSIBLE_TEST_HOME,
    ARTIFACTS,
    BUILD,
    COLLECTIONS,
    COPIED_COLLECTION,
    JUNIT,
    ROOT,
    TREE,
)

_YAML_FILES = (
    "git ls-files -z --cached --others --exclude-standard '*.yml' '*.yaml' .ansible-lint .yamllint"
)
_COLLECTION = "ansible_collections.tenantops.migration"


@dataclass(frozen=True)
class Command:
    """A program with its arguments and the folder it runs in."""

    words: tuple[str, ...]
    folder: Path = ROOT


@dataclass(frozen=True)
class Step:
    """One line of the gate's summary.

    ``reports`` is a pattern for the JUnit files a test step writes. ``complaint`` is a regular
    expression for what must not be printed, for programs whose exit code forgives too much.
    Of steps with the same ``lock`` one runs at a time, also when two gates run side by side.
    """

    name: str
    group: str
    commands: tuple[Command, ...]
    environment: Mapping[str, str]
    reports: Path | None = None
    complaint: str | None = None
    lock: str | None = None


# On the newest core and Python, what runs Ansible and what depends on TLS and on the libraries; the
# servers themselves answer no otherwise. LAB_TESTS_NEWEST=tests/lab runs all.
_WHERE_VERSIONS_MATTER = tuple(
    f"tests/lab/test_{name}"
    for name in (
        "change_plan.py",
        "doors.py",
        "entra_email_otp.py",
        "ldap_connection.py",
        "playbooks.py",
        "prepare_directory.py::test_without_a_review_what_is_safe_is_fixed",
        "secrets.py",
        "take_over_domain.py::test_a_person_takes_the_tenant_over_from_inside",
    )
)

# The group of the tests on the lab.
LAB = "lab"
_EVERY_LAB_TEST = ("tests/lab",)
# Two labs, as the tests wait for servers half of the time; a file stays on one of them.
_SIDE_BY_SIDE = ("--numprocesses=2", "--dist=loadfile")


@dataclass(frozen=True)
class Settings:
    """What the caller may narrow down, each given by an environment variable of this name."""

    sanity_arguments: tuple[str, ...] = field(default_factory=lambda: _words("SANITY_ARGUMENTS"))
    unit_arguments: tuple[str, ...] = field(default_factory=lambda: _words("UNIT_ARGUMENTS"))
    lab_tests: tuple[str, ...] = field(
        default_factory=lambda: _words("LAB_TESTS") or _EVERY_LAB_TEST
    )
    lab_tests_newest: tuple[str, ...] = field(
        default_factory=lambda: _words("LAB_TESTS_NEWEST") or _WHERE_VERSIONS_MATTER
    )


def every_step(settings: Settings) -> Iterator[Step]:
    """All steps that this machine can run, cheap ones first."""
    oldest, newest = environments.oldest(), environments.newest()
    yield from _style()
    yield from _types(oldest)
    yield from _collection()
    for environment in filter(None, (oldest, newest)):
        yield _units(environment, settings)
    for environment in filter(None, (oldest, newest)):
        yield _sanity(environment, settings)
    yield _lab(oldest, settings.lab_tests)
    if newest is not None:
        yield _lab(newest, settings.lab_tests_newest)


def _style() -> Iterator[Step]:
    seen = _seen_by(environments.tools())
    for name, words in {
        "ruff-check": ("ruff", "check", "."),
        "ruff-format": ("ruff", "format", "--check", "."),
        # On its own it would walk through the environments in .build to ignore them one by one.
        "yamllint": ("bash", "-c", f"{_YAML_FILES} | xargs -0 yamllint --strict"),
        "reuse": ("reuse", "lint", "--lines"),
    }.items():
        yield Step(name, "style", (Command(words),), seen)


def _types(runtime: Environment) -> Iterator[Step]:
    words = [
        *("mypy", "--config-file", str(ROOT / "pyproject.toml")),
        *("--cache-dir", str(BUILD / "mypy-cache")),
        *("--python-executable", str(runtime.programs / "python")),
    ]
    # By their names as packages, because the plugins only have one as part of the collection.
    for package in (f"{_COLLECTION}.plugins", f"{_COLLECTION}.tests", "lab", "tools"):
        words += ["--package", package]
    path = {"MYPYPATH": f"{TREE}:{COPIED_COLLECTION}"}
    seen = _seen_by(environments.tools()) | path
    yield Step("mypy", "types", (Command(tuple(words), TREE),), seen)


def _collection() -> Iterator[Step]:
    seen = _seen_by(environments.tools()) | {"ANSIBLE_COLLECTIONS_PATH": str(TREE)}
    for name, words in {
        "ansible-lint": ("ansible-lint", "--profile", "production", "--offline"),
        "antsibull-docs": (
            *("antsibull-docs", "lint-collection-docs", "--plugin-docs"),
            *("--validate-collection-refs", "self", "."),
        ),
        "antsibull-changelog": ("antsibull-changelog", "lint"),
    }.items():
        yield Step(name, "collection", (Command(words, COPIED_COLLECTION),), seen)
    yield Step("docs", "collection", (Command(("python", "-m", "tools.docs_site")),), seen)
    build = Command(("python", "-m", "tools.artifact"))
    importer = Command(("bash", "-c", "exec python -m galaxy_importer.main *.tar.gz"), ARTIFACTS)
    strict = {
        "GALAXY_IMPORTER_ANSIBLE_LOCAL_TMP": str(BUILD / "tmp"),
        "GALAXY_IMPORTER_CHECK_REQUIRED_TAGS": "true",
        "GALAXY_IMPORTER_REQUIRE_V1_OR_GREATER": "true",
    }
    yield Step(
        "galaxy-importer",
        "collection",
        (build, importer),
        seen | strict,
        complaint=r"^(WARNING|ERROR)",
    )


def _sanity(environment: Environment, settings: Settings) -> Step:
    words = ("ansible-test", "sanity", "--python", environment.interpreter.minor_version)
    return Step(
        f"sanity-{environment.title}",
        "sanity",
        (Command((*words, *settings.sanity_arguments), COPIED_COLLECTION),),
        _seen_by_ansible_test(environment),
        lock="ansible-test",
    )


def _units(environment: Environment, settings: Settings) -> Step:
    words = ("ansible-test", "units", "--python", environment.interpreter.minor_version)
    return Step(
        f"units-{environment.title}",
        "units",
        (Command((*words, *settings.unit_arguments), COPIED_COLLECTION),),
        _seen_by_ansible_test(environment),
        reports=COPIED_COLLECTION / "tests" / "output" / "junit" / "*.xml",
        lock="ansible-test",
    )


def _lab(environment: Environment, tests: tuple[str, ...]) -> Step:
    name = f"lab-{environment.title}"
    report = JUNIT / f"{name}.xml"
    workers = _SIDE_BY_SIDE if tests in (_EVERY_LAB_TEST, _WHERE_VERSIONS_MATTER) else ()
    words = ("python", "-m", "pytest", f"--junitxml={report}", *workers, *tests)
    seen = {
        "TENANTOPS_LAB_STATE": _lab_state(environment),
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "PYTHONPATH": str(COLLECTIONS),
    }
    return Step(name, LAB, (Command(words),), _seen_by(environment) | seen, reports=report)


def _lab_state(environment: Environment) -> str:
    """Two steps at a time need a lab each; the first one's is that of `pytest` alone."""
    given = os.environ.get("TENANTOPS_LAB_STATE")
    if environment == environments.oldest():
        return given or str(ROOT / ".lab-test")
    return f"{given}-{environment.title}" if given else str(ROOT / f".lab-{environment.title}")


def _seen_by(environment: Environment) -> dict[str, str]:
    """The caller's environment variables, but for what would change the outcome."""
    variables = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ANSIBLE_", "PYTHON", "MAKE"))
    }
    return variables | {
        "PATH": f"{environment.programs}:{os.environ['PATH']}",
        "VIRTUAL_ENV": str(environment.folder),
        "ANSIBLE_HOME": str(ANSIBLE_TEST_HOME / ".ansible"),
        "ANSIBLE_NOCOLOR": "1",
        "NO_COLOR": "1",
    }


def _seen_by_ansible_test(environment: Environment) -> dict[str, str]:
    cache = os.environ.get("PIP_CACHE_DIR", str(Path.home() / ".cache" / "pip"))
    return _seen_by(environment) | {"HOME": str(ANSIBLE_TEST_HOME), "PIP_CACHE_DIR": cache}


def _words(variable: str) -> tuple[str, ...]:
    return tuple(shlex.split(os.environ.get(variable, "")))
