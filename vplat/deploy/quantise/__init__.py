"""From a float network to a quantised one that the accelerator can take."""

from __future__ import annotations

from .quantising import Method as Method
from .quantising import quantise as quantise
from .samples import read_samples as read_samples
