"""What a file is, by its name and by its first bytes.

The name's extension says what a file claims to be; a short table of signatures says what it is. Where both speak and
disagree, the bytes win and the disagreement is recorded. There is no libmagic: its database would also recognise much
that no media library holds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from offliniofs.detect.file_signatures import (
    BRANDS,
    CONTAINER_FAMILIES,
    EXTENSION_KINDS,
    EXTENSIONS,
    PREFIXES,
    QUICKTIME_ATOMS,
    RIFF,
    FileClass,
    Kind,
)

__all__ = ["EXTENSIONS", "HEAD_SIZE", "MEDIA_CLASSES", "FileClass", "FileType", "classify_file", "extension_of"]

HEAD_SIZE = 4096
"""Bytes from the start of a file that are enough for ``classify_file``."""

MEDIA_CLASSES = frozenset({FileClass.VIDEO, FileClass.AUDIO})

_MAX_EXTENSION = 10
_ISO_9660_OFFSET = 0x8001
_BYTE_ORDER_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_TEXT: Final[Kind] = (FileClass.DOCUMENT, "text/plain")
_ZIP: Final[Kind] = (FileClass.ARCHIVE, "application/zip")
_COARSE: Final = frozenset({_TEXT, _ZIP, (FileClass.AUDIO, "audio/mpeg")})
"""Kinds that begin many a format: an ID3 tag stands before FLAC and AAC too."""

_OLE = "application/x-ole-storage"
_MATROSKA = "video/x-matroska"
_ASF = "video/x-ms-asf"

_TEXT_SIGNATURES: Final[tuple[tuple[re.Pattern[bytes], Kind], ...]] = (
    (re.compile(rb"#EXTM3U|\[playlist\]", re.IGNORECASE), (FileClass.PLAYLIST, "audio/x-mpegurl")),
    (re.compile(rb"WEBVTT\b"), (FileClass.SUBTITLE, "text/vtt")),
    (re.compile(rb"\[Script Info\]", re.IGNORECASE), (FileClass.SUBTITLE, "text/x-ssa")),
    (re.compile(rb"\d{1,6}\s*\n\s*\d+:\d\d:\d\d[,.]\d+\s*-->"), (FileClass.SUBTITLE, "application/x-subrip")),
    (re.compile(rb"\{\d+\}\{\d*\}"), (FileClass.SUBTITLE, "text/x-microdvd")),
    (re.compile(rb"# VobSub index file"), (FileClass.SUBTITLE, "text/x-vobsub-index")),
    (re.compile(rb"<SAMI", re.IGNORECASE), (FileClass.SUBTITLE, "application/x-sami")),
    (re.compile(rb"(<\?xml[^>]*>\s*)?(<!--.{0,500}-->\s*)?<svg", re.DOTALL), (FileClass.ARTWORK, "image/svg+xml")),
    (
        re.compile(rb"(<\?xml[^>]*>\s*)?<(movie|tvshow|episodedetails|musicvideo|album|artist|multiepisodenfo)\b"),
        (FileClass.NFO, "text/x-nfo"),
    ),
)

_TEXT_EXTENSION_CLASSES: Final = frozenset(
    {FileClass.SUBTITLE, FileClass.NFO, FileClass.PLAYLIST, FileClass.DOCUMENT, FileClass.PROGRAM, FileClass.OTHER}
)
"""Classes whose files may be text."""


@dataclass(frozen=True, slots=True)
class FileType:
    """What one file is. ``disagreement`` says in words how its name and its bytes contradict each other."""

    file_class: FileClass
    mime_type: str
    extension: str = ""
    """Lower case, without the dot; empty where the name has none."""
    disagreement: str | None = None

    @property
    def is_media(self) -> bool:
        """Whether this can be played: sound, or pictures that move."""
        return self.file_class in MEDIA_CLASSES


def extension_of(name: bytes | str) -> str:
    """The extension of a file name: lower case, without the dot, empty when there is none."""
    text = name.decode("utf-8", "replace") if isinstance(name, bytes) else name
    stem, dot, extension = text.rpartition(".")
    usable = dot and stem and 0 < len(extension) <= _MAX_EXTENSION and not set(extension) & set(" /")
    return extension.lower() if usable else ""


def classify_file(name: bytes | str, head: bytes) -> FileType:
    """What the file ``name`` is, given its first bytes (``HEAD_SIZE`` of them suffice, more do no harm).

    An empty ``head`` says nothing, so then the name alone decides.
    """
    extension = extension_of(name)
    claimed = EXTENSION_KINDS.get(extension)
    actual = _kind_of_bytes(head) if head else None
    if claimed is None:
        file_class, mime_type = actual or (FileClass.OTHER, "application/octet-stream")
        return FileType(file_class, mime_type, extension)
    if actual is None:
        return FileType(claimed[0], claimed[1], extension)
    if _agree(extension, claimed, actual):
        return FileType(claimed[0], _finer_mime_type(claimed, actual), extension)
    said = f"the name says {claimed[0]} (.{extension}), the content is {actual[0]} ({actual[1]})"
    return FileType(actual[0], actual[1], extension, said)


def _agree(extension: str, claimed: Kind, actual: Kind) -> bool:
    """Whether content of the kind ``actual`` may be in a file that claims to be ``claimed``."""
    if claimed[0] is actual[0]:
        return True
    if actual == _TEXT:
        return claimed[0] in _TEXT_EXTENSION_CLASSES or extension == "svg"
    if actual[1] == _MATROSKA:
        return claimed[0] in MEDIA_CLASSES or extension == "mks"
    if actual == _ZIP:
        return "zip" in claimed[1] or "openxml" in claimed[1] or "opendocument" in claimed[1] or extension == "apk"
    if actual[1] == "application/vnd.rar":
        return extension == "cbr"
    if actual[1] == _OLE:
        return extension == "msi"
    # One container, sound alone or sound with pictures: the first bytes cannot tell which.
    if claimed[0] in MEDIA_CLASSES and actual[0] in MEDIA_CLASSES:
        return True
    # A subtitle of pictures from a DVD is an MPEG program stream; a manifest beside a video is a text of its own kind.
    return (extension == "sub" and actual[1] == "video/mpeg") or _both_texts(claimed, actual)


def _both_texts(claimed: Kind, actual: Kind) -> bool:
    text_like = {FileClass.SUBTITLE, FileClass.NFO, FileClass.PLAYLIST, FileClass.DOCUMENT}
    return {claimed[0], actual[0]} <= text_like and actual[1] not in {"application/pdf", "application/x-pgs"}


def _finer_mime_type(claimed: Kind, actual: Kind) -> str:
    """The MIME type of the content, but for containers of which the name knows the finer type."""
    family = CONTAINER_FAMILIES.get(actual[1])
    same_container = family is not None and family == CONTAINER_FAMILIES.get(claimed[1])
    if claimed[0] is not actual[0] or same_container or actual in _COARSE:
        return claimed[1]
    return actual[1]


def _kind_of_bytes(head: bytes) -> Kind | None:
    """What the bytes are, or None where no signature says."""
    for prefix, kind in PREFIXES:
        if head.startswith(prefix):
            return kind
    for detect in (_ebml, _boxes, _riff, _ogg, _zip, _program, _transport_stream, _mpeg_audio, _misc):
        found = detect(head)
        if found is not None:
            return found
    return _text(head)


def _ebml(head: bytes) -> Kind | None:
    """Matroska and WebM (RFC 8794, RFC 9559); the DocType follows its id 0x4282."""
    if not head.startswith(b"\x1a\x45\xdf\xa3"):
        return None
    return (FileClass.VIDEO, "video/webm") if b"\x42\x82\x84webm" in head[:80] else (FileClass.VIDEO, _MATROSKA)


def _boxes(head: bytes) -> Kind | None:
    """ISO base media (ISO/IEC 14496-12) and the older QuickTime files without a brand."""
    if head[4:8] == b"ftyp":
        return BRANDS.get(head[8:12], (FileClass.VIDEO, "video/mp4"))
    if head[4:8] in QUICKTIME_ATOMS and head[:1] in {b"\x00", b"\x01"}:
        return (FileClass.VIDEO, "video/quicktime")
    return None


def _riff(head: bytes) -> Kind | None:
    if head[:4] in {b"RIFF", b"RF64"}:
        return RIFF.get(head[8:12])
    if head[:4] == b"FORM" and head[8:12] in {b"AIFF", b"AIFC"}:
        return (FileClass.AUDIO, "audio/aiff")
    return None


def _ogg(head: bytes) -> Kind | None:
    """The first packet of the first page names the codec (RFC 3533)."""
    if not head.startswith(b"OggS"):
        return None
    packet = head[28:64]
    if b"OpusHead" in packet:
        return (FileClass.AUDIO, "audio/opus")
    pictures = b"theora" in packet or b"OVP80" in packet or b"fishead" in packet or b"video" in packet
    return (FileClass.VIDEO, "video/ogg") if pictures else (FileClass.AUDIO, "audio/ogg")


def _zip(head: bytes) -> Kind | None:
    if head[:4] not in {b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"}:
        return None
    if head[30:58] == b"mimetypeapplication/epub+zip":
        return (FileClass.DOCUMENT, "application/epub+zip")
    return _ZIP


def _program(head: bytes) -> Kind | None:
    """Windows programs: the offset at 0x3c leads to ``PE``; a DOS program has the first two letters alone."""
    if head[:2] != b"MZ":
        return None
    offset = int.from_bytes(head[0x3C:0x40], "little")
    if head[offset : offset + 2] == b"PE" or b"\x00" in head[:64]:
        return (FileClass.PROGRAM, "application/vnd.microsoft.portable-executable")
    return None


def _transport_stream(head: bytes) -> Kind | None:
    """MPEG transport stream: a sync byte each 188 bytes; 192 with a time code before (M2TS), 204 with parity after."""
    for start, step in ((0, 188), (4, 192), (0, 204)):
        if len(head) > start + 2 * step and all(head[start + step * index] == 0x47 for index in range(3)):
            return (FileClass.VIDEO, "video/mp2t")
    return None


def _mpeg_audio(head: bytes) -> Kind | None:
    """A bare MPEG audio (layer II, III) or ADTS frame: 11 or 12 bits of sync, then fields with reserved values."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    if head[1] & 0xF6 == 0xF0 and (head[2] >> 2) & 0xF < 13:
        return (FileClass.AUDIO, "audio/aac")
    version, layer = (head[1] >> 3) & 3, (head[1] >> 1) & 3
    bit_rate, sample_rate = head[2] >> 4, (head[2] >> 2) & 3
    valid = version != 1 and layer in {1, 2} and bit_rate not in {0, 15} and sample_rate != 3
    return (FileClass.AUDIO, "audio/mpeg") if valid else None


