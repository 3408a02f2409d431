"""What a mount remembers from one daemon to the next: memory that belongs to no process.

An anonymous file (memfd_create(2)) whose descriptor the supervisor keeps and every daemon of the mount inherits. It
holds what the kernel may still refer to and what is in no catalogue row: the greeting of the mount, how far the kernel
has been told of changes, the numbers of searches and nested facets it was given, and which changes were begun but not
answered yet. Nothing here is worth a disk write: it is meaningless once the mount has gone.

Layout, in the machine's byte order; every field that says how much of something is valid is written after the thing
itself, in one aligned store, so that a reader who starts after a kill sees the old state or the new. (A memoryview of
words stores each in one instruction; struct.pack_into would zero the field first and fill it byte by byte.) ::

    0      magic, 8 bytes
    8      change sequence plus one, 8 bytes; 0 before the first daemon said
    16     half of the log in use (0 or 1), 8 bytes
    24     bytes used in either half, 2 x 8 bytes
    40     lengths of request and reply of the greeting, 2 x 8 bytes
    56     length of the mount's options, 8 bytes
    256    request, at most 512 bytes      768    reply, at most 512 bytes
    1280   options, at most 2816 bytes
    4096   changes under way: 256 slots of 16 bytes, zero when free
    8192   two halves of 32 MiB: entries of number (4), length (4), text
"""

from __future__ import annotations

import contextlib
import mmap
import os
import struct
from collections.abc import Iterable, Iterator
from typing import Final

_MAGIC: Final = b"OffFuse1"
_WORD_BYTES: Final = 8
_ENTRY: Final = struct.Struct("=II")
_SEQUENCE: Final = 8
_HALF: Final = 16
_USED: Final = (24, 32)
_REQUEST_LENGTH: Final = 40
_REPLY_LENGTH: Final = 48
_OPTIONS_LENGTH: Final = 56
_WORDS_END: Final = 64
_REQUEST: Final = 256
_REPLY: Final = 768
_GREETING_BYTES: Final = 512
_OPTIONS: Final = 1280
_OPTIONS_BYTES: Final = 2816
_SLOTS: Final = 4096
SLOT_BYTES: Final = 16
"""Size of the key of one change under way."""
_SLOT_COUNT: Final = 256
_SLOT_PLACES: Final = range(_SLOTS, _SLOTS + _SLOT_COUNT * SLOT_BYTES, SLOT_BYTES)
_LOG: Final = 8192
_HALF_BYTES: Final = 32 * 1024 * 1024
_SIZE: Final = _LOG + 2 * _HALF_BYTES
_FREE: Final = bytes(SLOT_BYTES)


def make_session_memory() -> int:
    """A new memory's descriptor (not inherited by default). Only pages that are written take up room."""
    descriptor = os.memfd_create("offliniofs-session", os.MFD_CLOEXEC)
    os.ftruncate(descriptor, _SIZE)
    os.pwrite(descriptor, _MAGIC, 0)
    return descriptor


