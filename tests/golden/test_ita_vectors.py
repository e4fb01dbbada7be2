"""ITA against the golden vectors: byte for byte, and cycle for cycle against the RTL.

The vectors lie in ``../shared/data/ita`` beside the checkout; every case that is there is run. The
register sequences (``r*``) are for the device, not for its arithmetic.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from vplat.peripherals.ita import activation, layout, timing
from vplat.peripherals.ita.engine import Engine
from vplat.peripherals.ita.job import Job, JobResult
from vplat.peripherals.ita.requantisation import requantise
from vplat.peripherals.ita.revision import CURRENT
from vplat.peripherals.ita.sequence import Step
from vplat.peripherals.ita.softmax import SoftmaxRows, streaming_softmax

VECTORS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "ita"
JOB_WORDS = range(0x20, 0x64, 4)
# The bias stream reads 32 bytes past its 192, which at the end of an image is past the image.
SLACK_BYTES = 64
TESTED_PREFIXES = ("c", "m01_", "m02_", "m03_", "m04_", "m05_")
STEPS = {"Q": 0, "K": 1, "V": 2, "QK": 3, "AV": 4, "OW": 5, "F1pre": 6, "F2": 7}


def found(pattern: str) -> list[Any]:
    """Parameters for everything that matches, or one that fails with a sentence."""
    paths = sorted(VECTORS.glob(pattern)) or [VECTORS / pattern]
    return [pytest.param(path, id=str(path.relative_to(VECTORS))) for path in paths]


def present(path: Path) -> Path:
    if not path.exists():
        pytest.fail(f"no golden vectors at {path}; put the shared folder beside the checkout")
    return path


@lru_cache(maxsize=64)
def array(path: Path) -> NDArray[Any]:
    loaded: NDArray[Any] = np.load(present(path))
    return loaded


def read_json(path: Path) -> Any:
    return json.loads(present(path).read_text())


class Ram:
    """Zero-filled memory; the port's accesses are checked to be inside it."""

    def __init__(self, size: int) -> None:
        self.octets = np.zeros(size, np.uint8)

    def read(self, address: int, length: int) -> NDArray[np.uint8]:
        assert 0 <= address <= len(self.octets) - length
        return self.octets[address : address + length].copy()

    def write(self, address: int, data: bytes) -> None:
        assert 0 <= address <= len(self.octets) - len(data)
        self.octets[address : address + len(data)] = np.frombuffer(data, np.uint8)


def words(registers: dict[str, str]) -> list[int]:
    by_offset = {int(offset, 0): int(value, 0) for offset, value in registers.items()}
    return [by_offset.get(offset, 0) for offset in JOB_WORDS]


def run(jobs: list[Job], memory: Ram) -> list[JobResult]:
    engine = Engine(CURRENT)
    results = [engine.run(job, memory) for job in jobs]
    assert engine.sequence.step is Step.IDLE
    assert not engine.waiting_sets
    assert [result for result in results if result.hazards or result.hangs] == []
    return results


def layer_run(jobs_file: Path) -> tuple[list[Job], list[JobResult], Ram]:
    head = jobs_file.name.split("_")[0]
    before = array(jobs_file.with_name(f"{head}_mem_in.npy"))
    after = array(jobs_file.with_name(f"{head}_mem_out.npy"))
    memory = Ram(len(before) + len(after) + SLACK_BYTES)
    memory.octets[: len(before)] = before
    jobs = [Job.from_registers(words(each["regs"]), CURRENT) for each in read_json(jobs_file)]
    return jobs, run(jobs, memory), memory


def test_every_vector_that_is_present_is_one_that_a_test_here_runs() -> None:
    cases = [path.name for path in present(VECTORS).iterdir() if path.is_dir()]
    strangers = [name for name in cases if not name.startswith((*TESTED_PREFIXES, "r"))]
    assert strangers == []
    for prefix in TESTED_PREFIXES:
        assert any(name.startswith(prefix) for name in cases), f"no {prefix}* vectors"


def test_every_file_that_is_present_has_the_digest_in_the_index() -> None:
    index = read_json(VECTORS / "vectors.json")["vectors"]
    digests = {
        f"{case['name']}/{name}": file for case in index for name, file in case["files"].items()
    }
    checked = 0
    for name, file in digests.items():
        path = VECTORS / name
        if path.exists():
            checked += 1
            assert hashlib.sha256(path.read_bytes()).hexdigest() == file["sha256"], name
    assert checked


