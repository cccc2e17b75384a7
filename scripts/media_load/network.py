"""A network namespace for the clients, joined to ours by a veth pair: packets go as they go between two hosts."""

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Network:
    """`server` and `clients` are addresses; `enter` goes before a command that runs on the clients' side."""

    kind: str
    server: str
    clients: str
    enter: tuple[str, ...] = ()


LOOPBACK = Network("loopback", "127.0.0.1", "127.0.0.1")


async def _run(command: str) -> bool:
    null = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command.split(), stdout=null, stderr=null)
    return await process.wait() == 0


@contextlib.asynccontextmanager
async def network(*, loopback: bool = False) -> AsyncIterator[Network]:
    """Namespaces where we may make them (root, Linux), loopback elsewhere."""
    number = os.getpid() % 60_000
    name, outer, inner = f"nearlive-load-{number}", f"nl{number}a", f"nl{number}b"
    server, clients = f"10.{200 + number % 50}.{number // 250}.1", f"10.{200 + number % 50}.{number // 250}.2"
    steps = (
        f"ip netns add {name}",
        f"ip link add {outer} type veth peer name {inner} netns {name}",
        f"ip addr add {server}/30 dev {outer}",
        f"ip link set {outer} up",
        f"ip -n {name} addr add {clients}/30 dev {inner}",
        f"ip -n {name} link set {inner} up",
        f"ip -n {name} link set lo up",
    )
    able = not loopback and os.geteuid() == 0 and shutil.which("ip") is not None
    made = able
    try:
        if able:
            for step in steps:
                made = made and await _run(step)
        yield Network("namespaces", server, clients, ("ip", "netns", "exec", name)) if made else LOOPBACK
    finally:
        if able:
            await _run(f"ip link del {outer}")
            await _run(f"ip netns del {name}")
