"""Where the cycles and the joules of a run went: by function, by line, by call stack."""

from __future__ import annotations
