"""What the system allows this process and its children."""

import resource
from typing import Final

OPEN_FILES: Final = 65_536


def allow_many_sockets() -> None:
    """Raise the soft limit of open files towards the hard one: the usual 1024 would end the show at 1000 viewers."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
