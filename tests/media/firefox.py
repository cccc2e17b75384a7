"""A headless Firefox, driven by WebDriver BiDi, which it speaks by itself."""

import asyncio
import itertools
import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import websockets

#: Fake devices, no questions, and addresses instead of mDNS names.
PREFERENCES = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,
    "media.autoplay.blocking_policy": 0,
    "media.peerconnection.ice.loopback": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "media.devices.insecure.enabled": True,
    "media.getusermedia.insecure.enabled": True,
    "media.gmp-manager.url": "",
    "media.gmp-manager.updateEnabled": False,
    "devtools.jsonview.enabled": False,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
}
SOCKET = re.compile(r"WebDriver BiDi listening on (ws://\S+)")


def find() -> str | None:
    """The program, or None where it is not installed."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


class Firefox:
    """One tab."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._tab = ""
        self.version = ""

    async def _call(self, method: str, **params: object) -> Any:
        number = next(self._numbers)
        await self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        async with asyncio.timeout(30):
            while True:
                message = json.loads(await self._socket.recv())
                if message.get("id") != number:
                    continue  # an event
                assert message["type"] == "success", message
                return message["result"]

    async def begin(self) -> None:
        """A session and its first tab."""
        session = await self._call("session.new", capabilities={})
        self.version = session["capabilities"]["browserVersion"]
        tree = await self._call("browsingContext.getTree")
        self._tab = tree["contexts"][0]["context"]

    async def goto(self, url: str) -> None:
        """Until it has loaded."""
        await self._call("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    async def evaluate(self, function: str, argument: object = None) -> Any:
        """What an async function of one argument, both as JSON, resolves to."""
        source = f"async () => JSON.stringify(await ({function})({json.dumps(argument)}) ?? null)"
        result = await self._call(
            "script.callFunction", functionDeclaration=source, awaitPromise=True, target={"context": self._tab}
        )
        assert result["type"] == "success", result
        return json.loads(result["result"]["value"])


@asynccontextmanager
async def firefox(folder: Path) -> AsyncIterator[Firefox]:
    """A browser with a new profile in `folder`."""
    program = find()
    assert program is not None
    profile = folder / "profile"
    profile.mkdir()
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items()]
    (profile / "user.js").write_text("".join(lines))
    process = await asyncio.create_subprocess_exec(
        program,
        *("--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "HOME": str(folder), "MOZ_DISABLE_CONTENT_SANDBOX": "1"},
    )
    assert process.stderr is not None
    drain: asyncio.Task[bytes] | None = None
    try:
        async with asyncio.timeout(60):
            while (found := SOCKET.search((await process.stderr.readline()).decode())) is None:
                assert process.returncode is None, "Firefox did not start"
        drain = asyncio.ensure_future(process.stderr.read())
        async with websockets.connect(f"{found.group(1)}/session", max_size=None) as socket:
            browser = Firefox(socket)
            await browser.begin()
            yield browser
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        if drain is not None:
            await drain
