"""The networks of arXiv 2408.02473 as quantised ONNX with synthetic weights (docs/models.md)."""

from __future__ import annotations

from .building import build as build
from .building import operations as operations
from .building import sample_inputs as sample_inputs
from .catalogue import NETWORKS as NETWORKS
from .catalogue import Description as Description
from .catalogue import describe as describe
from .value import Value as Value
