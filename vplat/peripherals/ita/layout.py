"""How matrices and biases lie in memory (`ita.md` section 4)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

TILE_EDGE = 64
"""Rows, and bytes a row, of a tile."""
TILE_BYTES = TILE_EDGE * TILE_EDGE
BIAS_BYTES = 3
"""Bytes of one packed bias."""
TILE_BIAS_BYTES = TILE_EDGE * BIAS_BYTES
"""The packed biases of one tile."""
BIAS_LOWEST, BIAS_HIGHEST = -(1 << 23), (1 << 23) - 1


def pad_to_tiles(matrix: NDArray[np.int8]) -> NDArray[np.int8]:
    """``matrix`` [R, C] with zeros below and to the right, up to multiples of 64."""
    rows, columns = matrix.shape
    return np.pad(matrix, ((0, -rows % TILE_EDGE), (0, -columns % TILE_EDGE)))


def pack_tiles(matrix: NDArray[np.int8]) -> bytes:
    """The tiled image of an int8 matrix [R, C]: tiles in row-major order, each row-major.

    Raises ``ValueError`` unless R and C are multiples of 64 (see `pad_to_tiles`).
    """
    rows, columns = matrix.shape
    _require_whole_tiles(rows, columns)
    tiles = matrix.reshape(rows // TILE_EDGE, TILE_EDGE, columns // TILE_EDGE, TILE_EDGE)
    return tiles.swapaxes(1, 2).astype(np.int8, casting="safe").tobytes()


def unpack_tiles(
    image: bytes | bytearray | memoryview | NDArray[Any], rows: int, columns: int
) -> NDArray[np.int8]:
    """The int8 matrix [rows, columns] whose tiled image begins ``image``; a copy.

    Raises ``ValueError`` unless both are multiples of 64 and ``image`` holds that many bytes.
    """
    _require_whole_tiles(rows, columns)
    values = np.frombuffer(image, np.int8)
    if len(values) < rows * columns:
        raise ValueError(
            f"a tiled image of {rows} x {columns} has {rows * columns} bytes, "
            f"not {len(values)}; pass the whole image"
        )
    tiles = values[: rows * columns].reshape(
        rows // TILE_EDGE, columns // TILE_EDGE, TILE_EDGE, TILE_EDGE
    )
    return np.ascontiguousarray(tiles.swapaxes(1, 2)).reshape(rows, columns)


def pack_weights(weights: NDArray[np.int8]) -> bytes:
    """The image of logical weights [inputs, outputs]: the tiled image of their transpose."""
    return pack_tiles(weights.T)


def unpack_weights(
    image: bytes | bytearray | memoryview | NDArray[Any], inputs: int, outputs: int
) -> NDArray[np.int8]:
    """The logical weights [inputs, outputs] of an image made by `pack_weights`."""
    return np.ascontiguousarray(unpack_tiles(image, outputs, inputs).T)


def pack_biases(biases: NDArray[np.signedinteger[Any]]) -> bytes:
    """24-bit two's-complement values, little endian, three bytes each.

    Raises ``ValueError`` where a value does not fit 24 bits.
    """
    wide = np.ascontiguousarray(biases, np.int64)
    if wide.size and (wide.min() < BIAS_LOWEST or wide.max() > BIAS_HIGHEST):
        worst = wide.flat[int(np.argmax(np.abs(wide)))]
        raise ValueError(f"bias {worst} does not fit 24 bits; scale the layer down")
    return wide.astype("<i4").reshape(-1, 1).view(np.uint8)[:, :BIAS_BYTES].tobytes()


def unpack_biases(
    packed: bytes | bytearray | memoryview | NDArray[Any], count: int = TILE_EDGE
) -> NDArray[np.int32]:
    """The first ``count`` biases of ``packed``, sign-extended.

    Raises ``ValueError`` where ``packed`` is shorter than 3 bytes a bias.
    """
    octets = np.frombuffer(packed, np.uint8)
    if len(octets) < count * BIAS_BYTES:
        raise ValueError(
            f"{count} biases take {count * BIAS_BYTES} bytes, not {len(octets)}; pass them all"
        )
    words = np.zeros((count, 4), np.uint8)
    # The value goes to the top three bytes, so that the shift down extends its sign.
    words[:, 1:] = octets[: count * BIAS_BYTES].reshape(count, BIAS_BYTES)
    return (words.view("<i4").reshape(count) >> 8).astype(np.int32, copy=False)


def _require_whole_tiles(rows: int, columns: int) -> None:
    if rows % TILE_EDGE or columns % TILE_EDGE:
        raise ValueError(
            f"a {rows} x {columns} matrix is not made of 64 x 64 tiles; pad it with pad_to_tiles"
        )