@pytest.mark.parametrize("jobs_file", found("c*/h*_jobs_*.json"))
def test_a_layer_leaves_the_memory_image_of_the_golden_model(jobs_file: Path) -> None:
    _, results, memory = layer_run(present(jobs_file))
    head = jobs_file.name.split("_")[0]
    before = array(jobs_file.with_name(f"{head}_mem_in.npy"))
    after = array(jobs_file.with_name(f"{head}_mem_out.npy"))
    end = len(before) + len(after)
    np.testing.assert_array_equal(memory.octets[: len(before)], before)
    np.testing.assert_array_equal(memory.octets[len(before) : end], after)
    assert not memory.octets[end:].any()
    if jobs_file.name.endswith("_fused.json"):
        assert [each.step.name for each in results] == [job["step"] for job in read_json(jobs_file)]


@pytest.mark.parametrize("jobs_file", found("c*/h*_jobs_*.json"))
def test_every_job_of_a_layer_takes_the_cycles_and_beats_of_the_rtl(jobs_file: Path) -> None:
    jobs, results, _ = layer_run(present(jobs_file))
    head, _, mode = jobs_file.stem.split("_")
    measured = read_json(jobs_file.with_name("rtl_cycles.json"))[f"{head}_{mode}"]
    start = 0
    for job, result, rtl in zip(jobs, results, measured["jobs"], strict=True):
        busy = timing.busy_cycles(job.traffic)
        assert (busy, start, result.reads, result.writes) == (
            rtl["busy_cycles"],
            rtl["start"],
            rtl["reads"],
            rtl["writes"],
        )
        start += busy + timing.IDLE_BETWEEN_JOBS_CYCLES
    assert measured["total_busy_span"] == timing.queued_cycles([job.traffic for job in jobs])


@pytest.mark.parametrize("config_file", found("c*/config.json"))
def test_the_image_of_a_layer_is_its_matrices_in_tiles(config_file: Path) -> None:
    case = present(config_file).parent
    config = read_json(config_file)
    for head in range(config["H"]):
        image = np.concatenate([array(case / f"h{head}_mem_{way}.npy") for way in ("in", "out")])
        for region, packed in images(case, head).items():
            place = config["layout"][region]
            stored = image[place["offset"] : place["offset"] + place["size"]].tobytes()
            assert stored == packed, f"{region} of head {head}"


def images(case: Path, head: int) -> dict[str, bytes]:
    """Every region of a head's image, packed from the logical matrices."""
    tiles, weights, biases = layout.pack_tiles, layout.pack_weights, layout.pack_biases
    whole: dict[str, tuple[Callable[[NDArray[Any]], bytes], str]] = {
        "q": (tiles, "q"),
        "k": (tiles, "kv"),
        "ff": (tiles, "ff"),
        "Wff": (weights, "Wff"),
        "Wff2": (weights, "Wff2"),
        "Bff": (biases, "Bff"),
        "Bff2": (biases, "Bff2"),
        "F1": (tiles, "exp_F1"),
        "F2": (tiles, "exp_F2"),
    }
    by_head: dict[str, tuple[Callable[[NDArray[Any]], bytes], str]] = {
        **{name: (weights, name) for name in ("Wq", "Wk", "Wv", "Wo")},
        **{name: (biases, name) for name in ("Bq", "Bk", "Bv", "Bo")},
        **{name: (tiles, f"exp_{name}") for name in ("Q", "K", "QK", "AV", "OW")},
        "V": (weights, "exp_V"),
    }
    packed = {region: pack(array(case / f"{name}.npy")) for region, (pack, name) in whole.items()}
    for region, (pack, name) in by_head.items():
        packed[region] = pack(array(case / f"{name}.npy")[head])
    return packed


@pytest.mark.parametrize("config_file", found("c*/config.json"))
def test_the_accumulators_of_a_layer_requantise_to_its_results(config_file: Path) -> None:
    case = present(config_file).parent
    parameters = [array(case / f"rq_{name}.npy") for name in ("mult", "shift", "add")]
    for head in range(read_json(config_file)["H"]):
        for step, index in STEPS.items():
            accumulators = array(case / f"acc_{step.removesuffix('pre')}.npy")
            expected = array(case / f"exp_{step}.npy")
            if expected.ndim == 3:
                accumulators, expected = accumulators[head], expected[head]
            mult, shift, add = (int(each[head, index]) for each in parameters)
            result = requantise(accumulators, mult, shift, add)
            np.testing.assert_array_equal(result, expected, err_msg=f"{step} of head {head}")


@pytest.mark.parametrize("config_file", found("c*/config.json"))
def test_the_softmax_and_the_head_sum_of_a_layer_are_those_of_the_golden_model(
    config_file: Path,
) -> None:
    case = present(config_file).parent
    for logits, expected in zip(
        array(case / "exp_QK.npy"), array(case / "exp_softmax.npy"), strict=True
    ):
        np.testing.assert_array_equal(streaming_softmax(logits, CURRENT), expected)
    mult, shift, add = map(int, array(case / "rq_headsum.npy"))
    heads = array(case / "exp_OW.npy").astype(np.int32).sum(axis=0)
    np.testing.assert_array_equal(
        requantise(heads, mult, shift, add), array(case / "exp_OWsum.npy")
    )


