"""What ITA tells the developer: each function gives ``(rule, sentence)`` for one mistake."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from vplat.model import NOBODY, Culprit

from .hazards import Hazard
from .operands import Reach, Refusal, Stretch
from .revision import Revision
from .sequence import Step
from .timing import SOFT_CLEAR_TO_ACCESS_CYCLES

Finding = tuple[str, str]

_NAMES: Final = (
    "INPUT_PTR",
    "WEIGHT_PTR0",
    "WEIGHT_PTR1",
    "BIAS_PTR",
    "OUTPUT_PTR",
    "SEQ_LENGTH",
    "TILES",
    "EPS_MULT0",
    "EPS_MULT1",
    "RIGHT_SHIFT0",
    "RIGHT_SHIFT1",
    "ADD0",
    "ADD1",
    "CTRL_ENGINE",
    "CTRL_STREAM",
    "GELU_B_C",
    "ACT_REQUANT",
)
_NAMES_FIRST_RELEASE: Final = (*_NAMES[:13], "CTRL_STREAM")

_WEIGHTS = ("CTRL_STREAM", "WEIGHT_PTR0")
_ENGINE = ("CTRL_ENGINE",)
# By hazard, the registers that show it and the section of ita.md that forbids it.
_EVIDENCE: Final[dict[Hazard, tuple[tuple[str, ...], str]]] = {
    Hazard.ENGINE_STUCK: ((), "2.4"),
    Hazard.LAYER_CHANGED: (_ENGINE, "2.4"),
    Hazard.TILES_CHANGED: (("TILES",), "2.4"),
    Hazard.LOOP_CUT_SHORT: (("TILES",), "11"),
    Hazard.TILE_COUNT_ZERO: (("TILES",), "7.3"),
    Hazard.OUTPUT_BEFORE_LAST_INNER_TILE: (("CTRL_STREAM", "TILES"), "2.4"),
    Hazard.NO_OUTPUT_ON_LAST_INNER_TILE: (("CTRL_STREAM", "TILES"), "2.4"),
    Hazard.WEIGHTS_MISSING: (_WEIGHTS, "2.4"),
    Hazard.WEIGHTS_SHIFTED: (_WEIGHTS, "2.4"),
    Hazard.WEIGHTS_LEFT_OVER: (_WEIGHTS, "2.4"),
    Hazard.WEIGHTS_OVERFLOW: (_WEIGHTS, "2.4"),
    Hazard.PREFETCH_FROM_ELSEWHERE: (_WEIGHTS, "2.4"),
    Hazard.PREFETCH_TOO_EARLY: (_WEIGHTS, "2.4"),
    Hazard.ROW_SUMS_NOT_READY: (("TILES",), "3.2"),
    Hazard.SHIFT_OUT_OF_RANGE: (("RIGHT_SHIFT0", "RIGHT_SHIFT1", "ACT_REQUANT"), "2.4"),
    Hazard.ACTIVATION_UNEXPECTED: (_ENGINE, "2.4"),
    Hazard.ACTIVATION_UNKNOWN: (_ENGINE, "2.2"),
    Hazard.ACCUMULATOR_OVERFLOW: (("TILES", "BIAS_PTR"), "5.1"),
    Hazard.OUTPUT_OVERLAPS_OPERANDS: (
        ("OUTPUT_PTR", "INPUT_PTR", "WEIGHT_PTR0", "WEIGHT_PTR1", "BIAS_PTR"),
        "1",
    ),
    Hazard.POINTER_UNALIGNED: (
        ("INPUT_PTR", "WEIGHT_PTR0", "WEIGHT_PTR1", "BIAS_PTR", "OUTPUT_PTR"),
        "1",
    ),
}


def register_names(revision: Revision) -> Sequence[str]:
    """The job registers by their index."""
    return _NAMES if revision.has_ctrl_engine else _NAMES_FIRST_RELEASE


class JobPlace(NamedTuple):
    """A job as sentences speak of it."""

    job_id: int
    context: int
    words: Sequence[int]
    revision: Revision
    step: Step = Step.IDLE
    culprit: Culprit = NOBODY
    """Who committed it."""

    def __str__(self) -> str:
        step = f", {self.step.name}" if self.step is not Step.IDLE else ""
        return f"job {self.job_id} (context {self.context}{step})"

    def shown(self, registers: Sequence[str]) -> str:
        """``: TILES 0x00000111, CTRL_STREAM 0x00000003``: those of ``registers`` that exist."""
        names = register_names(self.revision)
        values = [
            f"{name} {self.words[names.index(name)]:#010x}" for name in registers if name in names
        ]
        return f": {', '.join(values)}" if values else ""


def hazard(found: Hazard, job: JobPlace) -> Finding:
    """A rule of the engine that the job broke."""
    registers, section = _EVIDENCE[found]
    rule = f"ita-{found.name.lower().replace('_', '-')}"
    return rule, f"{job}{job.shown(registers)}. {found.sentence} (ita.md section {section})"


def pointer_outside(
    stretch: Stretch, address: int, outside: int, reach: Reach, job: JobPlace
) -> Finding:
    """A pointer that leads out of the memory that the accelerator's port is connected to."""
    if reach.wraps:
        effect = f"its port takes {address:#010x} for {reach.place(address):#010x}"
    elif stretch.register == "OUTPUT_PTR":
        effect = "that part is dropped"
    else:
        effect = "that part reads as zeros"
    return "ita-pointer", (
        f"{job}{job.shown([stretch.register])}. What it points to reaches {outside:#010x}, outside "
        f"of the accelerator's memory ({reach}); {effect}. Point it into that memory (ita.md "
        "section 2.2)"
    )


