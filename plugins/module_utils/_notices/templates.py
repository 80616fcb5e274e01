# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Templates of notices: the team's own in front of those that come with the collection.

A template is text for Jinja2 (https://jinja.palletsprojects.com), run in its sandbox. Its first
line is `Subject: ` and the subject, and the body follows after an empty line. Private to the
collection: it can change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .._errors import InvalidInput
from .._libraries import library, require
from .languages import Languages, domain_end, is_language_tag, language_tag, lookup
from .model import Facts, Notice, Recipient, on_one_line
from .shipped import english, japanese, swedish

with library("jinja2"):
    from jinja2 import (
        ChoiceLoader,
        DictLoader,
        FileSystemLoader,
        StrictUndefined,
        TemplateError,
        TemplateNotFound,
    )
    from jinja2.sandbox import ImmutableSandboxedEnvironment

if TYPE_CHECKING:
    from jinja2 import Environment

INVITATION = "invitation"
REDEMPTION_RESET = "redemption_reset"
DEFAULT_LANGUAGE = "en"
SUFFIX = ".txt.j2"

SHIPPED: Mapping[str, Mapping[str, str]] = {
    "en": english.TEMPLATES,
    "ja": japanese.TEMPLATES,
    "sv": swedish.TEMPLATES,
}
"""The templates that come with the collection, by language and name."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_SUBJECT = "Subject:"


@dataclass(frozen=True)
class Templates:
    """The templates of one notice in all their languages."""

    name: str
    languages: Languages
    environment: Environment

    @classmethod
    def load(
        cls,
        name: str,
        *,
        folder: Path | None = None,
        languages: Sequence[str] = (),
        languages_by_domain: Mapping[str, str] | None = None,
        default_language: str = DEFAULT_LANGUAGE,
    ) -> Templates:
        """Find the templates of a notice.

        `languages` are those to be used, all if there are none. Raises `InvalidInput` for a notice
        that there is no template for, and for a language that there is none in.
        """
        require("jinja2")
        if not _NAME.fullmatch(name):
            raise InvalidInput(
                f"This cannot be the name of a notice: {name!r}",
                advice="Use small letters, digits, - and _.",
            )
        found = sorted(_languages_of(name, folder))
        if not found:
            raise _no_template(name, folder)
        available = found
        if languages:
            available = [_one_of(found, language, name) for language in languages]
        by_domain = {
            domain_end(domain): _one_of(available, language, name)
            for domain, language in (languages_by_domain or {}).items()
        }
        default = _one_of(available, default_language, name)
        return cls(name, Languages(tuple(available), by_domain, default), _environment(folder))

    def notice(self, recipient: Recipient, facts: Facts) -> Notice:
        """The notice for one person. Raises `InvalidInput` for a template that cannot be filled."""
        choice = self.languages.for_person(recipient.preferred_language, recipient.domain)
        path = f"{choice.language}/{self.name}{SUFFIX}"
        text = self._filled(
            path,
            {
                "recipient": recipient.as_variables(choice.language),
                "row": {name: on_one_line(cell) for name, cell in recipient.row.items()},
                **facts.as_variables(),
            },
        )
        first, _line_end, rest = text.lstrip().partition("\n")
        subject = on_one_line(first.removeprefix(_SUBJECT))
        if not first.startswith(_SUBJECT) or not subject or not rest.strip():
            raise InvalidInput(
                "The template has no subject or no body",
                subject=path,
                answer=f"it begins with {first[:80]!r}",
                advice='Its first line is "Subject: " and the subject, and the body follows after '
                "an empty line.",
            )
        return Notice(choice.language, choice.because, subject, f"{rest.strip()}\n")

    def _filled(self, path: str, variables: Mapping[str, object]) -> str:
        try:
            return self.environment.get_template(path).render(variables)
        except TemplateNotFound as error:
            raise InvalidInput(
                "A template includes one that is not there", subject=path, answer=str(error)
            ) from error
        except (
            TemplateError,
            OSError,
            # What the expressions of a template can come to.
            ArithmeticError,
            AttributeError,
            LookupError,
            TypeError,
            ValueError,
            RecursionError,
        ) as error:
            line = getattr(error, "lineno", None)
            raise InvalidInput(
                "The template cannot be filled in",
                subject=path if line is None else f"{path}, line {line}",
                answer=f"{type(error).__name__}: {error}",
                advice="Mend the template. docs/notices.md tells what a template can use.",
            ) from error


def _languages_of(name: str, folder: Path | None) -> Iterator[str]:
    of_team = set() if folder is None else set(_in_folder(name, folder))
    yield from of_team
    # SV of the team takes the place of sv, and sv-FI stands beside it.
    known = {language.replace("_", "-").lower() for language in of_team}
    for language, templates in SHIPPED.items():
        if name in templates and language not in known:
            yield language


def _in_folder(name: str, folder: Path) -> Iterator[str]:
    try:
        for path in folder.iterdir():
            if (
                is_language_tag(path.name.replace("_", "-"))
                and (path / f"{name}{SUFFIX}").is_file()
            ):
                yield path.name
    except OSError as error:
        raise InvalidInput(
            "The folder of templates cannot be read",
            subject=str(folder),
            answer=error.strerror or str(error),
        ) from error


def _one_of(available: Iterable[str], language: str, name: str) -> str:
    found = lookup(language_tag(language), available)
    if found is None:
        raise InvalidInput(
            f"There is no template for the notice {name} in {language}",
            answer=f"there are {', '.join(available)}",
            advice=f"Put one into the folder of templates, as {language}/{name}{SUFFIX}.",
        )
    return found


def _no_template(name: str, folder: Path | None) -> InvalidInput:
    shipped = sorted({known for templates in SHIPPED.values() for known in templates})
    return InvalidInput(
        f"There is no template for a notice {name}",
        subject="" if folder is None else str(folder),
        answer=f"the collection has {', '.join(shipped)}",
        advice=f"Put one into the folder of templates, as {DEFAULT_LANGUAGE}/{name}{SUFFIX}.",
    )


def _environment(folder: Path | None) -> Environment:
    shipped = DictLoader(
        {
            f"{language}/{name}{SUFFIX}": text
            for language, templates in SHIPPED.items()
            for name, text in templates.items()
        }
    )
    loaders = [shipped] if folder is None else [FileSystemLoader(folder), shipped]
    return ImmutableSandboxedEnvironment(
        loader=ChoiceLoader(loaders),
        # The notices are plain text: there is nothing to escape for.
        autoescape=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
