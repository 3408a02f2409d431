"""Probing real files, made small by ffmpeg, and files that are not what they say."""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from offliniofs.detect import probe as probe_module
from offliniofs.detect import probe_worker
from offliniofs.detect.probe import Prober, probe
from offliniofs.domain.errors import ProbeError

PICTURES = ("-f", "lavfi", "-i", "testsrc=s=320x240:r=25:d=0.4")
SOUND = ("-f", "lavfi", "-i", "sine=d=0.4")
SUBTITLE = "1\n00:00:00,000 --> 00:00:00,300\nHello\n"
TAGS = {
    "title": "A Song",
    "artist": "Somebody",
    "album_artist": "Various",
    "album": "The Album",
    "date": "1999",
    "genre": "Jazz",
    "track": "3/10",
    "disc": "1/2",
}
TAG_ARGUMENTS = [part for key, value in TAGS.items() for part in ("-metadata", f"{key}={value}")]


def ffmpeg(*arguments: str) -> None:
    subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-y", *arguments], check=True, capture_output=True, timeout=120
    )


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one tiny file of each sort."""
    folder = tmp_path_factory.mktemp("media")
    subtitle = folder / "in.srt"
    subtitle.write_text(SUBTITLE)

    def at(name: str) -> str:
        return str(folder / name)

    h264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
    hevc = ("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-x265-params")
    wide = "log-level=none:repeat-headers=1:colorprim=bt2020:colormatrix=bt2020nc"
    display = "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,500):max-cll=1000,400"
    streams = ("-map", "0", "-map", "1", "-map", "1", "-map", "2", "-map", "2")
    said = {"a:0": "ger", "a:1": "eng", "s:0": "fre"}
    languages = [part for key, value in said.items() for part in (f"-metadata:s:{key}", f"language={value}")]
    sorts = ("-c:a:0", "aac", "-c:a:1", "ac3", "-c:s:0", "srt", "-c:s:1", "ass", "-disposition:s:1", "forced")
    ffmpeg(*PICTURES, *SOUND, "-i", str(subtitle), *streams, *h264, *sorts, *languages, at("film.mkv"))
    ffmpeg("-i", at("film.mkv"), "-map", "0:v", "-map", "0:a:0", "-c", "copy", at("film.mp4"))
    ffmpeg(*PICTURES, *hevc, f"{wide}:transfer=smpte2084:hdr10=1:{display}", at("hdr10.mkv"))
    ffmpeg(*PICTURES, *hevc, f"{wide}:transfer=arib-std-b67", at("hlg.mkv"))
    ffmpeg(
        *PICTURES, *SOUND, "-s", "720x576", "-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-c:a", "mp2", at("tv.ts")
    )
    ffmpeg(*PICTURES, *SOUND, "-c:v", "libxvid", "-c:a", "libmp3lame", at("old.avi"))
    ffmpeg(*PICTURES, "-frames:v", "1", at("cover.jpg"))
    ffmpeg(*SOUND, *TAG_ARGUMENTS, "-c:a", "libmp3lame", at("plain.mp3"))
    cover = ("-i", at("cover.jpg"), "-map", "0", "-map", "1", "-c", "copy", "-disposition:v", "attached_pic")
    ffmpeg("-i", at("plain.mp3"), *cover, at("song.mp3"))
    ffmpeg("-i", at("plain.mp3"), *cover, "-c:a", "flac", at("song.flac"))
    ffmpeg("-i", at("plain.mp3"), *cover, "-c:a", "aac", at("song.m4a"))
    ffmpeg("-i", at("plain.mp3"), "-c:a", "libopus", at("song.opus"))
    ffmpeg("-i", at("plain.mp3"), "-c:a", "libvorbis", at("song.ogg"))
    ffmpeg("-i", at("plain.mp3"), "-c:a", "pcm_s16le", at("song.mka"))
    return folder


@pytest.fixture(scope="session")
def prober() -> Iterator[Prober]:
    """One prober for all tests: its workers stay."""
    with Prober(workers=2) as shared:
        yield shared


def test_streams_of_a_film(media: Path, prober: Prober) -> None:
    facts = prober.probe(str(media / "film.mkv"))
    assert (facts.mime_type, facts.container) == ("video/x-matroska", "Matroska")
    assert facts.duration == pytest.approx(0.4, abs=0.2)
    assert facts.bit_rate is not None
    assert [(stream.codec, stream.width, stream.height, stream.hdr) for stream in facts.video] == [
        ("h264", 320, 240, None)
    ]
    assert [(stream.codec, stream.channels, stream.language) for stream in facts.audio] == [
        ("aac", 1, "de"),
        ("ac3", 1, "en"),
    ]
    assert [(stream.codec, stream.language, stream.forced) for stream in facts.subtitles] == [
        ("srt", "fr", False),
        ("ass", None, True),
    ]


@pytest.mark.parametrize(
    ("name", "mime_type", "codec", "hdr", "interlaced"),
    [
        ("film.mp4", "video/mp4", "h264", None, False),
        ("hdr10.mkv", "video/x-matroska", "hevc", "HDR10", False),
        ("hlg.mkv", "video/x-matroska", "hevc", "HLG", False),
        ("tv.ts", "video/mp2t", "mpeg2", None, True),
        ("old.avi", "video/x-msvideo", "xvid", None, False),
    ],
)
def test_pictures(
    media: Path, prober: Prober, name: str, mime_type: str, codec: str, hdr: str | None, interlaced: bool
) -> None:
    facts = prober.probe(os.fsencode(media / name))
    assert facts.mime_type == mime_type
    assert [(stream.codec, stream.hdr, stream.interlaced) for stream in facts.video] == [(codec, hdr, interlaced)]


@pytest.mark.parametrize(
    ("name", "mime_type", "codec"),
    [
        ("song.mp3", "audio/mpeg", "mp3"),
        ("song.flac", "audio/flac", "flac"),
        ("song.m4a", "audio/mp4", "aac"),
        ("song.opus", "audio/opus", "opus"),
        ("song.ogg", "audio/ogg", "vorbis"),
        ("song.mka", "audio/x-matroska", "pcm"),
    ],
)
def test_music_has_tags_and_its_cover_is_no_video(
    media: Path, prober: Prober, name: str, mime_type: str, codec: str
) -> None:
    facts = prober.probe(str(media / name))
    assert facts.mime_type == mime_type
    assert facts.video == ()
    assert [stream.codec for stream in facts.audio] == [codec]
    expected = {"title": "A Song", "artist": "Somebody", "album": "The Album", "genre": "Jazz"}
    assert {key: facts.tags.get(key) for key in expected} == expected


def test_a_container_without_pictures_is_audio(media: Path, prober: Prober, tmp_path: Path) -> None:
    path = tmp_path / "song.mkv"
    path.write_bytes((media / "song.mka").read_bytes())
    assert prober.probe(str(path)).mime_type == "audio/x-matroska"


def test_the_name_may_be_given_apart(media: Path, prober: Prober, tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff\xfe staged"
    with open(path, "wb") as copy:
        copy.write((media / "song.mka").read_bytes())
    assert prober.probe(path, name="a.mka").mime_type == "audio/x-matroska"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.mkv", b"", "empty"),
        ("text.mkv", b"no film, only words", "neither sound nor video"),
        ("list.ts", b"#EXTM3U\nhttp://127.0.0.1:1/a.ts\n\x00\x01", "neither sound nor video"),
        ("manifest.mp4", "<MPD/>".encode("utf-16"), "neither sound nor video"),
        ("head.mkv", b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81", "nothing playable"),
        ("picture.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF", "neither sound nor video"),
        ("noise.mkv", bytes(range(1, 256)) * 64, "nothing playable"),
    ],
)
def test_what_cannot_be_played_is_an_error(
    tmp_path: Path, prober: Prober, name: str, content: bytes, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ProbeError, match=said):
        prober.probe(str(path))


def outcome(prober: Prober, path: Path) -> str:
    """The kind of what was found, or ``error``; any other exception is the test's failure."""
    try:
        return prober.probe(str(path)).mime_type.partition("/")[0]
    except ProbeError:
        return "error"