def _misc(head: bytes) -> Kind | None:
    if head.startswith(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"):
        return (FileClass.VIDEO, _ASF)
    if head[:2] == b"PG" and len(head) > 12 and head[10] in {0x14, 0x15, 0x16, 0x17, 0x80}:
        return (FileClass.SUBTITLE, "application/x-pgs")
    if head[257:262] == b"ustar":
        return (FileClass.ARCHIVE, "application/x-tar")
    if head[_ISO_9660_OFFSET : _ISO_9660_OFFSET + 5] == b"CD001":
        return (FileClass.DISC_IMAGE, "application/x-iso9660-image")
    return None


def _text(head: bytes) -> Kind | None:
    """Text, and of which sort; None for bytes that are no text."""
    marked = head.startswith(_BYTE_ORDER_MARKS)
    if not marked and (b"\x00" in head or _control_share(head) > 0.02):
        return None
    if head.startswith(_BYTE_ORDER_MARKS[1:]):
        head = head[2:].replace(b"\x00", b"")
    start = head.removeprefix(_BYTE_ORDER_MARKS[0]).lstrip()
    for pattern, kind in _TEXT_SIGNATURES:
        if pattern.match(start):
            return kind
    return _TEXT


def _control_share(head: bytes) -> float:
    """The share of bytes that no text file has."""
    return len(head) and sum(byte < 32 and byte not in b"\t\n\r\x0c\x1b" for byte in head) / len(head)
