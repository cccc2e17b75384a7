"""TURN credentials as coturn checks them, and as clients read them."""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import re
import shutil
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import aioice
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media import turn
from tests.media import offers
from tests.media.nodes import node_in_loop, settings


def test_credentials_are_those_of_coturns_rest_api() -> None:
    granted = turn.credentials("north", "u-1", 1_700_000_000.9, 600)
    assert granted.username == "1700000600:u-1"
    expected = hmac.new(b"north", granted.username.encode(), hashlib.sha1).digest()
    assert base64.b64decode(granted.password) == expected


@given(st.text())
def test_whatever_a_subject_is_called_the_header_stays_one(subject: str) -> None:
    granted = turn.credentials("s", subject, 0.0, 60)
    [link] = turn.links(["turns:turn.example?transport=tcp"], granted)
    assert re.fullmatch(r'<turns:[^>]*>; rel="ice-server"; username="60:[^"\\\s]*"; credential="[^"\\\s]+"; .*', link)
    assert link.isascii()
    assert link.isprintable()


async def test_every_answer_brings_credentials_of_its_own(http: aiohttp.ClientSession) -> None:
    changes = {"ice_servers": "stun:stun.example,turn:turn.example", "turn_secret": "north"}
    async with node_in_loop(http, **changes) as served:
        names = []
        for subject in ("ann", "bob"):
            headers = {
                "Authorization": f"Bearer {served.token('publish', subject=subject)}",
                "Content-Type": "application/sdp",
            }
            offer = offers.chromium("sendonly")
            async with http.post(f"{served.url}/whip/demo", data=offer, headers=headers) as answer:
                assert answer.status == 201
                stun, link = answer.headers.getall("Link")
            assert stun == '<stun:stun.example>; rel="ice-server"'
            found = re.search(r'username="(\d+:(\w+))"; credential="([^"]+)"', link)
            assert found is not None
            digest = hmac.new(b"north", found[1].encode(), hashlib.sha1).digest()
            assert base64.b64decode(found[3]) == digest
            names.append(found[2])
        assert names == ["ann", "bob"]


def test_a_static_account_is_still_possible() -> None:
    [link] = turn.links(["turn:turn.example"], turn.Credentials("u", "p"))
    assert link == '<turn:turn.example>; rel="ice-server"; username="u"; credential="p"; credential-type="password"'
    assert turn.links(["turn:turn.example"], None) == ['<turn:turn.example>; rel="ice-server"']
    assert settings(ice_username="u").ice_username == "u"


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextlib.asynccontextmanager
async def _coturn(folder: Path) -> AsyncIterator[int]:
    program = shutil.which("turnserver")
    if program is None:
        pytest.skip("coturn is not installed")
    port = _free_port()
    options = ["-n", "--no-cli", "--no-tls", "--no-dtls", "--use-auth-secret", "--static-auth-secret=north"]
    options += ["--realm=nearlive", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", f"--listening-port={port}"]
    options += [f"--pidfile={folder / 'pid'}", f"--userdb={folder / 'db'}", "--log-file=stdout"]
    process = await asyncio.create_subprocess_exec(
        program, *options, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, cwd=folder
    )
    try:
        yield port
    finally:
        process.kill()
        await process.wait()


async def _relayed(port: int, granted: turn.Credentials) -> bool:
    agent = aioice.Connection(
        ice_controlling=True,
        turn_server=("127.0.0.1", port),
        turn_username=granted.username,
        turn_password=granted.password,
        transport_policy=aioice.TransportPolicy.RELAY,
    )
    try:
        await asyncio.wait_for(agent.gather_candidates(), 10)
        return any(each.type == "relay" for each in agent.local_candidates)
    except (aioice.stun.TransactionError, ConnectionError):
        return False
    finally:
        await agent.close()


async def test_coturn_takes_them_until_they_end(tmp_path: Path) -> None:
    async with _coturn(tmp_path) as port:
        deadline = time.monotonic() + 10
        while not await _relayed(port, turn.credentials("north", "ann", time.time())):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)
        assert not await _relayed(port, turn.credentials("north", "ann", time.time() - 60, 30))
        assert not await _relayed(port, turn.credentials("south", "ann", time.time()))
