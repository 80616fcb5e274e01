# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fleet_drift
short_description: Tell how tenants deviate from what is wanted, and what is new
version_added: 1.5.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Takes the plans of a dry run over many tenants, as the callback
    P(tenantops.migration.change_plan#callback) writes them, and compares them with the last report
    in O(folder). Each change that the dry run would make is a deviation.
  - Tells of each deviation whether it is new, still there, gone, accepted, no longer accepted, or
    not known because its tenant could not be looked at as a whole. A tenant that failed is never
    one without drift; what was last known of it is kept and marked as old.
  - Writes C(drift.json) for programs, and C(notification.txt) and C(notification.md) for people.
    The formats are in C(docs/formats.md).
  - One task does it for all tenants. No tenant and no server is asked.
  - The playbook C(tenantops.migration.drift) does all of it, see C(docs/drift.md).
requirements:
  - python >= 3.11
  - jinja2 >= 3.1
  - PyYAML, for O(accepted) in YAML
notes:
  - The files can be read by their owner only. They are written in check mode too.
attributes:
  check_mode:
    support: full
    description: Changes no tenant, and writes its files in C(check_mode) too.
  diff_mode:
    support: N/A
    description: Will tell in diff mode what changes, or would change in C(check_mode).
options:
  state:
    description:
      - V(begun) writes that a look at O(tenants) has begun, with what was last known of them. If
        the run dies, that is what stays, with the verdict V(failed).
      - V(ended) writes what the look came to.
    type: str
    choices: [begun, ended]
    default: ended
  tenants:
    description:
      - The tenants that the dry run was for. One that it wrote no plan of is told as not known.
      - Other tenants of the last report are kept in it as they are, and do not count.
    type: list
    elements: str
    required: true
  plans:
    description:
      - The folder with the plans and the index of a dry run, an absolute path.
      - Required with O(state=ended).
    type: path
  began:
    description:
      - When the dry run began, as RV(began) of the task with O(state=begun). Plans that are older
        are refused.
    type: str
  folder:
    description:
      - The folder of the drift reports, an absolute path. It is made if it is not there, for its
        owner only.
      - Several tasks can use one folder; one waits for the other.
    type: path
    required: true
  accepted:
    description:
      - A file of accepted deviations, an absolute path. It is a list in YAML (C(.yml), C(.yaml))
        or a table (C(.csv)).
      - Each has C(tenant), C(object) and C(attribute), which are patterns as of a shell in which
        case does not matter, a C(reason), and C(until), the last day on which it is accepted, such
        as V(2027-01-31). C(object) is held against the name and the id.
      - A row without one of them is an error that names the row.
    type: path
  course:
    description:
      - The name of what was looked at, for people.
      - If it is not given, the playbook that the plans are of.
    type: str
  run:
    description:
      - The name of this look in the history. By default the time in UTC.
    type: str
  templates:
    description:
      - A folder with templates of one's own, C(notification.txt.j2) or C(notification.md.j2). They
        take the place of those that come with the collection.
    type: path
  objects_told:
    description:
      - How many deviations of each tenant the notification lists at most. C(drift.json) has all.
    type: int
    default: 10
  tenants_told:
    description:
      - How many tenants the notification lists at most. C(drift.json) has all.
    type: int
    default: 100
  history_kept:
    description:
      - How many reports stay in C(history) below O(folder), the newest ones.
    type: int
    default: 30
seealso:
  - plugin: tenantops.migration.change_plan
    plugin_type: callback
"""

EXAMPLES = r"""
- name: Note that the tenants are being looked at
  tenantops.migration.fleet_drift:
    state: begun
    tenants: "{{ groups['tenants'] }}"
    folder: /var/lib/tenantops/drift
    course: migrate
    run: 20261123T020000Z
  register: look

- name: Tell what is new since the last report
  tenantops.migration.fleet_drift:
    tenants: "{{ groups['tenants'] }}"
    plans: /var/lib/tenantops/report/check
    began: "{{ look.began }}"
    run: "{{ look.run }}"
    folder: /var/lib/tenantops/drift
    accepted: /etc/tenantops/accepted.yml
    templates: /etc/tenantops/drift
    objects_told: 5
    tenants_told: 50
    history_kept: 90
"""

RETURN = r"""
verdict:
  description: V(none), V(drift), V(failed) or V(drift_and_failed). It is never V(none) while a
    tenant is not known as a whole.
  returned: success
  type: str
  sample: drift
headline:
  description: The report in one line.
  returned: success
  type: str
  sample: "Drift: 2 drifted, of 40 tenants"
counts:
  description: How many deviations there are of each status, over all O(tenants).
  returned: success
  type: dict
  sample:
    new: 3
    still_there: 1
    acceptance_expired: 0
    unknown: 0
    gone: 2
    accepted: 4
drifted:
  description: The tenants with a deviation that nobody accepts.
  returned: success
  type: list
  elements: str
  sample:
    - contoso
unknown:
  description: The tenants that could not be looked at as a whole.
  returned: success
  type: list
  elements: str
  sample: []
began:
  description: When the look began, in UTC.
  returned: success
  type: str
  sample: "2026-11-23T02:00:00+00:00"
run:
  description: The name of the look in the history.
  returned: success
  type: str
  sample: 20261123T020000Z
report:
  description: The file with all of it.
  returned: success
  type: str
  sample: /var/lib/tenantops/drift/drift.json
notification:
  description: What C(notification.txt) says.
  returned: success
  type: str
  sample: "Drift: 2 drifted, of 40 tenants"
error:
  description: What went wrong, in parts. C(msg) tells the same in words.
  returned: failure
  type: dict
  sample:
    kind: invalid_input
    problem: An accepted deviation lacks its reason
    server: ""
    object: /etc/tenantops/accepted.yml, entry 3
    answer: ""
    advice: Say for each why it is accepted (reason) and until which day (until); tenant, object and
      attribute are patterns, and * means all.
"""

from ..module_utils._doors.arguments import Arguments
from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation
from ..module_utils._drift.runner import BEGUN, ENDED, run

OPERATION = Operation(
    arguments=Arguments(
        {
            "state": {"type": "str", "choices": [BEGUN, ENDED], "default": ENDED},
            "tenants": {"type": "list", "elements": "str", "required": True},
            "plans": {"type": "path"},
            "began": {"type": "str"},
            "folder": {"type": "path", "required": True},
            "accepted": {"type": "path"},
            "course": {"type": "str"},
            "run": {"type": "str"},
            "templates": {"type": "path"},
            "objects_told": {"type": "int", "default": 10},
            "tenants_told": {"type": "int", "default": 100},
            "history_kept": {"type": "int", "default": 30},
        },
        required_if=(("state", ENDED, ("plans",)),),
    ),
    run=run,
)


def main() -> None:
    """Run as an ordinary module."""
    run_module(OPERATION)


if __name__ == "__main__":
    main()
