"""The language in which a peripheral is described."""

from __future__ import annotations

from .access import RC as RC
from .access import RO as RO
from .access import RW as RW
from .access import W1C as W1C
from .access import W1P as W1P
from .access import W1S as W1S
from .access import WO as WO
from .access import Access as Access
from .event import ALL_HARTS as ALL_HARTS
from .event import Event as Event
from .event import Input as Input
from .event import Interrupts as Interrupts
from .event import Line as Line
from .field import Field as Field
from .field import bit as bit
from .field import bits as bits
from .parameter import Parameter as Parameter
from .peripheral import Peripheral as Peripheral
from .platform import AccessFault as AccessFault
from .platform import Bus as Bus
from .platform import Observer as Observer
from .platform import Platform as Platform
from .platform import Stall as Stall
from .port import Port as Port
from .register import Declared as Declared
from .register import PortRegister as PortRegister
from .register import PortWord as PortWord
from .register import Register as Register
from .register import Registers as Registers
from .register import Word as Word
from .register import Words as Words
from .state import State as State
from .window import HART_PORT as HART_PORT
from .window import MAIN as MAIN
from .window import Window as Window
