"""From a written project to its ELF, with the RISC-V GNU toolchain."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from vplat.errors import DeployError, ToolError

from .emit import Project

MOST_LINES = 12


def build(project: Project, *, library: Path | None = None, defines: str = "") -> Path:
    """
    Run ``make`` in the project's directory; the ELF's path. ``library`` is an archive of the
    firmware for the same board that has been built before, ``defines`` are for ``main.c``.

    :raises ToolError: there is no ``make`` or no compiler, or one of them failed
    :raises DeployError: the program does not fit the board's memories
    """
    compiler = os.environ.get("CROSS", "riscv64-unknown-elf-") + "gcc"
    for tool in ("make", compiler):
        if shutil.which(tool) is None:
            raise ToolError(
                f"{tool} is not installed, but builds {project.elf}; toolchain.md says how to get "
                f"the toolchain, or build {project.directory} elsewhere with make"
            )
    command = ["make", "--silent", f"--jobs={os.cpu_count() or 1}"]
    if library is not None:
        command.append(f"LIBRARY={library}")
    if defines:
        command.append(f"DEFINES={defines}")
    done = subprocess.run(  # noqa: S603 - make, in the directory that was just written
        command, cwd=project.directory, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        _explain(project, done.stderr)
    return project.elf


def _explain(project: Project, errors: str) -> None:
    for line in errors.splitlines():
        if "do not fit" in line or "overflowed by" in line or "will not fit" in line:
            raise DeployError(f"{project.directory}: {line.strip()}")
    last = "\n".join(errors.splitlines()[-MOST_LINES:])
    raise ToolError(f"make failed in {project.directory}; what it said ends with:\n{last}")
