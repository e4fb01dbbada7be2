"""The firmware of a board, built once for many projects."""

from __future__ import annotations

import functools
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.deploy.made_up_networks import Sketch, deploy_sketch
from vplat.deploy.emit.firmware_files import firmware_root
from vplat.deploy.network import Element
from vplat.deploy.network.operators import Relu

_FOLDER = tempfile.TemporaryDirectory(prefix="vplat-library-")
FOLDERS = ("deploy", "drivers", "kernels", "runtime")


@functools.cache
def library_for(board: str) -> Path:
    """An archive of all that layers on the harts need, whatever a network is made of."""
    sketch = Sketch()
    sketch.add(Relu(), sketch.input(Element.INT8, 4))
    directory = deploy_sketch(sketch, Path(_FOLDER.name) / board, board).directory
    root = firmware_root()
    sources = []
    for folder in (*FOLDERS, "hal", "include"):
        for path in sorted((root / folder).rglob("*.[chS]")):
            copy = directory / "firmware" / path.relative_to(root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            if not copy.exists():
                shutil.copyfile(path, copy)
            if folder in FOLDERS and path.suffix != ".h" and not path.name.startswith("ita_"):
                sources.append(str(copy.relative_to(directory)))
    library = directory / "build" / "firmware.a"
    command = ["make", "-s", "-C", str(directory), "-j2", f"FIRMWARE={' '.join(sources)}"]
    subprocess.run([*command, "-B", "build/firmware.a"], check=True)
    return library
