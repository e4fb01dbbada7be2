"""Files and JSON that verbs write."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

from vplat.errors import UsageError

STANDARD_OUTPUT: Final = Path("-")
"""The path that means standard output."""


def as_json(value: Any) -> str:
    """``value`` as JSON for people and programs, its last line ended.

    What cannot be UTF-8, like a strange byte of a file name, becomes a question mark.
    """
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    return text.encode("utf-8", "replace").decode("utf-8")


def check_writable(path: Path) -> None:
    """A ``UsageError`` now if ``write_whole`` could not write ``path`` later."""
    if path == STANDARD_OUTPUT:
        return
    if path.is_dir():
        raise UsageError(f"{path} is a directory; name a file in it")
    if not path.parent.is_dir():
        raise UsageError(
            f"{path} cannot be written: there is no directory {path.parent}; make it first"
        )
    if not os.access(path if _is_special(path) else path.parent, os.W_OK):
        raise UsageError(f"{path} cannot be written: no permission for {path.parent}")


def write_whole(path: Path, text: str) -> None:
    """Write ``text`` to ``path`` so that a reader sees all of it or the file that was there before.

    A ``UsageError`` says why it cannot be done.
    """
    with whole_file(path) as file:
        file.write(text.encode("utf-8"))


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file that becomes ``path`` as a whole when the block ends well; ``-`` is standard output.

    A ``UsageError`` says why it cannot be done.
    """
    try:
        if path == STANDARD_OUTPUT:
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        elif _is_special(path):
            with path.open("wb") as file:
                yield file
        else:
            with _replacing(path) as file:
                yield file
    except OSError as error:
        if path == STANDARD_OUTPUT:
            raise
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from None


def write_if_different(path: Path, text: str) -> bool:
    """Write ``text`` unless the file already says just that; whether it was written."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        if path.read_text("utf-8") == text:
            return False
    write_whole(path, text)
    return True


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    # In the same directory, because a rename is whole only within one file system.
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
        os.chmod(name, 0o666 & ~_umask())  # noqa: PTH101 - mkstemp gives a name, not a path
        os.replace(name, path.resolve())  # noqa: PTH105
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)  # noqa: PTH108
        raise


def _is_special(path: Path) -> bool:
    """A device or a pipe, like /dev/stderr, is written to, not replaced."""
    return path.exists() and not path.is_file()


def _umask() -> int:
    # The mask can only be read by setting it.
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
