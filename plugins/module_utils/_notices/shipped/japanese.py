# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The notices in Japanese. docs/notices.md tells what a template can use.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

INVITATION = """\
Subject: {{ organization }} へのご招待

{{ recipient.name ~ " 様" if recipient.name else "ご担当者様" }}

{{ organization }} は、共有されている情報をご利用いただけるよう、あなたをゲストとしてご招待します。

{% if in_invitation %}
このメッセージのボタンから招待を承諾してください。

{% elif links.best %}
招待のメールが届きます。次のリンクからも承諾できます。
{{ links.best }}

{% endif %}
{{ recipient.address }} でサインインします。
{% if variables.fallback is defined and variables.fallback == "microsoft_account" %}
このアドレスのアカウントをお持ちでない場合は、無料の Microsoft アカウントを作成してください。
{% else %}
このアドレスのアカウントをお持ちでない場合は、確認コードがメールで届きます。\
コードの有効期間は 30 分です。24 時間が過ぎると、新しいコードが必要です。
{% endif %}
{% if links.best and in_invitation %}

今後は、次のリンクから {{ organization }} に直接サインインできます。
{{ links.best }}
{% endif %}
{% if contact %}

ご不明な点は {{ contact }} までお問い合わせください。
{% endif %}
"""

REDEMPTION_RESET = """\
Subject: {{ organization }} への招待をもう一度承諾してください

{{ recipient.name ~ " 様" if recipient.name else "ご担当者様" }}

{{ organization }} のゲストとしてのサインイン方法が変わります。\
お手数ですが、招待をもう一度承諾してください。\
承諾いただくまで、サインインできません。

{% if in_invitation %}
このメッセージのボタンを使用してください。

{% elif links.best %}
次のリンクを開き、{{ recipient.address }} でサインインしてください。
{{ links.best }}

{% endif %}
現在のアドレスに合った方法でサインインを求められます。
{% if variables.fallback is defined and variables.fallback == "microsoft_account" %}
このアドレスのアカウントをお持ちでない場合は、無料の Microsoft アカウントを作成してください。
{% else %}
このアドレスのアカウントをお持ちでない場合は、確認コードがメールで届きます。\
コードの有効期間は 30 分です。24 時間が過ぎると、新しいコードが必要です。
{% endif %}

共有されている情報と、参加しているグループに変更はありません。
{% if links.best %}

{{ organization }} が表示されないサインイン画面では、\
「サインイン オプション」、「組織にサインインする」の順に選択してください。
{% endif %}
{% if contact %}

ご不明な点は {{ contact }} までお問い合わせください。
{% endif %}
"""

SIGN_IN_NAME = """\
Subject: {{ organization }} へのサインイン名が変わります

{{ recipient.name ~ " 様" if recipient.name else "ご担当者様" }}

{% if row.new_name is defined and row.new_name %}
{{ variables.date ~ "から" if variables.date is defined else "今後" }}は、\
次の名前でサインインしてください。
{{ row.new_name }}
{% else %}
{{ variables.date ~ "から" if variables.date is defined else "今後" }}は、\
メール アドレスでサインインしてください。
{{ recipient.address }}
{% endif %}

パスワード、メール、ファイルに変更はありません。アプリで再度サインインを求められた場合は、新しい名前を使用してください。
{% if contact %}

ご不明な点は {{ contact }} までお問い合わせください。
{% endif %}
"""

ACCOUNT_TAKEOVER = """\
Subject: アカウント {{ recipient.address }} は {{ organization }} の管理に移ります

{{ recipient.name ~ " 様" if recipient.name else "ご担当者様" }}

以前、{{ recipient.address }} で Microsoft のサービスに登録されています。\
ドメイン {{ recipient.domain }} は \
{{ organization }} のものです。\
{{ variables.date ~ "から" if variables.date is defined else "今後" }}は、\
{{ organization }} がこのドメインのすべてのアカウントを管理します。

アカウントと保存された情報はそのまま残ります。新しいパスワードの設定や、追加の本人確認を求められることがあります。
{% if contact %}

ご不明な点は {{ contact }} までお問い合わせください。
{% endif %}
"""

WORK_ACCOUNT = """\
Subject: {{ organization }} の新しい職場アカウントについて

{{ recipient.name ~ " 様" if recipient.name else "ご担当者様" }}

{{ organization }} の職場アカウントを作成しました。
{% if row.sign_in_name is defined and row.sign_in_name %}
メール アドレスではなく、次の名前でサインインしてください。
{{ row.sign_in_name }}
{% else %}
メール アドレスでサインインしてください。
{{ recipient.address }}
{% endif %}

{% if row.support_confirmed is defined and not row.support_confirmed %}
まだサインインしないでください。新しいアカウントでも、ご利用予定のサービスでも同様です。\
先に Microsoft サポートが、メール アドレスと以前のアカウントとの関連付けを解除する必要があります。\
完了しましたらお知らせします。それまで新しいアカウントはロックされています。
{% else %}
最初のパスワードは別の方法でお知らせします。\
初回のサインイン時にご自身のパスワードを設定してください。
{% if links.best %}
{{ links.best }}
{% endif %}
{% endif %}
{% if contact %}

ご不明な点は {{ contact }} までお問い合わせください。
{% endif %}
"""

TEMPLATES = {
    "account_takeover": ACCOUNT_TAKEOVER,
    "invitation": INVITATION,
    "redemption_reset": REDEMPTION_RESET,
    "sign_in_name": SIGN_IN_NAME,
    "work_account": WORK_ACCOUNT,
}
