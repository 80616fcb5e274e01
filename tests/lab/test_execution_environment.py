# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The definitions of execution environments, as far as they can be tried without containers."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools import image_size, tree
from tools.paths import BUILD

from .playbooks import ROOT

DEFINITIONS = ROOT / "extensions" / "execution_environment"
BUILDER = BUILD / "venv-tools" / "bin" / "ansible-builder"

GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
ARTIFACT = f"{GALAXY['namespace']}-{GALAXY['name']}-{GALAXY['version']}.tar.gz"


def run(words: Sequence[str | Path], **environment: str) -> str:
    """What a program prints that has to succeed."""
    finished = subprocess.run(
        words,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout
    return finished.stdout


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collection, built as an operator builds it."""
    folder = tmp_path_factory.mktemp("artifact")
    galaxy = Path(sys.executable).with_name("ansible-galaxy")
    run([galaxy, "collection", "build", tree.refresh(), "--output-path", folder])
    (built,) = folder.glob("*.tar.gz")
    return built


def definition(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((DEFINITIONS / name).read_text(encoding="utf-8"))
    return content


@pytest.mark.parametrize("name", sorted(image_size.FILES))
def test_builder_takes_the_definition_and_the_artifact(
    name: str, artifact: Path, tmp_path: Path
) -> None:
    shutil.copytree(DEFINITIONS, tmp_path, dirs_exist_ok=True)
    shutil.copy(artifact, tmp_path)
    context = tmp_path / "context"
    create = ("create", "--file", tmp_path / name, "--context", context)
    run([BUILDER, *create, "--output-filename", "Containerfile"])

    containerfile = (context / "Containerfile").read_text()
    (collection,) = definition(name)["dependencies"]["galaxy"]["collections"]
    # The builder copies _build to /build, where ansible-galaxy looks for the file.
    assert "COPY _build /build\nWORKDIR /build" in containerfile
    inside = context / "_build" / Path(collection["name"]).relative_to("/build")
    assert inside.name == ARTIFACT
    assert inside.read_bytes() == artifact.read_bytes()
    wanted = image_size.requirements(image_size.FILES[name][1:])
    given = context / "_build" / "requirements.txt"
    assert (given.read_text().splitlines() if given.exists() else []) == wanted


def test_what_the_image_compiles_last_is_in_the_artifact(artifact: Path, tmp_path: Path) -> None:
    galaxy = Path(sys.executable).with_name("ansible-galaxy")
    install = ("collection", "install", "--offline", artifact, "--collections-path", tmp_path)
    # Without the path of the tests, on which it would find the collection installed already
    run([galaxy, *install], ANSIBLE_COLLECTIONS_PATH=str(tmp_path), PYTHONPATH="")
    for name in image_size.FILES:
        last = definition(name)["additional_build_steps"]["append_final"][-1]
        (code,) = re.findall(r"/usr/bin/python3 -c '(.*)'$", last)
        run([sys.executable, "-c", code], PYTHONPATH=str(tmp_path))


def test_introspection_finds_python_and_system_packages(tmp_path: Path) -> None:
    collection = tmp_path / "ansible_collections" / GALAXY["namespace"] / GALAXY["name"]
    for name in ("meta/execution-environment.yml", "requirements.txt", "bindep.txt", "galaxy.yml"):
        (collection / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, collection / name)
    found = yaml.safe_load(run([BUILDER, "introspect", tmp_path]))
    python = [line.partition("  #")[0] for line in found["python"]]
    assert python == image_size.requirements(["requirements.txt"])
    packages = {line.split()[0] for line in found["system"] if "platform:rpm" in line}
    # What plan stores in Git and Kerberos call, and what builds gssapi
    assert packages == {
        "gcc",
        "git-core",
        "krb5-devel",
        "krb5-workstation",
        "openssh-clients",
        "python3-devel",
    }


def test_both_definitions_differ_in_their_packages_only() -> None:
    small, large = map(definition, sorted(image_size.FILES, reverse=True))
    assert "python" in large["dependencies"]
    del large["dependencies"]["python"]
    assert small == large


def test_the_core_is_the_newest_that_is_tested() -> None:
    core = definition("execution-environment.yml")["dependencies"]["ansible_core"]["package_pip"]
    environments = (ROOT / "tools" / "environments.py").read_text(encoding="utf-8")
    assert core.startswith("ansible-core>=2.21,")
    assert '"ansible-core>=2.21"' in environments


def test_the_image_stays_small() -> None:
    sums = {
        name: image_size.megabytes(
            image_size.sizes([*image_size.IN_EVERY_IMAGE, *image_size.requirements(files)])
        )
        for name, files in image_size.FILES.items()
    }
    # msgraph-sdk alone is 133 MB, cloudflare 39 MB, botocore 21 MB.
    assert 150 < sums["execution-environment.yml"] < 210
    assert sums["execution-environment.yml"] < sums["execution-environment-all.yml"] < 310
