# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The notifications that come with the collection. docs/drift.md tells what a template can use.

They are Python because a module that is sent elsewhere takes no other files along. Private to the
collection: it can change in any release.
"""

from __future__ import annotations

TEXT = """\
{{ headline }}

{{ "Course " ~ course ~ ", run" if course else "Run" }} {{ run }}, {{ started }} \
to {{ ended or "(not over)" }}
{{ counts_line }}
{% if not ended %}
The run has not come to its end. Unless it is still under way, it died or failed for every tenant:
look at its output, and run it again.
{% endif %}
{% for tenant in tenants %}

{{ tenant.name }}: {{ tenant.summary }}
{% for reason in tenant.because %}
  not known: {{ reason }}
{% endfor %}
{% if tenant.known_at and tenant.because %}
  last known as a whole: {{ tenant.known_at }}
{% endif %}
{% for each in tenant.deviations %}
  {{ each.label }}: {{ each.system }} {{ each.object }}, {{ each.attribute }}: is {{ each.is }}, \
wanted {{ each.wanted }}{{ each.remark }}
{% endfor %}
{% if tenant.more %}
  and {{ tenant.more }} more in drift.json
{% endif %}
{% for figure in tenant.figures %}
  {{ figure }}
{% endfor %}
{% endfor %}
{% if more_tenants %}

And {{ more_tenants }} more tenants in drift.json.
{% endif %}
{% for line in idle_acceptances %}
{% if loop.first %}

Accepted deviations that are none any more, and can be struck out:
{% endif %}
  {{ line }}
{% endfor %}
"""

MARKDOWN = """\
## {{ headline }}

{{ "Course **" ~ course ~ "**, run" if course else "Run" }} {{ run }}, {{ started }} \
to {{ ended or "(not over)" }}

{{ counts_line }}
{% if not ended %}

**The run has not come to its end.** Unless it is still under way, it died or failed for every
tenant: look at its output, and run it again.
{% endif %}
{% for tenant in tenants %}

### {{ tenant.name }}: {{ tenant.summary }}

{% for reason in tenant.because %}
- **not known**: {{ reason }}
{% endfor %}
{% if tenant.known_at and tenant.because %}
- last known as a whole: {{ tenant.known_at }}
{% endif %}
{% for each in tenant.deviations %}
- **{{ each.label }}**: {{ each.system }} {{ each.object }}, {{ each.attribute }}: is \
{{ each.is }}, wanted {{ each.wanted }}{{ each.remark }}
{% endfor %}
{% if tenant.more %}
- and {{ tenant.more }} more in drift.json
{% endif %}
{% for figure in tenant.figures %}
- {{ figure }}
{% endfor %}
{% endfor %}
{% if more_tenants %}

And {{ more_tenants }} more tenants in drift.json.
{% endif %}
{% for line in idle_acceptances %}
{% if loop.first %}

Accepted deviations that are none any more, and can be struck out:

{% endif %}
- {{ line }}
{% endfor %}
"""
