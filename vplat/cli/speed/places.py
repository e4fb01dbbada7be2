"""Where on a board the benchmark's program and its data go."""

from __future__ import annotations

from typing import Final

from vplat.errors import BoardError
from vplat.machine.board import PAGE, Board, MemorySpec

from .program import Loop, Program, build

CODE_OFFSET: Final = 0x8000
"""From the base of the code's memory, as linker scripts have it."""
COUNTER_OFFSET: Final = 0
TARGET_OFFSET: Final = 0x100


def code_memory(board: Board) -> MemorySpec:
    """A writable memory for the program: not the fastest one if there is another."""
    rooms = [each for each in _writable(board) if each.size >= CODE_OFFSET + PAGE]
    if not rooms:
        raise BoardError(f"board {board.name} has no memory with room for a program")
    return next((each for each in rooms if each is not data_memory(board)), rooms[0])


def data_memory(board: Board) -> MemorySpec:
    """The fastest memory, where data goes that is used all the time."""
    memories = _writable(board)
    if not memories:
        raise BoardError(f"board {board.name} has no memory to write to")
    return min(memories, key=lambda memory: memory.wait_states)


def loop_for(board: Board, body: tuple[int, ...], iterations: int, *, harts: int) -> Loop:
    """A loop on memory: each hart has a word of its own."""
    base = data_memory(board).base
    return Loop(body, iterations, base + TARGET_OFFSET, base + COUNTER_OFFSET, harts)


def program_for(board: Board, body: tuple[int, ...], iterations: int, *, harts: int) -> Program:
    """The program with that loop."""
    return place(board, loop_for(board, body, iterations, harts=harts))


def place(board: Board, loop: Loop) -> Program:
    """The program with ``loop``, in the board's memory for code."""
    return build(loop, code_memory(board).base + CODE_OFFSET)


def _writable(board: Board) -> list[MemorySpec]:
    return [memory for memory in board.memories if memory.writable]
