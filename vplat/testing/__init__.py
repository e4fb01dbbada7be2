"""The public test kit: drive a device, or a whole machine, from Python."""

from .bench import Bench as Bench
