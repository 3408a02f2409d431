"""Identifiers. Distinct types, so that a content id never passes for a file id."""

from __future__ import annotations

import re
from typing import NewType

ContentId = NewType("ContentId", int)
"""Row of ``content``: a title, or a folder or item below one. Below 2**32."""

FileId = NewType("FileId", int)
"""Row of ``files``."""

Digest = NewType("Digest", bytes)
"""The 32 bytes of a BLAKE3 hash (https://github.com/BLAKE3-team/BLAKE3-specs)."""

_HEX = re.compile(r"[0-9a-f]{64}")


def digest_from_hex(text: str) -> Digest:
    """Reads 64 lower-case hexadecimal digits. Raises ``ValueError`` for anything else."""
    if not _HEX.fullmatch(text):
        raise ValueError(f"not a BLAKE3 digest: {text!r}")
    return Digest(bytes.fromhex(text))
