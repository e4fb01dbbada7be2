"""Quantised networks from ONNX files, and arrays for their inputs and outputs."""

from __future__ import annotations

from .arrays import read_arrays as read_arrays
from .boundary import Boundary as Boundary
from .file_graph import FileGraph as FileGraph
from .file_graph import graph_of as graph_of
from .onnx_file import open_model as open_model
from .read_network import ReadNetwork as ReadNetwork
from .read_network import read_network as read_network
