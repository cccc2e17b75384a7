"""The command line: what it explains, what it refuses, with which exit status."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from live.settings import Settings

ROOT = Path(__file__).parents[3]


def nearlive(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("NEARLIVE_", "MONGODB_", "REDIS_"))
    }
    return subprocess.run(
        [sys.executable, "-m", "live", *arguments],
        cwd=ROOT,
        env=clean | environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def test_help_explains_every_command_and_setting() -> None:
    done = nearlive("--help")
    assert done.returncode == 0
    for word in ("run", "serve", "seed", "keys", "--reset", "--no-tls", "NEARLIVE_MEDIA_UDP_PORT", "MONGODB_URI"):
        assert word in done.stdout
    for field in Settings.model_fields:
        assert f"NEARLIVE_{field.upper()}" in done.stdout
    assert nearlive("--version").stdout.startswith("nearlive ")


def test_wrong_settings_end_with_status_2_and_a_list(tmp_path: Path) -> None:
    done = nearlive(NEARLIVE_DATA=str(tmp_path), NEARLIVE_PORT="many", NEARLIVE_COLOUR="red")
    assert done.returncode == 2
    assert "NEARLIVE_PORT" in done.stderr
    assert "NEARLIVE_COLOUR" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "environment", "status", "told"),
    [
        (["serve"], {}, 2, "MONGODB_URI is not set"),
        (["run", "--reset"], {}, 1, "--yes"),
        (["--reset", "--yes"], {"MONGODB_URI": "mongodb://localhost"}, 1, "never touches a server that you named"),
        (["--host", "203.0.113.1"], {}, 1, "Cannot listen on 203.0.113.1"),
        (["keys"], {}, 2, "action"),
    ],
)
def test_what_cannot_be_done_is_told(
    arguments: list[str], environment: dict[str, str], status: int, told: str, tmp_path: Path
) -> None:
    done = nearlive(*arguments, NEARLIVE_DATA=str(tmp_path), **environment)
    assert done.returncode == status, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_told_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = nearlive("--port", port, "--data", str(tmp_path))
    assert done.returncode == 1
    assert f"Port {port} on 127.0.0.1 is taken" in done.stderr
    assert not (tmp_path / "database").exists()


def test_keys_are_rotated_from_the_command_line(tmp_path: Path) -> None:
    before = Settings(data=tmp_path).token_keys
    done = nearlive("keys", "rotate", NEARLIVE_DATA=str(tmp_path))
    assert done.returncode == 0, done.stderr
    after = Settings(data=tmp_path).token_keys
    assert after.current in done.stdout
    assert after.secret not in done.stdout
    assert before.current in after.keys


def test_many_sockets_are_allowed_where_the_system_lets_us() -> None:
    code = (
        "import resource as r; from live.launch.limits import allow_many_sockets as allow\n"
        "hard = min(r.getrlimit(r.RLIMIT_NOFILE)[1], 4096); r.setrlimit(r.RLIMIT_NOFILE, (256, hard)); allow()\n"
        "print(r.getrlimit(r.RLIMIT_NOFILE)[0] == hard)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == "True\n", done.stderr


@pytest.mark.timeout(180)
def test_a_server_of_ones_own_gets_its_first_admin(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "live", "people", "add", "olga", "--name", "Olga"]
    environment = os.environ | {"NEARLIVE_DATA": str(tmp_path)}

    def add(password: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=ROOT, env=environment, input=f"{password}\n", capture_output=True, text=True, check=False
        )

    done = add("correct horse battery")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(" olga admin\n")
    again = add("correct horse battery")
    assert again.returncode == 1
    assert "Traceback" not in again.stderr
    assert again.stderr == "Somebody has this login.\n"
