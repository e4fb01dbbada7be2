"""Firmware files with errors in them: each is refused in a sentence, or runs to an outcome.

VPLAT_MUTANTS says how many are tried, 300 if it does not.
"""

from __future__ import annotations

import faulthandler
import itertools
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.system.firmware_tree import PREBUILT
from tests.unit import tiny_firmware
from vplat.errors import VplatError
from vplat.plugins import Plugins
from vplat.session import HostConsole, Session, Settings

MUTANTS = int(os.environ.get("VPLAT_MUTANTS", "300"))
BATCHES = 12
"""Tests that share the work, so that several processors can."""
PATIENCE_SECONDS = 60
"""For one mutant; what takes longer is a hang."""
STDERR = 2
CYCLES = 30_000
HEADER_BYTES, PROGRAM_BYTES = 52, 32
INTERESTING = (0, 1, 2, 3, 4, 0x7F, 0x80, 0xFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFF0, 0xFFFF_FFFF)


def mutant(number: int, image: bytes) -> bytes:
    """The same few errors in ``image`` for the same number, every time."""
    dice = random.Random(number)  # noqa: S311 - no secret, and it must come out the same
    changed = bytearray(image)
    for _ in range(dice.choice((1, 1, 2, 4, 16))):
        errors = (flip, put_word, put_word, copy_over, cut, grow)
        dice.choice(errors)(dice, changed)
    return bytes(changed)


def place(dice: random.Random, image: bytearray) -> int:
    """An offset: often in the headers, where it hurts most, else anywhere."""
    where = dice.random()
    if where < 0.3:
        limit = HEADER_BYTES
    elif where < 0.5:
        limit = HEADER_BYTES + 6 * PROGRAM_BYTES
    elif where < 0.65:
        return max(len(image) - 1 - dice.randrange(1000), 0)
    else:
        limit = len(image)
    return dice.randrange(max(min(limit, len(image)), 1))


def flip(dice: random.Random, image: bytearray) -> None:
    """One bit."""
    if image:
        image[place(dice, image)] ^= 1 << dice.randrange(8)


def put_word(dice: random.Random, image: bytearray) -> None:
    """A number at the edge of something, in one of the widths that fields have."""
    width, at = dice.choice((1, 2, 4)), place(dice, image)
    value = dice.choice((*INTERESTING, dice.getrandbits(32)))
    image[at : at + width] = (value & (1 << 8 * width) - 1).to_bytes(width, "little")


def copy_over(dice: random.Random, image: bytearray) -> None:
    """A piece of the file at another place in it."""
    start, at, length = place(dice, image), place(dice, image), dice.randrange(1, 64)
    image[at : at + length] = image[start : start + length]


def cut(dice: random.Random, image: bytearray) -> None:
    """The end is gone."""
    if dice.random() < 0.3:
        del image[place(dice, image) :]


def grow(dice: random.Random, image: bytearray) -> None:
    """There is more than there should be."""
    at = place(dice, image)
    image[at:at] = bytes(dice.randrange(1, 40))


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """What is mutated: a program as it is built, a small one, and one that crashes."""
    folder = tmp_path_factory.mktemp("sound")
    hello = (PREBUILT / "hello.elf").read_bytes()
    small = tiny_firmware.exits(folder / "small.elf", says=b"hello\n").read_bytes()
    crashing = tiny_firmware.loads_from(folder / "crash.elf", 0x2000_0000).read_bytes()
    return [hello, small, crashing]


@pytest.fixture
def watchdog() -> Iterator[Callable[[], None]]:
    """To be called before each mutant: a hang ends the process with a traceback, wherever it is."""
    yield lambda: faulthandler.dump_traceback_later(PATIENCE_SECONDS, exit=True, file=STDERR)
    faulthandler.cancel_dump_traceback_later()


@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_mutated_elf_is_refused_in_a_sentence_or_runs_to_an_outcome(
    images: list[bytes], tmp_path: Path, watchdog: Callable[[], None], batch: int
) -> None:
    plugins, path = Plugins(installed=False), tmp_path / "mutant.elf"
    for number, image in zip(range(batch, MUTANTS, BATCHES), itertools.cycle(images), strict=False):
        path.write_bytes(mutant(number, image))
        watchdog()
        try:
            told = outcome(path, plugins)
        except Exception as error:
            error.add_note(f"mutant {number}")
            raise
        assert told.strip(), number


def outcome(path: Path, plugins: Plugins) -> str:
    """How the run ended, or why there was none."""
    settings = Settings(max_cycles=CYCLES, files=path.parent)
    try:
        return str(Session(path, plugins, HostConsole(), settings).run().as_json()["outcome"])
    except VplatError as error:
        return str(error)


def test_mutants_are_the_same_every_time_and_differ_from_what_they_were(
    images: list[bytes],
) -> None:
    made = [mutant(number, images[0]) for number in range(50)]
    assert made == [mutant(number, images[0]) for number in range(50)]
    assert sum(each != images[0] for each in made) > 40
