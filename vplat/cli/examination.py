"""What ``vplat doctor`` looks at."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final

from vplat import __version__
from vplat.demos import prebuilt
from vplat.errors import VplatError
from vplat.plugins import Plugins

PACKAGES: Final = ("unicorn", "pyelftools", "numpy", "pluggy", "rich", "click", "rich-click")
UNICORN: Final = "2.1."
"""The block probe relies on what this series does inside."""
COMPILERS: Final = ("riscv64-unknown-elf-gcc", "riscv32-unknown-elf-gcc")
OLDEST_COMPILER: Final = 12
"""The first release that takes zicsr and zifencei in -march, as building firmware needs it."""
PICOLIBC_FLAGS: Final = ("--specs=picolibc.specs", "-march=rv32imafc", "-mabi=ilp32f")
VARIANT: Final = "rv32imafc/ilp32f"
"""Of the library: what toolchain.md asks a compiler for as well."""
PATIENCE_SECONDS: Final = 20


class State(StrEnum):
    """How it is with one thing."""

    OK = "ok"
    LACKING = "lacking"
    """Firmware runs without it, but something else does not."""
    BROKEN = "broken"
    """No firmware runs as it should."""


@dataclasses.dataclass(frozen=True)
class Check:
    """What was found of one thing, and what to do about it."""

    name: str
    state: State
    found: str
    remedy: str = ""


def examine(plugins: Plugins) -> list[Check]:
    """Everything, in the order in which one thing needs the other."""
    return [
        Check("vplat", State.OK, f"{__version__} in {Path(__file__).parents[1]}"),
        _python(),
        *_packages(),
        _probe(),
        _plugins(plugins),
        _demos(),
        _self_test(plugins),
        *_toolchain(),
        _terminal(),
    ]


def _python() -> Check:
    name = f"{platform.python_implementation()} {platform.python_version()}"
    return Check("python", State.OK, f"{name} on {platform.platform()}")


def _packages() -> Iterator[Check]:
    for package in PACKAGES:
        try:
            version = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            remedy = f"install it: python -m pip install {package}"
            yield Check(package, State.BROKEN, "not installed", remedy)
            continue
        if package == "unicorn" and not version.startswith(UNICORN):
            remedy = (
                f"install the series vplat is made for: python -m pip install 'unicorn=={UNICORN}*'"
            )
            yield Check(package, State.BROKEN, version, remedy)
        else:
            yield Check(package, State.OK, version)


def _probe() -> Check:
    from vplat.engines.unicorn_engine import NativeProbe

    if NativeProbe is not None:
        return Check(
            "native probe", State.OK, "compiled: instructions run at the engine's own speed"
        )
    return Check(
        "native probe",
        State.LACKING,
        "not compiled: the probe in Python gives the same results some twenty times slower",
        "install a C compiler and Python's headers (on Debian and Ubuntu: gcc python3-dev), then "
        "install vplat again",
    )


def _plugins(plugins: Plugins) -> Check:
    if plugins.broken:
        names = ", ".join(record.name for record in plugins.broken)
        return Check("plugins", State.LACKING, f"did not load: {names}", "`vplat plugins` says why")
    return Check("plugins", State.OK, f"{len(plugins.records)} loaded")


def _demos() -> Check:
    found = prebuilt()
    if not found:
        remedy = "build it with `make firmware`, or install vplat from its checkout again"
        return Check("prebuilt firmware", State.LACKING, "none", remedy)
    folder = next(iter(found.values())).parent
    return Check("prebuilt firmware", State.OK, f"{', '.join(found)} in {folder}")


def _self_test(plugins: Plugins) -> Check:
    """A program on both probes, which must agree."""
    from vplat.engines.unicorn_engine import NativeProbe

    name = "self test"
    probes = [False] if NativeProbe is None else [True, False]
    try:
        with tempfile.TemporaryDirectory() as folder:
            elf = prebuilt().get("hello") or _tiny_program(Path(folder), plugins)
            cycles = {_cycles_of(elf, plugins, native) for native in probes}
    except VplatError as error:
        return Check(name, State.BROKEN, str(error))
    except Exception as error:  # noqa: BLE001 - whatever is wrong here is what we are looking for
        told = f"{type(error).__name__}: {error}"
        return Check(name, State.BROKEN, told, "see the traceback with `vplat --debug run`")
    if len(cycles) != 1 or None in cycles:
        remedy = "report it with the output of `vplat doctor --json`"
        return Check(name, State.BROKEN, f"{elf.name} ended in {cycles} cycles", remedy)
    ran = "on both probes" if len(probes) > 1 else "on the probe in Python"
    return Check(name, State.OK, f"{elf.name} ended after {cycles.pop():,} cycles {ran}")


def _tiny_program(folder: Path, plugins: Plugins) -> Path:
    from vplat.session import Settings, find_board

    from .speed.places import program_for
    from .speed.program import MEMORY_LOOP

    path = folder / "loop.elf"
    board = find_board(Settings.board, plugins)
    path.write_bytes(program_for(board, MEMORY_LOOP, 1000, harts=1).elf())
    return path


def _cycles_of(elf: Path, plugins: Plugins, native: bool) -> int | None:
    """The cycles the program took, None if it did not exit with 0."""
    from vplat.session import HostConsole, Session, Settings

    settings = Settings(native=native, max_cycles=10_000_000)
    result = Session(elf, plugins, HostConsole(), settings).run()
    return result.statistics.cycles if result.exit_status == 0 else None


def _toolchain() -> Iterator[Check]:
    name = "RISC-V toolchain"
    compiler = next((each for each in COMPILERS if shutil.which(each)), None)
    get = "only building firmware needs it; toolchain.md says how to get one"
    if compiler is None:
        yield Check(name, State.LACKING, f"no {' or '.join(COMPILERS)} on PATH", get)
        return
    banner = _output(compiler, "--version").partition("\n")[0]
    version = re.search(r"(\d+)\.\d+", _output(compiler, "-dumpfullversion"))
    if version is None or int(version[1]) < OLDEST_COMPILER:
        yield Check(
            name, State.LACKING, banner, f"version {OLDEST_COMPILER} or newer builds firmware"
        )
        return
    yield Check(name, State.OK, banner)
    yield _picolibc(compiler, get)


def _picolibc(compiler: str, get: str) -> Check:
    name, ask = "picolibc", "#include <picolibc.h>\n__PICOLIBC_VERSION__\n"
    answer = _output(compiler, *PICOLIBC_FLAGS, "-E", "-P", "-xc", "-", typed=ask)
    if not answer:
        return Check(name, State.LACKING, f"{compiler} finds no picolibc.specs", get)
    version = answer.split()[-1].strip('"')
    if _output(compiler, *PICOLIBC_FLAGS, "-print-multi-directory").strip() != VARIANT:
        return Check(name, State.LACKING, f"{version}, without the variant {VARIANT}", get)
    return Check(name, State.OK, f"{version}, with the variant {VARIANT}")


def _output(*command: str, typed: str = "") -> str:
    """What a program says, given ``typed``; nothing if it fails."""
    try:
        ran = subprocess.run(  # noqa: S603 - a compiler found on PATH, asked who it is
            command,
            input=typed,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return ran.stdout if ran.returncode == 0 else ""


def _terminal() -> Check:
    from rich.console import Console

    console = Console(stderr=True)
    encoding = sys.stdout.encoding or "none"
    if not console.is_terminal:
        found = f"standard error is none, so there is no live view; text is {encoding}"
        return Check("terminal", State.OK, found)
    colours = console.color_system or "no"
    found = (
        f"{os.environ.get('TERM', 'unnamed')}, {console.width} × {console.height}, "
        f"{colours} colours, text is {encoding}"
    )
    return Check("terminal", State.OK, found)
