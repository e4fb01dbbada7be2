"""The transmitter of a serial port, worked out from the time: no event for each character."""

from __future__ import annotations

import dataclasses

SAMPLES_A_BIT = 16


def half_bits(data_bits: int, *, parity: bool, more_stop_bits: bool) -> int:
    """Half bits of a character: start, data, parity, and 1, 2 or (with 5 data bits) 1.5 stop."""
    stop = 2 if not more_stop_bits else 3 if data_bits == 5 else 4
    return 2 * (1 + data_bits + parity) + stop


def character_clocks(divisor: int, halves: int) -> int:
    """Clocks of the port that a character of so many half bits takes; a divisor of 0 works as 1."""
    return max(1, divisor) * SAMPLES_A_BIT * halves // 2


@dataclasses.dataclass
class Transmitter:
    """One character on the line and up to ``depth`` waiting behind it.

    A character takes ``pace`` cycles; the last one has left at ``sent_at``. Times are cycles and
    must not go back.
    """

    pace: int = 1
    depth: int = 1
    sent_at: int = 0

    def unsent(self, now: int) -> int:
        """Characters that have not left: the one on the line and those behind it."""
        return -((now - self.sent_at) // self.pace) if now < self.sent_at else 0

    def waiting(self, now: int) -> int:
        """Characters behind the one on the line."""
        return max(0, self.unsent(now) - 1)

    def full(self, now: int) -> bool:
        """Whether one more character would be lost."""
        return self.waiting(now) >= self.depth

    @property
    def empties_at(self) -> int:
        """When the last waiting character goes onto the line."""
        return self.sent_at - self.pace

    def send(self, now: int) -> int:
        """Take one more character; the cycle when it has left."""
        self.sent_at = max(now, self.sent_at) + self.pace
        return self.sent_at

    def retime(self, now: int, pace: int) -> None:
        """Go on at another pace, in the middle of a character too."""
        if now < self.sent_at:
            waiting = self.waiting(now)
            left = self.sent_at - waiting * self.pace - now
            self.sent_at = now - (-left * pace // self.pace) + waiting * pace
        self.pace = pace

    def drop_waiting(self, now: int) -> int:
        """Forget what is not on the line yet; how many characters that were."""
        waiting = self.waiting(now)
        self.sent_at -= waiting * self.pace
        return waiting
