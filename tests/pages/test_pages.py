"""The logic of the pages that needs no browser: each `*.test.ts` here, bundled and run by Node's own test runner."""

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
STATIC = HERE.parents[1] / "static"


@pytest.mark.parametrize("source", sorted(HERE.glob("*.test.ts")), ids=lambda path: path.name)
def test_pages(source: Path, tmp_path: Path) -> None:
    node, esbuild = shutil.which("node"), STATIC / "node_modules" / ".bin" / "esbuild"
    assert node is not None
    assert esbuild.exists(), "run scripts/build_pages.py first"
    bundle = tmp_path / "bundle.mjs"
    build = [
        str(esbuild),
        str(source),
        "--bundle",
        "--platform=node",
        "--format=esm",
        "--jsx=automatic",
        "--jsx-import-source=preact",
        f"--inject:{HERE / 'browserless.js'}",
        f"--outfile={bundle}",
        "--log-level=warning",
    ]
    subprocess.run(build, check=True, cwd=STATIC, env={"NODE_PATH": str(STATIC / "node_modules"), "PATH": ""})
    ran = subprocess.run(
        [node, "--test", "--test-reporter=tap", str(bundle)],
        capture_output=True,
        text=True,
        check=False,
        env={"TZ": "Asia/Shanghai", "PATH": str(Path(node).parent)},
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "\n# pass 0\n" not in ran.stdout
