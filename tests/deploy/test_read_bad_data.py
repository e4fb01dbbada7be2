"""Constants and arrays that are damaged, missing, or no numbers."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, numpy_helper

from tests.deploy.integer_models import model, node, read
from tests.deploy.refusals import behind, told
from vplat.deploy.read import read_arrays
from vplat.errors import DeployError

W = {"w": np.ones((4, 5), np.int64)}
PRODUCT = node("MatMul", ["x", "w"])


# ---- constants ----------------------------------------------------------------------------------


def damage_data(tensor: onnx.TensorProto) -> None:
    tensor.raw_data = tensor.raw_data[:-3]


def make_text(tensor: onnx.TensorProto) -> None:
    tensor.CopyFrom(numpy_helper.from_array(np.array(["text"]), "w"))


def make_negative(tensor: onnx.TensorProto) -> None:
    tensor.dims[:] = [-4, 5]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (damage_data, "constant 'w' of shape 4x5 has damaged data"),
        (make_text, "constant 'w' has elements of type"),
        (make_negative, "constant 'w' has a negative dimension"),
    ],
)
def test_constants_that_hold_no_numbers(
    tmp_path: Path, change: Callable[[onnx.TensorProto], None], reason: str
) -> None:
    file = model([PRODUCT], {"x": (3, 4)}, constants=W)
    change(file.graph.initializer[0])
    with pytest.raises(DeployError) as caught:
        read(tmp_path, file)
    assert behind(tmp_path / "network.onnx", caught.value).startswith(reason)


def with_external_weights(folder: Path, **places: str) -> onnx.ModelProto:
    file = model([PRODUCT], {"x": (3, 4)}, constants=W)
    [weights] = file.graph.initializer
    (folder / "weights.bin").write_bytes(b"head" + weights.raw_data)
    weights.ClearField("raw_data")
    weights.data_location = TensorProto.EXTERNAL
    for key, value in {"location": "weights.bin", "offset": "4", "length": "80", **places}.items():
        weights.external_data.add(key=key, value=value)
    return file


def test_weights_may_be_in_a_file_of_their_own(tmp_path: Path) -> None:
    network = read(tmp_path, with_external_weights(tmp_path)).network
    assert (network.constants["w"] == W["w"]).all()


@pytest.mark.parametrize(
    ("places", "sentence"),
    [
        ({"location": "nowhere.bin"}, "is in 'nowhere.bin', which cannot be read: No such file"),
        ({"location": "../weights.bin"}, "lies outside the folder of the file, or nowhere"),
        ({"location": "/etc/hostname"}, "lies outside the folder of the file, or nowhere"),
        ({"location": ""}, "lies outside the folder of the file, or nowhere"),
        ({"length": "81"}, "lies past the end of 'weights.bin', which has 84 bytes"),
        ({"offset": "-1"}, "lies past the end of 'weights.bin', which has 84 bytes"),
        ({"offset": "four"}, "has a place in 'weights.bin' that is no number"),
    ],
)
def test_weights_in_files_that_do_not_fit(
    tmp_path: Path, places: dict[str, str], sentence: str
) -> None:
    assert told(tmp_path, with_external_weights(tmp_path, **places)).startswith(
        f"constant 'w' {sentence}"
    )


# ---- files of arrays ----------------------------------------------------------------------------


def test_files_of_arrays_that_are_none(tmp_path: Path) -> None:
    text, objects, numbers, torn = (tmp_path / name for name in ("t", "o", "n", "d"))
    text.write_text("no arrays")
    np.savez(objects.with_suffix(".npz"), a=np.array([{}], dtype=object))
    np.savez(numbers.with_suffix(".npz"), a=np.array(["text"]))
    with zipfile.ZipFile(torn, "w") as archive:
        archive.writestr("a.npy", b"\x93NUMPY damaged")
    for path, sentence in (
        (tmp_path, "it is a directory, but a file of arrays (.npz) is needed"),
        (tmp_path / "x.npz", "it cannot be read: No such file or directory"),
        (text, "it is not a file of arrays as numpy.savez writes it"),
        (objects.with_suffix(".npz"), "it is damaged, or has objects instead of arrays"),
        (torn, "it is damaged, or has objects instead of arrays"),
        (numbers.with_suffix(".npz"), "array 'a' has <U4 instead of numbers"),
    ):
        with pytest.raises(DeployError) as caught:
            read_arrays(path)
        assert behind(path, caught.value) == sentence
