"""The public test kit: drive a device, or a whole machine, from Python."""

from __future__ import annotations

from .bench import Bench as Bench
