"""The state of a machine as data: taken, put back, written to a file and read from it."""

from __future__ import annotations
