"""Register contexts and the queue of jobs in them (`ita.md` sections 2.1 to 2.3).

The counters wrap as in the slave of hwpe-ctrl, so that a driver that commits more jobs than there
are contexts gets what the hardware does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

LOCKED: Final = 0xFFFF_FFFE
ALL_PENDING: Final = 0xFFFF_FFFF
_EXTRA_WORDS = 6
"""The register file is as large as the next power of two above all contexts and these."""


@dataclass(slots=True)
class JobQueue:
    """``contexts`` contexts of ``job_registers`` words, used in turn, as after a hard reset."""

    contexts: int
    job_registers: int
    words: list[int] = field(default_factory=list)
    """The register file: one context after another, then words that belong to none."""
    programming: int = 0
    """The context that the job registers show and that a commit hands over."""
    running: int = 0
    """The context of the running job, or of the next one between jobs."""
    pending: int = 0
    """Jobs committed and not finished, the running one included."""
    triggered: bool = False
    locked: bool = False
    next_id: int = 0
    harts: list[int] = field(default_factory=list)
    """By context, the hart that committed its latest job."""

    def __post_init__(self) -> None:
        needed = self.contexts * self.job_registers + _EXTRA_WORDS
        self.words = [0] * (1 << (needed - 1).bit_length())
        self.harts = [0] * self.contexts

    @property
    def is_full(self) -> bool:
        """All contexts are pending."""
        return self.pending == self.contexts

    @property
    def has_work(self) -> bool:
        """A committed job waits, or runs."""
        return self.running != self.programming or self.is_full

    def acquire(self) -> int:
        """What a load of ACQUIRE answers; a job id takes the lock."""
        if self.locked:
            return LOCKED
        if self.is_full:
            return ALL_PENDING
        self.locked = True
        job_id = self.next_id
        self.next_id = (job_id + 1) & 0xFF
        return job_id

    def commit(self, hart: int | None, *, triggers: bool) -> None:
        """Hand over the context being programmed and go on to the next.

        ``hart`` is who gets the event; None leaves it to who had it the last time.
        """
        if hart is not None:
            self.harts[self.programming] = hart
        self.locked = False
        self.triggered = self.triggered or triggers
        self.programming = (self.programming + 1) % self.contexts
        self.pending = (self.pending + 1) % (2 * self.contexts)

    def finish(self) -> int:
        """The running job has ended: the hart that is told."""
        hart = self.harts[self.running]
        self.running = (self.running + 1) % self.contexts
        self.pending = (self.pending - 1) % (2 * self.contexts)
        return hart

    def clear(self, *, keep_registers: bool) -> None:
        """A soft clear. Who gets the event of each context outlives it."""
        self.programming = self.running = self.pending = 0
        self.triggered = self.locked = False
        if not keep_registers:
            self.words = [0] * len(self.words)
            self.next_id = 0

    def place(self, context: int, slot: int) -> int:
        """Where word ``slot`` of a context is in ``words``.

        A ``slot`` past the context's last register is a word of the contexts behind it.
        """
        return (context * self.job_registers + slot) % len(self.words)

    def owner(self, place: int) -> tuple[int, int] | None:
        """The context and slot that a word of the file belongs to; None for one beyond them."""
        context, slot = divmod(place, self.job_registers)
        return (context, slot) if context < self.contexts else None

    def word(self, context: int, slot: int) -> int:
        """One register of one context."""
        return self.words[context * self.job_registers + slot]

    def job_words(self, context: int) -> list[int]:
        """A copy of all registers of one context, from INPUT_PTR on."""
        first = context * self.job_registers
        return self.words[first : first + self.job_registers]
