# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What the mail of an invitation says."""

    DOCUMENTATION = r"""
options:
  send_mail:
    description:
      - Whether Microsoft sends each guest a mail with the link to accept the invitation.
      - Without a mail, the guests are to be told how to accept it, for example with texts that
        M(tenantops.migration.notice_files) writes.
    type: bool
    default: false
  messages:
    description:
      - Texts for the mail, instead of Microsoft's own. A guest gets the one in the language that
        the guest prefers, else the one for the guest's domain, else the one in
        O(message_language), else Microsoft's own.
      - A text is sent as it stands.
    type: list
    elements: dict
    suboptions:
      language:
        description: The language of the text, such as V(sv) or V(en-US). There is one text for each
          language.
        type: str
        required: true
      domains:
        description: The domains whose guests get this text if they prefer no language that there is
          a text in. A domain stands for those below it too, and V(jp) for all in Japan.
        type: list
        elements: str
      text:
        description: The text, without markup.
        type: str
        required: true
  message_notice:
    description:
      - The text for the mail is made from the templates of a notice, as
        M(tenantops.migration.notice_files) makes it. Its subject is not used.
    type: dict
    suboptions:
      name:
        description: The name of the notice. If it is not given, it is the one that fits the module.
        type: str
      organization:
        description: The name of the organisation that invites.
        type: str
        required: true
      contact:
        description: Where guests can ask questions, such as a mail address.
        type: str
      templates:
        description: A folder with templates of one's own, which take the place of those that come
          with the collection.
        type: path
      languages:
        description: The languages to use, all that there are templates in if it is not given.
        type: list
        elements: str
      languages_by_domain:
        description: For guests who prefer no language that there is a template in, the language by
          their domain. A domain stands for those below it too, and V(jp) for all in Japan.
        type: dict
      default_language:
        description: The language for everybody else, V(en) if it is not given.
        type: str
      variables:
        description: What else the templates use, as C(variables) there.
        type: dict
  message_language:
    description:
      - The language of Microsoft's own text for guests of whom no other language is known, and the
        language of O(messages) that is for everybody else.
    type: str
    default: en-US
"""
