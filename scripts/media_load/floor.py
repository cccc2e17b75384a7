"""The floor: what protecting and sending alone cost, measured by a small C program where there is a compiler."""

import asyncio
import os
import shutil
from pathlib import Path

from scripts.media_load.child import Child

SOURCE = Path(__file__).with_name("floor.c")
NOTE = "C: AES-128-GCM by libcrypto, UDP GSO, sendmmsg; compiled for this run"
SIZE, PACKETS = 1150, 5  # of a frame of 1.5 Mbit/s


def build(folder: Path) -> Path | None:
    """The program, or None without a C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    return None if compiler is None else folder / "floor"


async def compiled(folder: Path) -> Path | None:
    """Compile it once a folder; None where that cannot be."""
    program = build(folder)
    if program is None or program.exists():
        return program
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang") or ""
    command = [compiler, "-O2", "-o", str(program), str(SOURCE), "-ldl"]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
    return program if await process.wait() == 0 else None


async def measure(program: Path, sink: Child, host: str, seconds: float, core: int = 0) -> float | None:
    """µs of CPU a packet to all of the sink's sockets; None if the program could not run (no libcrypto)."""
    ports = (await sink.ask("ports"))["ports"]
    pipe = asyncio.subprocess.PIPE
    arguments = [host, str(seconds), str(SIZE), str(PACKETS)]
    process = await asyncio.create_subprocess_exec(str(program), *arguments, stdin=pipe, stdout=pipe)
    if (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(process.pid, {core})
    output, _ = await process.communicate("\n".join(map(str, ports)).encode())
    return float(output) if process.returncode == 0 and output else None
