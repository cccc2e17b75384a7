"""The node as a program: settings, its one line, its end."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from media.__main__ import main
from media.settings import MediaSettings
from tests.media.nodes import SECRET


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET + "\n", encoding="utf-8")
    monkeypatch.setenv("NEARLIVE_MEDIA_SECRET_FILE", str(tmp_path / "secret"))
    monkeypatch.setenv("NEARLIVE_MEDIA_PUBLIC_IPS", "192.0.2.1, 2001:db8::1")
    monkeypatch.setenv("NEARLIVE_MEDIA_PREVIOUS_SECRET", "p" * 32)
    settings = MediaSettings()
    assert settings.public_ips == ("192.0.2.1", "2001:db8::1")
    assert settings.keys() == {"1": SECRET, "0": "p" * 32}


@pytest.mark.parametrize("wrong", [{"secret": "short"}, {"udp_port": 70_000}, {"node_id": "a b"}, {"unheard_of": 1}])
def test_wrong_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        MediaSettings.model_validate({"secret": SECRET} | wrong)


def test_the_program_says_what_is_wrong_without_the_secret(capsys: pytest.CaptureFixture[str]) -> None:
    os.environ.pop("NEARLIVE_MEDIA_SECRET", None)
    assert main(["--udp-port", "many"]) == 2
    said = capsys.readouterr().err
    assert "udp_port" in said


async def test_it_starts_says_where_and_ends_on_sigterm(tmp_path: Path) -> None:
    environment = {**os.environ, "NEARLIVE_MEDIA_SECRET": SECRET}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "media",
        "--http-port",
        "0",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    )
    assert process.stdout is not None
    line = (await asyncio.wait_for(process.stdout.readline(), 30)).decode().split()
    assert line[:3] == ["media", "listening", "on"]
    assert line[3].startswith("http://127.0.0.1:")
    assert line[4] == "udp"
    assert int(line[5]) > 0
    process.terminate()
    _, errors = await asyncio.wait_for(process.communicate(), 10)
    assert process.returncode == 0
    assert b"Traceback" not in errors


async def test_the_picture_maker_starts_and_ends(redis_url: str) -> None:
    environment = {**os.environ, "NEARLIVE_MEDIA_SECRET": SECRET, "NEARLIVE_MEDIA_REDIS_URL": redis_url}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "media.pictures", stdout=subprocess.PIPE, env=environment
    )
    assert process.stdout is not None
    assert (await asyncio.wait_for(process.stdout.readline(), 30)) == b"pictures ready\n"
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 10) == 0


def test_what_the_server_imports_is_light() -> None:
    """Tokens, client and directory are for the web server: neither aiortc nor av nor numpy comes with them."""
    program = "import sys, media.tokens, media.client, media.directory; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {"aiortc", "aioice", "av", "numpy", "pylibsrtp"} & set(modules)
