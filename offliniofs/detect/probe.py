"""Reads what is inside a media file: streams, length, embedded tags. The one part of this room that touches files.

libmediainfo (bundled with pymediainfo) does the reading, in a process of its own. That is needed: a few changed bytes
in an MP4 file keep it busy for a minute inside one call that nothing can interrupt, and it opens the addresses it finds
in a playlist. So only what begins like a media file is handed over, as an open descriptor, to a worker with limits on
time, memory and bytes; when a worker is too slow or dies, it is replaced and the file is reported.
"""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from types import TracebackType

from offliniofs.detect.filetypes import HEAD_SIZE, FileClass, FileType, classify_file
from offliniofs.detect.media_report import media_facts
from offliniofs.domain.errors import ProbeError
from offliniofs.domain.facts import MediaFacts

TIME_LIMIT = 30.0
"""Seconds that one file may take; one on a sleeping disk takes a few. (The worker's limit on work is stricter.)"""

_LENGTH_BYTES = 8
_MAX_REPORT = 8 << 20
_NOWHERE = "http://127.0.0.1:9"
"""As a proxy: whatever libmediainfo would fetch fails at once (port 9 is ``discard``)."""


class _WorkerLost(Exception):  # noqa: N818 - a signal between two classes of this module
    """The worker ended or answered nonsense."""


class _Worker:
    """One child process and our end of the socket to it."""

    def __init__(self, time_limit: float) -> None:
        ours, theirs = socket.socketpair()
        proxies = dict.fromkeys(("http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "ALL_PROXY"), _NOWHERE)
        command = [sys.executable, "-P", "-m", "offliniofs.detect.probe_worker", str(int(time_limit) + 5)]
        with theirs:
            try:
                self._process = subprocess.Popen(
                    command,
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env={**os.environ, **proxies},
                )
            except OSError as error:
                ours.close()
                raise ProbeError(f"cannot start the process that reads media files: {error}") from error
        self._socket = ours
        self._socket.settimeout(time_limit)

    def report(self, descriptor: int) -> str:
        """The report on an open file. Raises ``TimeoutError``, or ``_WorkerLost`` when the process is gone."""
        try:
            socket.send_fds(self._socket, [b"\0"], [descriptor])
            length = int.from_bytes(self._receive(_LENGTH_BYTES), "big")
            if length > _MAX_REPORT:
                raise _WorkerLost
            return self._receive(length).decode("utf-8", "replace")
        except TimeoutError:
            raise
        except OSError as error:
            raise _WorkerLost from error

    def _receive(self, length: int) -> bytes:
        parts = bytearray()
        while len(parts) < length:
            part = self._socket.recv(min(length - len(parts), 1 << 16))
            if not part:
                raise _WorkerLost
            parts += part
        return bytes(parts)

    def end(self) -> int:
        """Stop the process, whatever it is doing, and return how it ended (negative: by a signal)."""
        self._socket.close()
        if self._process.poll() is None:
            self._process.kill()
        return self._process.wait()


class Prober:
    """Probes files with at most ``workers`` processes, started when needed and kept for the next file.

    Safe to use from several threads: a call waits for a free worker. Use it as a context manager, or call ``close``.
    """

    def __init__(self, workers: int | None = None, time_limit: float = TIME_LIMIT) -> None:
        self._time_limit = time_limit
        self._places = threading.BoundedSemaphore(workers or os.cpu_count() or 1)
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._closed = False

    def __enter__(self) -> Prober:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the workers; those in the middle of a file end after it."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.end()

    def probe(self, path: bytes | str, name: bytes | str | None = None) -> MediaFacts:
        """The facts inside the file at ``path``; ``name`` is what it is called when the path does not tell.

        Blocks for milliseconds, at worst for the time limit. Raises ``ProbeError`` for what cannot be read, is no sound
        or video, is damaged beyond reading, or takes too long.
        """
        shown = os.fsdecode(path)
        descriptor = _open(path, shown)
        try:
            file_type = _media_type(descriptor, path if name is None else name, shown)
            with self._places:
                report = self._report(descriptor, shown)
        finally:
            os.close(descriptor)
        facts = media_facts(report, file_type)
        if not (facts.video or facts.audio or facts.duration):
            raise ProbeError(f"nothing playable found in {shown}: the file is damaged, or not what its name says")
        return facts

    def _report(self, descriptor: int, shown: str) -> str:
        worker = self._take()
        try:
            report = worker.report(descriptor)
        except TimeoutError:
            worker.end()
            raise _too_slow(shown) from None
        except _WorkerLost:
            raise _lost(worker.end(), shown) from None
        except BaseException:
            worker.end()
            raise
        self._give_back(worker)
        return report

    def _take(self) -> _Worker:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return _Worker(self._time_limit)

    def _give_back(self, worker: _Worker) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(worker)
                return
        worker.end()


def probe(path: bytes | str) -> MediaFacts:
    """Probe one file with a worker of its own (about 0.1 s). For more than one use a ``Prober``, whose workers stay."""
    with Prober(workers=1) as prober:
        return prober.probe(path)


def _open(path: bytes | str, shown: str) -> int:
    """Open for reading without ever waiting, as opening a FIFO would."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError as error:
        raise ProbeError(f"cannot open {shown}: {error.strerror or error}") from error
    except ValueError as error:
        raise ProbeError(f"cannot open {shown!r}: {error}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ProbeError(f"{shown} is no regular file, so there is nothing to play in it")
    return descriptor


def _media_type(descriptor: int, name: bytes | str, shown: str) -> FileType:
    """What the file is, when that is media. libmediainfo follows addresses in texts, so it never gets to see one."""
    try:
        head = os.pread(descriptor, HEAD_SIZE, 0)
    except OSError as error:
        raise ProbeError(f"cannot read {shown}: {error.strerror or error}") from error
    if not head:
        raise ProbeError(f"{shown} is empty")
    file_type = classify_file(os.path.basename(name), head)
    begins_like_a_text = head.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1] in {b"#", b"<", b"["}
    if not file_type.is_media or begins_like_a_text:
        kind = FileClass.DOCUMENT if file_type.is_media else file_type.file_class
        raise ProbeError(f"{shown} is neither sound nor video but a file of the class {kind} ({file_type.mime_type})")
    return file_type


def _too_slow(shown: str) -> ProbeError:
    return ProbeError(f"gave up reading {shown}, it takes too long: the file is probably damaged; play it to check")


def _lost(status: int, shown: str) -> ProbeError:
    if status > 0:
        return ProbeError(
            f"the process that reads media files ended at once (status {status}): libmediainfo cannot be used here;"
            f" run “{sys.executable} -m pip install --force-reinstall pymediainfo”"
        )
    if status == -signal.SIGXCPU:
        return _too_slow(shown)
    return ProbeError(f"reading {shown} crashed libmediainfo: the file is damaged; play it to check")
