"""Lists and folders written down as batches: which files are to come, before any of them is read.

Everything is done in pieces that are committed one by one, so that the ledger is never held for
long and an interrupted run goes on where it stopped.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

from chartkeeper.filing.doctypes import DocTypes
from chartkeeper.ingest.errors import ManifestInvalid, SourceEmpty, SourceMissing
from chartkeeper.ingest.manifest import Row, read_manifest
from chartkeeper.ingest.manifest_check import ROWS_AT_ONCE, Checked, check
from chartkeeper.ingest.manifest_entry import Rejected
from chartkeeper.ingest.manifest_mapping import FieldMap
from chartkeeper.ingest.places import Place, Places
from chartkeeper.ingest.sources import Sources
from chartkeeper.records import batch_rereading, batches
from chartkeeper.records.batch_closing import is_unread, note_ended
from chartkeeper.records.batches import Batch, Item
from chartkeeper.records.database import Connection, Ledger
from chartkeeper.records.findings import OF_THE_FILE, UNOPENED, Finding
from chartkeeper.records.model import USUAL_PRIORITY, ItemState
from chartkeeper.records.vault import file_sha256

FILES_AT_ONCE = 200
# Of the digest of a list, and of that of the way it is read, as much goes into a batch's key.
LIST_KEY_CHARS = 32
LIST_SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".dip", ".idx", ".dat"})
SAID_OF_A_FILE = (
    *("root", "file", "mrn", "last", "first", "type", "dob", "service_date", "pages", "sha256"),
)
FOUND_OF_A_FILE = (
    *("arrival_id", "scan_id", "reason_code", "reason", "found_sha256", "found_pages"),
)
T = TypeVar("T")
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Order:
    """What is to be imported: the paths given, the list if there is one, and how to read it.

    `priority` is that of files to which the list gives none; `beside` are files that lie below the
    paths and are no charts: the mapping, lists of exceptions.
    """

    paths: tuple[Path, ...]
    manifest: Path | None = None
    mapping: FieldMap = field(default_factory=FieldMap)
    priority: int = USUAL_PRIORITY
    beside: tuple[Path, ...] = ()

    @property
    def places(self) -> Places:
        """Where its files may lie."""
        beside = self.manifest.parent.resolve() if self.manifest else None
        return Places(tuple(_given(path) for path in self.paths), beside, self.mapping.roots)

    @property
    def aside(self) -> frozenset[Path]:
        """Files of the import itself, which are not to be imported."""
        own = (*self.beside, *filter(None, [self.manifest]))
        return frozenset(
            place for path in own for place in (path.resolve(), path.parent.resolve() / path.name)
        )

    @property
    def name(self) -> str:
        """What to call it: the list's name, or that of the first path."""
        return (self.manifest or self.paths[0].absolute()).name


def source_key(order: Order) -> str:
    """What tells this import from others: digests of its list and of how that is read, or of paths.

    Raises ManifestInvalid, SourceMissing if the list or a path is not there.
    """
    if order.manifest is None:
        return _digest(sorted(str(given) for given in order.places.given))
    try:
        of_list = file_sha256(order.manifest)
    except OSError as error:
        raise ManifestInvalid(
            "The list cannot be read. Check that it is there and that this account may read it."
        ) from error
    return of_list[:LIST_KEY_CHARS] + _digest(_way_of_reading(order))[:LIST_KEY_CHARS]


def open_batch(ledger: Ledger, order: Order, *, resume: bool) -> Batch:
    """The batch of this import: a list's own one however often it is run; for folders a new one.

    A list that is mapped otherwise than before, or looked for below other paths, is read anew in
    its batch. The last batch of the same folders is taken up again if it was interrupted, be it
    while its files were taken in or while they were read, and with `resume` in any case. Raises
    BatchClosed, ManifestInvalid, SourceMissing.
    """
    key, by_list = source_key(order), order.manifest is not None
    with ledger.write() as connection:
        if by_list:
            found = batches.newest_of_list(connection, key[:LIST_KEY_CHARS])
        else:
            found = batches.newest_of(connection, key)
            if found and found.finished_at and not resume and not is_unread(connection, found.id):
                found = None
        if found is None:
            return batches.start(connection, order.name, key, datetime.now(UTC), by_list=by_list)
        if found.source_key != key:
            return batch_rereading.begin(connection, found, key)
        return batches.go_on(connection, found)


