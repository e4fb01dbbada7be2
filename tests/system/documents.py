"""Runs a document: writes the files it shows, does what its shell blocks say, compares the output.

What a fenced block is, is told by the words behind the fence:

* a language and a file name: the block is the next part of that file, a blank line between them;
* ``sh``: commands, run in the document's folder;
* ``text`` behind such a block: what the commands print on standard output. Three dots stand for
  what is left out: on a line of their own for lines, else for a part of their line. How many blanks
  there are is not compared.

Other blocks are for reading only.
"""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import stat
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
COMMANDS: Final = {
    "vplat": "-m vplat",
    "python": "",
    "pytest": "-m pytest -p no:cacheprovider -p no:xdist -p vplat.testing.plugin",
}
"""What the shell blocks call, run by the interpreter that runs the test."""
SURROUNDINGS: Final = {"COLUMNS": "100", "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}
INSTALLATION: Final = "pip install ."
FENCE: Final = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LEFT_OUT: Final = "..."


@dataclasses.dataclass(frozen=True)
class Block:
    """One fenced block; ``line`` is where it begins, ``file`` '' if it is part of none."""

    line: int
    language: str
    file: str
    text: str


def blocks(document: Path) -> list[Block]:
    """The fenced blocks of a document, in order."""
    text = document.read_text("utf-8")
    return [
        Block(text.count("\n", 0, match.start()) + 1, match[1], match[2] or "", match[3])
        for match in FENCE.finditer(text)
    ]


class Workplace:
    """A folder with the commands that documents use, and the checkout's ``firmware`` in it.

    With ``terminal`` what is printed includes standard error, as on a terminal.
    """

    def __init__(self, folder: Path, *, terminal: bool = False) -> None:
        self._errors = subprocess.STDOUT if terminal else subprocess.PIPE
        self.folder, self._bin, self._site = folder / "work", folder / "bin", folder / "site"
        for each in (self.folder, self._bin, self._site):
            each.mkdir()
        (self.folder / "firmware").symlink_to(ROOT / "firmware")
        for name, options in COMMANDS.items():
            script = self._bin / name
            script.write_text(f'#!/bin/sh\nexec "{sys.executable}" {options} "$@"\n')
            script.chmod(script.stat().st_mode | stat.S_IXUSR)

    def follow(self, document: Path) -> Iterator[tuple[Block, str]]:
        """Do what the blocks say; each ``text`` behind a ``sh``, with what was printed instead."""
        started: set[str] = set()
        printed: str | None = None
        for block in blocks(document):
            if block.file:
                with (self.folder / block.file).open("a" if block.file in started else "w") as file:
                    file.write(f"\n{block.text}" if block.file in started else block.text)
                started.add(block.file)
                printed = None
            elif block.language == "sh":
                printed = self._run(f"{document.name}:{block.line}", block.text)
            elif block.language == "text" and printed is not None:
                yield block, printed
                printed = None

    def _run(self, where: str, script: str) -> str:
        if script.strip() == INSTALLATION:
            self._install()
            return ""
        paths = os.pathsep.join([str(self._bin), os.environ["PATH"]])
        modules = os.pathsep.join([str(ROOT), str(self._site)])
        result = subprocess.run(
            ["sh", "-e", "-c", script],
            cwd=self.folder,
            env={**os.environ, **SURROUNDINGS, "PATH": paths, "PYTHONPATH": modules},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            check=False,
        )
        assert result.returncode == 0, f"{where}: {script}{result.stdout}{result.stderr or ''}"
        return result.stdout

    def _install(self) -> None:
        """What pip does with the package in the folder, without the network it may want."""
        package = tomllib.loads((self.folder / "pyproject.toml").read_text("utf-8"))
        project: dict[str, Any] = package["project"]
        name, version = project["name"].replace("-", "_"), project["version"]
        information = self._site / f"{name}-{version}.dist-info"
        information.mkdir()
        (information / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {version}\n"
        )
        points = [
            f"{point} = {module}" for point, module in project["entry-points"]["vplat"].items()
        ]
        (information / "entry_points.txt").write_text("\n".join(["[vplat]", *points, ""]))
        for module in package["tool"]["setuptools"]["py-modules"]:
            shutil.copy(self.folder / f"{module}.py", self._site)


def says_the_same(shown: str, printed: str) -> bool:
    """Whether ``printed`` is what the document shows, apart from blanks and what is left out."""
    patterns = []
    for line in _without_spare_blanks(shown):
        parts = [re.escape(part) for part in line.split(LEFT_OUT)]
        patterns.append(r"(?:.*\n)*?" if line == LEFT_OUT else ".*".join(parts) + r"\n")
    text = "".join(f"{line}\n" for line in _without_spare_blanks(printed))
    return re.fullmatch("".join(patterns), text) is not None


def without_figures(text: str) -> str:
    """The text with one sign for every number, and one for every rule of a table."""
    return re.sub("─+", "─", re.sub(r"\d[\d,.]*", "#", text))


def _without_spare_blanks(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]
