"""What a process has used, by the kernel's own accounting (Linux)."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Memory:
    """KB. `proportional` shares what several processes map; `resident` counts it fully."""

    proportional: int
    resident: int


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads so far; the kernel's clock ticks are 10 ms."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def memory(pid: int) -> Memory:
    """Now."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = dict(re.findall(r"^(Pss|Rss): +(\d+) kB", text, re.MULTILINE))
    return Memory(int(found["Pss"]), int(found["Rss"]))


def descriptors(pid: int) -> int:
    """Open ones."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def socket_kilobytes() -> int:
    """Kernel memory of queued UDP datagrams in this network namespace."""
    match = re.search(r"^UDP: .*mem (\d+)", Path("/proc/net/sockstat").read_text(), re.MULTILINE)
    return int(match[1]) * os.sysconf("SC_PAGE_SIZE") // 1024 if match else 0


def load_average() -> float:
    """Of the last minute."""
    return round(os.getloadavg()[0], 2)


def pin(core: int) -> None:
    """Keep this process on one core, where there is more than one."""
    if (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {core % (os.cpu_count() or 1)})
