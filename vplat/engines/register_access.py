"""The registers of one Unicorn instance, reached without the look-ups that its binding makes.

The binding finds out with every access what kind of register it is about, which takes longer than
the access. Harts poll with instructions that the platform answers, so that counts.
"""

from __future__ import annotations

import ctypes
from typing import Any, Final

import unicorn.unicorn_py3.unicorn as binding
from unicorn.unicorn_py3 import Uc, UcError

_ACCESS: Final = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


def _function(name: str) -> Any:
    """A function of the library, which Python may be left in while it is called."""
    return _ACCESS(ctypes.cast(getattr(binding.uclib, name), ctypes.c_void_p).value or 0)


class RegisterAccess:
    """Registers that are numbers of at most 64 bits, by the library's identifiers."""

    def __init__(self, engine: Uc) -> None:
        self._handle = engine._uch.value
        self._value = ctypes.c_uint64()
        self._at = ctypes.addressof(self._value)
        self._read, self._write = _function("uc_reg_read"), _function("uc_reg_write")

    def read(self, register: int) -> int:
        """The register's value."""
        self._value.value = 0
        if error := self._read(self._handle, register, self._at):
            raise UcError(error)
        return self._value.value

    def write(self, register: int, value: int) -> None:
        """Set the register; inside a callback, the pc at once."""
        self._value.value = value
        if error := self._write(self._handle, register, self._at):
            raise UcError(error)
