"""The pages are built when need be, and the wheel carries them."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from scripts import build_pages

ROOT = Path(__file__).parents[3]


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A project that builds: its output counts how often."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.js").write_text("1")
    (tmp_path / "node_modules").mkdir()
    script = "mkdir -p dist && echo built >> dist/index.html && cat src/main.js"
    package = {"name": "p", "version": "1.0.0", "scripts": {"build": script, "check": "false"}}
    (tmp_path / "package.json").write_text(json.dumps(package))
    lock = {"name": "p", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {"name": "p", "version": "1.0.0"}}}
    (tmp_path / "package-lock.json").write_text(json.dumps(lock))
    return tmp_path


def test_they_are_built_when_a_source_has_changed_and_only_then(pages: Path) -> None:
    def built() -> int:
        return (pages / "dist" / "index.html").read_text().count("built")

    assert build_pages.build(pages)
    assert not build_pages.build(pages)
    assert built() == 1
    (pages / "src" / "main.js").write_text("2")
    assert build_pages.build(pages)
    assert built() == 2
    (pages / "src" / "main.js").unlink()
    with pytest.raises(build_pages.PagesError, match="build"):
        build_pages.build(pages)
    with pytest.raises(build_pages.PagesError, match="build"):
        build_pages.build(pages)


def test_a_failed_type_check_is_told(pages: Path) -> None:
    with pytest.raises(build_pages.PagesError, match="check"):
        build_pages.check(pages)


def test_without_a_lock_nothing_is_installed(tmp_path: Path) -> None:
    with pytest.raises(build_pages.PagesError, match="whole source tree"):
        build_pages.build(tmp_path)


def test_the_wheel_has_the_packages_and_the_built_pages(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("nearlive-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        manifest = json.loads(archive.read("live/pages/manifest.json"))
        (about,) = (name for name in names if name.endswith(".dist-info/entry_points.txt"))
        assert "nearlive = live.__main__:main" in archive.read(about).decode()
    assert {
        "live/__main__.py",
        "live/launch/bound_exec.py",
        "live/launch/secantusd.toml",
        "live/py.typed",
        "media/__main__.py",
        "orders/__init__.py",
        "delivery/__init__.py",
        "moderation/__init__.py",
    } <= names
    for page in ("index", "watch", "studio", "console", "counter", "courier"):
        assert f"live/pages/{page}.html" in names
        assert f"live/pages{manifest[page]['script']}" in names
    packages = {name.split("/")[0] for name in names}
    assert {name for name in packages if "dist-info" not in name} == {
        "live",
        "media",
        "orders",
        "delivery",
        "moderation",
    }
