"""Documents of an old system that keeps each page, or a few, in a file of its own."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from chartkeeper.ingest.manifest import Row
from chartkeeper.ingest.manifest_entry import Rejected
from chartkeeper.ingest.manifest_mapping import Target, plain

# What the lines of one document must say alike; their box, batch and priority are the first one's.
OF_A_DOCUMENT = ("mrn", "last", "first", "dob", "type", "service_date")
# What the list says that names documents once they are bound, and the names of its columns: those
# by which a list is understood without a mapping.
_TOLD = tuple(target for target in Target if target is not Target.NAME)
COLUMNS = tuple("batch" if target is Target.LABEL else target.value for target in _TOLD)
FILES_A_FOLDER = 1_000
MAX_NAME_CHARS = 60
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


class NotOne(StrEnum):
    """Why lines under one number are not taken for one document, with the remedy."""

    CONTRADICTED = (
        "the lines of the document say different things of its patient, type or date; mend the list"
    )
    SCATTERED = (
        "the lines of the document do not stand together in the list, or two documents have one "
        "number; sort the list by document and page, or number the documents anew"
    )


@dataclass(frozen=True, slots=True)
class OldDocument:
    """A document as a list names it: its lines, a file each, in order; at least one."""

    rows: tuple[Row, ...]

    @property
    def number(self) -> str:
        """Its number in the old system; empty if the list has none."""
        return self.rows[0].source_id

    @property
    def name(self) -> str:
        """What its file is to be called, without the ending: its line, and its old number."""
        line, number = self.rows[0].line, _UNFIT.sub("_", self.number).strip("._")
        stem = f"{line:08}-{number[:MAX_NAME_CHARS]}" if number else f"{line:08}"
        return f"{line // FILES_A_FOLDER:05}/{stem}"

    def why_not_one(self, numbered_twice: frozenset[int]) -> NotOne | None:
        """Why it is none, if it has a number of those that came twice or contradicts itself."""
        if self.number and hash(self.number) in numbered_twice:
            return NotOne.SCATTERED
        said = {tuple(getattr(row, field) for field in OF_A_DOCUMENT) for row in self.rows}
        return NotOne.CONTRADICTED if len(said) > 1 else None


def old_documents(found: Iterable[Row | Rejected]) -> Iterator[OldDocument | Rejected]:
    """The documents that a list names: lines together under one number are one.

    A file that several lines one after the other name, as where each page has a line, counts once.
    """
    rows: list[Row] = []
    for each in found:
        if rows and not _goes_on(rows, each):
            yield OldDocument(tuple(rows))
            rows = []
        if isinstance(each, Rejected):
            yield each
        elif not rows or each.file != rows[-1].file:
            rows.append(each)
    if rows:
        yield OldDocument(tuple(rows))


def _goes_on(rows: Sequence[Row], each: Row | Rejected) -> bool:
    return isinstance(each, Row) and bool(each.source_id) and each.source_id == rows[0].source_id


def numbered_twice(documents: Iterable[OldDocument | Rejected]) -> frozenset[int]:
    """The numbers, as `hash` has them in this process, that more than one of the documents has."""
    seen: set[int] = set()
    twice: set[int] = set()
    for each in documents:
        if isinstance(each, OldDocument) and each.number:
            key = hash(each.number)
            (twice if key in seen else seen).add(key)
    return frozenset(twice)


def said_pages(rows: Sequence[Row], found: int) -> int | None:
    """How many pages the lines of a document say that it has; `found` there are.

    Each line may say it of its own file or of the whole; None where a line says nothing.
    """
    said = [row.pages for row in rows if row.pages is not None]
    if len(said) < len(rows):
        return None
    of_whole = len(set(said)) == 1 and said[0] >= len(rows)
    return said[0] if of_whole and sum(said) != found else sum(said)


def list_line(
    document: OldDocument, file: str, pages: int | None, sha256: str, types: Mapping[str, str]
) -> list[object]:
    """The line of the bound `file` in a list with the columns COLUMNS.

    `types` are names of types in the old system (as `plain` writes them) by what they are here.
    """
    row = document.rows[0]
    said: dict[str, object] = {target: getattr(row, target) for target in _TOLD}
    kind = types.get(plain(row.type), row.type)
    said |= {Target.FILE: file, Target.PAGES: pages, Target.SHA256: sha256, Target.TYPE: kind}
    return ["" if said[target] is None else said[target] for target in _TOLD]
