"""What a line of the log looks like."""

import asyncio
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from aiohttp import web

from live import logs
from live.settings import Settings


@pytest.fixture(autouse=True)
def undo() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, log_format="json")


def test_a_line_is_json_and_has_the_request_id(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(settings)
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        structlog.get_logger("live.test").info("订单 placed", order="ord_1")
        logging.getLogger("elsewhere").warning("odd %s", "thing")
    ours, theirs = map(json.loads, capsys.readouterr().err.splitlines())
    assert (ours["event"], ours["order"], ours["level"], ours["logger"], ours["request_id"]) == (
        "订单 placed",
        "ord_1",
        "info",
        "live.test",
        "r1",
    )
    assert ours["timestamp"].endswith("Z")
    assert (theirs["event"], theirs["request_id"], theirs["logger"]) == ("odd thing", "r1", "elsewhere")


def test_an_exception_is_inside_the_line_without_what_variables_held(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(settings)
    phone = "138" + "00138000"
    try:
        int(f"not {len(phone)}")
    except ValueError:
        structlog.get_logger("live.test").exception("failed")
    (line,) = capsys.readouterr().err.splitlines()
    (cause,) = json.loads(line)["exception"]
    assert cause["exc_type"] == "ValueError"
    assert cause["frames"][-1]["name"] == "test_an_exception_is_inside_the_line_without_what_variables_held"
    assert phone not in line


def test_lower_levels_are_not_shown(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(settings.model_copy(update={"log_level": "warning"}))
    structlog.get_logger("live.test").info("quiet")
    logging.getLogger("elsewhere").info("quiet")
    assert capsys.readouterr().err == ""


async def test_what_aiohttp_cannot_read_is_not_quoted(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(settings)
    runner = web.AppRunner(web.Application(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", runner.addresses[0][1])
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nCookie: nearlive_refresh=fam_secret\x0b\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.0 400")
        writer.close()
    finally:
        await runner.cleanup()
    (line,) = capsys.readouterr().err.splitlines()
    assert "secret" not in line
    assert "127.0.0.1" not in line
    told = json.loads(line)
    assert (told["event"], told["level"], told["logger"]) == ("request not readable", "info", "aiohttp.server")