@pytest.mark.parametrize("case", found("m01_*"))
def test_softmax_rows_have_the_statistics_and_probabilities_of_the_golden_model(
    case: Path,
) -> None:
    logits = array(case / "logits.npy")
    np.testing.assert_array_equal(
        streaming_softmax(logits, CURRENT), array(case / "exp_softmax.npy")
    )
    rows = SoftmaxRows(CURRENT, len(logits))
    rows.begin()
    for low in range(0, logits.shape[1], layout.TILE_EDGE):
        rows.accumulate(logits[:, low : low + layout.TILE_EDGE])
    rows.divide()
    np.testing.assert_array_equal(rows.maximum, array(case / "row_max.npy"))
    np.testing.assert_array_equal(rows.inverse, array(case / "row_inv.npy"))


@pytest.mark.parametrize("case", found("m02_*"))
def test_every_parameter_set_requantises_every_accumulator_as_the_golden_model(
    case: Path,
) -> None:
    accumulators, expected = array(case / "acc.npy"), array(case / "exp.npy")
    sets = zip(*(array(case / f"{name}.npy") for name in ("mult", "shift", "add")), strict=True)
    for (mult, shift, add), row in zip(sets, expected, strict=True):
        np.testing.assert_array_equal(
            requantise(accumulators, int(mult), int(shift), int(add)),
            row,
            err_msg=f"mult {mult}, shift {shift}, add {add}",
        )


@pytest.mark.parametrize("case", found("m03_*"))
def test_the_activation_tables_are_those_of_the_golden_model(case: Path) -> None:
    x = array(case / "x.npy")
    for index, (one, b, c, *requant) in enumerate(array(case / "params.npy").tolist()):
        assert one == c, "the hardware has no third constant"
        constants = activation.ActivationConstants(b, c, *requant)
        np.testing.assert_array_equal(
            activation.gelu(x, b, c), array(case / "gelu_raw.npy")[index], err_msg=str(constants)
        )
        for name in ("gelu", "relu"):
            kind = activation.Activation[name.upper()]
            expected = array(case / f"{name}.npy")[index]
            result = activation.activate(x, kind, constants)
            np.testing.assert_array_equal(result, expected, err_msg=f"{name} {constants}")


@pytest.mark.parametrize("case", found("m04_*"))
def test_matrices_and_biases_are_packed_and_unpacked_as_in_the_golden_model(case: Path) -> None:
    matrix, biases = array(case / "matrix.npy"), array(case / "bias.npy")
    image, transposed = array(case / "matrix_bytes.npy"), array(case / "matrix_T_bytes.npy")
    assert layout.pack_tiles(matrix) == image.tobytes()
    assert layout.pack_weights(matrix) == transposed.tobytes()
    np.testing.assert_array_equal(layout.unpack_tiles(image, *matrix.shape), matrix)
    np.testing.assert_array_equal(layout.unpack_weights(transposed, *matrix.shape), matrix)
    packed = array(case / "bias_bytes.npy")
    assert layout.pack_biases(biases) == packed.tobytes()
    np.testing.assert_array_equal(layout.unpack_biases(packed, len(biases)), biases)


@pytest.mark.parametrize("index_file", found("m05_*/cases.json"))
def test_single_linear_tiles_match_the_golden_model_and_the_rtl(index_file: Path) -> None:
    for case in read_json(index_file):
        with np.load(index_file.with_name(case["file"])) as vectors:
            check_linear_tile(case, dict(vectors))


def check_linear_tile(case: dict[str, Any], vectors: dict[str, NDArray[Any]]) -> None:
    memory = Ram(0x31000)
    memory.write(0x0, layout.pack_tiles(vectors["A"]))
    memory.write(0x10000, layout.pack_weights(vectors["W"]))
    memory.write(0x20000, layout.pack_biases(vectors["B"]))
    jobs = [Job.from_registers(words(registers), CURRENT) for registers in case["jobs"]]
    run(jobs, memory)
    stored = layout.unpack_tiles(memory.read(0x30000, 4096), 64, 64)
    np.testing.assert_array_equal(stored, vectors["exp"], err_msg=case["file"])
    requantised = requantise(vectors["acc"], case["mult"], case["shift"], case["add"])
    np.testing.assert_array_equal(requantised, vectors["pre"], err_msg=case["file"])
    assert [timing.busy_cycles(job.traffic) for job in jobs] == case["rtl_busy_cycles"]
