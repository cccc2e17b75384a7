"""One at a time on a data folder, and a reset that forgets only what is ours."""

import subprocess
import sys
from pathlib import Path

import pytest

from live.launch import folder
from live.launch.errors import FolderInUseError, LaunchError


def test_a_second_holder_is_told_who_is_first(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from live.launch import folder\n"
        "with folder.held(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with pytest.raises(FolderInUseError, match=str(first.pid)), folder.held(tmp_path):
            pass
        first.kill()
    with folder.held(tmp_path):
        pass


def test_a_folder_that_cannot_be_made_is_told() -> None:
    with pytest.raises(LaunchError, match="/proc/nearlive"), folder.held(Path("/proc/nearlive")):
        pass


def test_a_reset_leaves_what_it_does_not_know(tmp_path: Path) -> None:
    for name in ("database/x", "redis/y", "tls/cert.pem", "holiday/photo.jpg"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    (tmp_path / "keys.json").touch()
    folder.forget(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["holiday", "keys.json", "tls"]
