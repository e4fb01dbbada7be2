"""Building firmware once for all tests, and all workers, of one run of pytest."""

from __future__ import annotations

import fcntl
import hashlib
import json
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from .asking import refuse

SHOWN_LINES: Final = 60
"""The last lines of what a command that failed has said."""
TIMEOUT_SECONDS: Final = 600


class Builder:
    """Runs each command once; a lock keeps the workers of pytest-xdist from running it twice."""

    def __init__(self, config: pytest.Config, folders: pytest.TempPathFactory) -> None:
        self._root = config.rootpath
        own = folders.getbasetemp()
        self._shared = own.parent if hasattr(config, "workerinput") else own

    def __call__(
        self,
        command: str | Sequence[str],
        elf: str | Path | None = None,
        *,
        cwd: str | Path | None = None,
        timeout: float = TIMEOUT_SECONDS,
    ) -> Path:
        """The path of what ``command`` has built, ``cwd`` where nobody says what that is."""
        __tracebackhide__ = True
        words = (
            shlex.split(command) if isinstance(command, str) else [str(each) for each in command]
        )
        folder = self._root / (cwd or ".")
        status, said = self._once(words, folder, timeout)
        if status:
            refuse(f"{shlex.join(words)} in {folder} {status}; mend what it says:\n{said}")
        built = folder / (elf or ".")
        if elf is not None and not built.is_file():
            refuse(
                f"{shlex.join(words)} in {folder} has not built {elf}; correct the path, or the "
                f"command. It said:\n{said}"
            )
        return built

    def _once(self, words: list[str], folder: Path, timeout: float) -> tuple[str, str]:
        """What is wrong with it, '' for nothing, and what it said."""
        key = hashlib.sha256(json.dumps([words, str(folder)]).encode()).hexdigest()[:16]
        done = self._shared / f"vplat-build-{key}.json"
        with _locked(done.with_suffix(".lock")):
            if not done.exists():
                done.write_text(json.dumps(_run(words, folder, timeout)), "utf-8")
            status, said = json.loads(done.read_text("utf-8"))
        return status, said


def _run(words: list[str], folder: Path, timeout: float) -> tuple[str, str]:
    try:
        result = subprocess.run(  # noqa: S603 - the project's own build
            words,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as expired:
        return f"was not done after {timeout:g} s", _tail(expired.stdout or b"")
    except OSError as error:
        return f"cannot be run: {error.strerror}", f"{words[0]}: {error.strerror}"
    status = f"ended with status {result.returncode}" if result.returncode else ""
    return status, _tail(result.stdout)


def _tail(output: bytes) -> str:
    lines = output.decode("utf-8", errors="replace").splitlines()
    return "\n".join(lines[-SHOWN_LINES:])


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # given back when the file is closed, or its process ends
        yield
