"""
Layers on ITA, the integer transformer accelerator: what it can take, and how.

`prepared` brings a network into a form that ITA takes more of, `ItaMatching` has the matchers to
lower it with, both for a `Target`: a board's figures and its room in L1.

    target = Target(Rates.of(board), l1_room(board))
    matching = ItaMatching(target)
    lowered = lower(prepared(network, target), matching.matchers)
    lowered = with_norms_beside(lowered, target)
    matching.reasons  # why what is not on ITA is not
"""

from __future__ import annotations

from .beside import with_norms_beside as with_norms_beside
from .matching import ItaMatching as ItaMatching
from .prepare import prepared as prepared
from .scheduled_layer import Target as Target