def test_truncated_files_never_do_worse_than_an_error(media: Path, prober: Prober, tmp_path: Path) -> None:
    for name in ("film.mkv", "film.mp4", "song.mp3", "song.flac", "tv.ts"):
        whole = (media / name).read_bytes()
        for share in (0.01, 0.3, 0.9):
            path = tmp_path / name
            path.write_bytes(whole[: int(len(whole) * share)])
            assert outcome(prober, path) in {"video", "audio", "error"}
    assert outcome(prober, media / "film.mkv") == "video"


def test_paths_that_are_no_files(tmp_path: Path, prober: Prober) -> None:
    fifo = tmp_path / "pipe.mkv"
    os.mkfifo(fifo)
    loop = tmp_path / "loop.mkv"
    loop.symlink_to(loop)
    for path in (fifo, tmp_path, loop, tmp_path / "absent.mkv"):
        with pytest.raises(ProbeError, match=path.name):
            prober.probe(str(path))
    with pytest.raises(ProbeError, match="null"):
        prober.probe("a\0b.mkv")


def test_a_worker_that_is_killed_is_replaced(media: Path) -> None:
    with Prober(workers=1) as prober:
        prober.probe(str(media / "song.mp3"))
        prober._idle[0]._process.kill()
        with pytest.raises(ProbeError, match=r"song\.mp3 crashed"):
            prober.probe(str(media / "song.mp3"))
        assert prober.probe(str(media / "song.mp3")).mime_type == "audio/mpeg"


