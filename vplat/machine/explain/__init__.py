"""What a machine that stands still was about: endless polls, sleep, interrupts, crashes."""

from __future__ import annotations

from .building import explain as explain
from .endless import endless_polls as endless_polls
from .explanation import Explanation as Explanation
