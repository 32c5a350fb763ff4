"""What the last import of a source made of each of its elements, and what this one makes of it."""

import hashlib
from collections.abc import Collection, Mapping
from uuid import UUID

from apps.content.models import CourseSource, ImportedElement

Key = tuple[str, str]


class Ledger:
    """Remembers elements by kind and key; what changes is written in three statements by `keep`."""

    def __init__(self, source: CourseSource) -> None:
        self._source = source
        self._rows = {(row.kind, row.key): row for row in source.elements.order_by("id")}
        self._named: set[Key] = set()
        self._touched: dict[Key, ImportedElement] = {}

    def rename(self, kind: str, digests: Mapping[str, str], *, also: Collection[str] = ()) -> None:
        """Finds elements again whose keys have changed: a new key takes the place of the one lost key of its digest.

        `digests` are those of the whole source for this kind; the rows of the kinds in `also` follow.
        """
        lost = _by_digest(
            {key: row.digest for (of, key), row in self._rows.items() if of == kind and key not in digests}
        )
        new = _by_digest({key: digest for key, digest in digests.items() if (kind, key) not in self._rows})
        for digest in lost.keys() & new.keys():
            if len(lost[digest]) == len(new[digest]) == 1:
                self._move([kind, *also], old=lost[digest][0], new=new[digest][0])

    def target(self, kind: str, key: str) -> UUID | None:
        """The row of ours that the element became."""
        row = self._rows.get((kind, key))
        return row.target_id if row else None

    def is_same(self, kind: str, key: str, digest: str) -> bool:
        """Whether the element was just so at the last import; names it as still there."""
        self._named.add((kind, key))
        row = self._rows.get((kind, key))
        return row is not None and row.digest == digest

    def note(self, kind: str, key: str, digest: str, target_id: UUID) -> None:
        """Remembers what the element is now, and what it became."""
        self._named.add((kind, key))
        row = self._rows.get((kind, key))
        if row is None:
            row = ImportedElement(source=self._source, kind=kind, key=key)
            self._rows[kind, key] = row
        elif (row.digest, row.target_id) == (digest, target_id):
            return
        row.digest, row.target_id = digest, target_id
        self._touched[kind, key] = row

    def gone(self, kind: str) -> dict[str, UUID]:
        """The elements of this kind that the source no longer has, with what they had become."""
        return {
            row.key: row.target_id
            for (row_kind, _), row in self._rows.items()
            if row_kind == kind and (row_kind, row.key) not in self._named
        }

    def keep(self) -> None:
        """Writes what was noted and forgets what was not named."""
        forgotten = [row.id for key, row in self._rows.items() if key not in self._named]
        new = [row for row in self._touched.values() if row._state.adding]  # noqa: SLF001  Django's own word for it
        changed = [row for row in self._touched.values() if not row._state.adding]  # noqa: SLF001
        if forgotten:
            ImportedElement.objects.filter(id__in=forgotten).delete()
        ImportedElement.objects.bulk_create(new)
        ImportedElement.objects.bulk_update(changed, ["key", "digest", "target_id"])

    def _move(self, kinds: Collection[str], *, old: str, new: str) -> None:
        for kind in kinds:
            row = self._rows.pop((kind, old), None)
            if row is not None:
                row.key = new
                self._rows[kind, new] = self._touched[kind, new] = row


def _by_digest(digests: Mapping[str, str]) -> dict[str, list[str]]:
    keys: dict[str, list[str]] = {}
    for key, digest in digests.items():
        keys.setdefault(digest, []).append(key)
    return keys


def digest_of(*values: object) -> str:
    """A digest of plain and frozen values: equal values have equal digests, in every process."""
    return hashlib.sha256(repr(values).encode()).hexdigest()