def test_a_worker_that_works_too_long_is_ended(media: Path) -> None:
    with Prober(workers=1) as prober:
        prober.probe(str(media / "song.mp3"))
        prober._idle[0]._process.send_signal(signal.SIGXCPU)
        with pytest.raises(ProbeError, match="takes too long"):
            prober.probe(str(media / "song.mp3"))


def test_a_worker_that_does_not_answer_is_ended(media: Path) -> None:
    with Prober(workers=1, time_limit=0.05) as prober:
        worker = prober._take()
        worker._process.send_signal(signal.SIGSTOP)
        prober._give_back(worker)
        with pytest.raises(ProbeError, match="takes too long"):
            prober.probe(str(media / "song.mp3"))
        assert worker._process.returncode == -signal.SIGKILL


def test_an_answer_that_is_too_long_is_not_read(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_module, "_MAX_REPORT", 10)
    with Prober(workers=1) as prober, pytest.raises(ProbeError, match="crashed"):
        prober.probe(str(media / "song.mp3"))


def test_a_worker_that_cannot_start_says_what_to_do(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with Prober(workers=1) as prober, pytest.raises(ProbeError, match="reinstall pymediainfo"):
        prober.probe(str(media / "song.mp3"))
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with Prober(workers=1) as prober, pytest.raises(ProbeError, match="cannot start"):
        prober.probe(str(media / "song.mp3"))


def test_several_threads_share_the_workers(media: Path, prober: Prober) -> None:
    names = ["film.mkv", "song.mp3", "tv.ts", "song.flac"] * 5
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda name: prober.probe(str(media / name)).mime_type, names))
    assert found == ["video/x-matroska", "audio/mpeg", "video/mp2t", "audio/flac"] * 5
    assert len(prober._idle) <= 2


def test_one_file_alone(media: Path) -> None:
    assert probe(str(media / "song.mp3")).mime_type == "audio/mpeg"


def test_a_closed_prober_keeps_no_worker(media: Path) -> None:
    prober = Prober(workers=1)
    worker = prober._take()
    prober.close()
    prober._give_back(worker)
    assert worker._process.returncode is not None


def test_the_worker_answers_and_ends_with_its_parent(media: Path) -> None:
    ours, theirs = socket.socketpair()
    thread = threading.Thread(target=probe_worker.serve, args=(theirs, 0))
    with ours, theirs, pytest.MonkeyPatch.context() as patch:
        patch.setattr(signal, "alarm", lambda seconds: 0)
        patch.setattr(probe_worker, "_limit_work", lambda: None)
        thread.start()
        with open(media / "song.mp3", "rb") as song:
            socket.send_fds(ours, [b"\0"], [song.fileno()])
            length = int.from_bytes(ours.recv(8, socket.MSG_WAITALL), "big")
            report = ours.recv(length, socket.MSG_WAITALL)
        assert b'"MPEG Audio"' in report
        ours.shutdown(socket.SHUT_WR)
        thread.join(10)
    assert not thread.is_alive()


def test_reading_ends_at_the_limit() -> None:
    reader = probe_worker.BoundedReader(io.BytesIO(b"0123456789"), limit=6)
    assert reader.read(4) == b"0123"
    assert reader.seek(8) == 8
    assert reader.tell() == 8
    assert reader.read(4) == b"89"
    reader.seek(0)
    assert reader.read(4) == b""


def test_a_report_that_is_too_long_is_dropped(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_worker, "REPORT_LIMIT", 10)
    with open(media / "song.mp3", "rb") as song:
        assert probe_worker.report_of(song) == b""
