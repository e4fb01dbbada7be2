"""The receiver of a serial port: characters on their way, and those that wait to be read."""

from __future__ import annotations

import dataclasses

BREAK = 0x100
"""Marks a character, a zero, as the sign of a break on the line."""


@dataclasses.dataclass
class Receiver:
    """Up to ``depth`` received characters, the oldest first.

    ``on_line`` holds pairs of the cycle when a character arrives and the character, sorted;
    ``quiet_since`` is the cycle of the last arrival or reading. ``overrun`` and ``broken`` say that
    a character was lost and that the oldest one stood for a break; who tells firmware resets them.
    """

    depth: int = 1
    characters: list[int] = dataclasses.field(default_factory=list)
    on_line: list[tuple[int, int]] = dataclasses.field(default_factory=list)
    quiet_since: int = 0
    overrun: bool = False
    broken: bool = False

    @property
    def room(self) -> int:
        """Characters that could be put on the line without losing one."""
        return self.depth - len(self.characters) - len(self.on_line)

    @property
    def flawed(self) -> bool:
        """An oldest character that stood for a break, or one behind it that does."""
        return self.broken or any(each & BREAK for each in self.characters)

    def send(self, arrival: int, character: int) -> None:
        """Put a character on the line that will arrive at that cycle."""
        self.on_line.append((arrival, character))
        self.on_line.sort()

    def follow(self, now: int, pace: int, characters: bytes) -> None:
        """Put characters on the line one behind the other, ``pace`` cycles each."""
        arrival = max(now, self.on_line[-1][0] if self.on_line else now)
        for character in characters:
            arrival += pace
            self.on_line.append((arrival, character))

    def catch_up(self, now: int) -> int:
        """Take what has arrived by ``now``; how many characters that were."""
        arrived = 0
        while self.on_line and self.on_line[0][0] <= now:
            self.quiet_since, character = self.on_line.pop(0)
            self._take(character)
            arrived += 1
        return arrived

    def read(self, now: int) -> int:
        """The oldest character, which is then gone; zero if there is none."""
        self.quiet_since = now
        character = self.characters.pop(0) if self.characters else 0
        self._look_at_oldest()
        return character

    def clear(self) -> None:
        """Forget what was received; what is on the line still comes."""
        self.characters = []

    def _take(self, character: int) -> None:
        if len(self.characters) < self.depth:
            self.characters.append(character)
        else:
            self.overrun = True
            if self.depth == 1:
                # Without a FIFO the character that is there is lost, with one it is the new one.
                self.characters[0] = character
        self._look_at_oldest()

    def _look_at_oldest(self) -> None:
        if self.characters and self.characters[0] & BREAK:
            self.characters[0] &= ~BREAK
            self.broken = True
