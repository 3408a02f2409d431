"""Which names a walk passes over, and which subfolders belong to the title of the folder above them."""

from __future__ import annotations

import os

from offliniofs.detect.sidecar_names import DISC_FOLDERS, UNFINISHED, extra_folder, is_part_folder, why_junk


def why_skipped(name: bytes) -> str | None:
    """Why nobody would want this name in a library, or ``None``."""
    if name.startswith(b"."):
        return "hidden"
    if is_unfinished(name):
        return None  # not litter: somebody waits for it
    text = os.fsdecode(name)
    return why_junk((text,)) or why_junk((text, ""))


def is_unfinished(name: bytes) -> bool:
    """Whether the name is that of a download under way."""
    return name.lower().endswith(tuple(ending.encode() for ending in UNFINISHED))


def belongs_to_parent(name: bytes) -> bool:
    """Whether a folder of this name holds parts or sidecars of the title above it rather than a title of its own."""
    text = os.fsdecode(name)
    return is_part_folder(text) or extra_folder(text) is not None or text.casefold() in DISC_FOLDERS
