# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The notices in English. docs/notices.md tells what a template can use.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

INVITATION = """\
Subject: You are invited to work with {{ organization }}

Hello{{ " " ~ recipient.name if recipient.name }},

{{ organization }} invites you as a guest, so that you can use what is shared with you.

{% if in_invitation %}
Please accept the invitation with the button in this message.

{% elif links.best %}
You will get a message with an invitation, or you can accept it here:
{{ links.best }}

{% endif %}
You sign in with {{ recipient.address }}.
{% if variables.fallback is defined and variables.fallback == "microsoft_account" %}
If you have no account with this address, you are asked to make a Microsoft account with it, which \
is free.
{% else %}
If you have no account with this address, a code is sent to it by mail. A code is valid for 30 \
minutes, and after 24 hours you need a new one.
{% endif %}
{% if links.best and in_invitation %}

Later, this link takes you straight to {{ organization }}:
{{ links.best }}
{% endif %}
{% if contact %}

Questions? Write to {{ contact }}.
{% endif %}
"""

REDEMPTION_RESET = """\
Subject: Please accept your invitation to {{ organization }} once more

Hello{{ " " ~ recipient.name if recipient.name }},

The way in which you sign in as a guest of {{ organization }} is changing. Please accept your \
invitation once more; until then you cannot sign in there.

{% if in_invitation %}
Use the button in this message.

{% elif links.best %}
Open this link, and sign in with {{ recipient.address }}:
{{ links.best }}

{% endif %}
You are asked to sign in in the way that fits your address now.
{% if variables.fallback is defined and variables.fallback == "microsoft_account" %}
If you have no account with this address, you are asked to make a Microsoft account with it, which \
is free.
{% else %}
If you have no account with this address, a code is sent to it by mail. A code is valid for 30 \
minutes, and after 24 hours you need a new one.
{% endif %}

What is shared with you, and the groups that you are in, stay as they are.
{% if links.best %}

On a sign-in page that does not know {{ organization }}, choose "Sign-in options" and then \
"Sign in \
to an organization".
{% endif %}
{% if contact %}

Questions? Write to {{ contact }}.
{% endif %}
"""

SIGN_IN_NAME = """\
Subject: You will sign in to {{ organization }} with another name

Hello{{ " " ~ recipient.name if recipient.name }},

{% if row.new_name is defined and row.new_name %}
From {{ variables.date if variables.date is defined else "now on" }} you sign in with this name:
{{ row.new_name }}
{% else %}
From {{ variables.date if variables.date is defined else "now on" }} you sign in with your mail \
address:
{{ recipient.address }}
{% endif %}

Your password stays the same, and so do your mail and your files. Where an app asks you to sign in \
again, use the new name.
{% if contact %}

Questions? Write to {{ contact }}.
{% endif %}
"""

ACCOUNT_TAKEOVER = """\
Subject: Your account {{ recipient.address }} will belong to {{ organization }}

Hello{{ " " ~ recipient.name if recipient.name }},

You once signed up for a Microsoft service with {{ recipient.address }}. The domain \
{{ recipient.domain }} belongs to {{ organization }}, who from \
{{ variables.date if variables.date is defined else "now on" }} will look after all accounts in it.

You keep your account and what you have stored with it. You may be asked for a new password or for \
a second proof that it is you.
{% if contact %}

Questions? Write to {{ contact }}.
{% endif %}
"""

WORK_ACCOUNT = """\
Subject: Your new work account at {{ organization }}

Hello{{ " " ~ recipient.name if recipient.name }},

You have a work account at {{ organization }}.
{% if row.sign_in_name is defined and row.sign_in_name %}
You sign in with this name, not with your mail address:
{{ row.sign_in_name }}
{% else %}
You sign in with your mail address:
{{ recipient.address }}
{% endif %}

{% if row.support_confirmed is defined and not row.support_confirmed %}
Do not sign in yet: neither with the new account, nor at the service that you need it for. \
Microsoft's \
support first has to separate your mail address from your old account there. You will be told when \
that is done, and until then the new account is locked.
{% else %}
You get your first password in another way. You choose your own when you sign in for the first time\
{{ ":" if links.best else "." }}
{% if links.best %}
{{ links.best }}
{% endif %}
{% endif %}
{% if contact %}

Questions? Write to {{ contact }}.
{% endif %}
"""

TEMPLATES = {
    "account_takeover": ACCOUNT_TAKEOVER,
    "invitation": INVITATION,
    "redemption_reset": REDEMPTION_RESET,
    "sign_in_name": SIGN_IN_NAME,
    "work_account": WORK_ACCOUNT,
}
