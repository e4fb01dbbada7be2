"""Which lines, branches and functions of a firmware have run, in one run or in several."""

from __future__ import annotations
