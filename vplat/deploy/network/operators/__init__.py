"""The integer operators of a network, one module a family; exact on the host."""

from __future__ import annotations

from .activation import Gelu as Gelu
from .activation import Hardswish as Hardswish
from .activation import ItaGelu as ItaGelu
from .activation import Lookup as Lookup
from .activation import Relu as Relu
from .convolution import Convolution as Convolution
from .elementwise import Add as Add
from .elementwise import IntegerDivide as IntegerDivide
from .elementwise import Multiply as Multiply
from .elementwise import Scale as Scale
from .movement import Concat as Concat
from .movement import Gather as Gather
from .movement import Pad as Pad
from .movement import Reshape as Reshape
from .movement import Slice as Slice
from .movement import Transpose as Transpose
from .normalisation import LayerNorm as LayerNorm
from .normalisation import NoNorm as NoNorm
from .normalisation import RmsNorm as RmsNorm
from .product import Gemm as Gemm
from .product import MatMul as MatMul
from .reduction import MaxPool as MaxPool
from .reduction import ReduceMean as ReduceMean
from .reduction import ReduceSum as ReduceSum
from .requantisation import Clip as Clip
from .requantisation import Requantise as Requantise
from .softmax import PolynomialSoftmax as PolynomialSoftmax
from .softmax import Softmax2 as Softmax2
