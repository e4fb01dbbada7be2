"""
Where everything lies: homes of tensors, buffers in L1, and the tiles that fit there.

``place`` gives buffers with lifetimes their addresses in one or several memories. ``choose_tiling``
takes the best of the tilings that a layer lists itself, ``tile`` cuts a layer that is described by
its axes; both together with addresses in L1. ``Rates.of(board)`` has the figures. All of it is pure
and deterministic. docs/deploy-memory.md tells how it works.
"""

from __future__ import annotations

from .amount import NOTHING as NOTHING
from .amount import ONE as ONE
from .amount import Amount as Amount
from .amount import amount as amount
from .buffers import HOME_ALIGNMENT as HOME_ALIGNMENT
from .buffers import Buffer as Buffer
from .buffers import Memory as Memory
from .buffers import Placed as Placed
from .buffers import Placement as Placement
from .buffers import memories_of as memories_of
from .cutting import choose_tiling as choose_tiling
from .cutting import expected_cycles as expected_cycles
from .placing import place as place
from .placing import place_by_first_fit as place_by_first_fit
from .rates import CoreRates as CoreRates
from .rates import DmaRates as DmaRates
from .rates import ItaRates as ItaRates
from .rates import Rates as Rates
from .selecting import Option as Option
from .selecting import Room as Room
from .selecting import Selected as Selected
from .selecting import select as select
from .tiling import tile as tile
from .work import Axis as Axis
from .work import Direction as Direction
from .work import Engine as Engine
from .work import TileBuffer as TileBuffer
from .work import TiledAxis as TiledAxis
from .work import TiledBuffer as TiledBuffer
from .work import TiledLayer as TiledLayer
from .work import Tiling as Tiling
from .work import Transfer as Transfer
from .work import Work as Work