def refused(refusal: Refusal, job: JobPlace) -> Finding:
    """A pointer that leads to where nothing answers."""
    effect = "is dropped" if refusal.register == "OUTPUT_PTR" else "reads as zeros"
    return "ita-pointer", (
        f"{job}{job.shown([refusal.register])}. What it points to reaches "
        f"{refusal.address:#010x}, where the access is refused ({refusal.why}); that part "
        f"{effect}. Point it into the memory of the accelerator (ita.md section 2.2)"
    )


def late_bias(job: JobPlace) -> Finding:
    """BIAS_DISABLE was seen set between jobs, and is clear when the job starts."""
    return "ita-late-bias", (
        f"{job}{job.shown(['CTRL_STREAM'])}. BIAS_DISABLE of this context was 1 after the job "
        "before had ended and was cleared only then; the accelerator looks at it between jobs, and "
        "adds wrong biases from here on (not modelled: they are right here). Write CTRL_STREAM of "
        "the next context before the running job ends (ita.md section 11)"
    )


def queue_overrun(contexts: int, context: int) -> Finding:
    """A commit with all contexts pending."""
    return "ita-queue-overrun", (
        f"TRIGGER is stored to while all {contexts} contexts are pending, so the job of context "
        f"{context} is run twice or lost; wait until ACQUIRE is not -1 or a byte of STATUS is 0 "
        "(ita.md section 2.3)"
    )


def pending_context_written(register: str, value: int, contexts: int, job: JobPlace) -> Finding:
    """A job register is written when it belongs to the running job."""
    return "ita-context-overwritten", (
        f"{register} is set to {value:#010x} while all {contexts} contexts are pending, so it "
        f"changes a register of {job}, which runs or is next; wait until ACQUIRE is not -1 "
        "(ita.md section 2.3)"
    )


def clear_while_running(value: int, doing: str) -> Finding:
    """A soft clear during a job."""
    return "ita-clear-while-running", (
        f"SOFT_CLEAR is set to {value:#x} while {doing} is under way. The engine is not cleared "
        "and stays in the middle of its tile, so later jobs never complete; only a hard reset "
        "recovers it. Wait for the event of the last job first (ita.md section 2.4)"
    )


def clear_in_sequence(value: int, step: Step) -> Finding:
    """A soft clear between two jobs of a sequence."""
    return "ita-clear-in-sequence", (
        f"SOFT_CLEAR is set to {value:#x} in the middle of a sequence of jobs. The engine is not "
        f"cleared and goes on with step {step.name}, whatever the next job's layer is; clear only "
        "when the sequence is complete (ita.md section 2.4)"
    )


def clear_with_prefetch(value: int, address: int) -> Finding:
    """A soft clear after a job with NEXTLOAD."""
    return "ita-clear-with-prefetch", (
        f"SOFT_CLEAR is set to {value:#x} while the weights prefetched from {address:#010x} wait. "
        "They are not cleared and come first in the next job; let the last job have "
        "WEIGHT_NEXTLOAD 0 (ita.md section 2.4)"
    )


def access_during_clear(register: str) -> Finding:
    """An access too soon after a soft clear."""
    return "ita-access-during-clear", (
        f"{register} is accessed less than {SOFT_CLEAR_TO_ACCESS_CYCLES} cycles after a store to "
        "SOFT_CLEAR; what is stored then is lost and what is loaded is not reliable. Wait first "
        "(ita.md section 2.1)"
    )


def clock_off(register: str) -> Finding:
    """An access while the cluster does not clock the accelerator."""
    return "ita-clock-off", (
        f"{register} is accessed while the clock of the accelerator is off, so that a chip would "
        "not answer; set hwpe_en, bit 11 of the cluster control's configuration, first "
        "(pulp-cluster.md section 3.3)"
    )


def clock_stopped(doing: str) -> Finding:
    """The clock goes off during a job."""
    return "ita-clock-stopped", (
        f"The clock of the accelerator is switched off while {doing} is under way, which stops it "
        "on a chip; wait for the event of the last job (pulp-cluster.md section 3.3)"
    )


def alias(offset: int, where: tuple[int, int] | None, revision: Revision) -> Finding:
    """An access behind the last job register of a page."""
    if where is None:
        what = "a word behind all contexts"
    else:
        context, slot = where
        what = f"{register_names(revision)[slot]} of context {context}"
    return "ita-alias", (
        f"+{offset:#x} is no register: it reaches {what}; a context ends at "
        f"+{0x20 + 4 * revision.job_registers - 4:#x} (ita.md section 2.2)"
    )


def page_write(offset: int, register: str, meant: int, context: int) -> Finding:
    """A store to a context page."""
    return "ita-page-write", (
        f"The store to +{offset:#x} does not go to context {meant}, as the page says, but to "
        f"{register} of context {context}, the one being programmed: pages are for loads "
        "(ita.md section 2.2)"
    )


def software_event(value: int) -> Finding:
    """A store to SW_EVENT."""
    return "ita-software-event", (
        f"SW_EVENT is set to {value:#x}, but it is not connected in ITA and raises nothing; use "
        "the event unit's software events (ita.md section 2.1)"
    )
