"""Joins all evidence of one file to an identification, with the reason for every field.

Strength of the sources: the user, the probed streams (for what streams show), NFO files, embedded tags, the name, its
folders. Genres alone are joined from several. Of an episode, ``title``, ``year``, ``plot``, ``rating``, ``people``,
``collection``, ``tags``, ``original_title`` and ``external_ids`` are those of its series, which the ``tvshow.nfo``
knows; its own NFO gives its number, its title and its date.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from offliniofs.detect.evidence import Claim, FileEvidence, Ledger, same
from offliniofs.detect.genres import MAX_GENRES, genres_from_folder
from offliniofs.detect.kinds import decide_kind, is_meaningless
from offliniofs.detect.music import identify_track
from offliniofs.detect.names import NameFacts, identify_name
from offliniofs.detect.nfo import NfoFacts
from offliniofs.detect.streams import read_streams
from offliniofs.detect.tags import TagFacts, is_advertisement, read_tags
from offliniofs.detect.text import clean_title
from offliniofs.detect.user_edits import apply_edits, chosen_kind
from offliniofs.domain.content import ContentKind
from offliniofs.domain.facts import Evidence, EvidenceSource, Genre, Identification

_GENRE_FOLDERS = 4
"""Folders above a file in which a genre's name is looked for."""


def identify(evidence: FileEvidence) -> Identification:
    """What the file is, by all that is known of it. Pure, and total but for ``user``.

    Raises ``UsageError`` when ``user`` names a field that there is none of, or a value that the field cannot have.
    """
    tags = read_tags(evidence.media.tags if evidence.media is not None else {})
    ledger = Ledger()
    kind, reason = chosen_kind(evidence.user) or decide_kind(evidence, tags)
    ledger.adopt("kind", reason)
    if evidence.file_type.disagreement:
        ledger.remark(f"type: {evidence.file_type.disagreement}")
    found = _with_labels(_identify_as(kind, evidence, tags, ledger), evidence, ledger)
    found = apply_edits(found, evidence.user, ledger)
    return replace(found, why=ledger.why, disagreements=ledger.disagreements)


def _identify_as(kind: ContentKind, evidence: FileEvidence, tags: TagFacts, ledger: Ledger) -> Identification:
    if kind is ContentKind.TRACK:
        return identify_track(evidence, tags, _genres(evidence, tags, ledger), ledger)
    if kind is ContentKind.EPISODE:
        return _episode(evidence, tags, ledger)
    if kind is ContentKind.MOVIE:
        return _movie(evidence, tags, ledger)
    return _other(kind, evidence, tags, ledger)


def _movie(evidence: FileEvidence, tags: TagFacts, ledger: Ledger) -> Identification:
    facts = _names_as(ContentKind.MOVIE, evidence)
    nfo = evidence.nfo or NfoFacts()
    name_says = facts.title if not same(facts.title, nfo.original_title) else None
    title = ledger.decide(
        "title",
        Claim(EvidenceSource.NFO, nfo.title),
        Claim(EvidenceSource.TAG, _title_in_tags(evidence, facts, tags)),
        Claim(_origin(facts, "title"), name_says, _words(facts, "title")),
    )
    found = _common(ContentKind.MOVIE, evidence, facts, ledger)
    _compare_length(evidence, nfo, ledger)
    return replace(
        _with_nfo(found, nfo, facts, ledger),
        title=title or facts.title,
        year=_year(nfo, facts, ledger),
        people=nfo.people or tuple(person for person in tags.people if person.role == "director"),
        genres=_genres(evidence, tags, ledger),
        plot=ledger.decide(
            "plot",
            Claim(EvidenceSource.NFO, nfo.plot, "plot"),
            Claim(EvidenceSource.TAG, None if nfo.plot else tags.description, "description"),
        ),
        external_ids=_identifiers(nfo, facts, ledger),
    )


