"""A project with tests of its firmware, and what pytest says of it."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

from tests.system.firmware_tree import PREBUILT, ROOT

QUIET = ["-p", "no:cacheprovider", "-p", "vplat.testing.plugin", "-q"]


@dataclasses.dataclass
class Project:
    """A folder with tests, and what pytest says of them."""

    folder: Path

    def write(self, **files: str) -> None:
        """Write files; ``__`` in a name stands for a dot."""
        for name, text in files.items():
            (self.folder / name.replace("__", ".")).write_text(text)

    def run(self, *arguments: str, status: int = 0, program: str = "pytest") -> str:
        """What it prints; the exit status is as it should be."""
        options = QUIET if program == "pytest" else []
        result = subprocess.run(
            [sys.executable, "-m", program, *options, *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200", "PYTEST_ADDOPTS": ""},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert result.returncode == status, result.stdout
        return result.stdout


def new_project(folder: Path) -> Project:
    """A project with the prebuilt programs in ``elf``."""
    (folder / "elf").symlink_to(PREBUILT)
    (folder / "firmware").symlink_to(ROOT / "firmware")
    (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    return Project(folder)
