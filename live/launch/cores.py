"""How many cores this process may use."""

import math
import os
from pathlib import Path
from typing import Final

QUOTA: Final = Path("/sys/fs/cgroup/cpu.max")


def cores(quota: Path = QUOTA) -> int:
    """Whole cores, at least one: those that we may run on, as far as a container's quota (cgroup v2) pays for them."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        allowed, period = quota.read_text(encoding="ascii").split()
        usable = min(usable, math.floor(int(allowed) / int(period)))
    except (OSError, ValueError, ZeroDivisionError):  # no such file, or "max": no quota
        pass
    return max(1, usable)
