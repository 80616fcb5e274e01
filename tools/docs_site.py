# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the documentation as a web site: `python3 -m tools.gate docs`, or `make docs`.

The documents in Markdown lie in the site as in the repository, so that their links lead to the same
places in both; beside them is the reference that antsibull-docs makes of the plugins and roles. No
network is needed, neither to build the site nor to read it, and every warning is an error.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import yaml

from tools.paths import BUILD, COPIED_COLLECTION, TREE

SITE = BUILD / "docs" / "html"
_SOURCE = BUILD / "docs" / "source"
_REFERENCE = "reference"
_COLLECTION = "tenantops.migration"

# In the order in which they are read; other documents follow by their names.
_GUIDES = (
    "first_tenant",
    "many_tenants",
    "awx",
    "permissions",
    "rollback",
    "security",
    "troubleshooting",
)
_FOR_DEVELOPERS = ("docs/architecture", "docs/measurements", "CONTRIBUTING", "lab/README")
_DOCUMENTS = ("*.md", "docs/*.md", "lab/README.md", "roles/*/README.md")
# GitHub's own way to name headings, which the links in the documents use
_HEADINGS = 4

# Where Ansible's own documents are that the reference leads to. The builder of the site would ask
# for a list of them over the network, so it gets this one.
_ANSIBLE = "https://docs.ansible.com/projects/ansible/latest"
_ANSIBLE_PAGES = {
    "ansible_configuration_settings": "reference_appendices/config.html",
    "callback_plugins": "plugins/callback.html",
    "common_return_values": "reference_appendices/common_return_values.html",
    "inventory_plugins": "plugins/inventory.html",
    "lookup_plugins": "plugins/lookup.html",
}
_BUILTIN = re.compile(r"<ansible_collections\.ansible\.builtin\.(\w+)>")

_CONFIGURATION = """\
from pygments.lexers.special import TextLexer

project = "tenantops.migration"
version = release = {version!r}
copyright = "the tenantops.migration contributors"
extensions = ["myst_parser", "sphinx.ext.intersphinx", "sphinx_antsibull_ext"]
intersphinx_mapping = {{"ansible": ({ansible!r}, "ansible.inv")}}
source_suffix = {{".md": "markdown", ".rst": "restructuredtext"}}
myst_heading_anchors = {headings}
html_theme = "alabaster"
html_theme_options = {{"fixed_sidebar": True, "page_width": "75em", "sidebar_width": "17em"}}
html_sidebars = {{"**": ["about.html", "searchfield.html", "navigation.html"]}}
html_show_sourcelink = False
html_copy_source = False
pygments_style = "ansible"
highlight_language = "yaml+jinja"


def setup(app):
    app.add_lexer("csv", TextLexer)
"""

_INDEX = """\
# tenantops.migration {version}

```{{toctree}}
:maxdepth: 1

Overview <README>
```

{chapters}
"""


def main() -> int:
    """Build the site; the exit code says whether that went without a warning."""
    shutil.rmtree(_SOURCE.parent, ignore_errors=True)
    _SOURCE.mkdir(parents=True)
    _copy_files(COPIED_COLLECTION, _SOURCE)
    version = yaml.safe_load((COPIED_COLLECTION / "galaxy.yml").read_text("utf-8"))["version"]
    (_SOURCE / "conf.py").write_text(
        _CONFIGURATION.format(version=version, headings=_HEADINGS, ansible=_ANSIBLE),
        encoding="utf-8",
    )
    index = _INDEX.format(version=version, chapters="\n".join(_chapters(_SOURCE)))
    (_SOURCE / "index.md").write_text(index, encoding="utf-8")
    reference = _SOURCE / _REFERENCE
    reference.mkdir()
    _run(
        *("antsibull-docs", "collection", "--use-current", "--squash-hierarchy"),
        *("--fail-on-error", "--dest-dir", reference, _COLLECTION),
    )
    _write_inventory(reference, _SOURCE / "ansible.inv")
    # A process for each of two processors; the pages do not depend on each other.
    _run(
        *("sphinx-build", "--builder", "html", "--fail-on-warning", "--keep-going", "--quiet"),
        *("--jobs", "2", "--doctree-dir", _SOURCE.parent / "doctrees", _SOURCE, SITE),
    )
    print(SITE / "index.html")
    return 0


def _copy_files(source: Path, target: Path) -> None:
    """The documents, and what their links lead to beside documents."""
    for pattern in _DOCUMENTS:
        for path in sorted(source.glob(pattern)):
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)


def _chapters(source: Path) -> Iterable[str]:
    """The lists of pages, which everything that was copied is in."""
    documents = sorted(path.stem for path in (source / "docs").glob("*.md"))
    guides = [name for name in _GUIDES if name in documents]
    developers = [name for name in _FOR_DEVELOPERS if (source / f"{name}.md").exists()]
    others = [
        f"docs/{name}"
        for name in documents
        if name not in guides and f"docs/{name}" not in developers
    ]
    yield _chapter("Guides", [f"docs/{name}" for name in guides])
    yield _chapter("In depth", others)
    roles = sorted(path.parent.name for path in (source / "roles").glob("*/README.md"))
    yield _chapter("Reference", [f"Modules and plugins <{_REFERENCE}/index>"])
    yield _chapter("Roles", [f"roles/{name}/README" for name in roles])
    rest = sorted(path.stem for path in source.glob("*.md"))
    known = {"README", "index", *developers}
    yield _chapter("For those who change it", [*developers, *(set(rest) - known)])


def _chapter(title: str, pages: Sequence[str]) -> str:
    return "\n".join(["```{toctree}", ":maxdepth: 1", f":caption: {title}", "", *pages, "```", ""])


def _write_inventory(reference: Path, file: Path) -> None:
    """The list of Ansible's pages that the reference names, as Sphinx reads it (version 2)."""
    pages = dict(_ANSIBLE_PAGES)
    for path in reference.glob("*.rst"):
        for name in _BUILTIN.findall(path.read_text("utf-8")):
            page = f"collections/ansible/builtin/{name}.html"
            pages[f"ansible_collections.ansible.builtin.{name}"] = page
    lines = [f"{label} std:label -1 {page} {label}\n" for label, page in sorted(pages.items())]
    header = (
        "# Sphinx inventory version 2\n# Project: Ansible\n# Version: latest\n"
        "# The remainder of this file is compressed using zlib.\n"
    )
    file.write_bytes(header.encode() + zlib.compress("".join(lines).encode()))


def _run(*words: str | Path) -> None:
    environment = os.environ | {"ANSIBLE_COLLECTIONS_PATH": str(TREE)}
    finished = subprocess.run(words, env=environment, check=False)
    if finished.returncode != 0:
        sys.exit(finished.returncode)


if __name__ == "__main__":
    sys.exit(main())
