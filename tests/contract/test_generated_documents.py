"""What is generated and committed says what the descriptions say now."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from vplat.plugins import Plugins

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"


def texts(folder: Path) -> dict[str, str]:
    """Every file of a folder by its name."""
    return {path.name: path.read_text("utf-8") for path in folder.iterdir()}


def test_the_reference_pages_are_current(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "vplat", "export", "reference", "--output"]
    subprocess.run([*command, str(tmp_path)], cwd=ROOT, check=True, capture_output=True)
    found, wanted = texts(REFERENCE), texts(tmp_path)
    assert sorted(found) == sorted(wanted)
    stale = [name for name, text in wanted.items() if found[name] != text]
    assert stale == [], "run `vplat export reference --output docs/reference`"


def test_every_built_in_device_has_a_reference_page_that_the_index_links_to() -> None:
    kinds = Plugins(installed=False).named("vplat_peripherals", "kind", "peripheral kind")
    index = (REFERENCE / "README.md").read_text("utf-8")
    assert kinds
    for kind in kinds:
        assert f"({kind}.md)" in index
        assert (REFERENCE / f"{kind}.md").is_file()
