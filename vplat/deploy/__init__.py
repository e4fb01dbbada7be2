"""From a quantised network in ONNX to firmware for the cluster."""

from __future__ import annotations
