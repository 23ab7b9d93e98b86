"""Writing the index: one writer at a time, and rebuilds beside the live index.

The index is made from the ledger and can be made anew at any time; still, what `write` has
acknowledged is on the disk and survives a killed process and a power cut.
"""

import datetime as dt
import json
import os
import secrets
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Self

from whoosh.codec.whoosh3 import W3Codec, W3Segment
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile
from whoosh.index import FileIndex
from whoosh.reading import IndexReader
from whoosh.writing import SegmentWriter

from chartkeeper.index.entry import PageEntry
from chartkeeper.index.failures import IndexInUse, IndexMissing, IndexNeedsRebuild
from chartkeeper.index.generations import (
    COMMIT_LOCK,
    JOURNAL,
    REBUILD_LOCK,
    WRITER_LOCK,
    current_generation,
    new_generation,
    put_in_force,
    remove_all_but_current,
    remove_leftovers,
    sync_folder,
)
from chartkeeper.index.locks import FolderLock, locked
from chartkeeper.index.mapped import CONTENTS_SUFFIX, SEGMENT_SUFFIX, MappedStorage
from chartkeeper.index.merging import merge_capped
from chartkeeper.index.schema import fields_of, page_schema
from chartkeeper.index.segments import OpenGeneration, OpenIndex, page_number

__all__ = [
    "IndexInUse",
    "IndexMissing",
    "IndexNeedsRebuild",
    "IndexWriter",
    "Rebuild",
    "create_index",
    "open_writer",
    "start_rebuild",
]

# A rebuild commits every so many pages, which bounds its memory; the fewer the segments, the
# faster the searches.
REBUILD_COMMIT_PAGES = 5_000
_POSTINGS_MEMORY_MB = 64
_COMMIT_WAIT_SECONDS = 300.0
_REBUILD_WAIT_SECONDS = 1.0


def create_index(folder: Path) -> None:
    """Makes an empty index in `folder` if there is none; for a new home.

    Raises:
        IndexInUse: it is being made elsewhere at this moment.
        IndexNeedsRebuild: there is one that cannot be used; it is left as it is.
    """
    try:
        current_generation(folder)
    except IndexMissing:
        with start_rebuild(folder) as rebuild:
            rebuild.switch()


def open_writer(folder: Path) -> "IndexWriter":
    """Opens the index in `folder` for writing, alone, until it is closed.

    Raises:
        IndexMissing: there is none yet; make it with `create_index` or a rebuild.
        IndexInUse: another writer has it open.
        IndexNeedsRebuild: it is damaged or of another version.
    """
    current_generation(folder)
    return IndexWriter(folder)


