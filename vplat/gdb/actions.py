"""How gdb wants threads to go on (``vCont``), as run control has it."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from vplat.machine.debug import Resume

from .thread_ids import Malformed, parse_harts

ACTION: Final = re.compile(
    r"(?:(?P<step>s|S[0-9a-fA-F]{2})|(?P<go>c|C[0-9a-fA-F]{2})"
    r"|r(?P<start>[0-9a-fA-F]{1,8}),(?P<end>[0-9a-fA-F]{1,8}))(?::(?P<thread>[^:;]+))?"
)


class Action(NamedTuple):
    """What one hart does; ``within`` is where it steps."""

    steps: bool
    within: range | None


def parse_actions(text: str, harts: int) -> Resume:
    """What comes behind ``vCont;`` (E.3): for each thread the first action that fits it counts.

    Threads that none fits stand still.
    """
    chosen: dict[int, Action] = {}
    for part in text.split(";"):
        found = ACTION.fullmatch(part)
        if found is None:
            raise Malformed(f"no action: {part!r}")
        concerned = range(harts) if found["thread"] is None else parse_harts(found["thread"], harts)
        within = None
        if found["start"] is not None:
            within = range(int(found["start"], 16), int(found["end"], 16))
        action = Action(found["go"] is None, within or None)
        for hart in concerned:
            chosen.setdefault(hart, action)
    steps = {hart: action.within for hart, action in chosen.items() if action.steps}
    only = None if len(chosen) == harts else frozenset(chosen)
    return Resume(steps, only)
