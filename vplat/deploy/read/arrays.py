"""Arrays for a network's inputs and outputs, from files that numpy has written."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from vplat.errors import DeployError

from .file_graph import Numbers
from .onnx_file import expect_bearable


def read_arrays(path: Path) -> dict[str, Numbers]:
    """
    The arrays of an ``.npz`` file, in its order.

    :raises DeployError: it is no such file, or has something in it that is no array of numbers
    """
    if path.is_dir():
        raise DeployError(f"{path}: it is a directory, but a file of arrays (.npz) is needed")
    try:
        found = _found(path)
    except DeployError as error:
        raise DeployError(f"{path}: {error}") from None
    except OSError as error:
        raise DeployError(f"{path}: it cannot be read: {error.strerror or error}") from None
    except (ValueError, EOFError, KeyError, zipfile.BadZipFile, NotImplementedError):
        raise DeployError(f"{path}: it is damaged, or has objects instead of arrays") from None
    for name, array in found.items():
        if array.dtype.kind not in "biuf":
            raise DeployError(f"{path}: array '{name}' has {array.dtype} instead of numbers")
    return found


def _found(path: Path) -> dict[str, Numbers]:
    if not zipfile.is_zipfile(path):
        path.open("rb").close()  # that it cannot be read is another matter
        raise DeployError("it is not a file of arrays as numpy.savez writes it")
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            # Eight bytes an element at most, and a header.
            expect_bearable((member.file_size // 8,), f"array '{member.filename}'")
    with np.load(path, allow_pickle=False) as arrays:
        return {name: np.asarray(arrays[name]) for name in arrays.files}
