"""What is said about files that are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnx
import pytest

from tests.deploy.integer_models import read
from vplat.deploy.read import open_model
from vplat.errors import DeployError


def told(folder: Path, content: bytes | onnx.ModelProto, **options: Any) -> str:
    """What is said about a file, behind its path."""
    path = folder / "network.onnx"
    path.write_bytes(content if isinstance(content, bytes) else content.SerializeToString())
    with pytest.raises(DeployError) as caught:
        open_model(path, **options)
    return behind(path, caught.value)


def behind(path: Path, error: DeployError) -> str:
    head, _, sentence = str(error).partition(f"{path}: ")
    assert not head
    return sentence


def told_of_nodes(folder: Path, file: onnx.ModelProto) -> list[str]:
    """What is said about nodes, one line each."""
    with pytest.raises(DeployError) as caught:
        read(folder, file)
    head, *lines = str(caught.value).splitlines()
    assert head == f"{folder / 'network.onnx'}: this network cannot be deployed:"
    return [line.strip() for line in lines]
