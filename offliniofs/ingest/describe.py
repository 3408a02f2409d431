"""The third stage: finds out what each file is, and which title a sidecar goes with.

What the rooms below know is put together here for one gathering at a time: first bytes say what a file is, names say
what belongs together, and each media file's name, folders, NFO and streams say what it is. A media file is looked at
when it is wanted itself or when one of its sidecars is.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace

from offliniofs.detect.arrangement import Entry, PathParts, Place, stem_of
from offliniofs.detect.evidence import FileEvidence
from offliniofs.detect.filetypes import HEAD_SIZE, FileClass, FileType, classify_file
from offliniofs.detect.heaps import Heap, camera_folders, heap_of
from offliniofs.detect.merge import identify
from offliniofs.detect.names import MAXIMUM_FOLDERS, identify_name
from offliniofs.detect.nfo import NfoFacts
from offliniofs.detect.probe import Prober
from offliniofs.detect.sidecars import arrange
from offliniofs.domain.arrival import Arrival, SourceFile, StoredBlob
from offliniofs.domain.content import ContentKind, FileRole
from offliniofs.domain.errors import ProbeError
from offliniofs.domain.facts import Evidence, EvidenceSource, Identification, MediaFacts
from offliniofs.ingest.attributes import left_attributes
from offliniofs.ingest.known import Sifted
from offliniofs.ingest.problem import Problem, Skipped
from offliniofs.ingest.reading import NfoReader, read_start

_SET_ASIDE = ".txt"
"""Behind the name of an NFO that cannot be used: no media server shall read what our own parser refused."""

_FROM_CAMERAS = frozenset({FileClass.ARTWORK, FileClass.VIDEO})

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Described:
    """One file with all that the catalogue will want to know but its blob. Fields as in ``Arrival``."""

    source: SourceFile
    identification: Identification
    role: FileRole
    extension: str
    media: MediaFacts | None = None
    sidecar_of: bytes | None = None
    name_suffix: str | None = None
    subfolder: tuple[str, ...] = ()
    language: str | None = None
    origin_url: str | None = None
    remarks: tuple[Problem, ...] = ()
    """What is wrong with it although it is taken: its bytes are kept, but less is known of it."""

    def arrival(self, blob: StoredBlob) -> Arrival:
        """The same as an arrival, now that its blob is durable."""
        return Arrival(
            source=self.source,
            blob=blob,
            identification=self.identification,
            role=self.role,
            extension=self.extension,
            media=self.media,
            sidecar_of=self.sidecar_of,
            name_suffix=self.name_suffix,
            subfolder=self.subfolder,
            language=self.language,
            origin_url=self.origin_url,
        )


@dataclass(frozen=True, slots=True)
class Description:
    """What is known of the wanted files of one gathering."""

    files: tuple[Described, ...] = ()
    """Each media file before its sidecars, those of the title last."""
    refused: tuple[Problem, ...] = ()
    """Files that will not be taken."""
    skipped: tuple[Skipped, ...] = ()
    """Files that nobody would keep."""


def describe(sifted: Sifted, prober: Prober) -> Description:
    """Describes the wanted files. Blocks; raises nothing: what cannot be described is refused and the rest goes on."""
    try:
        return _Describing(sifted, prober).description()
    except Exception as error:  # whatever a hostile name or file brings about must not end the import of all others
        LOG.exception("cannot describe the files in %r", sifted.gathering.folder)
        message = f"could not be described, which is an error of this program ({type(error).__name__}: {error})"
        return Description(refused=tuple(Problem(file.path, message) for file in sifted.wanted_files))


class _Describing:
    def __init__(self, sifted: Sifted, prober: Prober) -> None:
        self._gathering = sifted.gathering
        self._wanted = sifted.wanted
        self._prober = prober
        self._nfos = NfoReader()
        self._files: dict[PathParts, SourceFile] = {}
        self._types: dict[PathParts, FileType] = {}
        self._unprobed: dict[PathParts, str] = {}
        self._identified: dict[PathParts, tuple[Identification, MediaFacts | None]] = {}
        self._arrangement = arrange(list(self._entries()))
        self._of_camera = camera_folders(
            parts for parts, file_type in self._types.items() if file_type.file_class in _FROM_CAMERAS
        )

    def description(self) -> Description:
        """Describes what is wanted."""
        places = [place for place in self._arrangement.places if self._files[place.parts].path in self._wanted]
        taken = sorted((place for place in places if not place.junk), key=_filing_order)
        described = tuple(self._describe(place) for place in taken)
        junk = tuple(Skipped(self._files[place.parts].path, place.junk) for place in places if place.junk)
        return Description(described, skipped=junk)

    def _entries(self) -> Iterator[Entry]:
        start = len(self._gathering.folder.rstrip(b"/")) + 1
        for file in self._gathering.files:
            parts = tuple(os.fsdecode(file.path[start:]).split("/"))
            file_type = classify_file(file.name, read_start(file.path, HEAD_SIZE))
            self._files[parts] = file
            self._types[parts] = file_type
            yield Entry(parts, file_type, file.size)

    def _describe(self, place: Place) -> Described:
        file, file_type = self._files[place.parts], self._types[place.parts]
        extension = f".{file_type.extension}" if file_type.extension else ""
        identification, media = self._identify(place.media) if place.media else (self._orphan(place), None)
        heap = self._heap(place.parts) if identification.kind is ContentKind.OTHER else None
        if heap is not None:
            identification, place = _in_heap(identification, heap), _place_in_heap(place, heap)
        name_suffix = place.name_suffix if place.media else place.parts[-1]
        role = place.role
        if role is FileRole.NFO and self._nfos.facts(file.path) is None:
            role, name_suffix = FileRole.DATA, f"{name_suffix}{_SET_ASIDE}"
        is_media = role is FileRole.MEDIA
        return Described(
            source=file,
            identification=identification,
            role=role,
            extension=extension,
            media=media if is_media else None,
            sidecar_of=self._files[place.media].path if place.of_file and place.media and not is_media else None,
            name_suffix=None if is_media else name_suffix,
            subfolder=place.subfolder,
            language=place.language,
            origin_url=left_attributes(file.path).origin_url,
            remarks=tuple(Problem(file.path, remark) for remark in self._remarks(place)),
        )

    def _remarks(self, place: Place) -> Iterator[str]:
        if disagreement := self._types[place.parts].disagreement:
            yield f"is stored, but is not what its name says: {disagreement}"
        if place.parts in self._unprobed:
            yield f"is stored, but its contents are not known: {self._unprobed[place.parts]}"
        if place.role is FileRole.NFO:
            path = self._files[place.parts].path
            if path in self._nfos.failures:
                yield f"is stored, but says nothing of its title: {self._nfos.failures[path]}"

    def _identify(self, parts: PathParts) -> tuple[Identification, MediaFacts | None]:
        found = self._identified.get(parts)
        if found is None:
            found = self._identified[parts] = self._identify_anew(parts)
        return found

    def _identify_anew(self, parts: PathParts) -> tuple[Identification, MediaFacts | None]:
        file_type = self._types[parts]
        media = self._probe(parts)
        folders = self._folders_above(parts)
        evidence = FileEvidence(
            name=parts[-1],
            name_facts=identify_name(parts[-1], folders=folders),
            file_type=file_type,
            folders=folders,
            nfo=self._nfo_of(parts, file_type),
            show_nfo=self._nfo(self._arrangement.title_nfo_of(parts, "tvshow")),
            media=media,
            labels=left_attributes(self._files[parts].path).tags,
            beside_clips=parts[:-1] in self._of_camera,
        )
        return identify(evidence), media

    def _probe(self, parts: PathParts) -> MediaFacts | None:
        try:
            return self._prober.probe(self._files[parts].path)
        except ProbeError as error:
            self._unprobed[parts] = str(error)
            return None

    def _nfo_of(self, parts: PathParts, file_type: FileType) -> NfoFacts | None:
        own = self._arrangement.nfo_of(parts)
        if own is None and file_type.file_class is FileClass.AUDIO:
            own = self._arrangement.title_nfo_of(parts, "album")
        return self._nfo(own)

    def _nfo(self, parts: PathParts | None) -> NfoFacts | None:
        return None if parts is None else self._nfos.facts(self._files[parts].path)

    def _folders_above(self, parts: PathParts) -> tuple[str, ...]:
        """The folders of a file up to the one that was asked for, innermost first."""
        below_root = os.fsdecode(os.path.relpath(self._gathering.folder, os.path.dirname(self._gathering.root)))
        return tuple(reversed([*below_root.split("/"), *parts[:-1]]))[:MAXIMUM_FOLDERS]

    def _heap(self, parts: PathParts) -> Heap | None:
        """The folder whose name stands for a file that cannot be identified."""
        root = self._gathering.root.rstrip(b"/")
        below = os.fsdecode(self._gathering.folder[len(root) :]).split("/")
        whole = os.fsdecode(os.path.basename(root)) if self._gathering.whole else None
        return heap_of((*filter(None, below), *parts[:-1]), whole)

    def _orphan(self, place: Place) -> Identification:
        """What goes with no media file; without a folder that stands for it it is called as it is."""
        return Identification(
            name=place.parts[-1],
            kind=ContentKind.OTHER,
            title=stem_of(place.parts[-1]),
            why={
                "kind": Evidence(EvidenceSource.DEFAULT, "goes with no film, episode or track"),
                "title": Evidence(EvidenceSource.NAME),
            },
        )


def _in_heap(identification: Identification, heap: Heap) -> Identification:
    why = {**identification.why, "title": Evidence(EvidenceSource.FOLDER, heap.title)}
    return replace(identification, title=heap.title, why=why)


def _place_in_heap(place: Place, heap: Heap) -> Place:
    """Where it lay, under the name it had; but subtitles, and what is named like a clip, go with their clip."""
    of_file = place.of_file and (place.role is not FileRole.NFO or _same_stem(place))
    name_suffix = place.name_suffix if of_file else place.parts[-1]
    return replace(place, of_file=of_file, name_suffix=name_suffix, subfolder=heap.subfolder)


def _same_stem(place: Place) -> bool:
    return place.media is not None and stem_of(place.parts[-1]).casefold() == stem_of(place.media[-1]).casefold()


def _filing_order(place: Place) -> tuple[bool, PathParts, bool, PathParts]:
    """Each media file with its own sidecars behind it; what belongs to a whole title, or to nothing, comes last."""
    own = place.role is FileRole.MEDIA or place.of_file
    return not own, place.media or (), place.role is not FileRole.MEDIA, place.parts
