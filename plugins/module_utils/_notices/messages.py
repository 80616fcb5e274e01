# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an invitation's own mail says to each guest. Pure.

Source: Microsoft Graph, resource invitedUserMessageInfo: a text of one's own replaces Microsoft's,
which is written in the language `messageLanguage`. Private to the collection: it can change in any
release.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._errors import InvalidInput
from .._guests.links import SignInLinks
from .languages import Languages, domain_end, is_language_tag, language_tag, lookup
from .model import Facts, Recipient
from .templates import DEFAULT_LANGUAGE, Templates


@dataclass(frozen=True)
class InvitationMessage:
    """The text for one guest; without one the mail has Microsoft's own, in `language`."""

    language: str
    text: str | None = None


@dataclass(frozen=True)
class InvitationMessages:
    """The texts for all guests: the operator's, those of a notice, or Microsoft's own."""

    default_language: str
    languages: Languages | None = None
    texts: Mapping[str, str] | None = None
    templates: Templates | None = None
    facts: Facts | None = None

    @classmethod
    def from_parameters(
        cls, parameters: Mapping[str, Any], *, notice: str, links: SignInLinks
    ) -> InvitationMessages:
        """Read the options of the documentation fragment `invitation_messages`.

        `notice` is the one to use where the operator wants a notice and names none. Raises
        `InvalidInput`.
        """
        default = language_tag(parameters["message_language"])
        if parameters["message_notice"] is not None:
            options = parameters["message_notice"]
            return cls(
                default,
                templates=Templates.load(
                    options["name"] or notice,
                    folder=None if options["templates"] is None else Path(options["templates"]),
                    languages=options["languages"] or (),
                    languages_by_domain=options["languages_by_domain"],
                    default_language=options["default_language"] or DEFAULT_LANGUAGE,
                ),
                facts=Facts(
                    organization=options["organization"],
                    contact=options["contact"] or "",
                    links=links,
                    variables=options["variables"] or {},
                    in_invitation=True,
                ),
            )
        if parameters["messages"]:
            return cls._of_texts(default, parameters["messages"])
        return cls(default)

    @classmethod
    def _of_texts(cls, default: str, messages: Sequence[Mapping[str, Any]]) -> InvitationMessages:
        texts: dict[str, str] = {}
        by_domain: dict[str, str] = {}
        for message in messages:
            language = language_tag(message["language"])
            if language.lower() in map(str.lower, texts):
                raise InvalidInput(
                    f"There are two messages in {language}", advice="Give one for each language."
                )
            if not message["text"].strip():
                raise InvalidInput(f"The message in {language} is empty")
            texts[language] = message["text"]
            for domain in message["domains"] or ():
                end = domain_end(domain)
                if end in by_domain:
                    raise InvalidInput(f"{end} is in the messages of two languages")
                by_domain[end] = language
        return cls(default, Languages(tuple(texts), by_domain, default), texts)

    def for_guest(self, recipient: Recipient) -> InvitationMessage:
        """The message for one guest. Raises `InvalidInput` for a template that cannot be filled."""
        if self.templates is not None and self.facts is not None:
            notice = self.templates.notice(recipient, self.facts)
            return InvitationMessage(notice.language, notice.body)
        preferred = recipient.preferred_language
        if self.languages is not None and self.texts is not None:
            choice = self.languages.for_person(preferred, recipient.domain)
            # The default may be a language that there is no text in, or only one like it.
            language = lookup(choice.language, self.texts)
            if language is not None:
                return InvitationMessage(language, self.texts[language])
        known = preferred if is_language_tag(preferred) else ""
        return InvitationMessage(known or self.default_language)
