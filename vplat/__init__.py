"""A virtual platform for an octa-core RISC-V cluster with a transformer accelerator."""

from __future__ import annotations

__version__ = "0.1.0"
