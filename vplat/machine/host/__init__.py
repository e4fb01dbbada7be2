"""How firmware reaches the host: RISC-V semihosting and HTIF.

Any board understands both. They see the machine through the ``Guest`` protocol alone, so they know
no bus, no engine and no clock, and a guest made by hand is enough to try them.
"""

from __future__ import annotations

from .guest import STDERR as STDERR
from .guest import STDOUT as STDOUT
from .guest import Guest as Guest
from .htif import Htif as Htif
from .semihosting import Semihosting as Semihosting
from .semihosting import is_semihosting_trap as is_semihosting_trap
