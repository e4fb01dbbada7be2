"""How often something may be done that must cost no more than a share of the time."""

from __future__ import annotations

from collections.abc import Callable


class Pace:
    """Spaces out work: at most once every ``interval`` seconds, at most ``share`` of all time.

    Work that took long is paid for by waiting; ``credit`` seconds of it are free. The first time is
    after ``delay`` seconds. ``clock`` gives seconds.
    """

    def __init__(
        self,
        interval: float,
        share: float,
        clock: Callable[[], float],
        *,
        delay: float = 0.0,
        credit: float = 0.0,
    ) -> None:
        self.interval, self.share, self.credit = interval, share, credit
        self.spent = 0.0
        """Seconds that the work has taken so far."""
        self._clock = clock
        self._start = self._began = clock()
        self._next = self._start + delay

    def due(self) -> bool:
        """It is time for the work; if so, it begins now."""
        now = self._clock()
        allowed = self.credit + self.share * (now - self._start)
        if now < self._next or self.spent > allowed:
            return False
        self._began, self._next = now, now + self.interval
        return True

    def done(self) -> None:
        """The work that began when it was ``due`` is over."""
        self.spent += self._clock() - self._began
