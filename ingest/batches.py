"""Lists and folders written down as batches: which files are to come, before any of them is read.

Everything is done in pieces that are committed one by one, so that the ledger is never held for
long and an interrupted run goes on where it stopped.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

from chartkeeper.filing.doctypes import DocTypes
from chartkeeper.ingest.errors import ManifestInvalid, SourceMissing
from chartkeeper.ingest.manifest import Row, read_manifest
from chartkeeper.ingest.manifest_check import ROWS_AT_ONCE, Checked, check
from chartkeeper.ingest.manifest_entry import Rejected
from chartkeeper.ingest.manifest_mapping import FieldMap
from chartkeeper.ingest.places import Place, Places
from chartkeeper.records import batches
from chartkeeper.records.batches import Batch, Item
from chartkeeper.records.database import Ledger
from chartkeeper.records.findings import Finding
from chartkeeper.records.model import USUAL_PRIORITY, ItemState

FILES_AT_ONCE = 200
BLOCK_BYTES = 1024 * 1024
T = TypeVar("T")
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Order:
    """What is to be imported: the paths given, the list if there is one, and how to read it.

    `priority` is that of files to which the list gives none.
    """

    paths: tuple[Path, ...]
    manifest: Path | None = None
    mapping: FieldMap = field(default_factory=FieldMap)
    priority: int = USUAL_PRIORITY

    @property
    def places(self) -> Places:
        """Where its files may lie."""
        beside = self.manifest.parent.resolve() if self.manifest else None
        return Places(tuple(_given(path) for path in self.paths), beside, self.mapping.roots)

    @property
    def name(self) -> str:
        """What to call it: the list's name, or that of the first path."""
        return (self.manifest or self.paths[0].absolute()).name


def source_key(order: Order) -> str:
    """What tells this import from others: the SHA-256 of its list, or of its paths' names.

    Raises ManifestInvalid, SourceMissing if the list or a path is not there.
    """
    digest = hashlib.sha256()
    if order.manifest is None:
        for given in sorted(order.places.given):
            digest.update(str(given).encode("utf-8", "surrogateescape") + b"\0")
        return digest.hexdigest()
    try:
        with order.manifest.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ManifestInvalid(
            "The list cannot be read. Check that it is there and that this account may read it."
        ) from error


def open_batch(ledger: Ledger, order: Order, *, resume: bool) -> Batch:
    """The batch of this import: a list's own one however often it is run; for folders a new one.

    With `resume` the last one of the same folders is taken up again. Raises BatchClosed,
    ManifestInvalid, SourceMissing.
    """
    key = source_key(order)
    with ledger.write() as connection:
        found = batches.newest_of(connection, key) if order.manifest or resume else None
        if found:
            return batches.go_on(connection, found)
        by_list = order.manifest is not None
        return batches.start(connection, order.name, key, datetime.now(UTC), by_list=by_list)


def write_down(
    ledger: Ledger, index: Ledger, batch: Batch, order: Order, doctypes: DocTypes, told: Progress
) -> None:
    """Write every file that is to come into the batch, if that was not done before.

    `index` is the ledger with the patient index; `told` hears how many are written down so far.
    Raises ManifestInvalid, SourceMissing.
    """
    if batch.listed:
        return
    # A list has exactly one line for each item, so what is written down already is skipped.
    items = (
        islice(_listed(index, order, doctypes), batch.lines, None)
        if order.manifest
        else _found(ledger, batch, order)
    )
    done = batch.lines
    for some in pieces(items, FILES_AT_ONCE):
        with ledger.write() as connection:
            marked = _named_twice(batches.named(connection, batch.id, _files(some)), some)
            batches.add(connection, batch.id, marked if order.manifest else some)
        done += len(some)
        told(done)
    with ledger.write() as connection:
        batches.mark_listed(connection, batch.id)


def look_for_surplus(ledger: Ledger, batch: Batch, order: Order) -> int:
    """Note the files below the paths given that the list does not name; returns how many."""
    if order.manifest is None:
        return 0
    with ledger.write() as connection:
        line = batches.forget_surplus(connection, batch.id)
    surplus = 0
    for some in pieces(order.places.files([order.manifest.resolve()]), FILES_AT_ONCE):
        with ledger.read() as connection:
            known = batches.named(connection, batch.id, [place.name for place in some])
        new = [place for place in some if (place.root, place.name) not in known]
        items = [
            Item(line + number, ItemState.SURPLUS, place.root, place.name, (Finding.NOT_NAMED,))
            for number, place in enumerate(new, 1)
        ]
        if items:
            with ledger.write() as connection:
                batches.note_surplus(connection, batch.id, items)
        line, surplus = line + len(new), surplus + len(new)
    return surplus


def pieces(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of at most `size`."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


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
    for some in pieces(read_manifest(order.manifest, order.mapping), ROWS_AT_ONCE):
        rows = [row for row in some if isinstance(row, Row)]
        with index.read() as connection:
            checked = iter(list(check(connection, rows, order.mapping.types, doctypes, today)))
        for row in some:
            if isinstance(row, Rejected):
                yield Item(row.line, ItemState.REJECTED, findings=(row.why,))
            else:
                yield _item(row, next(checked), places.find(row.file), order.priority)


def _item(row: Row, checked: Checked, place: Place | None, priority: int) -> Item:
    if place is None:
        return Item(
            row.line, ItemState.REJECTED, "", row.file, (Finding.OUTSIDE_FOLDERS,), box=row.box,
            label=row.label, source_id=row.source_id, pages=row.pages,
        )  # fmt: skip
    return Item(
        line=row.line,
        state=ItemState.EXPECTED,
        root=place.root,
        file=place.name,
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


def _found(ledger: Ledger, batch: Batch, order: Order) -> Iterator[Item]:
    """The files below the paths that the batch does not have yet; their top folder is the box."""
    line = batch.lines
    for some in pieces(order.places.files(), FILES_AT_ONCE):
        with ledger.read() as connection:
            known = batches.named(connection, batch.id, [place.name for place in some])
        for place in some:
            if (place.root, place.name) not in known:
                line += 1
                box, inside, _ = place.name.partition("/")
                yield Item(
                    line, ItemState.EXPECTED, place.root, place.name,
                    box=box if inside else "", priority=order.priority,
                )  # fmt: skip


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
