"""Standard quantised ONNX, as onnxruntime writes it, lowered to a network of integers."""

from __future__ import annotations

from .reading import QuantisedNetwork as QuantisedNetwork
from .reading import Scaling as Scaling
from .reading import is_qdq as is_qdq
from .reading import read_qdq as read_qdq
