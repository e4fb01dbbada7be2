"""``vplat models``: lists and files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.unit.command_line import CommandLine
from vplat.deploy import models


@pytest.fixture
def vplat(capfd: pytest.CaptureFixture[str]) -> CommandLine:
    """``vplat`` in this process."""
    return CommandLine(capfd)


def test_the_list_has_every_network_with_its_operations(vplat: CommandLine) -> None:
    ended = vplat("models", "list")
    assert (ended.status, ended.err) == (0, "")
    for name, operations in (
        ("mobilebert", "5.34 GOp"),
        ("dinov2-small", "11.4 GOp"),
        ("whisper-tiny-encoder", "9.50 GOp"),
    ):
        line = next(line for line in ended.out.splitlines() if line.startswith(name))
        assert line.rstrip().endswith(operations)


def test_the_json_list_has_what_goes_in_and_out(vplat: CommandLine) -> None:
    listed = json.loads(vplat("models", "list", "--json").out)["networks"]
    assert [each["name"] for each in listed] == list(models.NETWORKS)
    assert listed[0]["operations"] == 5_335_154_688
    assert listed[1]["input"] == "image"


def test_a_network_is_written_with_an_input_that_fits_it(
    vplat: CommandLine, tmp_path: Path
) -> None:
    import onnx

    model, inputs = tmp_path / "small.onnx", tmp_path / "in.npz"
    size = ("--layers", "1", "--sequence", "17", "--seed", "5")
    ended = vplat("models", "build", "dinov2-small", *size, "-o", model, "--inputs", inputs)
    assert (ended.status, ended.out) == (0, "")
    assert ended.sentence == f"{model} is DINOv2-Small, 1.947 MiB, 67.8 MOp an inference"
    assert onnx.load(model) == models.build("dinov2-small", 5, layers=1, sequence=17)
    with np.load(inputs) as archive:
        assert archive.files == ["image"]
        wanted = models.sample_inputs("dinov2-small", 5, sequence=17)["image"]
        assert np.array_equal(archive["image"], wanted)


def test_a_network_is_named_after_itself_where_no_file_is(
    vplat: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    vplat("models", "build", "mobilebert", "--layers", "1", "--sequence", "16")
    assert [path.name for path in tmp_path.iterdir()] == ["mobilebert.onnx"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("mobilbert",), "there is no network 'mobilbert'; did you mean 'mobilebert'?"),
        (("mobilebert", "--layers", "0"), "mobilebert has 1 to 24 layers, not 0"),
        (("mobilebert", "--sequence", "1"), "mobilebert takes sequences of 2 to 512, not 1"),
        (("mobilebert", "--seed", "-3"), "a seed is 0 to 4294967295, not -3"),
        (("mobilebert", "--inputs", "no/in.npz"), "no/in.npz cannot be written"),
    ],
)
def test_a_mistake_is_one_sentence_and_writes_nothing(
    vplat: CommandLine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    sentence: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert sentence in vplat.refusal("models", "build", *arguments)
    assert list(tmp_path.iterdir()) == []
