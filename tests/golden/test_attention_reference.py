"""What the attention app is compared with, against the golden vectors of ITA."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "firmware" / "apps" / "attention"
VECTORS = ROOT.parent / "shared" / "data" / "ita"
STEPS = ("Q", "K", "V", "QK", "AV", "OW")


def cases() -> list[Any]:
    """Every whole layer that is there, or one parameter that fails with a sentence."""
    found = sorted(VECTORS.glob("c*")) or [VECTORS / "c01"]
    return [pytest.param(path, id=path.name) for path in found]


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("attention_reference", APP / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their own module up
    spec.loader.exec_module(module)
    return module


def read(case: Path, name: str) -> NDArray[np.int64]:
    path = case / f"{name}.npy"
    if not path.exists():
        pytest.fail(f"no golden vectors at {path}; put the shared folder beside the checkout")
    loaded: NDArray[np.int64] = np.load(path).astype(np.int64)
    return loaded


def layer_of(reference: ModuleType, case: Path, head: int) -> Any:
    """One head of a golden case as the reference's ``Layer``."""
    mult, shift, add = (read(case, f"rq_{part}")[head] for part in ("mult", "shift", "add"))
    requant = {
        step: reference.Requant(int(mult[index]), int(shift[index]), int(add[index]))
        for index, step in enumerate(STEPS)
    }
    requant["SUM"] = reference.Requant(*map(int, read(case, "rq_headsum")))
    names = {"Q": "q", "K": "k", "V": "v", "OW": "o"}
    return reference.Layer(
        {step: read(case, f"W{letter}")[head] for step, letter in names.items()},
        {step: read(case, f"B{letter}")[head] for step, letter in names.items()},
        requant,
    )


@pytest.mark.parametrize("case", cases())
def test_every_step_of_every_head_is_that_of_the_golden_vectors(
    reference: ModuleType, case: Path
) -> None:
    heads = len(read(case, "Wq"))
    assert heads == json.loads((case / "config.json").read_text()).get("H", heads)
    inputs, source = read(case, "q"), read(case, "kv")
    for head in range(heads):
        results = reference.attention(inputs, layer_of(reference, case, head), source)
        for step in STEPS:
            np.testing.assert_array_equal(results[step], read(case, f"exp_{step}")[head], step)


@pytest.mark.parametrize("case", cases())
def test_the_sum_is_requantised_as_the_golden_sum_of_heads_is(
    reference: ModuleType, case: Path
) -> None:
    requant = reference.Requant(*map(int, read(case, "rq_headsum")))
    heads = read(case, "exp_OW").sum(axis=0)
    np.testing.assert_array_equal(requant(heads), read(case, "exp_OWsum"))


def test_the_softmax_is_that_of_the_golden_corner_cases(reference: ModuleType) -> None:
    found = sorted(VECTORS.glob("m01_softmax_S*"))
    assert found, f"no golden vectors in {VECTORS}; put the shared folder beside the checkout"
    for case in found:
        logits = read(case, "logits")
        np.testing.assert_array_equal(reference.softmax(logits), read(case, "exp_softmax"))


def test_weights_and_golden_sums_are_those_that_their_generator_makes(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, APP / "generate.py", tmp_path],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=True,
    )
    made = {path.name: path.read_bytes() for path in sorted(tmp_path.iterdir())}
    assert made
    stale = [name for name, content in made.items() if (APP / name).read_bytes() != content]
    assert stale == [], "run `make -C firmware data` and `make firmware`"
