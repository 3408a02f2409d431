"""``offliniofs stats``: how much there is and what keeping everything once saves."""

from __future__ import annotations

from dataclasses import asdict

import click

from offliniofs.app.library import open_library
from offliniofs.cli.context import Invocation, verb
from offliniofs.cli.output import emit_json, facts, human_size
from offliniofs.domain.listing import Facet


@click.command("stats")
@verb
def command(invocation: Invocation) -> None:
    """Show how much the library holds and how full its disk is."""
    with open_library(invocation.existing_layout(), invocation.settings()) as library:
        totals = library.reader.library_totals()
        space = library.blobs.free_space()
        values = {
            facet: sum(1 for _ in library.facet_rows(facet)) for facet in (Facet.GENRE, Facet.YEAR, Facet.QUALITY)
        }
    if invocation.as_json:
        emit_json(
            {
                **asdict(totals),
                "titles": totals.titles,
                "saved_bytes": totals.saved_bytes,
                "genres": values[Facet.GENRE],
                "years": values[Facet.YEAR],
                "qualities": values[Facet.QUALITY],
                "disk_total_bytes": space.total,
                "disk_available_bytes": space.available,
            }
        )
        return
    facts(
        (
            ("movies", totals.movies),
            ("series", totals.series),
            ("albums", totals.albums),
            ("other", totals.others),
            ("genres", values[Facet.GENRE]),
            ("years", values[Facet.YEAR]),
            ("files", totals.files),
            ("size of the files", human_size(totals.shown_bytes)),
            ("stored", f"{human_size(totals.stored_bytes)} in {totals.blobs} blobs"),
            ("saved", human_size(totals.saved_bytes)),
            ("disk", f"{human_size(space.available)} of {human_size(space.total)} available"),
        )
    )
