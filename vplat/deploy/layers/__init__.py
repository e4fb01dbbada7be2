"""Layers: nodes of a network fused, bound to an engine, and turned into C."""

from __future__ import annotations

from .layer import Buffer as Buffer
from .layer import Code as Code
from .layer import Constant as Constant
from .layer import Cost as Cost
from .layer import Engine as Engine
from .layer import Layer as Layer
from .layer import Names as Names
from .layer import Tiling as Tiling
from .layer import Typed as Typed
