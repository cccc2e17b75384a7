"""Where the built pages are."""

from pathlib import Path

from live.launch.errors import LaunchError

_INSTALLED = Path(__file__).parent / "pages"
_IN_THE_TREE = Path(__file__).parents[1] / "static" / "dist"


def pages_dir() -> Path:
    """The folder with `<page>.html`, `manifest.json` and `assets/`.

    Raises:
        LaunchError: nobody has built them.
    """
    for folder in (_INSTALLED, _IN_THE_TREE):
        if (folder / "index.html").is_file():
            return folder
    raise LaunchError("The pages are not built. In a source tree: `python scripts/build_pages.py`, or scripts/run.")