class SessionMemory:
    """The memory behind ``descriptor``, which stays the caller's. One process writes at a time."""

    def __init__(self, descriptor: int) -> None:
        """Raises ``ValueError`` for anything but a memory that :func:`make_session_memory` made."""
        if os.fstat(descriptor).st_size != _SIZE:
            raise ValueError("this is no session memory")
        self._map = mmap.mmap(descriptor, _SIZE)
        if self._map[: len(_MAGIC)] != _MAGIC:
            self._map.close()
            raise ValueError("this is no session memory of this version")
        self._bytes = memoryview(self._map)
        self._words = self._bytes[:_WORDS_END].cast("Q")

    def close(self) -> None:
        """Lets go of it; others keep it."""
        self._words.release()
        self._bytes.release()
        self._map.close()

    # --- the greeting -------------------------------------------------------------------------------------------------

    @property
    def request(self) -> bytes:
        """The kernel's first message (FUSE_INIT), or nothing."""
        return self._counted(_REQUEST_LENGTH, _REQUEST, _GREETING_BYTES)

    @request.setter
    def request(self, message: bytes) -> None:
        self._store(_REQUEST_LENGTH, _REQUEST, message, _GREETING_BYTES)

    @property
    def reply(self) -> bytes:
        """What the first daemon answered, or nothing."""
        return self._counted(_REPLY_LENGTH, _REPLY, _GREETING_BYTES)

    @reply.setter
    def reply(self, message: bytes) -> None:
        self._store(_REPLY_LENGTH, _REPLY, message, _GREETING_BYTES)

    @property
    def agreement(self) -> str:
        """The options the mount was made with, as far as there is room for them."""
        return self._counted(_OPTIONS_LENGTH, _OPTIONS, _OPTIONS_BYTES).decode(errors="surrogateescape")

    @agreement.setter
    def agreement(self, options: str) -> None:
        self._store(_OPTIONS_LENGTH, _OPTIONS, options.encode(errors="surrogateescape"), _OPTIONS_BYTES)

    def _counted(self, length_at: int, at: int, limit: int) -> bytes:
        return bytes(self._bytes[at : at + min(self._word(length_at), limit)])

    def _store(self, length_at: int, at: int, message: bytes, limit: int) -> None:
        if len(message) > limit:
            raise ValueError(f"{len(message)} bytes are more than the {limit} there is room for")
        self._bytes[at : at + len(message)] = message
        self._set_word(length_at, len(message))

    # --- changes of the catalogue -------------------------------------------------------------------------------------

    @property
    def sequence(self) -> int | None:
        """Up to which entry of the change log the kernel has been told; ``None`` before the first daemon said."""
        stored = self._word(_SEQUENCE)
        return stored - 1 if stored else None

    @sequence.setter
    def sequence(self, sequence: int) -> None:
        self._set_word(_SEQUENCE, sequence + 1)

    # --- numbers of views ---------------------------------------------------------------------------------------------

    def views(self) -> Iterator[tuple[int, str]]:
        """Numbers and texts the kernel was given, oldest first."""
        half = self._word(_HALF) & 1
        start = _LOG + half * _HALF_BYTES
        end = start + min(self._word(_USED[half]), _HALF_BYTES)
        at = start
        while at + _ENTRY.size <= end:
            number, length = _ENTRY.unpack_from(self._bytes, at)
            at += _ENTRY.size
            if not number or at + length > end:  # damaged: 0 is no view's number
                return
            with contextlib.suppress(UnicodeDecodeError):  # damaged: the view is asked for by its name again
                yield number, bytes(self._bytes[at : at + length]).decode("utf-8", "surrogatepass")
            at += length

    def add_view(self, number: int, text: str) -> bool:
        """Remembers one more. Returns False when there is no room: call :meth:`rewrite_views` with those that count."""
        half = self._word(_HALF) & 1
        return self._append(half, number, text.encode("utf-8", "surrogatepass"))

    def rewrite_views(self, views: Iterable[tuple[int, str]]) -> None:
        """Remembers exactly these, as many as there is room for. A kill in the middle leaves the old ones."""
        other = 1 - (self._word(_HALF) & 1)
        self._set_word(_USED[other], 0)
        for number, text in views:
            if not self._append(other, number, text.encode("utf-8", "surrogatepass")):
                break
        self._set_word(_HALF, other)
        old = 1 - other
        self._set_word(_USED[old], 0)
        self._map.madvise(mmap.MADV_REMOVE, _LOG + old * _HALF_BYTES, _HALF_BYTES)  # gives the pages back

    def _append(self, half: int, number: int, text: bytes) -> bool:
        used = self._word(_USED[half])
        size = _ENTRY.size + len(text)
        if used + size > _HALF_BYTES:
            return False
        at = _LOG + half * _HALF_BYTES + used
        self._bytes[at : at + size] = _ENTRY.pack(number, len(text)) + text
        self._set_word(_USED[half], used + size)
        return True

    # --- changes under way --------------------------------------------------------------------------------------------

    def begin(self, key: bytes) -> int | None:
        """Notes that the change ``key`` (16 bytes, not zero) begins; its slot, ``None`` if none is free."""
        for slot in range(_SLOT_COUNT):
            at = _SLOTS + slot * SLOT_BYTES
            if self._bytes[at : at + SLOT_BYTES] == _FREE:
                self._bytes[at : at + SLOT_BYTES] = key
                return slot
        return None

    def end(self, slot: int) -> None:
        """The change in ``slot`` was answered."""
        at = _SLOTS + slot * SLOT_BYTES
        self._bytes[at : at + SLOT_BYTES] = _FREE

    def begun(self) -> dict[bytes, int]:
        """The changes that an earlier daemon began and did not answer, with their slots."""
        keys = {bytes(self._bytes[at : at + SLOT_BYTES]): slot for slot, at in enumerate(_SLOT_PLACES)}
        keys.pop(_FREE, None)
        return keys

    def _word(self, at: int) -> int:
        return self._words[at // _WORD_BYTES]

    def _set_word(self, at: int, value: int) -> None:
        self._words[at // _WORD_BYTES] = value
