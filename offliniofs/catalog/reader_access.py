"""Who may enter which directory, and which titles relate to one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offliniofs.catalog.reader_base import ReaderBase
from offliniofs.catalog.statements import Statement
from offliniofs.domain.access import FolderAccess
from offliniofs.domain.ids import ContentId

if TYPE_CHECKING:
    from offliniofs.domain.history import RelatedTitle

_ACCESS = "mode, uid, gid, minimum_age, only_gid, restricted_gid FROM content_access"

ACCESS = Statement(f"SELECT {_ACCESS} WHERE content_id = ?")
ANY_ACCESS = Statement("SELECT 1 FROM content_access LIMIT 1", scans=("content_access",))
ACCESSES = Statement(f"SELECT content_id, {_ACCESS} WHERE content_id BETWEEN ? AND ? ORDER BY content_id")
AGE_RULES = Statement("SELECT minimum_age, gid FROM age_rules ORDER BY minimum_age", scans=("age_rules",))
RELATIONS = Statement(
    """SELECT c.id, c.title_name, r.relationship_type, 1 FROM content_relationships r
    CROSS JOIN content c ON c.id = r.to_id WHERE r.from_id = ?1 AND c.deleted_ns IS NULL
    UNION ALL SELECT c.id, c.title_name, r.relationship_type, 0 FROM content_relationships r
    CROSS JOIN content c ON c.id = r.from_id WHERE r.to_id = ?1 AND c.deleted_ns IS NULL LIMIT 1000"""
)


class AccessReader(ReaderBase):
    """Questions about access and relations. A read takes microseconds: few directories have rules of their own."""

    __slots__ = ()

    def access_of(self, content_id: ContentId) -> FolderAccess:
        """The rules of one directory's own."""
        row = self._database.row(ACCESS, (content_id,))
        return FolderAccess(*row) if row else FolderAccess()

    def has_access_rules(self) -> bool:
        """Whether any directory has rules of its own: as long as none has, nobody need ask for each."""
        return self._database.row(ANY_ACCESS, ()) is not None

    def accesses(self, first: ContentId, last: ContentId) -> dict[ContentId, FolderAccess]:
        """The rules of the directories of a page, from its lowest to its highest id; most have none."""
        return {ContentId(row[0]): FolderAccess(*row[1:]) for row in self._database.rows(ACCESSES, (first, last))}

    def age_rules(self) -> dict[int, int]:
        """Which group alone may enter titles of an age and above: age in years → group id."""
        return dict(self._database.rows(AGE_RULES))

    def relations_of(self, content_id: ContentId) -> list[RelatedTitle]:
        """The titles that a title relates to, in either direction; what lies in the trash is left out."""
        from offliniofs.domain.history import RelatedTitle, Relation

        return [
            RelatedTitle(ContentId(other), name, Relation(relation), bool(outgoing))
            for other, name, relation, outgoing in self._database.rows(RELATIONS, (content_id,))
        ]
