"""HTTP/1.1 as lean as a load needs it: one kept connection a buyer, bodies of known length, nothing else."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, its headers in lower case, and the body's JSON."""

    status: int
    headers: Mapping[str, str]
    body: Any


class Connection:
    """One kept connection to the server."""

    def __init__(self, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._host = host
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, host: str, port: int) -> Self:
        """Raises OSError."""
        return cls(f"{host}:{port}", *await asyncio.open_connection(host, port, limit=_LARGEST))

    async def post(self, path: str, body: object, headers: Mapping[str, str]) -> Answer:
        """Raises OSError, asyncio.IncompleteReadError when the server goes away."""
        text = json.dumps(body).encode()
        lines = [
            f"POST {path} HTTP/1.1",
            f"Host: {self._host}",
            "Content-Type: application/json",
            f"Content-Length: {len(text)}",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        self._writer.write("\r\n".join([*lines, "", ""]).encode() + text)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        found = dict(self._header(line) for line in head[1:] if line)
        raw = await self._reader.readexactly(int(found.get("content-length", "0")))
        return Answer(int(head[0].split(" ", 2)[1]), found, json.loads(raw) if raw else None)

    @staticmethod
    def _header(line: str) -> tuple[str, str]:
        name, _, value = line.partition(":")
        return name.strip().lower(), value.strip()

    def close(self) -> None:
        self._writer.close()
