"""A project on disk: everything that is needed to build and to run a network, in one directory."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vplat.deploy.planned import STACK_BYTES, Planned
from vplat.errors import DeployError

from .data import BINARY, data_files, linker_script
from .firmware_files import family, files_for, firmware_root
from .makefile import MAKEFILE
from .names import home_names
from .text import (
    MAIN,
    Written,
    includes_of,
    memory_header,
    network_files,
    network_header,
    written_layers,
)

MANIFEST: Final = "network.json"
"""By which a directory is known as a project of ours, and may be replaced."""
FORMAT: Final = "vplat-deploy"


@dataclass(frozen=True)
class Project:
    """A written project; ``functions`` are those of the layers, in order."""

    directory: Path
    planned: Planned
    functions: tuple[str, ...]

    @property
    def elf(self) -> Path:
        """What ``make`` makes."""
        return self.directory / "network.elf"


def write_project(
    directory: Path,
    planned: Planned,
    inputs: Mapping[str, bytes],
    sources: Sequence[Path] = (),
) -> Project:
    """
    Write the project of a network, as a whole or not at all. ``inputs`` are the bytes of inputs by
    tensor; those that are not given are zeros. ``sources`` are folders in which headers of layers
    lie that are not in our firmware.

    :raises DeployError: the directory holds something else, or cannot be written
    """
    check_directory(directory)
    layers = written_layers(planned)
    texts, content = _texts(planned, layers, inputs)
    board = planned.board.name
    files = files_for(board, ["hal/hal.h", "deploy/layer.h", *includes_of(layers)], sources)
    compiled = [f"firmware/{each}" for each in files if each.endswith((".c", ".S"))]
    texts["Makefile"] = _makefile(board, compiled)
    texts[MANIFEST] = json.dumps(_manifest(planned, layers), indent=2) + "\n"
    try:
        _replace(directory, texts, content, files)
    except OSError as error:
        raise DeployError(f"{directory} cannot be written: {error.strerror or error}") from None
    return Project(directory, planned, tuple(layer.function for layer in layers))


def check_directory(directory: Path) -> None:
    """
    Whether a project may be written there.

    :raises DeployError: something else is there, which would be lost
    """
    if directory.is_dir():
        if any(directory.iterdir()) and not _is_ours(directory):
            raise DeployError(
                f"{directory} holds something that vplat deploy has not written; "
                "name another directory, or empty this one"
            )
    elif directory.exists():
        raise DeployError(f"{directory} is a file; name a directory")
    elif not directory.absolute().parent.is_dir():
        raise DeployError(
            f"{directory} cannot be made: there is no directory {directory.parent}; make it first"
        )


def _is_ours(directory: Path) -> bool:
    try:
        manifest = json.loads((directory / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and manifest.get("format") == FORMAT


def _texts(
    planned: Planned, layers: list[Written], inputs: Mapping[str, bytes]
) -> tuple[dict[str, str], bytes]:
    texts = network_files(layers)
    texts["network.h"] = network_header(planned)
    texts["network_memory.h"] = memory_header(planned, home_names(planned))
    texts["main.c"] = MAIN
    texts["network_data.S"], content = data_files(planned, inputs)
    board = planned.board.name
    script = (firmware_root() / "runtime" / f"{board}.ld").read_text("utf-8")
    texts[f"{board}.ld"] = linker_script(script, planned)
    return texts, content


def _makefile(board: str, sources: list[str]) -> str:
    listed = " \\\n    ".join(sources)
    return (
        MAKEFILE.replace("@BOARD@", board)
        .replace("@FAMILY@", family(board))
        .replace("@STACK@", hex(STACK_BYTES))
        .replace("@SOURCES@", listed)
    )


def _manifest(planned: Planned, layers: list[Written]) -> dict[str, Any]:
    """For people and programs: what was deployed, and how."""
    return {
        "format": FORMAT,
        "network": planned.lowered.network.name,
        "board": planned.board.name,
        "layers": [
            {
                "function": layer.function,
                "kind": each.layer.kind,
                "engine": each.layer.engine.value,
                "nodes": list(each.layer.nodes),
                "operations": each.layer.operations,
                "tiling": dict(each.tiling.sizes),
            }
            for layer, each in zip(layers, planned.layers, strict=True)
        ],
        "l1_bytes": planned.l1_bytes,
        "arenas": dict(planned.arenas),
    }


def _replace(
    directory: Path, texts: Mapping[str, str], content: bytes, files: Mapping[str, Path]
) -> None:
    """Written beside the directory first, so that nobody sees a part of it."""
    target = directory.absolute()
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        for name, text in texts.items():
            (fresh / name).write_text(text, "utf-8")
        (fresh / BINARY).write_bytes(content)
        for name, place in files.items():
            copy = fresh / "firmware" / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(place, copy)
        fresh.chmod(0o755)
        if target.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
            target.rename(old / "old")
            fresh.rename(target)
            shutil.rmtree(old)
        else:
            fresh.rename(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