def write_down(
    ledger: Ledger, index: Ledger, batch: Batch, order: Order, doctypes: DocTypes, told: Progress
) -> None:
    """Write every file that is to come into the batch, if that was not done before.

    `index` is the ledger with the patient index; `told` hears how many are written down so far.
    Raises ManifestInvalid, SourceMissing, SourceEmpty.
    """
    if batch.listed:
        return
    # A list has exactly one line for each item, so what is written down already is skipped.
    items = (
        islice(_listed(index, order, doctypes), batch.lines, None)
        if order.manifest
        else _found(ledger, batch, order)
    )
    if not order.manifest:
        _forget_gone(ledger, batch)
    done = batch.lines
    for some in pieces(items, FILES_AT_ONCE):
        with ledger.write() as connection:
            if order.manifest:
                _write_lines(connection, batch, some)
            else:
                batches.add(connection, batch.id, some)
        done += len(some)
        told(done)
    if not done and not order.manifest:
        raise SourceEmpty
    with ledger.write() as connection:
        batch_rereading.end(connection, batch.id)
        batches.mark_listed(connection, batch.id)


def conclude(
    ledger: Ledger, known: Ledger, batch: Batch, order: Order, told: Progress, sources: Sources
) -> None:
    """Note the files below the paths that the list does not name; then the batch is finished.

    Not before: a batch that is finished can be closed. `known` is the ledger with earlier imports,
    whose lists are no charts; `told` hears how many files were looked for so far. Raises
    SourceMissing, SourceGone.
    """
    sources.check()
    if order.manifest:
        _forget_gone(ledger, batch)
        _note_surplus(ledger, known, batch, order, told)
    # What lay there was looked for to the end only if it is there still.
    sources.check()
    with ledger.write() as connection:
        batches.mark_finished(connection, batch.id, datetime.now(UTC))


