"""The lists beside bound files: what to import, what each was made of, what was not bound."""

import csv
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO

from chartkeeper.ingest.binding import Outcome
from chartkeeper.ingest.manifest_entry import Rejected
from chartkeeper.ingest.old_documents import COLUMNS, list_line, said_pages
from chartkeeper.ingest.places import Place
from chartkeeper.reconciliation import harmless
from chartkeeper.records.findings import SAID, Finding

LIST, PARTS, EXCEPTIONS = NAMES = ("list.csv", "parts.csv", "exceptions.csv")
PART_COLUMNS = ("file", "first_page", "last_page", "part", "sha256", "line")
EXCEPTION_COLUMNS = ("line", "source_id", "file", "reason")


class BoundLists:
    """The three lists, written line by line; `types` are types by their old names."""

    def __init__(
        self, files: TextIO, parts: TextIO, exceptions: TextIO, types: Mapping[str, str]
    ) -> None:
        self._files, self._parts = csv.writer(files), csv.writer(parts)
        self._exceptions, self._types = csv.writer(exceptions), types
        self._files.writerow(COLUMNS)
        self._parts.writerow(PART_COLUMNS)
        self._exceptions.writerow(EXCEPTION_COLUMNS)

    def note(self, outcome: Outcome | Rejected) -> int:
        """Write down what became of a document, or of a line; how many exceptions there were."""
        if isinstance(outcome, Rejected):
            self._except(outcome.line, "", "", SAID[outcome.why])
            return 1
        document, found = outcome.document, sum(part.pages for part in outcome.parts)
        pages = said_pages(document.rows, found) if found else document.rows[0].pages
        # Of a file that was handed on, the list's own checksum is still that of the file.
        sha256 = outcome.sha256 or (document.rows[0].sha256 if len(document.rows) == 1 else "")
        self._files.writerow(list_line(document, outcome.file, pages, sha256, self._types))
        self._note_parts(outcome)
        return self._note_exceptions(outcome)

    def note_unnamed(self, place: Place) -> None:
        """Write down a file, or a folder that was not looked into, that the list does not name."""
        self._except("", "", place.name, SAID[place.unopened or Finding.NOT_NAMED])

    def _note_parts(self, outcome: Outcome) -> None:
        last = 0
        for part in outcome.parts:
            first, last = last + 1, last + part.pages
            path = harmless(str(part.path))
            line = [outcome.file, first, last, path, part.sha256, part.row.line]
            self._parts.writerow(line)

    def _note_exceptions(self, outcome: Outcome) -> int:
        said = [(row, SAID[doubt]) for row in outcome.document.rows for doubt in row.doubts]
        if outcome.failed:
            said.append((outcome.failed.row, str(outcome.failed)))
        for row, reason in said:
            self._except(row.line, row.source_id, row.file, reason)
        return len(said)

    def _except(self, *cells: object) -> None:
        self._exceptions.writerow([harmless(cell) for cell in cells])


@contextmanager
def bound_lists(into: Path, types: Mapping[str, str]) -> Iterator[BoundLists]:
    """The lists in the folder `into`, in place of earlier ones once they are whole.

    Half a list would be taken for one.
    """
    unfinished = [into / f"{name}.part" for name in NAMES]
    with ExitStack() as files:
        listed, parts, exceptions = (
            files.enter_context(path.open("w", encoding="utf-8", newline="")) for path in unfinished
        )
        yield BoundLists(listed, parts, exceptions, types)
    for path, name in zip(unfinished, NAMES, strict=True):
        path.replace(into / name)
