"""ITA in motion: when its jobs run, what they leave, and whom they tell (`ita.md` section 2.3)."""

from __future__ import annotations

import functools
from typing import Final

from vplat.hookspecs import hookimpl
from vplat.model import Event, Input, Line, Parameter, Peripheral, Rank, State, Work

from . import findings
from .contexts import CTRL_ENGINE_SLOT, TILES_SLOT, ItaContexts
from .engine import Engine
from .findings import JobPlace
from .job import Job, JobResult, decode_tiles
from .lending import loan_of
from .operands import Operands, Reach, Refusal, store_tile, stretches
from .registers import JOB_REGISTERS_OFFSET, ItaRegisters
from .revision import CURRENT
from .sequence import Layer, Step, limits
from .timing import (
    BEAT_BYTES,
    IDLE_BETWEEN_JOBS_CYCLES,
    PREFETCH_READ_CYCLE,
    SOFT_CLEAR_TO_ACCESS_CYCLES,
    TRIGGER_TO_BUSY_CYCLES,
    busy_cycles,
    cycles_lost,
    division_cycles,
)
from .under_way import MACS, STEP_CYCLES, STEP_MACS, Place, UnderWay

EVENT_LINES: Final = 9
BIAS_DISABLE: Final = 1 << 2
CLEAR_FIRST_CYCLE: Final = 2
"""After a store to SOFT_CLEAR nothing is cleared yet for this long, by two register stages; then
the state is held clear for three cycles (`ita.md` section 2.1, hwpe_ctrl_slave.sv)."""
CLEAR_LAST_CYCLE: Final = 5
"""From here on an access is no longer undone."""