def _episode(evidence: FileEvidence, tags: TagFacts, ledger: Ledger) -> Identification:
    facts = _names_as(ContentKind.EPISODE, evidence)
    own, show = evidence.nfo or NfoFacts(), evidence.show_nfo or NfoFacts()
    if own.kind is not ContentKind.EPISODE:
        own, show = NfoFacts(), (own if evidence.show_nfo is None else show)
    title = ledger.decide(
        "title",
        Claim(EvidenceSource.NFO, show.title, "tvshow.nfo" if show.title else ""),
        Claim(EvidenceSource.NFO, own.show_title),
        Claim(EvidenceSource.TAG, tags.show if tags.show and not is_advertisement(tags.show) else None),
        Claim(_origin(facts, "title"), facts.title, _words(facts, "title")),
    )
    part_of_name = set(own.episodes) < set(facts.episodes)
    season = ledger.decide(
        "season",
        Claim(EvidenceSource.NFO, own.season),
        Claim(_origin(facts, "season"), facts.season, _words(facts, "season")),
        Claim(EvidenceSource.TAG, tags.season),
    )
    episodes = ledger.decide(
        "episodes",
        Claim(EvidenceSource.NFO, () if part_of_name else own.episodes),
        Claim(_origin(facts, "episodes"), facts.episodes, _words(facts, "episodes")),
        Claim(EvidenceSource.TAG, () if tags.episode is None else (tags.episode,)),
    )
    found = _common(ContentKind.EPISODE, evidence, facts, ledger)
    return replace(
        _with_nfo(found, show, facts, ledger),
        title=title or facts.title,
        year=_year(show, facts, ledger),
        season=season,
        episodes=episodes or (),
        episode_title=ledger.decide(
            "episode_title",
            Claim(EvidenceSource.NFO, own.title),
            Claim(_origin(facts, "episode_title"), facts.episode_title, _words(facts, "episode_title")),
        ),
        air_date=ledger.decide(
            "air_date",
            Claim(_origin(facts, "air_date"), facts.air_date, _words(facts, "air_date")),
            Claim(EvidenceSource.NFO, own.premiered if not episodes else None),
        ),
        people=show.people or own.people,
        genres=_genres(evidence, tags, ledger),
        plot=ledger.decide("plot", Claim(EvidenceSource.NFO, show.plot, "plot")),
        external_ids=_identifiers(show, facts, ledger),
    )


def _other(kind: ContentKind, evidence: FileEvidence, tags: TagFacts, ledger: Ledger) -> Identification:
    """Home videos, documents, archives: named as their file is, since its name says nothing more."""
    stem = evidence.name.rpartition(".")[0] or evidence.name
    title = clean_title(stem) if not is_meaningless(stem) else stem
    ledger.note("title", EvidenceSource.NAME, stem)
    if not evidence.file_type.is_media:
        return Identification(name=evidence.name, kind=kind, title=title or stem or "Unknown")
    found = _common(kind, evidence, evidence.name_facts, ledger)
    return replace(found, title=title or stem or "Unknown", genres=_genres(evidence, tags, ledger), source=None)


def _names_as(kind: ContentKind, evidence: FileEvidence) -> NameFacts:
    """The name's facts; read again where stronger evidence says that it is of another kind than it looked."""
    facts = evidence.name_facts
    if facts.kind is kind or (facts.kind in {ContentKind.SEASON, ContentKind.SERIES} and kind is ContentKind.EPISODE):
        return facts
    return identify_name(evidence.name, folders=evidence.folders, kind=kind)


def _common(kind: ContentKind, evidence: FileEvidence, facts: NameFacts, ledger: Ledger) -> Identification:
    """What films, episodes and home videos have in common: quality, streams, and what only names say."""
    streams = read_streams(evidence, facts, kind, ledger)
    for field in ("source", "modifiers", "edition", "group"):
        ledger.adopt(field, facts.why.get(field))
    return Identification(
        name=evidence.name,
        kind=kind,
        title=facts.title,
        quality=streams.quality,
        resolution=streams.resolution,
        source=facts.source,
        modifiers=facts.modifiers,
        codec=streams.codec,
        hdr=streams.hdr,
        audio=streams.audio,
        languages=streams.languages,
        edition=facts.edition,
        group=facts.group,
    )


