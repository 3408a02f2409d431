"""File types: what the name claims, what the bytes are, and what happens when they differ."""

from __future__ import annotations

import pytest

from offliniofs.detect.filetypes import EXTENSIONS, FileClass, classify_file, extension_of

MATROSKA = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\x82\x88matroska"
WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\x82\x84webm"
WINDOWS_PROGRAM = b"MZ" + bytes(58) + b"\x40\x00\x00\x00" + b"PE\x00\x00"
TRANSPORT_STREAM = (b"\x47" + bytes(187)) * 4
BLURAY_STREAM = (bytes(4) + b"\x47" + bytes(187)) * 4
OGG_PAGE = b"OggS\x00\x02" + bytes(20) + b"\x01\x1e"


@pytest.mark.parametrize(
    ("head", "file_class", "mime_type"),
    [
        (MATROSKA, FileClass.VIDEO, "video/x-matroska"),
        (WEBM, FileClass.VIDEO, "video/webm"),
        (b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00", FileClass.VIDEO, "video/mp4"),
        (b"\x00\x00\x00\x20ftypM4A \x00\x00\x02\x00", FileClass.AUDIO, "audio/mp4"),
        (b"\x00\x00\x00\x20ftypqt  \x00\x00\x02\x00", FileClass.VIDEO, "video/quicktime"),
        (b"\x00\x00\x10\x20moov\x00\x00\x02\x00", FileClass.VIDEO, "video/quicktime"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", FileClass.VIDEO, "video/x-msvideo"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", FileClass.AUDIO, "audio/wav"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", FileClass.ARTWORK, "image/webp"),
        (b"FORM\x00\x00\x00\x00AIFFCOMM", FileClass.AUDIO, "audio/aiff"),
        (TRANSPORT_STREAM, FileClass.VIDEO, "video/mp2t"),
        (BLURAY_STREAM, FileClass.VIDEO, "video/mp2t"),
        (b"\x00\x00\x01\xba\x44\x00", FileClass.VIDEO, "video/mpeg"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9", FileClass.VIDEO, "video/x-ms-asf"),
        (b"FLV\x01\x05", FileClass.VIDEO, "video/x-flv"),
        (b"fLaC\x00\x00\x00\x22", FileClass.AUDIO, "audio/flac"),
        (b"ID3\x04\x00\x00", FileClass.AUDIO, "audio/mpeg"),
        (b"\xff\xfb\x90\x64\x00\x00", FileClass.AUDIO, "audio/mpeg"),
        (b"\xff\xf1\x50\x80\x00\x00", FileClass.AUDIO, "audio/aac"),
        (OGG_PAGE + b"\x01vorbis", FileClass.AUDIO, "audio/ogg"),
        (OGG_PAGE + b"OpusHead", FileClass.AUDIO, "audio/opus"),
        (OGG_PAGE + b"\x80theora", FileClass.VIDEO, "video/ogg"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", FileClass.ARTWORK, "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n\x00", FileClass.ARTWORK, "image/png"),
        (b"GIF89a\x01\x00", FileClass.ARTWORK, "image/gif"),
        (b"1\r\n00:00:01,000 --> 00:00:02,000\r\nHi", FileClass.SUBTITLE, "application/x-subrip"),
        (b"\xef\xbb\xbf1\n00:00:01,000 --> 00:00:02,000\nHi", FileClass.SUBTITLE, "application/x-subrip"),
        ("1\n00:00:01,000 --> 00:00:02,000\n".encode("utf-16"), FileClass.SUBTITLE, "application/x-subrip"),
        (b"[Script Info]\nTitle: x", FileClass.SUBTITLE, "text/x-ssa"),
        (b"WEBVTT\n\n", FileClass.SUBTITLE, "text/vtt"),
        (b"PG\x00\x00\x00\x01\x00\x00\x00\x00\x16\x00\x13", FileClass.SUBTITLE, "application/x-pgs"),
        (b"#EXTM3U\nhttp://example.org/a.ts", FileClass.PLAYLIST, "audio/x-mpegurl"),
        (b'<?xml version="1.0"?>\n<movie><title>A</title></movie>', FileClass.NFO, "text/x-nfo"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', FileClass.ARTWORK, "image/svg+xml"),
        (b"PK\x03\x04\x14\x00", FileClass.ARCHIVE, "application/zip"),
        (
            b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/epub+zip",
            FileClass.DOCUMENT,
            "application/epub+zip",
        ),
        (b"Rar!\x1a\x07\x01\x00", FileClass.ARCHIVE, "application/vnd.rar"),
        (b"7z\xbc\xaf\x27\x1c", FileClass.ARCHIVE, "application/x-7z-compressed"),
        (bytes(257) + b"ustar\x0000", FileClass.ARCHIVE, "application/x-tar"),
        (b"%PDF-1.7", FileClass.DOCUMENT, "application/pdf"),
        (bytes(0x8001) + b"CD001", FileClass.DISC_IMAGE, "application/x-iso9660-image"),
        (WINDOWS_PROGRAM, FileClass.PROGRAM, "application/vnd.microsoft.portable-executable"),
        (b"\x7fELF\x02\x01", FileClass.PROGRAM, "application/x-executable"),
        (b"Just a few words.", FileClass.DOCUMENT, "text/plain"),
        (b"\x03\x01\x00\x02\x99\x00", FileClass.OTHER, "application/octet-stream"),
    ],
)
def test_bytes_alone(head: bytes, file_class: FileClass, mime_type: str) -> None:
    found = classify_file("name without extension", head)
    assert (found.file_class, found.mime_type) == (file_class, mime_type)
    assert found.disagreement is None


@pytest.mark.parametrize(
    ("name", "file_class", "mime_type"),
    [
        ("Film.MKV", FileClass.VIDEO, "video/x-matroska"),
        (b"Film.en.srt", FileClass.SUBTITLE, "application/x-subrip"),
        (b"\xff\xfe.mp3", FileClass.AUDIO, "audio/mpeg"),
        ("poster.jpg", FileClass.ARTWORK, "image/jpeg"),
        ("movie.nfo", FileClass.NFO, "text/x-nfo"),
        ("book.epub", FileClass.DOCUMENT, "application/epub+zip"),
        ("setup.exe", FileClass.PROGRAM, "application/vnd.microsoft.portable-executable"),
        ("README", FileClass.OTHER, "application/octet-stream"),
        (".mkv", FileClass.OTHER, "application/octet-stream"),
    ],
)
def test_the_name_decides_where_the_bytes_are_silent(name: str | bytes, file_class: FileClass, mime_type: str) -> None:
    found = classify_file(name, b"")
    assert (found.file_class, found.mime_type) == (file_class, mime_type)


@pytest.mark.parametrize(
    ("name", "head", "file_class"),
    [
        ("Film.mkv", b"Send us money and get the film.", FileClass.DOCUMENT),
        ("Film.mkv", WINDOWS_PROGRAM, FileClass.PROGRAM),
        ("Film.mp4", b"PK\x03\x04\x14\x00", FileClass.ARCHIVE),
        ("Film.mp4", b"Rar!\x1a\x07\x01\x00", FileClass.ARCHIVE),
        ("song.mp3", b"#EXTM3U\nhttp://example.org/", FileClass.PLAYLIST),
        ("poster.jpg", b"<html>not found</html>", FileClass.DOCUMENT),
        ("movie.nfo", b"\x7fELF\x02\x01", FileClass.PROGRAM),
        ("Film.srt", b"\xff\xd8\xff\xe0", FileClass.ARTWORK),
        ("notes.txt", MATROSKA, FileClass.VIDEO),
        ("book.pdf", b"PK\x03\x04\x14\x00", FileClass.ARCHIVE),
        ("data.zip", MATROSKA, FileClass.VIDEO),
    ],
)
def test_a_lie_is_recorded_and_the_bytes_win(name: str, head: bytes, file_class: FileClass) -> None:
    found = classify_file(name, head)
    assert found.file_class is file_class
    assert found.disagreement is not None
    assert extension_of(name) in found.disagreement


@pytest.mark.parametrize(
    ("name", "head", "file_class", "mime_type"),
    [
        ("a.mka", MATROSKA, FileClass.AUDIO, "audio/x-matroska"),
        ("a.mks", MATROSKA, FileClass.SUBTITLE, "application/x-matroska"),
        ("a.m4a", b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00", FileClass.AUDIO, "audio/mp4"),
        ("a.wma", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", FileClass.AUDIO, "audio/x-ms-wma"),
        ("a.avi", MATROSKA, FileClass.VIDEO, "video/x-matroska"),
        ("a.jpg", b"\x89PNG\r\n\x1a\n\x00", FileClass.ARTWORK, "image/png"),
        ("a.flac", b"ID3\x04\x00\x00", FileClass.AUDIO, "audio/flac"),
        ("a.docx", b"PK\x03\x04\x14\x00", FileClass.DOCUMENT, None),
        ("a.cbr", b"Rar!\x1a\x07\x01\x00", FileClass.DOCUMENT, "application/vnd.comicbook-rar"),
        ("a.msi", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileClass.PROGRAM, "application/x-msi"),
        ("a.sub", b"\x00\x00\x01\xba\x44\x00", FileClass.SUBTITLE, "text/x-microdvd"),
        ("a.nfo", b"http://www.imdb.com/title/tt0083658/", FileClass.NFO, "text/x-nfo"),
        ("a.txt", b"WEBVTT\n\n", FileClass.DOCUMENT, "text/plain"),
        ("a.svg", b"<!-- drawn -->\n<p/>", FileClass.ARTWORK, "image/svg+xml"),
        ("a.mkv", b"\x00\x01\x02\x03\x04\x05\x06\x07", FileClass.VIDEO, "video/x-matroska"),
    ],
)
def test_what_is_usual_is_no_lie(name: str, head: bytes, file_class: FileClass, mime_type: str | None) -> None:
    found = classify_file(name, head)
    assert found.file_class is file_class
    assert found.disagreement is None
    assert mime_type is None or found.mime_type == mime_type
    assert found.is_media == (file_class in {FileClass.VIDEO, FileClass.AUDIO})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.tar.GZ", "gz"),
        ("a.b c", ""),
        ("a.", ""),
        ("a", ""),
        (".hidden", ""),
        ("a.averyverylongextension", ""),
        (b"\xe9.mkv", "mkv"),
    ],
)
def test_extensions(name: str | bytes, expected: str) -> None:
    assert extension_of(name) == expected


def test_no_extension_has_two_classes() -> None:
    everything = [extension for extensions in EXTENSIONS.values() for extension in extensions]
    assert len(everything) == len(set(everything))
