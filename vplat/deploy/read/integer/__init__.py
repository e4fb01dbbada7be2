"""The integer dialect of ``quantised-operators.md``, read into a network of integers."""

from __future__ import annotations

from .reading import read_integer as read_integer