def _with_nfo(found: Identification, nfo: NfoFacts, facts: NameFacts, ledger: Ledger) -> Identification:
    """The fields that an NFO alone knows, nearly."""
    source = EvidenceSource.NFO
    if nfo.people:
        ledger.note("people", source, f"{len(nfo.people)} named")
    return replace(
        found,
        rating=ledger.decide("rating", Claim(source, nfo.rating)),
        original_title=ledger.decide(
            "original_title",
            Claim(source, nfo.original_title),
            Claim(_origin(facts, "title"), None if nfo.original_title else facts.original_title),
        ),
        collection=ledger.decide("collection", Claim(source, nfo.collection)),
        tags=ledger.decide("tags", Claim(source, nfo.tags)) or (),
    )


def _with_labels(found: Identification, evidence: FileEvidence, ledger: Ledger) -> Identification:
    """The tags of the NFO and then those on the file itself: both are somebody's wish, neither excludes the other."""
    if not evidence.labels:
        return found
    if not found.tags:
        ledger.note("tags", EvidenceSource.TAG, f"on the file: {', '.join(evidence.labels)}")
    return replace(found, tags=tuple(dict.fromkeys((*found.tags, *evidence.labels))))


def _origin(facts: NameFacts, field: str) -> EvidenceSource:
    evidence = facts.why.get(field)
    return evidence.source if evidence is not None else EvidenceSource.NAME


def _words(facts: NameFacts, field: str) -> str:
    evidence = facts.why.get(field)
    return evidence.detail if evidence is not None else ""


def _year(nfo: NfoFacts, facts: NameFacts, ledger: Ledger) -> int | None:
    return ledger.decide(
        "year",
        Claim(EvidenceSource.NFO, nfo.year),
        Claim(_origin(facts, "year"), facts.year, _words(facts, "year")),
    )


def _title_in_tags(evidence: FileEvidence, facts: NameFacts, tags: TagFacts) -> str | None:
    """The embedded title of a film, where the name has none worth the word and the tag is no advertisement."""
    stem = evidence.name.rpartition(".")[0] or evidence.name
    silent = is_meaningless(stem) and _origin(facts, "title") is not EvidenceSource.FOLDER
    return tags.title if silent and tags.title and not is_advertisement(tags.title) else None


def _identifiers(nfo: NfoFacts, facts: NameFacts, ledger: Ledger) -> Mapping[str, str]:
    """Databases' numbers: the NFO's and, for databases it does not speak of, the name's."""
    if nfo.external_ids:
        ledger.note("external_ids", EvidenceSource.NFO, " ".join(nfo.external_ids.values()))
    else:
        ledger.adopt("external_ids", facts.why.get("external_ids"))
    for site, number in facts.external_ids.items():
        if nfo.external_ids.get(site, number) != number:
            ledger.remark(f"{site}: nfo says {nfo.external_ids[site]}, name says {number}")
    return {**facts.external_ids, **nfo.external_ids}


def _genres(evidence: FileEvidence, tags: TagFacts, ledger: Ledger) -> tuple[Genre, ...]:
    """All genres, those of the strongest source first."""
    told: list[tuple[EvidenceSource, tuple[Genre, ...]]] = [
        (EvidenceSource.NFO, evidence.show_nfo.genres if evidence.show_nfo is not None else ()),
        (EvidenceSource.NFO, evidence.nfo.genres if evidence.nfo is not None else ()),
        (EvidenceSource.TAG, tags.genres),
    ]
    title = evidence.name_facts.title
    told += [
        (EvidenceSource.FOLDER, genres_from_folder(folder))
        for folder in evidence.folders[:_GENRE_FOLDERS]
        if not same(folder, title)
    ]
    found: dict[str, tuple[Genre, EvidenceSource]] = {}
    for source, genres in told:
        for genre in genres:
            found.setdefault(genre.name, (genre, source))
    kept = list(found.values())[:MAX_GENRES]
    if kept:
        ledger.adopt(
            "genres", Evidence(kept[0][1], ", ".join(f"{genre.name} ({source})" for genre, source in kept)[:200])
        )
    return tuple(genre for genre, _ in kept)


def _compare_length(evidence: FileEvidence, nfo: NfoFacts, ledger: Ledger) -> None:
    """A film that lasts a small part of what its NFO says is a sample, damaged, or not that film."""
    duration = evidence.media.duration if evidence.media is not None else None
    if duration and nfo.runtime and nfo.runtime >= 10 and duration < nfo.runtime * 60 / 2:
        ledger.remark(f"duration: nfo says {nfo.runtime} minutes, probe says {duration / 60:.0f}")
