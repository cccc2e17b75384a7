"""Processes of a load that are asked by lines of JSON, and answer by such lines."""

import asyncio
import contextlib
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Self

Handler = Callable[..., Awaitable[dict[str, Any]]]
PATIENCE = 300.0  # seconds for an answer
_LINE = 1 << 20


class ChildError(Exception):
    """A child ended, or answered with an error."""


class Child:
    """The parent's side."""

    def __init__(self, process: asyncio.subprocess.Process, name: str) -> None:
        self.process = process
        self._name = name

    @classmethod
    async def start(cls, name: str, command: list[str]) -> Self:
        """Start it; its standard error goes where ours does."""
        pipe = asyncio.subprocess.PIPE
        return cls(await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, limit=_LINE), name)

    async def ask(self, what: str, **arguments: Any) -> dict[str, Any]:
        """Its answer. Raises ChildError."""
        assert self.process.stdin is not None  # noqa: S101 - see start
        assert self.process.stdout is not None  # noqa: S101
        self.process.stdin.write(json.dumps([what, arguments]).encode() + b"\n")
        try:
            line = await asyncio.wait_for(self.process.stdout.readline(), PATIENCE)
        except TimeoutError:
            raise ChildError(f"{self._name} did not answer to {what}") from None
        if not line:
            raise ChildError(f"{self._name} has ended")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise ChildError(f"{self._name}: {answer['error']}")
        return answer

    async def stop(self) -> None:
        """End it by closing its input; kill it if it does not."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            await asyncio.wait_for(self.process.wait(), 15)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()


async def serve(handlers: Mapping[str, Handler], expected: tuple[type[Exception], ...]) -> None:
    """The child's side: until the input ends. `expected` errors become answers."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_LINE)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        what, arguments = json.loads(line)
        try:
            answer = await handlers[what](**arguments)
        except expected as error:
            answer = {"error": str(error) or type(error).__name__}
        with contextlib.suppress(BrokenPipeError):
            print(json.dumps(answer), flush=True)
