"""ITA's register map (`ita.md` sections 2.1 and 2.2; the first release: section 7.3).

Offsets 0x00 to 0x1C are those of every HWPE (`pulp-cluster.md` section 3.1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from vplat.model import (
    RC,
    RO,
    RW,
    WO,
    Declared,
    Field,
    Inert,
    Lent,
    Needed,
    OnlyIf,
    Parameter,
    Peripheral,
    Register,
    Word,
    bit,
    bits,
)

from .activation import Activation
from .revision import AUGUST_2024, CURRENT
from .sequence import Layer

Behaviour = TypeVar("Behaviour", bound=Callable[..., Any])

JOB_REGISTERS_OFFSET: Final = 0x20
TILES_BITS: Final = 16
PAGE_WORDS: Final = 64
"""Words that the address bits 7:2 choose from; bits 10:8 are the context page."""
STEPS: Final = ("q", "k", "v", "qk", "av", "ow", "f1", "f2")
CONTEXT_BYTES: Final = 4
"""STATUS has a byte for each of four contexts, whether the revision has them or not."""


def _is_current(device: Any) -> bool:
    return bool(device.revision == CURRENT.name)


def _is_first_release(device: Any) -> bool:
    return not _is_current(device)


def _by_step(first: int, doc: str) -> dict[str, Field]:
    """A byte for each of four steps, from the step with requantisation index ``first`` on."""
    names = {"q": "Q, and for the steps of a Linear layer"} | {
        step: step.upper() for step in STEPS[1:]
    }
    return {
        step: bits(8 * index + 7, 8 * index, RW, doc.format(step=names[step]))
        for index, step in enumerate(STEPS[first : first + 4])
    }


def _stream_fields() -> dict[str, Field]:
    return {
        "weight_preload": bit(
            0,
            RW,
            "Load all four weight sets of this job. 0: set 0 was prefetched by the job before. It "
            "must differ from weight_nextload of the job before.",
        ),
        "weight_nextload": bit(
            1, RW, "At the end, prefetch the first 1024 bytes at weight_ptr1 for the next job."
        ),
        "bias_disable": bit(2, RW, "Read no biases and add none."),
        "bias_direction": bit(3, RW, "0: a bias for each output column; 1: for each row (step V)."),
        "output_disable": bit(
            4,
            RW,
            "Store nothing. It must be 1 on every inner tile but the last, and 0 on the last: "
            "either mistake hangs the accelerator until a hard reset.",
        ),
        "unused": bits(31, 5, RW, "Stored, not used."),
    }


class ItaRegisters(Peripheral, size=0x400):
    """The registers, and the parameters that shape their map."""

    revision = Parameter(
        CURRENT.name,
        "Which ITA it is. 2025-04: the current one (ba96519), 17 job registers in 4 contexts, all "
        "layers and activations. 2024-08: the first release (6a0bad5), as in the paper's cluster: "
        "14 job registers in 2 contexts, ctrl_stream at 0x54, attention only, the older softmax.",
        choices=(CURRENT.name, AUGUST_2024.name),
    )
    contexts = Parameter(
        0,
        "Register contexts, which is how many jobs can be pending; 0 as the revision has it (4 or "
        "2). Revisions of 2024-09 to 2024-11 have the current map with 2.",
        choices=(0, 2, 4),
    )
    window_bytes = Parameter(
        0x400,
        "Bytes of the bus at which it answers. 0x58 on the paper's cluster; with 0x800 the page of "
        "context 3 can be read too.",
        minimum=0x58,
        maximum=0x800,
    )

    trigger = Word(
        0x00,
        WO,
        "Any store commits the job whose registers have just been written: it joins the queue, the "
        "lock of acquire is released, and the job registers are those of the next context. A store "
        "of 0 also sets the trigger flag; from then on, until soft_clear, every job that is "
        "committed starts when its turn comes, whatever is stored. Reads as 0xDEADBEEF.",
    )
    acquire = Word(
        0x04,
        RO,
        "A load takes the lock and returns a job id, 0..255, one more each time. -2 (0xFFFFFFFE): "
        "locked, a job is being programmed. -1 (0xFFFFFFFF): all contexts are pending.",
    )
    finished_jobs = Register(
        0x08,
        "FINISHED. Any access, store or load, sets it to 0 after a load got its value.",
        count=bits(1, 0, RC, "Jobs finished since the last access: 0, 1, or 2 for two and more."),
    )
    status = Register(
        0x0C,
        "Which contexts hold a job that is to run or runs. 0: the accelerator has nothing to do, "
        "if every job was committed with a 0 in trigger.",
        **{
            f"context{index}": bits(
                8 * index + 7,
                8 * index,
                RO,
                f"1 from the store of 0 to trigger that commits a job in context {index} until it "
                "has finished. A job committed with another value never shows.",
            )
            for index in range(CONTEXT_BYTES)
        },
    )
    running_job = Register(
        0x10,
        "Number of the job that runs.",
        job_id=bits(
            7,
            0,
            RO,
            "Jobs finished since reset or a soft clear of everything, modulo 256: the id that "
            "acquire returned for the running job, if every job was acquired once.",
        ),
    )
    soft_clear = Word(
        0x14,
        WO,
        "Any store empties the queue, frees the lock and stops the control of a running job. 0: "
        "also zero all job registers, ids, status, finished_jobs and running_job; another value "
        "keeps them. Leave at least 6 cycles before the next access. It does not reset the engine: "
        "use it only when the sequence of jobs is complete.",
    )
    reserved = Word(0x18, RO, "Reads as 0.")
    sw_event = Word(0x1C, WO, "Software events of an HWPE; not connected in ITA. Reads as 0.")

    input_ptr = Word(0x20, RW, "Byte address of the input tile, 4096 bytes; a multiple of 4.")
    weight_ptr0 = Word(
        0x24, RW, "Byte address of this job's weight tile, 4096 bytes: one output column a row."
    )
    weight_ptr1 = Word(
        0x28,
        RW,
        "Byte address of the next job's weight tile. Its first 1024 bytes are read if "
        "weight_nextload is set; have them in memory before this job is triggered.",
    )
    bias_ptr = Word(
        0x2C,
        RW,
        "Byte address of 64 biases of 3 bytes each, little endian, packed. 224 bytes are read, of "
        "which 192 are used.",
    )
    output_ptr = Word(0x30, RW, "Byte address of the output tile, 4096 bytes.")
    seq_length = Word(0x34, RW, "Stored, not used.")
    tiles = Register(
        0x38,
        "Sizes in tiles of 64. 0 counts as 1 (not on revision 2024-08). Keep them the same for all "
        "jobs of a layer.",
        tile_s=bits(3, 0, RW, "Sequence length."),
        tile_e=bits(7, 4, RW, "Embedding; for Linear, the inner dimension."),
        tile_p=bits(11, 8, RW, "Projection of a head; for Linear, the output columns."),
        tile_f=bits(15, 12, RW, "Feed-forward."),
        unused=bits(31, 16, RW, "Stored, not used."),
    )
    eps_mult0 = Register(
        0x3C,
        "Requantisation: multipliers of the first four steps.",
        **_by_step(0, "u8 multiplier for {step}."),
    )
    eps_mult1 = Register(
        0x40,
        "Requantisation: multipliers of the other steps. Revision 2024-08 has no F1 and F2.",
        **_by_step(4, "u8 multiplier for {step}."),
    )
    right_shift0 = Register(
        0x44,
        "Requantisation: right shifts of the first four steps.",
        **_by_step(0, "Right shift for {step}, 0..34."),
    )
    right_shift1 = Register(
        0x48,
        "Requantisation: right shifts of the other steps.",
        **_by_step(4, "Right shift for {step}, 0..34."),
    )
    add0 = Register(
        0x4C,
        "Requantisation: addends of the first four steps, added after the shift.",
        **_by_step(0, "s8 addend, two's complement, for {step}."),
    )
    add1 = Register(
        0x50,
        "Requantisation: addends of the other steps.",
        **_by_step(4, "s8 addend, two's complement, for {step}."),
    )
    ctrl_engine = Register(
        0x54,
        "What the engine computes.",
        layer=bits(
            1,
            0,
            RW,
            "Which sequence of steps; looked at when a sequence begins and at the end of AV. Keep "
            "it for all jobs of the sequence.",
            values=Layer,
        ),
        activation=bits(
            3,
            2,
            RW,
            "Applied to whatever step runs: keep Identity but for F1 and linear layers.",
            values=Activation,
        ),
        unused=bits(31, 4, RW, "Stored, not used."),
        only=_is_current,
    )
    ctrl_stream = Register(
        0x58, "What the streams of the job move.", **_stream_fields(), only=_is_current
    )
    ctrl_stream_2024_08 = Register(
        0x54,
        "ctrl_stream of revision 2024-08: what the streams of the job move.",
        **_stream_fields(),
        only=_is_first_release,
    )
    gelu_b_c = Register(
        0x5C,
        "Constants of the GELU polynomial, two's complement.",
        b=bits(15, 0, RW, "s16 b: -80 for an input scale of 1/32."),
        c=bits(31, 16, RW, "s16 c: -7091 for an input scale of 1/32."),
        only=_is_current,
    )
    act_requant = Register(
        0x60,
        "Requantisation after the activation, GELU or ReLU.",
        mult=bits(7, 0, RW, "u8 multiplier."),
        shift=bits(15, 8, RW, "Right shift, 0..34."),
        add=bits(23, 16, RW, "s8 addend, two's complement."),
        unused=bits(31, 24, RW, "Stored, not used."),
        only=_is_current,
    )

    only_read = Inert(
        acquire,
        status,
        running_job,
        reserved,
        kind="w",
        because="it can only be read",
        section="ita.md section 2.1",
    )
    pointers_set = Needed(
        input_ptr,
        weight_ptr0,
        start=trigger,
        because="the job reads whatever is at address 0",
        section="ita.md section 2.2",
    )
    tile_counts = OnlyIf(
        tiles,
        given=lambda ita, touch: not touch.value >> TILES_BITS,
        breach="ita-tile-count",
        because="a count has 4 bits, so that 15 tiles are the most",
        section="ita.md section 3.1",
    )
    buffers = Lent(
        until="the job's event has come and its byte of status is 0",
        section="ita.md section 2.3",
    )

    def window_size(self, window: object) -> int:
        """The bus decodes as many bytes as the board says."""
        return self.window_bytes


CONTROL_REGISTERS: Final = tuple(
    each for each in ItaRegisters.registers.values() if each.offset < JOB_REGISTERS_OFFSET
)
JOB_REGISTERS: Final = tuple(
    each for each in ItaRegisters.registers.values() if each.offset >= JOB_REGISTERS_OFFSET
)


def hardware_name(register: Declared) -> str:
    """The name in the data sheet, as sentences have it: ``FINISHED`` for ``finished_jobs``."""
    return register.name.upper().removesuffix("_JOBS").removesuffix("_2024_08")


def on_access_to(registers: Iterable[Declared]) -> Callable[[Behaviour], Behaviour]:
    """Run a behaviour on every load and store of any of ``registers``."""

    def attach(behaviour: Behaviour) -> Behaviour:
        for register in registers:
            register.on_read(behaviour)
            register.on_write(behaviour)
        return behaviour

    return attach


def on_write_to(registers: Iterable[Declared]) -> Callable[[Behaviour], Behaviour]:
    """Run a behaviour on every store to any of ``registers``."""

    def attach(behaviour: Behaviour) -> Behaviour:
        for register in registers:
            register.on_write(behaviour)
        return behaviour

    return attach
