"""A network of integer operators: what every dialect of ONNX is read into, and what is deployed."""

from __future__ import annotations

from .graph import Network as Network
from .graph import Node as Node
from .graph import needed as needed
from .operator import Arrays as Arrays
from .operator import Operator as Operator
from .tensor import Element as Element
from .tensor import Integers as Integers
from .tensor import TensorType as TensorType
