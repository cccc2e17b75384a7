"""Build hook of the distribution: the wheel carries the pages, built."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PagesHook(BuildHookInterface):  # type: ignore[type-arg]  # its parameter is the builder's configuration, unused
    """Builds the pages for a wheel and for an editable installation."""

    def dependencies(self) -> list[str]:
        """Node, if the machine has none."""
        pages = _build_pages(Path(self.root))
        return [] if pages.has_node() else [f"{pages.NODE_WHEEL}>=22"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before the files are collected."""
        pages = _build_pages(Path(self.root))
        pages.build()
        if version != "editable":  # there live/pages_dir.py finds them in the tree
            build_data["force_include"][str(pages.DIST)] = "live/pages"


def _build_pages(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_pages", root / "scripts" / "build_pages.py")
    assert spec is not None, "a path was given"  # noqa: S101 - for the type checker
    assert spec.loader is not None, "a Python file"  # noqa: S101 - for the type checker
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
