"""The register contexts behind the job registers, and what an access to them does (section 2.2)."""

from __future__ import annotations

import dataclasses
from typing import Final

from vplat.model import MAIN, NOBODY, Culprit, Declared, Parameter, State

from . import findings
from .findings import JobPlace
from .queue import JobQueue
from .registers import (
    CONTROL_REGISTERS,
    JOB_REGISTERS,
    JOB_REGISTERS_OFFSET,
    PAGE_WORDS,
    ItaRegisters,
    hardware_name,
    on_access_to,
    on_write_to,
)
from .revision import AUGUST_2024, CURRENT, Revision

UNREADABLE: Final = 0xDEAD_BEEF
CONTROL_WORDS: Final = JOB_REGISTERS_OFFSET // 4
TILES_SLOT: Final = 6
CTRL_ENGINE_SLOT: Final = 13
SEEN_WHILE_IDLE: Final = {TILES_SLOT, CTRL_ENGINE_SLOT, CTRL_ENGINE_SLOT + 1}
"""Job registers that act between jobs: TILES, CTRL_ENGINE, and CTRL_STREAM of either revision."""


class ItaContexts(ItaRegisters):
    """What firmware reads and writes, with one context at a time in the job registers."""

    softmax_shift = Parameter(
        -1,
        "What scales the distance of a logit to its row's maximum: 0 (current: not at all) or 5 "
        "(first release: a division by 32); -1 as the revision has it.",
        choices=(-1, 0, 5),
    )
    softmax_unit = Parameter(
        -1,
        "The greatest probability: 255 (current) or 127 (first release); -1 as the revision has "
        "it.",
        choices=(-1, 127, 255),
    )

    queue: State[JobQueue] = State(
        lambda: JobQueue(CURRENT.contexts, CURRENT.job_registers), "Contexts and queue."
    )
    clearing = State(False, "A soft clear is under way, or hardly over.")
    clocked = State(True, "The level of clock_enable.")
    culprits: State[list[Culprit]] = State(
        lambda: [NOBODY] * CURRENT.contexts, "Who committed the latest job of each context."
    )
    unready = State(False, "The next access is too early, and is to be reported.")

    def on_reset(self) -> None:
        """Fit the contexts to the revision."""
        revision = self.hardware = self._chosen_revision()
        self.queue = JobQueue(revision.contexts, revision.job_registers)
        registers = [each for each in JOB_REGISTERS if each.name in self.words]
        self._by_slot = sorted(registers, key=lambda register: register.offset)
        self._shown = [self.words[each.name] for each in self._by_slot]

    def _chosen_revision(self) -> Revision:
        named = {each.name: each for each in (CURRENT, AUGUST_2024)}[self.revision]
        return dataclasses.replace(
            named,
            contexts=self.contexts or named.contexts,
            softmax_shift=named.softmax_shift if self.softmax_shift < 0 else self.softmax_shift,
            softmax_unit=named.softmax_unit if self.softmax_unit < 0 else self.softmax_unit,
        )

    # Accesses. The behaviour that serves all registers comes before those of single ones.

    @on_access_to((*CONTROL_REGISTERS, *JOB_REGISTERS))
    def notice_access(self, register: Declared) -> None:
        """Report an access at a time when the hardware does not serve it."""
        if self.unready:
            self.unready = False
            finding = findings.access_during_clear if self.clocked else findings.clock_off
            self.report(*finding(hardware_name(register)))

    def lasts(self, register: Declared, index: int, hart: int) -> bool:
        """All loads only look, but one that takes the lock or comes too early."""
        takes = register is ItaRegisters.acquire and not (self.queue.locked or self.queue.is_full)
        return not (self.unready or takes)

    @ItaRegisters.trigger.on_read
    def read_trigger(self) -> int:
        """The slave decodes no load there."""
        return UNREADABLE

    @ItaRegisters.acquire.on_read
    def take_lock(self) -> int:
        """A job id, or why there is none."""
        return self.queue.acquire()

    @ItaRegisters.finished_jobs.on_write
    def forget_finished(self) -> None:
        """A store clears the count as a load does."""
        self.finished_jobs.count = 0

    @ItaRegisters.sw_event.on_write
    def ignore_software_event(self, value: int) -> None:
        """Nothing is connected."""
        self.report(*findings.software_event(value))

    @on_write_to(JOB_REGISTERS)
    def write_job_register(self, register: Declared) -> None:
        """Keep the word in the context being programmed."""
        queue = self.queue
        slot = (register.offset - JOB_REGISTERS_OFFSET) // 4
        value = self._shown[slot][0]
        queue.words[queue.place(queue.programming, slot)] = value
        if queue.is_full:
            self.report(
                *findings.pending_context_written(
                    hardware_name(register), value, queue.contexts, self.job_place()
                )
            )
        elif queue.programming == queue.running and slot in SEEN_WHILE_IDLE:
            self.look_between_jobs()

    @MAIN.on_other_load
    def load_elsewhere(self, offset: int, size: int, hart: int) -> int:
        """A load at a context page, or behind the job registers."""
        word = offset // 4 % PAGE_WORDS
        if word < CONTROL_WORDS:
            return self.ports[""].load(4 * word + offset % 4, size, hart)
        queue, slot = self.queue, word - CONTROL_WORDS
        self.notice_access(self._by_slot[slot % queue.job_registers])
        page = offset // 4 // PAGE_WORDS % (2 * queue.contexts)
        context = (page - 1) % queue.contexts if page else queue.programming
        place = self._place_elsewhere(offset, context, slot)
        return queue.words[place] >> 8 * (offset % 4)

    @MAIN.on_other_store
    def store_elsewhere(self, offset: int, size: int, value: int, hart: int) -> None:
        """A store at a context page, whose number it ignores, or behind the job registers."""
        word = offset // 4 % PAGE_WORDS
        slot, queue = word - CONTROL_WORDS, self.queue
        if slot >= queue.job_registers:
            self.notice_access(self._by_slot[slot % queue.job_registers])
            place = self._place_elsewhere(offset, queue.programming, slot)
            lane = 8 * (offset % 4)
            mask = (1 << 8 * size) - 1 << lane
            queue.words[place] = queue.words[place] & ~mask | value << lane & mask
            self.show_context()
            return
        page = offset // 4 // PAGE_WORDS % (2 * queue.contexts)
        meant = (page - 1) % queue.contexts
        if slot >= 0 and page and meant != queue.programming:
            name = hardware_name(self._by_slot[slot])
            self.report(*findings.page_write(offset, name, meant, queue.programming))
        self.ports[""].store(4 * word + offset % 4, size, value, hart)

    def _place_elsewhere(self, offset: int, context: int, slot: int) -> int:
        place = self.queue.place(context, slot)
        if slot >= self.queue.job_registers:
            owner = self.queue.owner(place)
            self.report(*findings.alias(offset, owner, self.hardware))
        return place

    def show_context(self) -> None:
        """The job registers are those of the context being programmed."""
        for words, value in zip(
            self._shown, self.queue.job_words(self.queue.programming), strict=True
        ):
            words[0] = value

    def job_place(self) -> JobPlace:
        """The running job, or the next one between jobs."""
        queue = self.queue
        return JobPlace(
            job_id=self.words["running_job"][0],
            context=queue.running,
            words=queue.job_words(queue.running),
            revision=self.hardware,
            culprit=self.culprits[queue.running],
        )

    def look_between_jobs(self) -> None:
        """The registers of the next context are other ones than before; the device overrides it."""
