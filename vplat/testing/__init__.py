"""The public test kit: drive a device, or a whole machine, from Python."""

from __future__ import annotations

from vplat.engines.script import EBREAK as EBREAK
from vplat.engines.script import ECALL as ECALL
from vplat.engines.script import MRET as MRET
from vplat.engines.script import WFI as WFI
from vplat.engines.script import Answer as Answer
from vplat.engines.script import Back as Back
from vplat.engines.script import Call as Call
from vplat.engines.script import Load as Load
from vplat.engines.script import Store as Store
from vplat.engines.script import Work as Work

from .bench import Bench as Bench
from .scripted_machine import ScriptedMachine as ScriptedMachine
from .scripted_machine import scripted_board as scripted_board
