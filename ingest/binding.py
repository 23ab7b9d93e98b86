"""The files of each old document bound into one, so that it comes in as one document.

Here a document is pages of one scan. So files that stand together in a list under one number are
bound before they are imported, into a folder of their own with a list of its own; the files
themselves stay as they are. A document of which a file cannot be used is not bound: the new list
names it all the same, and as its file is not there, an import by that list cannot be closed.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from chartkeeper.ingest.batches import Order, pieces, source_key
from chartkeeper.ingest.binder import Binders
from chartkeeper.ingest.claims import refusal
from chartkeeper.ingest.desk import Desk
from chartkeeper.ingest.errors import BoundElsewhere, is_of_machine
from chartkeeper.ingest.manifest import Row, read_manifest
from chartkeeper.ingest.manifest_entry import Rejected
from chartkeeper.ingest.old_documents import (
    OldDocument,
    numbered_twice,
    old_documents,
)
from chartkeeper.ingest.places import Place, Places
from chartkeeper.ingest.sources import Sources, sources_of
from chartkeeper.ocr.errors import UnreadableFile, UnreadablePermissions
from chartkeeper.records.findings import SAID, Finding
from chartkeeper.records.vault import file_sha256

# The folder of the bound files, and what says which list they are of.
FILES, MARK = "files", "bound-from"
DOCUMENTS_AT_ONCE = 64
# A longer ending of a name is no ending.
MAX_ENDING_CHARS = 10


class NotBound(Exception):
    """A document that is not bound because of a line of it; the message says why."""

    def __init__(self, row: Row, reason: str) -> None:
        super().__init__(reason)
        self.row = row


@dataclass(frozen=True, slots=True)
class Part:
    """A file that a document is made of: its line, where it lies, its pages and its SHA-256."""

    row: Row
    path: Path
    pages: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a document.

    `file` is its file below the folder, there or not; `parts` what was bound into it, none if its
    one file was handed on as it is; `failed` why its file is not there.
    """

    document: OldDocument
    file: str
    sha256: str = ""
    parts: tuple[Part, ...] = ()
    failed: NotBound | None = None


@dataclass(frozen=True, slots=True)
class Bench:
    """What documents are bound with: places of the old files, who binds, and where to."""

    places: Places
    binders: Binders
    files: Path
    sources: Sources
    twice: frozenset[int]
    # Roots and names of files, as `hash` has them: there may be millions.
    named: set[int] = field(default_factory=set)


def bind_list(desk: Desk, order: Order, into: Path) -> Iterator[Outcome | Rejected | Place]:
    """Bind what the list of `order` names into the folder `into`; what became of each document.

    Also of each line that cannot be used; and at the end each file below the paths that the list
    does not name, and each folder that was not looked into. The files lie in `files/` of that
    folder; what is bound already by the same list stays. Raises ManifestInvalid, SourceMissing,
    SourceGone, MissingProgram, ChildNotStarted, and OSError where a disk is at fault.
    """
    assert order.manifest is not None  # noqa: S101 - narrows the type; the command asks for a list
    named = partial(read_manifest, order.manifest, order.mapping)
    bench = Bench(
        order.places,
        Binders(desk.readers, desk.scratch, desk.limits),
        into / FILES,
        sources_of(order.places.given),
        numbered_twice(old_documents(named())),
    )
    with ThreadPoolExecutor(desk.readers, "binding") as pool:
        for some in pieces(old_documents(named()), DOCUMENTS_AT_ONCE):
            yield from pool.map(partial(_outcome, bench), some)
    for place in bench.places.found(order.aside):
        if place.unopened or hash((place.root, place.name)) not in bench.named:
            yield place


def begin(order: Order, into: Path) -> None:
    """Make the folder `into`, or see that it is fit, and mark it as that of this list.

    Raises BoundElsewhere, ManifestInvalid, SourceMissing.
    """
    resolved = into.resolve()
    if any(resolved == given or given in resolved.parents for given in order.places.given):
        raise BoundElsewhere
    key, mark = source_key(order), into / MARK
    into.mkdir(parents=True, exist_ok=True)
    if any(into.iterdir()) and (not mark.is_file() or mark.read_text("ascii") != key):
        raise BoundElsewhere
    mark.write_text(key, "ascii")
    (into / FILES).mkdir(exist_ok=True)


def _outcome(bench: Bench, document: OldDocument | Rejected) -> Outcome | Rejected:
    if isinstance(document, Rejected):
        return document
    try:
        paths = [_usable(bench, row) for row in document.rows]
        if len(paths) == 1:
            return Outcome(document, _handed_on(bench, document, paths[0]))
        return _bound(bench, document, paths)
    except NotBound as failed:
        # That may be the file's trouble, or that of all: then nothing is said of this one.
        bench.sources.check()
        name = f"{document.name}.pdf"
        (bench.files / name).unlink(missing_ok=True)
        return Outcome(document, name, failed=failed)


def _usable(bench: Bench, row: Row) -> Path:
    """Where the file of a line lies. Raises NotBound for one that is not there or no file."""
    place = bench.places.find(row.file)
    if place is None:
        raise NotBound(row, SAID[Finding.OUTSIDE_FOLDERS])
    bench.named.add(hash((place.root, place.name)))
    try:
        refusal(place.path, place.name)
    except FileNotFoundError:
        raise NotBound(row, SAID[Finding.NOT_THERE]) from None
    except UnreadableFile as error:
        raise NotBound(row, str(error)) from error
    except OSError as error:
        raise _fault(row, error) from error
    return place.path


def _fault(row: Row, error: OSError) -> Exception:
    """What an error of the system is: of all, or of this file."""
    return error if is_of_machine(error) else NotBound(row, UnreadablePermissions.reason)


def _handed_on(bench: Bench, document: OldDocument, path: Path) -> str:
    """A document of one file, unchanged below the folder; a second name of it where that can be."""
    ending = path.suffix if len(path.suffix) <= MAX_ENDING_CHARS else ""
    name = f"{document.name}{ending}"
    target = bench.files / name
    unfinished = target.with_suffix(".part")
    try:
        target.parent.mkdir(exist_ok=True)
        unfinished.unlink(missing_ok=True)
        try:
            os.link(path, unfinished)
        except OSError:
            shutil.copyfile(path, unfinished)
        unfinished.replace(target)
    except OSError as error:
        raise _fault(document.rows[0], error) from error
    finally:
        # Of two names of one file the replacement leaves both.
        unfinished.unlink(missing_ok=True)
    return name


def _bound(bench: Bench, document: OldDocument, paths: Sequence[Path]) -> Outcome:
    first, name = document.rows[0], f"{document.name}.pdf"
    why_not = document.why_not_one(bench.twice)
    if why_not:
        raise NotBound(first, why_not)
    target = bench.files / name
    try:
        sums = [
            _as_listed(*one) for one in zip(document.rows, map(file_sha256, paths), strict=True)
        ]
        target.parent.mkdir(exist_ok=True)
        counts = bench.binders.bind(paths, target)
        parts = tuple(map(Part, document.rows, paths, counts, sums))
        return Outcome(document, name, file_sha256(target), parts)
    except UnreadableFile as error:
        raise NotBound(first, str(error)) from error
    except OSError as error:
        raise _fault(first, error) from error


def _as_listed(row: Row, sha256: str) -> str:
    """The checksum of a line's file. Raises NotBound if the list says another one."""
    if row.sha256 and row.sha256 != sha256:
        raise NotBound(row, SAID[Finding.CHECKSUM])
    return sha256
