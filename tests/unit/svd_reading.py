"""SVD through the eyes of another project's parser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cmsis_svd.parser import SVD_SCHEMA_VERSIONS, SVDParser

SCHEMAS = sorted(version for version in SVD_SCHEMA_VERSIONS if version.startswith("1.3."))


def read_peripherals(path: Path, text: str) -> list[Any]:
    """The peripherals in ``text``, valid by the oldest 1.3 schema; ``path`` is scratch.

    The parser's model types every attribute as optional, so its objects are handed on untyped.
    """
    path.write_text(text, "utf-8")
    device = SVDParser.for_xml_file(path).get_device(
        xml_validation=True, schema_version=SCHEMAS[0], schema_version_detection=False
    )
    return list(device.peripherals)


def registers(peripheral: Any) -> Iterator[Any]:
    """Every register, those of arrays one by one."""
    for each in peripheral.registers or ():
        yield from getattr(each, "registers", None) or [each]


def masks(register: Any) -> dict[str, int]:
    """Ones at each field's bits."""
    return {
        field.name: ((1 << field.bit_width) - 1) << field.bit_offset
        for field in register.fields or ()
    }
