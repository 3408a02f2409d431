"""A better file in the place of one: it takes over name and folder, the old one goes to the trash with its id."""

from __future__ import annotations

from offliniofs.catalog.cleaning import clean
from offliniofs.catalog.file_rows import ADD_FILE_WHY, FilePlace, file_facts, file_why, insert_file, remember_source
from offliniofs.catalog.filing import FOLLOW_RESOLUTION
from offliniofs.catalog.releasing import blob_of
from offliniofs.catalog.statements import Statement
from offliniofs.catalog.sums import Sums
from offliniofs.catalog.trash import Trash
from offliniofs.catalog.unit_of_work import UnitOfWork
from offliniofs.domain.arrival import Arrival, ArrivalOutcome, Filed
from offliniofs.domain.content import FileRole
from offliniofs.domain.errors import NotFoundError
from offliniofs.domain.ids import ContentId, FileId
from offliniofs.domain.naming import Naming
from offliniofs.domain.trash import Retention

OLD = Statement(
    """SELECT content_id, folder_id, title_id, blob_id, sidecar_of, role, name, resolution, mode, uid, gid
    FROM files WHERE id = ? AND deleted_ns IS NULL"""
)
KEEP_STAT = Statement("UPDATE files SET mode = ?, uid = ?, gid = ? WHERE id = ?")
KEEP_NAME = Statement(
    """INSERT INTO file_evidence (file_id, field, source, detail)
    SELECT ?, field, source, detail FROM file_evidence WHERE file_id = ? AND field = 'name'"""
)
FOLLOW = Statement("UPDATE files SET sidecar_of = ? WHERE sidecar_of = ? AND deleted_ns IS NULL")
PATH_STEP = Statement("SELECT parent_id, shelf, folder_name FROM content WHERE id = ?")


def replace_file(unit: UnitOfWork, naming: Naming, retention: Retention, file_id: int, arrival: Arrival) -> Filed:
    """Puts new bytes in the place of a file; what became of them. The same bytes again change nothing."""
    database = unit.database
    row = database.row(OLD, (file_id,))
    if row is None:
        raise NotFoundError(f"There is no file {file_id} in the library; it may have been removed meanwhile.")
    content_id, folder_id, title_id, old_blob, sidecar_of, role, name, resolution, *stat = row
    path = f"{_path(unit, folder_id)}/{name}"
    blob_id, new_blob = blob_of(unit, arrival.blob)
    if new_blob:
        unit.add_totals("blobs", 1, arrival.blob.size)
    if blob_id == old_blob:
        return Filed(ArrivalOutcome.DUPLICATE, FileId(file_id), ContentId(content_id), ContentId(title_id), path)
    unit.audit("replace", f"file:{file_id}", before={"name": name}, after={"bytes": arrival.blob.size})
    Trash(unit, naming, retention).file(file_id)
    identification = clean(arrival.identification)
    facts = file_facts(arrival, identification, resolution)
    place = FilePlace(content_id, folder_id, title_id, sidecar_of, role, name)
    new_id = insert_file(database, place, blob_id, arrival, facts, unit.now_ns)
    database.rows(KEEP_STAT, (*stat, new_id))
    database.many(ADD_FILE_WHY, file_why(new_id, arrival, identification))
    database.rows(KEEP_NAME, (new_id, file_id))
    database.rows(FOLLOW, (new_id, file_id))
    if role == FileRole.MEDIA.value:
        database.rows(FOLLOW_RESOLUTION, (facts.resolution, new_id))
    remember_source(database, arrival.source, new_id, unit.now_ns)
    unit.add_totals("files", 1, arrival.blob.size)
    sums = Sums(unit)
    sums.changed(content_id)
    sums.write()
    unit.relink(title_id)
    unit.file_added(new_id, title_id, folder_id, name)
    return Filed(ArrivalOutcome.ADDED, FileId(new_id), ContentId(content_id), ContentId(title_id), path)


def _path(unit: UnitOfWork, folder_id: int) -> str:
    names: list[str] = []
    above: int | None = folder_id
    while above is not None:
        above, shelf, name = unit.database.rows(PATH_STEP, (above,))[0]
        names += [part for part in (name, shelf) if part is not None]
    return "/".join(reversed(names))
