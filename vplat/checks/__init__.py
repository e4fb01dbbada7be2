"""The driver checker: what firmware does that works by luck."""

from __future__ import annotations

from .buffers import BufferRules as BufferRules
from .checking import checkers as checkers
from .handed_back import HandedBackRules as HandedBackRules
from .registers import RegisterRules as RegisterRules
