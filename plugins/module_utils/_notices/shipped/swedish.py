# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The notices in Swedish. docs/notices.md tells what a template can use.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

INVITATION = """\
Subject: Du är inbjuden att arbeta med {{ organization }}

Hej{{ " " ~ recipient.name if recipient.name }}!

{{ organization }} bjuder in dig som gäst, så att du kommer åt det som delas med dig.

{% if in_invitation %}
Tacka ja till inbjudan med knappen i det här meddelandet.

{% elif links.best %}
Du får ett meddelande med en inbjudan. Du kan också tacka ja till den här:
{{ links.best }}

{% endif %}
Du loggar in med {{ recipient.address }}.
{% if variables.fallback is defined and variables.fallback == "microsoft_account" %}
Har du inget konto med den adressen får du skapa ett Microsoft-konto med den, vilket är gratis.
{% else %}
Har du inget konto med den adressen skickas en kod dit. Koden gäller i 30 minuter, och efter 24 \
timmar behöver du en ny.
{% endif %}
{% if links.best and in_invitation %}

Senare leder den här länken direkt till {{ organization }}:
{{ links.best }}
{% endif %}
{% if contact %}

Har du frågor? Skriv till {{ contact }}.
{% endif %}
"""

REDEMPTION_RESET = """\
Subject: Tacka ja till din inbjudan till {{ organization }} en gång till

Hej{{ " " ~ recipient.name if recipient.name }}!

Ditt sätt att logga in som gäst hos {{ organization }} ändras. Tacka ja till inbjudan en gång \
till. \
Innan du har gjort det kan du inte logga in där.

{% if in_invitation %}
Använd knappen i det här meddelandet.

{% elif links.best %}
Öppna den här länken och logga in med {{ recipient.address }}:
{{ links.best }}

{% endif %}
Du får logga in på det sätt som nu passar din adress.
{% if variables.fallback is defined and variables.fallback == "microsoft_account" %}
Har du inget konto med den adressen får du skapa ett Microsoft-konto med den, vilket är gratis.
{% else %}
Har du inget konto med den adressen skickas en kod dit. Koden gäller i 30 minuter, och efter 24 \
timmar behöver du en ny.
{% endif %}

Det som delas med dig och de grupper du är med i påverkas inte.
{% if links.best %}

Om en inloggningssida inte känner till {{ organization }} väljer du "Inloggningsalternativ" och \
sedan "Logga in på en organisation".
{% endif %}
{% if contact %}

Har du frågor? Skriv till {{ contact }}.
{% endif %}
"""

SIGN_IN_NAME = """\
Subject: Du kommer att logga in hos {{ organization }} med ett annat namn

Hej{{ " " ~ recipient.name if recipient.name }}!

{% if row.new_name is defined and row.new_name %}
Från och med {{ variables.date if variables.date is defined else "nu" }} loggar du in med det här \
namnet:
{{ row.new_name }}
{% else %}
Från och med {{ variables.date if variables.date is defined else "nu" }} loggar du in med din \
e-postadress:
{{ recipient.address }}
{% endif %}

Ditt lösenord är detsamma, och din e-post och dina filer finns kvar. Om en app ber dig logga in \
igen \
använder du det nya namnet.
{% if contact %}

Har du frågor? Skriv till {{ contact }}.
{% endif %}
"""

ACCOUNT_TAKEOVER = """\
Subject: Ditt konto {{ recipient.address }} kommer att höra till {{ organization }}

Hej{{ " " ~ recipient.name if recipient.name }}!

Du har en gång registrerat dig för en tjänst från Microsoft med {{ recipient.address }}. Domänen \
{{ recipient.domain }} tillhör {{ organization }}, som från och med \
{{ variables.date if variables.date is defined else "nu" }} sköter alla konton i den.

Du behåller ditt konto och det du har sparat med det. Du kan bli ombedd att välja ett nytt \
lösenord \
eller att styrka på ett sätt till att det är du.
{% if contact %}

Har du frågor? Skriv till {{ contact }}.
{% endif %}
"""

WORK_ACCOUNT = """\
Subject: Ditt nya arbetskonto hos {{ organization }}

Hej{{ " " ~ recipient.name if recipient.name }}!

Du har ett arbetskonto hos {{ organization }}.
{% if row.sign_in_name is defined and row.sign_in_name %}
Du loggar in med det här namnet, inte med din e-postadress:
{{ row.sign_in_name }}
{% else %}
Du loggar in med din e-postadress:
{{ recipient.address }}
{% endif %}

{% if row.support_confirmed is defined and not row.support_confirmed %}
Logga inte in än: varken med det nya kontot eller i tjänsten som du behöver det till. Microsofts \
support \
måste först koppla loss din e-postadress från ditt gamla konto där. Du får veta när det är klart, \
och till dess är det nya kontot låst.
{% else %}
Ditt första lösenord får du på ett annat sätt. Du väljer ett eget när du loggar in första gången\
{{ ":" if links.best else "." }}
{% if links.best %}
{{ links.best }}
{% endif %}
{% endif %}
{% if contact %}

Har du frågor? Skriv till {{ contact }}.
{% endif %}
"""

TEMPLATES = {
    "account_takeover": ACCOUNT_TAKEOVER,
    "invitation": INVITATION,
    "redemption_reset": REDEMPTION_RESET,
    "sign_in_name": SIGN_IN_NAME,
    "work_account": WORK_ACCOUNT,
}
