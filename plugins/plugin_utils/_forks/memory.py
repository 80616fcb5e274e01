# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the controller and its workers have in common of memory.

Ansible forks a worker for each task of each host. It begins with all that the controller holds,
which with a thousand tenants is hundreds of megabytes, and shares it until one of them writes to
it. Python's garbage collector writes to everything that it looks through.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import gc


def keep_shared() -> None:
    """Let no collection of garbage look through what there is now, here and in workers.

    What is garbage already is collected first; what becomes garbage later, and refers to itself,
    stays until the end of the run. The rest is freed as ever.
    """
    gc.collect()
    gc.freeze()