class Ita(ItaContexts, kind="ita"):
    """ITA, the integer transformer accelerator: products of 64x64 int8 tiles, softmax, GELU.

    A driver loads acquire, writes the job registers, and stores 0 to trigger; while the job runs it
    goes on with the next context. One job is one tile product: section 3.2 of `ita.md` tells the
    order of jobs that makes a layer. The event comes when busy falls.

    Stores to a context page reach the context being programmed; loads at page 0 see that one too,
    and at pages 1 to 4 (0x120, 0x220, ...) the contexts 0 to 3. Offsets behind the last job
    register of a page reach the contexts that follow.

    A job reads its operands when it starts, the next one's first weights when it is half done, and
    its output is in memory when busy falls. Stopping it in between, by soft_clear, leaves the
    output as it was. Whoever else uses the memory meanwhile makes it last longer.
    """

    specification = "ita.md section 2"

    harts = Parameter(
        EVENT_LINES,
        "Harts with an event line of their own. Jobs committed by others tell who used the context "
        "before.",
        minimum=1,
        maximum=EVENT_LINES,
    )
    pointer_base = Parameter(
        0,
        "Bus address of what a pointer of 0 means; the TCDM where drivers write offsets into it.",
        minimum=0,
        maximum=0xFFFF_FFFF,
    )
    memory_base = Parameter(
        0, "Bus address of the memory that its port leads to.", minimum=0, maximum=0xFFFF_FFFF
    )
    memory_size = Parameter(
        0, "Bytes of that memory; with 0 the port leads to the whole bus.", minimum=0
    )
    rank = Parameter(
        -1,
        "Whom a bank of its memory serves where it meets a hart: the hart (-1, the HCI of a PULP "
        "cluster unless its cluster control says otherwise), each in turn (0, narrow ports beside "
        "those of the harts), or the accelerator (1).",
        choices=(-1, 0, 1),
    )
    memory_wraps = Parameter(
        False,
        "Whether the port decodes no more of an address than that memory needs, so that it repeats "
        "for ever; otherwise what is outside reads as zeros, or is dropped.",
    )
    clock_gated = Parameter(
        False, "Whether its clock is off after reset, until clock_enable becomes 1."
    )

    finished = Event("A job has ended; for the hart that committed it (event line 12).")
    busy = Line("High while a job runs; low for one cycle between queued jobs.")
    clock_enable = Input("The cluster clocks the accelerator; connect hwpe_enabled.")

    engine: State[Engine] = State(lambda: Engine(CURRENT), "What soft_clear does not reset.")
    under_way: State[UnderWay | None] = State(None, "The running job.")
    starting = State(False, "Busy is about to rise.")
    idle_since = State(0, "The cycle of the last fall of busy.")
    bias_off_seen = State(False, "The next context has had BIAS_DISABLE set between two jobs.")

    def on_reset(self) -> None:
        """Fit queue and engine to the parameters; no job is under way any more."""
        self.account("busy_cycles", 0)
        for behaviour in (self.begin, self.prefetch, self.finish, self.clear, self.end_clear):
            self.cancel(behaviour)
        super().on_reset()
        self.engine = Engine(self.hardware)
        self.clocked = not self.clock_gated
        self.unready = self.clock_gated
        memory = self.memory_base if self.memory_size else self.pointer_base
        self._port = self.platform.memory_port(memory, BEAT_BYTES, Rank(self.rank))
        self._stream_slot = (self.hardware.ctrl_stream_offset - JOB_REGISTERS_OFFSET) // 4

    # Jobs.

    @ItaRegisters.trigger.on_write
    def commit(self, value: int, hart: int) -> None:
        """Queue the job being programmed; a value of 0 also lets the queue run."""
        queue, triggers = self.queue, value == 0
        if queue.pending >= queue.contexts:
            self.report(*findings.queue_overrun(queue.contexts, queue.programming))
        if triggers:
            self.words["status"][0] |= 1 << 8 * queue.programming
        self._check_pointers()
        self.culprits[queue.programming] = self.platform.culprit
        first = queue.pending if queue.triggered else 0
        queue.commit(hart if 0 <= hart < self.harts else None, triggers=triggers)
        self._lend_buffers(first)
        self.show_context()
        self._start_when_due()

    def _lend_buffers(self, first: int) -> None:
        """The memory of jobs that may run now, from number ``first`` of the queue on."""
        queue = self.queue
        for place in range(first, queue.pending if queue.triggered else 0):
            context = (queue.running + place) % queue.contexts
            job = Job.from_registers(queue.job_words(context), self.hardware)
            self.borrow("job", context, functools.partial(loan_of, job, context, self._reach()))

    def _check_pointers(self) -> None:
        """Report pointers of the job being committed, while it is known who commits it."""
        reach, queue = self._reach(), self.queue
        words = queue.job_words(queue.programming)
        job_id = self.words["running_job"][0] + queue.pending & 0xFF
        place = JobPlace(job_id, queue.programming, words, self.hardware)
        for stretch in stretches(Job.from_registers(words, self.hardware)):
            address = reach.address(stretch.pointer)
            if (outside := reach.outside(address, stretch.length)) is not None:
                self.report(*findings.pointer_outside(stretch, address, outside, reach, place))

    def _start_when_due(self) -> None:
        """Let busy rise one cycle from now if a job may start."""
        queue = self.queue
        if self.under_way is not None or self.starting or self.clearing:
            return
        if queue.triggered and queue.has_work:
            self.starting = True
            # A hart that lags behind may commit at a time when the last job still ran.
            wait = max(
                TRIGGER_TO_BUSY_CYCLES, self.idle_since + IDLE_BETWEEN_JOBS_CYCLES - self.now
            )
            self.after(wait, self.begin)

    def begin(self) -> None:
        """Busy rises: read the operands, and compute what is stored when busy falls."""
        self.starting = False
        engine, place = self.engine, self.job_place()
        job = Job.from_registers(place.words, self.hardware)
        before = Place.of(engine.sequence)
        operands = Operands(self._reach())
        result = engine.run(job, operands)
        cycles = self._cycles_alone(job, result, before)
        self.under_way = UnderWay(
            step=result.step,
            place=before,
            tiles=job.tiles,
            traffic=job.traffic,
            hangs=result.hangs,
            since=self.now,
            output=operands.output,
            begun=self.now,
            cycles=cycles,
            mark=self._port.mark(),
        )
        self._port.occupy(self.now, self.now + cycles, job.traffic.requests)
        self.begin_work("job", 0, self._describe_job)
        self.busy(1)
        if job.weight_nextload:
            self.after(PREFETCH_READ_CYCLE, self.prefetch)
        self.after(cycles, self.finish)
        place = place._replace(step=result.step)
        for hazard in result.hazards:
            self.report(*findings.hazard(hazard, place), place.culprit)
        for refusal in operands.refusals:
            self._report_refusal(refusal, place)
        if self.bias_off_seen and not job.bias_disable:
            self.report(*findings.late_bias(place), place.culprit)

    def _cycles_alone(self, job: Job, result: JobResult, place: Place) -> int:
        """How long the job is busy if nobody else wants the memory."""
        cycles = busy_cycles(job.traffic, self.hardware)
        last_tile = limits(result.step, job.tiles)[1] - 1
        if result.step is Step.QK and result.stored and place.tile == last_tile:
            cycles += division_cycles(self.hardware)
        return cycles

    def prefetch(self) -> None:
        """The weights of the next job are read."""
        self.engine.read_ahead(Operands(self._reach()))

    def finish(self) -> None:
        """Busy falls, unless the job hangs: the output is in memory, and the hart is told."""
        if (job := self.under_way) is None or self._goes_on(job):
            return
        self._store_output(job)
        self._account_busy(job)
        if job.hangs:
            return
        self.account("jobs", 1)
        self.account("macs", MACS)
        self.account(STEP_MACS[job.step], MACS)
        self.account("tcdm_reads", job.traffic.reads)
        self.account("tcdm_writes", job.traffic.writes)
        context = self.queue.running
        self.hand_back("job", context)
        hart = self.queue.finish()
        self.words["status"][0] &= ~(0xFF << 8 * context)
        count, job_id = self.words["finished_jobs"], self.words["running_job"]
        count[0] = min(count[0] + 1, 2)
        job_id[0] = (job_id[0] + 1) & 0xFF
        self._become_idle()
        self.finished(harts=1 << hart)
        self._look_anew()
        self._start_when_due()

    def _goes_on(self, job: UnderWay) -> bool:
        """Whether what others took of the memory keeps the job busy for a while yet."""
        traffic, elapsed = job.traffic, self.now - job.begun
        refused = self._port.refused(job.mark, traffic.unaligned)
        uncontended = busy_cycles(traffic, self.hardware)
        left = job.cycles + cycles_lost(traffic, uncontended, refused, elapsed) - elapsed
        if left <= 0:
            return False
        self._port.occupy(self.now, self.now + left, left)
        self.after(left, self.finish)
        return True

    def _become_idle(self) -> None:
        self.under_way = None
        self.idle_since = self.now
        self.end_work("job", 0)
        self.busy(0)

    def _describe_job(self) -> Work:
        """The job whose busy has risen, for traces."""
        if (job := self.under_way) is None:
            return Work("")
        place = self.job_place()
        details = {"context": place.context, "job": place.job_id, **job.place._asdict()}
        return Work(job.describe(), {"step": job.step.name, **details})

    def _store_output(self, job: UnderWay) -> None:
        if job.output is None:
            return
        refusal = store_tile(self._reach(), *job.output)
        job.output = None
        if refusal is not None:
            self._report_refusal(refusal, self.job_place()._replace(step=job.step))

    def _report_refusal(self, refusal: Refusal, place: JobPlace) -> None:
        """A pointer out of the memory was reported when the job was committed."""
        if self._reach().outside(refusal.address, 1) is None:
            self.report(*findings.refused(refusal, place), place.culprit)

    def _account_busy(self, job: UnderWay) -> None:
        cycles = self.now - job.since
        job.since = self.now
        self.account("busy_cycles", cycles)
        self.account(STEP_CYCLES[job.step], cycles)

    def _look_anew(self) -> None:
        """The next context is another one now."""
        self.bias_off_seen = False
        self.look_between_jobs()

    def look_between_jobs(self) -> None:
        """The accelerator sees the registers of the next context while it is idle (section 11)."""
        if self.under_way is not None:
            return
        queue = self.queue
        if queue.word(queue.running, self._stream_slot) & BIAS_DISABLE:
            self.bias_off_seen = True
        if self.engine.sequence.inner:
            self._observe_tiles()

    def _observe_tiles(self) -> None:
        """In the middle of an output tile, the counts that the next context holds matter."""
        place, hardware = self.job_place(), self.hardware
        words = place.words
        layer = Layer(words[CTRL_ENGINE_SLOT] & 3) if hardware.has_ctrl_engine else Layer.ATTENTION
        tiles = decode_tiles(words[TILES_SLOT], hardware)
        before = self.culprits[(self.queue.running - 1) % self.queue.contexts]
        for hazard in self.engine.observe(layer, tiles):
            self.report(*findings.hazard(hazard, place), before)

    def _reach(self) -> Reach:
        return Reach(
            self.bus,
            self.pointer_base,
            self.memory_base,
            self.memory_size,
            self.memory_wraps,
        )

    # Soft clear and clock.

    @ItaRegisters.soft_clear.on_write
    def begin_clear(self, value: int) -> None:
        """Clear a little later, twice: what is accessed in between is undone."""
        self._report_clear(value)
        for behaviour in (self.clear, self.end_clear):
            self.cancel(behaviour)
        self.clearing = self.unready = True
        self.after(CLEAR_FIRST_CYCLE, self.clear, value)
        self.after(CLEAR_LAST_CYCLE, self.clear, value)
        self.after(SOFT_CLEAR_TO_ACCESS_CYCLES, self.end_clear)

    def clear(self, value: int) -> None:
        """Empty the queue and stop the job; a value of 0 clears the registers too."""
        if (job := self.under_way) is not None:
            self.cancel(self.prefetch)
            self.cancel(self.finish)
            self._account_busy(job)
            if not job.hangs:
                self.engine.abandon()
        self.cancel(self.begin)
        self.starting = False
        for context in range(self.queue.contexts):
            self.hand_back("job", context)
        self.queue.clear(keep_registers=value != 0)
        if value == 0:
            for register in (self.status, self.finished_jobs, self.running_job):
                register.word = 0
        self.show_context()
        if job is not None:
            self._become_idle()
        self._look_anew()

    def end_clear(self) -> None:
        """The next access is safe."""
        self.clearing = self.unready = False
        self._start_when_due()

    def _report_clear(self, value: int) -> None:
        sequence, waiting = self.engine.sequence, self.engine.waiting_sets
        if (job := self.under_way) is not None:
            self.report(*findings.clear_while_running(value, job.describe()))
        elif self.engine.is_stuck:
            return
        elif sequence.step is not Step.IDLE:
            self.report(*findings.clear_in_sequence(value, sequence.step))
        elif waiting:
            self.report(*findings.clear_with_prefetch(value, waiting[0].address))

    @clock_enable.on_change
    def follow_clock(self, level: int) -> None:
        """Switching the clock off under a running job is a mistake; the model finishes the job."""
        self.clocked, self.unready = bool(level), not level
        if not level and (job := self.under_way) is not None:
            self.report(*findings.clock_stopped(job.describe()))

    # What it tells about itself.

    def doing(self) -> str:
        """``QK tile 3/8, 2 jobs queued``; '' when idle."""
        parts = []
        queued = self.queue.pending
        if (job := self.under_way) is not None:
            queued -= 1
            parts.append(job.describe() + (" hangs" if job.hangs else ""))
        elif self.engine.is_stuck:
            parts.append("stuck in the middle of a tile until a hard reset")
        if queued > 0:
            jobs = "1 job" if queued == 1 else f"{queued} jobs"
            triggered = self.queue.triggered
            parts.append(f"{jobs} queued" if triggered else f"{jobs} queued, not triggered")
        return ", ".join(parts)


@hookimpl
def vplat_peripherals() -> list[type[Peripheral]]:
    """The device of this package."""
    return [Ita]