def start_rebuild(folder: Path) -> "Rebuild":
    """Begins a new generation of the index beside the live one, or the first of all.

    Raises:
        IndexInUse: another rebuild is running.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return Rebuild(folder)


class IndexWriter:
    """The one writer of an index; made by `open_writer`, closed by `close` or a `with` block."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = FolderLock(folder / WRITER_LOCK, "writing to")
        with ExitStack() as undo:
            undo.callback(self._lock.release)
            remove_leftovers(folder)
            _remove_unfinished_contents(current_generation(folder))
            self._open = OpenIndex(folder)
            self._open.reader()
            undo.pop_all()

    def write(self, upserts: Iterable[PageEntry], deletes: Iterable[str]) -> None:
        """Puts pages into the index and takes pages out of it, all or nothing.

        Args:
            upserts: pages to add, replacing the one with the same key if there is one; of several
                with one key the last counts. Some 200 at a time are best.
            deletes: keys of pages to remove; unknown ones are ignored, and keys that are among
                the upserts stay.

        When it returns, all of it is durable and found by the next search of any process.

        Raises:
            IndexNeedsRebuild: the index was damaged in the meantime.
            OSError: the disk is full or fails; nothing of the batch is in the index.
        """
        pages = {entry.key: entry for entry in upserts}
        gone = set(deletes) - pages.keys()
        if not pages and not gone:
            return
        with locked(self._folder / COMMIT_LOCK, "switching", _COMMIT_WAIT_SECONDS):
            self._commit(pages, gone)
            _note_for_rebuild(self._folder, pages.values(), gone)

    def _commit(self, pages: dict[str, PageEntry], gone: set[str]) -> None:
        reader = self._open.reader()
        generation = current_generation(self._folder)
        _replace(generation, reader, pages.values(), [*pages, *gone])

    def count(self) -> int:
        """Counts the pages in the index."""
        return int(self._open.reader().doc_count())

    def close(self) -> None:
        """Lets another writer open the index. Every `write` that returned is durable before."""
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Rebuild:
    """A new generation in the making; made by `start_rebuild`, best used in a `with` block.

    Searches and the writer go on with the live generation meanwhile. What the writer writes in
    that time is noted and added before the switch, so that the new generation lacks nothing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = FolderLock(folder / REBUILD_LOCK, "rebuilding", _REBUILD_WAIT_SECONDS)
        with ExitStack() as undo:
            undo.callback(self._lock.release)
            with locked(folder / COMMIT_LOCK, "writing to", _COMMIT_WAIT_SECONDS):
                remove_all_but_current(folder)
                (folder / JOURNAL).touch(mode=0o600)
            self._generation = new_generation(folder)
            FileIndex.create(_DurableStorage(self._generation), page_schema())
            undo.pop_all()
        self._batch: SegmentWriter | None = None
        self._batch_pages = 0
        self._replayed_bytes = 0
        self._ended = False

    def add(self, entries: Iterable[PageEntry]) -> None:
        """Adds pages, read as a stream of any length; each key once over all calls."""
        for entry in entries:
            if self._batch is None:
                self._batch = _engine_writer(self._generation)
            self._batch.add_document(**fields_of(entry))
            self._batch_pages += 1
            if self._batch_pages >= REBUILD_COMMIT_PAGES:
                self._commit_batch()

    def switch(self) -> None:
        """Puts the new generation in force for all processes and removes the old one."""
        self._commit_batch()
        # Most of what was written meanwhile is added before the writer has to wait for the rest.
        self._catch_up()
        with locked(self._folder / COMMIT_LOCK, "writing to", _COMMIT_WAIT_SECONDS):
            self._catch_up()
            put_in_force(self._generation)
        self.close()

    def close(self) -> None:
        """Ends the rebuild; without a switch before, the live generation stays as it is."""
        if self._ended:
            return
        self._ended = True
        if self._batch is not None:
            self._batch.cancel()
        with locked(self._folder / COMMIT_LOCK, "writing to", _COMMIT_WAIT_SECONDS):
            remove_all_but_current(self._folder)
        self._lock.release()

    def _commit_batch(self) -> None:
        if self._batch is not None:
            self._batch.commit(mergetype=merge_capped)
        self._batch, self._batch_pages = None, 0

    def _catch_up(self) -> None:
        live = OpenGeneration(self._generation)
        with (self._folder / JOURNAL).open("rb") as journal:
            journal.seek(self._replayed_bytes)
            for line in journal:
                if not line.endswith(b"\n"):
                    break
                self._replayed_bytes += len(line)
                if batch := _noted(line):
                    pages, gone = batch
                    keys = [*(entry.key for entry in pages), *gone]
                    _replace(self._generation, live.reader(), pages, keys)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _remove_unfinished_contents(generation: Path) -> None:
    """Removes what killed commits leave; their other files the engine removes with the next one."""
    for path in generation.glob(f"*{CONTENTS_SUFFIX}.*"):
        path.unlink()


def _replace(
    generation: Path, reader: IndexReader, pages: Iterable[PageEntry], keys: Iterable[str]
) -> None:
    """Removes the pages with these keys that `reader` shows and adds pages, in one commit."""
    found = (page_number(reader, key) for key in keys)
    outdated = [number for number in found if number is not None]
    added = [fields_of(entry) for entry in pages]
    if not outdated and not added:
        return
    with ExitStack() as undo:
        writer = _engine_writer(generation)
        undo.callback(writer.cancel)
        for number in outdated:
            writer.delete_document(number)
        for fields in added:
            writer.add_document(**fields)
        undo.pop_all()
        writer.commit(mergetype=merge_capped)


def _engine_writer(generation: Path) -> SegmentWriter:
    index = FileIndex(_DurableStorage(generation), schema=page_schema())
    return index.writer(limitmb=_POSTINGS_MEMORY_MB, codec=_Codec())


class _Codec(W3Codec):  # type: ignore[misc]  # whoosh has no types that hold here
    """The engine's own file format; only the names of its files are drawn elsewhere.

    It draws them from `random`, which gives a name twice once somebody seeds it.
    """

    def new_segment(self, storage: FileStorage, indexname: str) -> W3Segment:  # noqa: ARG002 - the engine's signature
        return W3Segment(W3Codec(), indexname, segid=secrets.token_hex(8))


def _note_for_rebuild(folder: Path, pages: Iterable[PageEntry], gone: Iterable[str]) -> None:
    """Notes a committed batch for the rebuild that is running, if one is."""
    journal = folder / JOURNAL
    if journal.exists():
        remove_leftovers(folder)
    if journal.exists():
        noted = {"pages": [_plain(entry) for entry in pages], "gone": sorted(gone)}
        with journal.open("a", encoding="ascii") as file:
            # The line break before it ends a line that a killed writer left unfinished.
            file.write(f"\n{json.dumps(noted)}\n")


def _plain(entry: PageEntry) -> dict[str, str | None]:
    date = entry.service_date
    return asdict(entry) | {"service_date": date.isoformat() if date else None}


def _noted(line: bytes) -> tuple[list[PageEntry], list[str]] | None:
    """Reads a line of the journal; None if it is empty or was never finished."""
    try:
        noted = json.loads(line)
    except ValueError:
        return None
    return [_entry(plain) for plain in noted["pages"]], noted["gone"]


def _entry(plain: dict[str, str]) -> PageEntry:
    date = plain.pop("service_date")
    return PageEntry(**plain, service_date=dt.date.fromisoformat(date) if date else None)


class _DurableStorage(MappedStorage):
    """A folder in which a table of contents appears only after all that it names is on the disk.

    The engine never calls fsync. It needs no lock of its own here, since every commit is made
    under ours, and its lock would be inherited by child processes.
    """

    def __init__(self, generation: Path) -> None:
        super().__init__(generation, readonly=False)
        self._new_segments: set[Path] = set()

    def create_file(self, name: str, **options: object) -> StructFile:
        if name.endswith(SEGMENT_SUFFIX):
            self._new_segments.add(Path(self.folder, name))
        return super().create_file(name, **options)

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:  # noqa: FBT001, FBT002 - the engine's signature
        for path in (*self._new_segments, Path(self.folder, oldname)):
            _sync_file(path)
        self._new_segments.clear()
        super().rename_file(oldname, newname, safe=safe)
        sync_folder(Path(self.folder))

    def lock(self, name: str) -> "_NoLock":  # noqa: ARG002 - the engine's signature
        return _NoLock()


class _NoLock:
    def acquire(self, blocking: bool = False) -> bool:  # noqa: ARG002, FBT001, FBT002 - the engine's signature
        return True

    def release(self) -> None:
        pass


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