def pieces(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of at most `size`."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


def _digest(parts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode("utf-8", "surrogateescape") + b"\0")
    return digest.hexdigest()


def _way_of_reading(order: Order) -> list[str]:
    """All that decides what the lines of a list come to, beside the list."""
    mapping = order.mapping
    return [
        *sorted(f"path {given}" for given in order.places.given),
        *sorted(f"column {target} {name}" for target, name in mapping.columns.items()),
        *sorted(f"type {old} {here}" for old, here in mapping.types.items()),
        *(f"root {old} {folder.absolute()}" for old, folder in mapping.roots),
        f"dip {mapping.dip.begin} {mapping.dip.file_format}",
        f"day first {mapping.day_first}",
    ]


def _given(path: Path) -> Path:
    """A path given, its folders' links followed; a link at its end stays one, and is refused."""
    if path.is_dir():
        return path.resolve()
    if not path.parent.is_dir():
        raise SourceMissing
    return path.parent.resolve() / path.name


def _listed(index: Ledger, order: Order, doctypes: DocTypes) -> Iterator[Item]:
    assert order.manifest is not None  # noqa: S101 - narrows the type; asked only with a list
    places, today = order.places, datetime.now(UTC).date()
    before: Row | None = None
    for some in pieces(read_manifest(order.manifest, order.mapping), ROWS_AT_ONCE):
        rows = [row for row in some if isinstance(row, Row)]
        with index.read() as connection:
            checked = iter(list(check(connection, rows, order.mapping.types, doctypes, today)))
        for row in some:
            if isinstance(row, Rejected):
                yield Item(row.line, ItemState.REJECTED, findings=(row.why,))
            else:
                item = _item(row, next(checked), places.find(row.file), order.priority)
                yield _gone_on(item) if before and _goes_on(before, row) else item
                before = row


def _goes_on(before: Row, row: Row) -> bool:
    """Whether a line is of the same old document as the one before it, and of another file."""
    return bool(row.source_id) and row.source_id == before.source_id and row.file != before.file


def _gone_on(item: Item) -> Item:
    return replace(item, findings=(*item.findings, Finding.SEVERAL_FILES))


def _item(row: Row, checked: Checked, place: Place | None, priority: int) -> Item:
    """The item of a line; it has no root if its path leads outside the paths given."""
    return Item(
        line=row.line,
        state=ItemState.EXPECTED,
        root=place.root if place else "",
        file=place.name if place else row.file,
        findings=checked.findings,
        box=row.box,
        label=row.label,
        source_id=row.source_id,
        mrn=row.mrn,
        last=row.last,
        first=row.first,
        type=checked.type,
        dob=checked.dob,
        service_date=checked.service_date,
        pages=row.pages,
        sha256=row.sha256,
        priority=row.priority or priority,
    )


def _write_lines(connection: Connection, batch: Batch, lines: Sequence[Item]) -> None:
    """Write lines of a list down, in place of what they were if it was read before."""
    old = batch_rereading.earlier(connection, batch.id, [item.line for item in lines])
    placed = [_placed(item, old.get(item.line)) for item in lines]
    items = _named_twice(batches.named(connection, batch.id, _files(placed)), placed)
    batches.add(connection, batch.id, [item for item in items if item.line not in old])
    for item in items:
        before = old.get(item.line)
        if before and batch_rereading.put(connection, batch, before, item):
            note_ended(connection, batch.id, item.line, datetime.now(UTC))


def _placed(item: Item, before: Item | None) -> Item:
    """A line with what is known of its file from before, or rejected if it can have none."""
    if item.state is ItemState.EXPECTED and before and before.scan_id:
        return _came(item, before)
    if item.state is ItemState.EXPECTED and not item.root:
        return replace(item, state=ItemState.REJECTED, findings=(Finding.OUTSIDE_FOLDERS,))
    if before and (item.root, item.file) == (before.root, before.file):
        return _with_outcome(item, before)
    return item


def _came(item: Item, before: Item) -> Item:
    """A line whose file was taken in before, wherever it lay.

    It is looked at once more if there is a file where it is looked for now, or if something else is
    said of it.
    """
    here = bool(item.root) and os.path.lexists(Place(item.root, item.file).path)
    where = item if here else before
    now = replace(_with_outcome(item, before), root=where.root, file=where.file)
    said = all(getattr(now, name) == getattr(before, name) for name in SAID_OF_A_FILE)
    return replace(now, state=before.state) if said else now


def _with_outcome(item: Item, before: Item) -> Item:
    found = {name: getattr(before, name) for name in FOUND_OF_A_FILE}
    kept = (one for one in before.findings if one in OF_THE_FILE)
    return replace(item, findings=(*item.findings, *kept), **found)


def _found(ledger: Ledger, batch: Batch, order: Order) -> Iterator[Item]:
    """What lies below the paths and is not in the batch yet; a file's top folder is its box."""
    with ledger.read() as connection:
        line = batches.highest_line(connection, batch.id)
    for place in _new(ledger, batch, order.places.found(order.aside)):
        line += 1
        box, inside, _ = place.name.partition("/")
        yield _not_named(line, place) if place.unopened else Item(
            line, ItemState.EXPECTED, place.root, place.name,
            box=box if inside else "", priority=order.priority,
        )  # fmt: skip


def _note_surplus(
    ledger: Ledger, known: Ledger, batch: Batch, order: Order, told: Progress
) -> None:
    with ledger.read() as connection:
        line = batches.highest_line(connection, batch.id)
    new = _new(ledger, batch, order.places.found(order.aside), told)
    charts = (place for place in new if not _is_list(known, place))
    for some in pieces(charts, FILES_AT_ONCE):
        items = [_not_named(line + number, place) for number, place in enumerate(some, 1)]
        line += len(items)
        with ledger.write() as connection:
            batches.note_surplus(connection, batch.id, items)


def _new(
    ledger: Ledger, batch: Batch, found: Iterable[Place], told: Progress = lambda _: None
) -> Iterator[Place]:
    """Those of the files and folders found that are not in the batch."""
    looked = 0
    for some in pieces(found, FILES_AT_ONCE):
        with ledger.read() as connection:
            known = batches.named(connection, batch.id, [place.name for place in some])
        yield from (place for place in some if (place.root, place.name) not in known)
        looked += len(some)
        told(looked)


def _is_list(known: Ledger, place: Place) -> bool:
    """Whether a file is the list of an import that was run."""
    if place.path.suffix.lower() not in LIST_SUFFIXES or place.unopened:
        return False
    try:
        key = file_sha256(place.path)[:LIST_KEY_CHARS]
    except OSError:
        return False
    with known.read() as connection:
        return batches.newest_of_list(connection, key) is not None


def _not_named(line: int, place: Place) -> Item:
    why = place.unopened or Finding.NOT_NAMED
    return Item(line, ItemState.SURPLUS, place.root, place.name, (why,))


def _forget_gone(ledger: Ledger, batch: Batch) -> None:
    """Forget files noted as not named that are gone, and folders that can be looked into by now."""
    line = 0
    while True:
        with ledger.read() as connection:
            some = batches.surplus(connection, batch.id, line, FILES_AT_ONCE)
        if not some:
            return
        line = some[-1].line
        gone = [item.id for item in some if not _noted(item).is_as_found]
        if gone:
            with ledger.write() as connection:
                batches.forget(connection, gone)


def _noted(item: Item) -> Place:
    unopened = next((one for one in item.findings if one in UNOPENED), None)
    return Place(item.root, item.file, unopened)


def _files(items: Sequence[Item]) -> list[str]:
    return [item.file for item in items]


def _named_twice(known: set[tuple[str, str]], items: Sequence[Item]) -> Sequence[Item]:
    """The items, those marked that name a file which the list named before."""
    seen = set(known)
    marked = []
    for item in items:
        place = (item.root, item.file)
        twice = bool(item.file) and place in seen
        marked.append(
            replace(item, findings=(*item.findings, Finding.NAMED_TWICE)) if twice else item
        )
        seen.add(place)
    return marked
