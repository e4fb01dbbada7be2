"""One job: its decoded registers, and what running it came to (`ita.md` section 2.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from . import timing
from .activation import Activation, ActivationConstants
from .hazards import Hazard
from .revision import Revision
from .sequence import Layer, Step, Tiles

_TILES = 6
_MULTS, _SHIFTS, _ADDS = 7, 9, 11
_CTRL_ENGINE, _CTRL_STREAM, _GELU, _ACT_REQUANT = 13, 14, 15, 16
_JOB_REGISTERS_OFFSET = 0x20
_NO_CONSTANTS = ActivationConstants(0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Job:
    """The registers of one job; pointers are byte addresses as written.

    ``mult`` and ``shift`` are u8 and ``add`` s8, one entry a step; ``tiles`` are the counts after
    0 was read as 1, where the revision does that.
    """

    input_ptr: int
    weight_ptr0: int
    weight_ptr1: int
    bias_ptr: int
    output_ptr: int
    tiles: Tiles
    mult: tuple[int, ...]
    shift: tuple[int, ...]
    add: tuple[int, ...]
    layer: Layer = Layer.ATTENTION
    activation: Activation = Activation.IDENTITY
    activation_constants: ActivationConstants = _NO_CONSTANTS
    weight_preload: bool = False
    weight_nextload: bool = False
    bias_disable: bool = False
    bias_direction: bool = False
    output_disable: bool = False

    @property
    def traffic(self) -> timing.Traffic:
        """What decides how many cycles and beats the job takes."""
        return timing.Traffic(
            stores=not self.output_disable,
            bias=not self.bias_disable,
            preload=self.weight_preload,
            nextload=self.weight_nextload,
        )

    @classmethod
    def from_registers(cls, words: Sequence[int], revision: Revision) -> Job:
        """Decode the 32-bit words of a context, in register order from offset 0x20.

        Raises ``ValueError`` unless there are as many as ``revision`` has.
        """
        if len(words) != revision.job_registers:
            raise ValueError(
                f"a context of revision {revision.name} has {revision.job_registers} job "
                f"registers, not {len(words)}; pass every word from offset 0x20 on"
            )
        flags = words[(revision.ctrl_stream_offset - _JOB_REGISTERS_OFFSET) // 4]
        entries = revision.requant_entries
        layer, activation, constants = Layer.ATTENTION, Activation.IDENTITY, _NO_CONSTANTS
        if revision.has_ctrl_engine:
            layer = Layer(words[_CTRL_ENGINE] & 3)
            activation = Activation(words[_CTRL_ENGINE] >> 2 & 3)
            constants = _activation_constants(words[_GELU], words[_ACT_REQUANT])
        return cls(
            input_ptr=words[0],
            weight_ptr0=words[1],
            weight_ptr1=words[2],
            bias_ptr=words[3],
            output_ptr=words[4],
            tiles=decode_tiles(words[_TILES], revision),
            mult=_octets(words, _MULTS)[:entries],
            shift=_octets(words, _SHIFTS)[:entries],
            add=tuple(_signed(value, 8) for value in _octets(words, _ADDS)[:entries]),
            layer=layer,
            activation=activation,
            activation_constants=constants,
            weight_preload=bool(flags & 1),
            weight_nextload=bool(flags & 2),
            bias_disable=bool(flags & 4),
            bias_direction=bool(flags & 8),
            output_disable=bool(flags & 16),
        )


@dataclass(frozen=True, slots=True)
class JobResult:
    """What one job did."""

    step: Step
    first_inner: bool
    last_inner: bool
    stored: bool
    """Whether the output tile was written."""
    hangs: bool
    """Whether the job never completes; busy then stays high."""
    reads: int
    """Beats of 128 bytes on the port, as the job's registers ask for."""
    writes: int
    hazards: tuple[Hazard, ...]


def decode_tiles(word: int, revision: Revision) -> Tiles:
    """The counts in a TILES register."""
    least = 1 if revision.zero_tiles_mean_one else 0
    return Tiles(*((word >> low & 0xF) or least for low in (0, 4, 8, 12)))


def _octets(words: Sequence[int], index: int) -> tuple[int, ...]:
    return tuple((words[index] | words[index + 1] << 32).to_bytes(8, "little"))


def _signed(value: int, bits: int) -> int:
    return value - (value >> bits - 1 << bits)


def _activation_constants(gelu_word: int, requant_word: int) -> ActivationConstants:
    return ActivationConstants(
        gelu_b=_signed(gelu_word & 0xFFFF, 16),
        gelu_c=_signed(gelu_word >> 16 & 0xFFFF, 16),
        mult=requant_word & 0xFF,
        shift=requant_word >> 8 & 0xFF,
        add=_signed(requant_word >> 16 & 0xFF, 8),
    )
