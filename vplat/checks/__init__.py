"""The driver checker: what firmware does that works by luck, told from the registers."""

from __future__ import annotations

from .registers import RegisterRules as RegisterRules
