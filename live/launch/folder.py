"""The data folder: one `nearlive run` at a time works on it."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from live.launch.errors import FolderInUseError, LaunchError

DATABASE: Final = "database"
REDIS: Final = "redis"
MEDIA: Final = "media"  # recordings and pictures
FORGOTTEN: Final = (DATABASE, REDIS, MEDIA)  # by a reset; keys and certificate stay, phones have accepted it


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the folder until the block ends; the kernel lets go when the process dies, however it dies.

    Raises:
        FolderInUseError: another process holds it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise LaunchError(f"The data folder {folder} cannot be used: {error.strerror}.") from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.read(handle, 20).decode(errors="replace").strip() or "?"
            raise FolderInUseError(
                f"Nearlive already runs on {folder} (process {owner}). Stop it, or choose another folder with --data."
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)


def forget(folder: Path) -> None:
    """Remove what Nearlive keeps in the folder, and nothing else that may lie there."""
    for name in FORGOTTEN:
        path = folder / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
