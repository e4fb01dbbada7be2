"""Two 32-bit counters, or one of 64 bits, that pulse an event line when they reach a compare value.

Registers and fields are those of `pulp-cluster.md` section 4.1, and what they do to the cycle is
that of the PULP platform's `timer_unit.sv`, but for two things. In 64-bit mode the low counter
carries into the high one, as the timer's manual says; that RTL advances the high counter only while
CMP_LO is all ones. And a counter that runs past its compare value loses no tick there.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from vplat.hookspecs import hookimpl
from vplat.model import (
    RW,
    W1P,
    WO,
    Event,
    Input,
    Needed,
    Parameter,
    Peripheral,
    Register,
    State,
    Word,
    bit,
    bits,
)
from vplat.model.register import View

LOW, HIGH = 0, 1
HALF = 1 << 32
PRESCALER_RANGE = 1 << 32
IRQ_ENABLE = 1 << 2
NEVER_CYCLES = 1 << 62
"""No run gets that far, so a match beyond is not waited for."""


@dataclasses.dataclass(frozen=True)
class Course:
    """How a counter goes on from cycle ``since``, as long as nobody touches it.

    Its source pulses every ``pulse_cycles`` cycles, at multiples of that (0: it stands still).
    Every ``divisor`` pulses are a tick, of which ``phase`` have passed. A tick adds one to
    ``count``, modulo ``modulus``. The counter matches when a tick takes it to ``compare``; one
    cycle later it is zero if it ``clears``. With ``stops`` the first match is its last tick.
    """

    since: int = 0
    count: int = 0
    phase: int = 0
    pulse_cycles: int = 0
    divisor: int = 1
    compare: int = 0
    modulus: int = HALF
    clears: bool = False
    stops: bool = False

    @property
    def ticks_to_match(self) -> int:
        """Ticks from ``since`` to the first match; a counter that stands on it goes once round."""
        return (self.compare - self.count) % self.modulus or self.modulus

    @property
    def swallows(self) -> bool:
        """Every cycle has a tick, so that the cycle which clears the counter swallows one."""
        return self.pulse_cycles * self.divisor == 1

    @property
    def period(self) -> int:
        """Ticks from one match to the next."""
        if not self.clears:
            return self.modulus
        return (self.compare or self.modulus) + self.swallows

    def ticks_at(self, cycle: int) -> int:
        """Ticks after ``since``, up to and with ``cycle``."""
        return max(0, (self.phase + self._pulses(cycle)) // self.divisor)

    def phase_at(self, cycle: int) -> int:
        """Pulses since the last tick."""
        if self.stops and self.ticks_at(cycle) >= self.ticks_to_match:
            return 0
        return self.phase + self._pulses(cycle) - self.divisor * self.ticks_at(cycle)

    def count_at(self, cycle: int) -> int:
        """The counter's value in ``cycle``; before ``since`` it is the one it started from."""
        ticks = self.ticks_at(cycle)
        past = ticks - self.ticks_to_match
        if past < 0 or not (self.clears or self.stops):
            return (self.count + ticks) % self.modulus
        if self.stops:
            ticks, past = self.ticks_to_match, 0
        past %= self.period
        if past:
            return past - self.swallows
        return 0 if self.clears and cycle > self._cycle_of(ticks) else self.compare

    def match(self, number: int) -> int:
        """The cycle of a match; the first one has number 0."""
        return self._cycle_of(self.ticks_to_match + number * self.period)

    def _pulses(self, cycle: int) -> int:
        if not self.pulse_cycles or cycle < self.since:
            return 0
        return cycle // self.pulse_cycles - self.since // self.pulse_cycles

    def _cycle_of(self, tick: int) -> int:
        pulses = tick * self.divisor - self.phase
        return (self.since // self.pulse_cycles + pulses) * self.pulse_cycles


def _configuration(offset: int, counter: str, **more: Any) -> Register:
    """The register that says how one counter runs."""
    return Register(
        offset,
        f"How the {counter} counter runs.",
        enable=bit(0, RW, "Count. One-shot mode clears it on a match."),
        reset=bit(1, W1P, f"Set the {counter} counter and its prescaler to zero."),
        irq_enable=bit(2, RW, f"Pulse the {counter} event line on a match."),
        iem=bit(3, RW, f"Let the {counter} input event set enable."),
        cmp_clear=bit(4, RW, "Set the counter to zero one cycle after a match, and count on."),
        one_shot=bit(5, RW, "Clear enable on a match."),
        prescaler_enable=bit(6, RW, "Count only every few pulses of the clock, see prescaler."),
        ref_clock=bit(7, RW, "Count rising edges of the reference clock in place of cycles."),
        prescaler=bits(
            15,
            8,
            RW,
            "With prescaler_enable: a tick is this many cycles and one more, or this many edges "
            "of the reference clock. Set reset when you lower it: a prescaler that has gone past "
            "the new value goes once round its 32 bits first.",
        ),
        **more,
    )


class PulpTimer(Peripheral, kind="pulp_timer", size=0x400, undefined=0):
    """Two 32-bit counters, or one of 64 bits, that pulse an event line at a compare value."""

    specification = "pulp-cluster.md section 4.1"

    ref_clock_divider = Parameter(
        15_259,
        "Cycles from one rising edge of the reference clock to the next; for one of 32.768 kHz "
        "that is the clock's frequency divided by 32768.",
        minimum=2,
    )

    cfg_lo = _configuration(
        0x00,
        "low",
        mode_64bit=bit(
            31,
            RW,
            "Make one counter of 64 bits: cnt_hi and cmp_hi are the upper halves of cnt_lo and "
            "cmp_lo, the other fields of cfg_lo rule it, a match pulses the low event line.",
        ),
    )
    cfg_hi = _configuration(0x04, "high")
    cnt_lo = Word(0x08, RW, "The low counter. A store sets the whole word, whatever its size.")
    cnt_hi = Word(0x0C, RW, "The high counter. A store sets the whole word, whatever its size.")
    cmp_lo = Word(0x10, RW, "Where the low counter matches: when it counts up to this value.")
    cmp_hi = Word(0x14, RW, "Where the high counter matches: when it counts up to this value.")
    start_lo = Word(0x18, WO, "Any store sets cfg_lo.enable.")
    start_hi = Word(0x1C, WO, "Any store sets cfg_hi.enable.")
    reset_lo = Word(0x20, WO, "Any store sets the low counter and its prescaler to zero.")
    reset_hi = Word(0x24, WO, "Any store sets the high counter and its prescaler to zero.")

    compare_low = Needed(
        cmp_lo,
        start=cfg_lo.enable,
        given=lambda timer, touch: touch.value & IRQ_ENABLE,
        because="the event comes when the counter has gone once round to 0",
        section="pulp-cluster.md section 4.1",
    )
    compare_high = Needed(
        cmp_hi,
        start=cfg_hi.enable,
        given=lambda timer, touch: touch.value & IRQ_ENABLE,
        because="the event comes when the counter has gone once round to 0",
        section="pulp-cluster.md section 4.1",
    )
    compare_started_low = Needed(
        cmp_lo,
        start=start_lo,
        given=lambda timer, touch: timer.cfg_lo.irq_enable,
        because="the event comes when the counter has gone once round to 0",
        section="pulp-cluster.md section 4.1",
    )
    compare_started_high = Needed(
        cmp_hi,
        start=start_hi,
        given=lambda timer, touch: timer.cfg_hi.irq_enable,
        because="the event comes when the counter has gone once round to 0",
        section="pulp-cluster.md section 4.1",
    )

    low = Event("The low counter, or the 64-bit one, matched while cfg_lo.irq_enable was set.")
    high = Event("The high counter matched while cfg_hi.irq_enable was set.")
    input_events = Input("Start the low (0) or high (1) counter, where cfg.iem lets it.", count=2)

    courses: State[list[Course]] = State(
        lambda: [Course(), Course()], "How the counters go on if nobody touches them."
    )
    matches: State[list[int]] = State(
        lambda: [0, 0], "Matches of each counter since its course began."
    )

    # What firmware reads.

    @cnt_lo.on_read
    def read_low(self) -> int:
        return self._counts(self.now)[LOW]

    @cnt_hi.on_read
    def read_high(self) -> int:
        return self._counts(self.now)[HIGH]

    # What firmware writes. The course until now is known, so the new one starts from where it led.

    @cfg_lo.on_write
    @cfg_hi.on_write
    @cmp_lo.on_write
    @cmp_hi.on_write
    def follow(self) -> None:
        self._change()

    @cnt_lo.on_write
    def set_low(self, value: int) -> None:
        self._change({LOW: value})

    @cnt_hi.on_write
    def set_high(self, value: int) -> None:
        self._change({HIGH: value})

    @start_lo.on_write
    def start_low(self) -> None:
        self._start(LOW)

    @start_hi.on_write
    def start_high(self) -> None:
        self._start(HIGH)

    @reset_lo.on_write
    @cfg_lo.fields["reset"].on_set
    def zero_low(self) -> None:
        self._change({LOW: 0}, restarted=LOW)

    @reset_hi.on_write
    @cfg_hi.fields["reset"].on_set
    def zero_high(self) -> None:
        self._change({HIGH: 0}, restarted=HIGH)

    @input_events.on_change
    def start_on_event(self, index: int, level: int) -> None:
        if level and self._configuration_of(index).iem:
            self._start(index)

    def doing(self) -> str:
        """Where the running counters are and where they will match."""
        wide = self.cfg_lo.mode_64bit
        names = ("64-bit counter" if wide else "low counter", "high counter")
        return ", ".join(
            f"{name} at {course.count_at(self.now)}, matches at {course.compare}"
            for half, (name, course) in enumerate(zip(names, self.courses, strict=True))
            if course.pulse_cycles and self._configuration_of(half).enable
        )

    # The machinery.

    def match_low(self) -> None:
        """The low counter has reached its compare value."""
        self._match(LOW)

    def match_high(self) -> None:
        """The high counter has reached its compare value."""
        self._match(HIGH)

    def _match(self, half: int) -> None:
        configuration = self._configuration_of(half)
        if self.courses[half].stops:
            configuration.enable = 0
        else:
            self.matches[half] += 1
            self._expect(half)
        if configuration.irq_enable:
            (self.low, self.high)[half]()

    def _start(self, half: int) -> None:
        self._configuration_of(half).enable = 1
        self._change()

    def _change(self, counts: dict[int, int] | None = None, restarted: int | None = None) -> None:
        """New courses by the configuration as it is now.

        ``counts`` holds the counters that get another value; the prescaler of ``restarted`` is set
        to zero.
        """
        # Harts are not in step: one may come with a time before that of the last change.
        cycle = max(self.now, *(course.since for course in self.courses))
        values = [*self._counts(cycle)]
        for half, count in (counts or {}).items():
            values[half] = count
        phases = [course.phase_at(cycle) for course in self.courses]
        if restarted is not None:
            phases[restarted] = 0
        self.courses = [self._course(half, cycle, values, phases[half]) for half in (LOW, HIGH)]
        self.matches = [0, 0]
        for half in (LOW, HIGH):
            self._expect(half)

    def _course(self, half: int, cycle: int, counts: list[int], phase: int) -> Course:
        configuration = self._configuration_of(half)
        wide = bool(self.cfg_lo.mode_64bit)
        pulse_cycles, divisor = self._pace(half)
        if phase >= divisor > 1:
            self._report_passed_prescaler(half, phase)
            phase -= PRESCALER_RANGE
        return Course(
            since=cycle,
            count=counts[LOW] + counts[HIGH] * HALF if wide else counts[half],
            phase=phase if divisor > 1 else 0,
            pulse_cycles=pulse_cycles if configuration.enable and not (wide and half) else 0,
            divisor=divisor,
            compare=self.cmp_lo + self.cmp_hi * HALF if wide else (self.cmp_lo, self.cmp_hi)[half],
            modulus=HALF * HALF if wide else HALF,
            clears=bool(configuration.cmp_clear),
            stops=bool(configuration.one_shot),
        )

    def _pace(self, half: int) -> tuple[int, int]:
        """Cycles a pulse and pulses a tick (`timer_unit.sv`, comparator of the prescaler)."""
        configuration = self._configuration_of(half)
        pulse_cycles = self.ref_clock_divider if configuration.ref_clock else 1
        if not configuration.prescaler_enable:
            return pulse_cycles, 1
        if not configuration.ref_clock:
            return 1, configuration.prescaler + 1
        if configuration.prescaler:
            return pulse_cycles, configuration.prescaler
        # The prescaler stands on its compare value all the time, so the edges do not matter.
        return 1, 1

    def _counts(self, cycle: int) -> tuple[int, int]:
        low, high = self.courses
        if low.modulus > HALF:
            return low.count_at(cycle) % HALF, low.count_at(cycle) // HALF
        return low.count_at(cycle), high.count_at(cycle)

    def _expect(self, half: int) -> None:
        """Come back at the next match, if it does anything that a later look could not work out."""
        behaviour = (self.match_low, self.match_high)[half]
        configuration = self._configuration_of(half)
        self.cancel(behaviour)
        course = self.courses[half]
        if course.pulse_cycles and (configuration.irq_enable or configuration.one_shot):
            cycle = course.match(self.matches[half])
            if cycle < NEVER_CYCLES:
                self.after(max(0, cycle - self.now), behaviour)

    def _configuration_of(self, half: int) -> View:
        return (self.cfg_lo, self.cfg_hi)[half]

    def _report_passed_prescaler(self, half: int, phase: int) -> None:
        name = ("cfg_lo", "cfg_hi")[half]
        value = self._configuration_of(half).prescaler
        self.report(
            "prescaler-passed",
            f"{self.name}.{name}.prescaler was set to {value} while the prescaler was at {phase}; "
            f"it counts through its 32 bits before the next tick: set {name}.reset too",
        )


@hookimpl
def vplat_peripherals() -> list[type[Peripheral]]:
    return [PulpTimer]
