"""Reads the engine's files in place.

The engine copies every memory-mapped part of a file into an `io.BytesIO`: one gigabyte a process
for 100,000 pages. Its own fallback for storages without memory maps asks the file for parts of
itself; the file here answers with views of one map, so nothing is copied or replaced.
"""

import mmap
import os
from pathlib import Path

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import BufferFile, StructFile

SEGMENT_SUFFIX = ".seg"
CONTENTS_SUFFIX = ".toc"
_LINE_STEP_BYTES = 256


class MappedStorage(FileStorage):  # type: ignore[misc]  # whoosh has no types that hold here
    """A folder of index files, of which the segments are mapped, not read."""

    supports_mmap = False

    def __init__(self, folder: Path, *, readonly: bool = True) -> None:
        super().__init__(str(folder), supports_mmap=False, readonly=readonly)

    def open_file(self, name: str) -> StructFile:
        """Opens a file for reading; OSError if it is not there."""
        path = Path(self.folder, name)
        if name.endswith(CONTENTS_SUFFIX):
            # The engine leaves this file open if it cannot read it.
            return BufferFile(path.read_bytes(), name=name)
        if not name.endswith(SEGMENT_SUFFIX):
            return super().open_file(name)
        with path.open("rb") as file:
            return _MappedFile(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), name=name)


class _MappedFile(BufferFile):  # type: ignore[misc]  # as above
    """A buffer file over a view: parts of it are views again."""

    def __init__(self, buffer: mmap.mmap | memoryview, name: str | None = None) -> None:
        super().__init__(b"", name=name)
        self._buf = memoryview(buffer)
        self.file = _Cursor(self._buf)

    def subset(self, position: int, length: int, name: str | None = None) -> "_MappedFile":
        return _MappedFile(self._buf[position : position + length], name=name or str(self))


class _Cursor:
    """What of a binary file the engine uses, over a view and without copying it."""

    __slots__ = ("_at", "_view")

    def __init__(self, view: memoryview) -> None:
        self._view = view
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        end = len(self._view) if size < 0 else self._at + size
        part = bytes(self._view[self._at : end])
        self._at += len(part)
        return part

    def readline(self) -> bytes:
        start, end = self._at, self._at
        while end < len(self._view):
            step = bytes(self._view[end : end + _LINE_STEP_BYTES])
            newline = step.find(b"\n")
            end += len(step) if newline < 0 else newline + 1
            if newline >= 0:
                break
        self._at = end
        return bytes(self._view[start:end])

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: len(self._view)}[whence]
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def close(self) -> None:
        self._view = memoryview(b"")
