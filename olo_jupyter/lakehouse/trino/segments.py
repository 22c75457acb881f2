"""Parts of a result that Trino put aside (the spooling protocol): fetched, checked, unpacked."""

from __future__ import annotations

import base64
from typing import Any, cast

import lz4.block
import zstandard
from trino.client import SpooledSegment, TrinoRequest

from olo_jupyter.lakehouse.trino.errors import ON_THE_WAY, lost_segment


def segment_rows(segment: dict[str, Any], encoding: str, request: TrinoRequest, host: str) -> bytes:
    """The JSON of the rows in a segment; a spooled one is fetched, and given back to the server.

    Args:
        segment: As the protocol tells it: ``type`` ``inline`` or ``spooled``, ``metadata``, ``data`` or ``uri``.
        encoding: ``json``, ``json+zstd`` or ``json+lz4``.
        request: Requests without the person's sign-in, which no storage may see.
        host: The coordinator's.

    Raises:
        QueryError: segment-lost: it can't be fetched, or isn't whole.
    """
    metadata = segment["metadata"]
    if segment["type"] == "inline":
        return unpacked(base64.b64decode(segment["data"]), encoding, metadata, "the answer")
    spooled = SpooledSegment(cast(Any, segment), request, coordinator_host=host)
    try:
        packed = spooled.data
    except ON_THE_WAY as error:
        raise lost_segment(spooled.uri, _why(error)) from error
    rows = unpacked(packed, encoding, metadata, spooled.uri)
    spooled.acknowledge()
    return rows


def unpacked(packed: bytes, encoding: str, metadata: dict[str, Any], source: str) -> bytes:
    """The bytes of a segment, whose length must be what the server said.

    Raises:
        QueryError: segment-lost: cut short or damaged.
    """
    if len(packed) != int(metadata["segmentSize"]):
        raise lost_segment(source, f"it has {len(packed)} bytes where the server wrote {metadata['segmentSize']}")
    if "uncompressedSize" not in metadata:  # too small to be worth it
        return packed
    size = int(metadata["uncompressedSize"])
    try:
        plain = _plain(packed, encoding, size)
    except (zstandard.ZstdError, lz4.block.LZ4BlockError) as error:
        raise lost_segment(source, f"it is damaged ({error})") from error
    if len(plain) != size:
        raise lost_segment(source, f"it holds {len(plain)} bytes where the server wrote {size}")
    return plain


def _plain(packed: bytes, encoding: str, size: int) -> bytes:
    match encoding:
        case "json+zstd":
            return zstandard.ZstdDecompressor().decompress(packed, max_output_size=size)
        case "json+lz4":
            return bytes(lz4.block.decompress(packed, uncompressed_size=size))
    return packed


def _why(error: Exception) -> str:
    text = str(error)
    if "error 404" in text or "NoSuchKey" in text:
        return "it is gone"
    if "error 403" in text:
        return "the storage refuses it (its address may have expired)"
    return text[:200]
