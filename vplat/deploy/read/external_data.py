"""Weights that an ONNX file keeps in files beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vplat.errors import DeployError

if TYPE_CHECKING:
    import onnx


def take_external_data(model: onnx.ModelProto, folder: Path) -> None:
    """
    Put the bytes that constants have in other files into the model.

    :raises DeployError: a file is missing, too short, or not within the folder of the model
    """
    from onnx import TensorProto

    for constant in model.graph.initializer:
        if constant.data_location == TensorProto.EXTERNAL:
            constant.raw_data = _bytes_of(constant, folder)
            constant.data_location = TensorProto.DEFAULT
            del constant.external_data[:]


def _bytes_of(constant: onnx.TensorProto, folder: Path) -> bytes:
    where = {entry.key: entry.value for entry in constant.external_data}
    what = f"constant '{constant.name}'"
    path = folder / where.get("location", "")
    if not where.get("location") or not path.resolve().is_relative_to(folder.resolve()):
        raise DeployError(f"{what} lies outside the folder of the file, or nowhere")
    try:
        offset, length = int(where.get("offset", "0")), int(where.get("length", "-1"))
    except ValueError:
        raise DeployError(f"{what} has a place in '{path.name}' that is no number") from None
    try:
        size = path.stat().st_size
        length = size - offset if length < 0 else length
        if offset < 0 or length < 0 or offset + length > size:
            raise DeployError(f"{what} lies past the end of '{path.name}', which has {size} bytes")
        with path.open("rb") as file:
            file.seek(offset)
            return bytes(file.read(length))
    except OSError as error:
        raise DeployError(
            f"{what} is in '{path.name}', which cannot be read: {error.strerror}"
        ) from None
    except ValueError:
        raise DeployError(f"{what} has a file name with a character that is impossible") from None
