"""What a file that is no ELF looks like, so that the refusal can say what was given by mistake."""

from __future__ import annotations

import re

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "a gzip archive; unpack it first"),
    (b"BZh", "a bzip2 archive; unpack it first"),
    (b"\xfd7zXZ\x00", "an xz archive; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive; unpack it first"),
    (b"PK\x03\x04", "a zip archive; unpack it first"),
    (b"!<arch>\n", "a static library; link it into an executable"),
    (b"UF2\n", "a UF2 image; give the ELF it was made from"),
    (b"MZ", "a Windows executable; give an RV32 ELF"),
    (b"\xcf\xfa\xed\xfe", "a macOS executable; give an RV32 ELF"),
    (b"\xca\xfe\xba\xbe", "a macOS executable; give an RV32 ELF"),
    (b"\x00asm", "a WebAssembly module; give an RV32 ELF"),
    (b"#!", "a script; give the ELF it builds"),
)
_INTEL_HEX = re.compile(rb":[0-9A-Fa-f]{10,}\r?\n")
_S_RECORD = re.compile(rb"S[0-9][0-9A-Fa-f]{6,}\r?\n")
_VERILOG_HEX = re.compile(rb"@[0-9A-Fa-f]{1,8}\s")
_TEXT_BYTES = frozenset(range(0x20, 0x7F)) | frozenset(b"\t\n\r\f\x1b")


def guess(head: bytes) -> str:
    """What a file beginning with ``head`` looks like, and what to do: ``an archive; unpack it``."""
    for magic, meaning in _MAGIC:
        if head.startswith(magic):
            return meaning
    for pattern, name in (
        (_INTEL_HEX, "an Intel HEX file"),
        (_S_RECORD, "a Motorola S-record file"),
        (_VERILOG_HEX, "a Verilog memory image"),
    ):
        if pattern.match(head):
            return f"{name}; give the ELF it was made from"
    if _is_text(head):
        return "text; give the compiled and linked ELF"
    return "a raw binary; give the ELF, not the .bin made from it"


def _is_text(head: bytes) -> bool:
    """True for printable text, in UTF-8 too; a character cut off at the end is forgiven."""
    try:
        characters = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:
            return False
        characters = head[: error.start].decode("utf-8")
    return all(ord(each) in _TEXT_BYTES or ord(each) >= 0xA0 for each in characters)
