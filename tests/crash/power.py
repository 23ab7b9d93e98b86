"""What a disk holds when the power goes off, from the trace of shim.c.

A file has the content of its last fsync, a folder the names of its last fsync; all else is in
doubt. Of what a disk may have kept of it, two worst cases are made: nothing, and (as file systems
do that write their names in a journal) every name but no content. That a killed process loses
nothing that it wrote is the third case; there real processes are killed.

A rename from one folder to another is one step: a sync of either folder keeps both of its ends, as
with every file system that has a journal.
"""

import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from crash.shim import Op

# The shared memory of SQLite is written through a map.
UNSEEN = "-shm"
# Locks and pictures in the making: nobody relies on what lies there.
SCRATCH = "work"
_HEAD = struct.Struct("=IIIIQQQ")


class Kept(StrEnum):
    """What was kept of all that was not synced."""

    NOTHING = "nothing"
    NAMES = "names"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Effect:
    """One call that changed something; `path` and `other` are those of the call."""

    op: Op
    inode: int
    offset: int
    call: int
    path: str
    other: str
    data: bytes


@dataclass(slots=True, eq=False)
class File:
    """A file: what a process would read of it, and what is on the disk."""

    live: bytearray = field(default_factory=bytearray)
    synced: bytes = b""


@dataclass(slots=True, eq=False)
class Folder:
    """A folder: its names as a process would see them, and as they are on the disk."""

    live: "dict[str, Node]" = field(default_factory=dict)
    synced: "dict[str, Node]" = field(default_factory=dict)


Node = File | Folder


def read_trace(path: Path) -> Iterator[Effect]:
    """The effects in a trace, in their order; one that a kill cut off is left out."""
    data, at = path.read_bytes(), 0
    while at + _HEAD.size <= len(data):
        op, *lengths, inode, offset, call = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        parts = []
        for length in lengths:
            parts.append(data[at : at + length])
            at += length
        yield Effect(Op(op), inode, offset, call, parts[0].decode(), parts[1].decode(), parts[2])


class Disk:
    """A folder as a disk holds it: starts from what lies there, all of it durable."""

    def __init__(self, folder: Path) -> None:
        self._root = str(folder)
        self._inodes: dict[int, File] = {}
        # Renames that are not on the disk yet: the two folders and names, and what was renamed.
        self._renames: list[tuple[Folder, str, Folder, str, Node]] = []
        self._top = self._loaded(folder)

    def meet(self, effect: Effect) -> None:
        """Let something happen to it."""
        match effect.op:
            case Op.CREATE | Op.MKDIR:
                node: Node = File() if effect.op is Op.CREATE else Folder()
                self._bind(effect.path, node)
                if isinstance(node, File):
                    self._inodes[effect.inode] = node
            case Op.WRITE:
                live = self._inodes[effect.inode].live
                live.extend(bytes(max(0, effect.offset - len(live))))
                live[effect.offset : effect.offset + len(effect.data)] = effect.data
            case Op.TRUNCATE:
                self._truncate(self._inodes[effect.inode].live, effect.offset)
            case Op.SYNC:
                self._sync(effect)
            case Op.RENAME:
                node = self._unbind(effect.path)
                self._bind(effect.other, node)
                ends = self._parent(effect.path) + self._parent(effect.other)
                self._renames.append((*ends, node))
            case Op.LINK:
                self._bind(effect.other, self._node(effect.path))
            case Op.UNLINK | Op.RMDIR:
                self._unbind(effect.path)
            case Op.SYMLINK:
                raise ValueError("no symbolic link is made on the way of a paper")

    def write_out(self, folder: Path, kept: Kept) -> None:
        """Make `folder` as this one would be found after the power went off now."""
        shutil.rmtree(folder, ignore_errors=True)
        self._write(self._top, folder, kept)

    def differences(self, folder: Path) -> list[str]:
        """The files in which this differs from what really lies there; maps are not seen."""
        real = {path: path.read_bytes() for path in _files(folder)}
        here = {Path(path): bytes(file.live) for path, file in self._paths(self._top, self._root)}
        return sorted(
            str(path.relative_to(folder))
            for path in real.keys() | here.keys()
            if real.get(path) != here.get(path) and not path.name.endswith(UNSEEN)
        )

    def _paths(self, node: Node, path: str) -> Iterator[tuple[str, File]]:
        if isinstance(node, File):
            yield path, node
        else:
            for name, child in node.live.items():
                yield from self._paths(child, f"{path}/{name}")

    def _write(self, node: Node, path: Path, kept: Kept) -> None:
        if isinstance(node, File):
            path.write_bytes(node.live if kept is Kept.ALL else node.synced)
            return
        path.mkdir()
        for name, child in (node.synced if kept is Kept.NOTHING else node.live).items():
            self._write(child, path / name, kept)

    def _loaded(self, path: Path) -> Node:
        if path.is_dir():
            names = {
                item.name: self._loaded(item) for item in path.iterdir() if item.name != SCRATCH
            }
            return Folder(dict(names), dict(names))
        content = path.read_bytes()
        file = self._inodes[path.stat().st_ino] = File(bytearray(content), content)
        return file

    def _sync(self, effect: Effect) -> None:
        file = self._inodes.get(effect.inode)
        node = file if file and not self._is_folder(effect.path) else self._node(effect.path)
        if isinstance(node, File):
            node.synced = bytes(node.live)
        else:
            self._keep_renames(node)
            node.synced = dict(node.live)

    def _keep_renames(self, folder: Folder) -> None:
        for old, name, new, other, node in self._renames:
            if folder in {old, new}:
                old.synced.pop(name, None)
                new.synced[other] = node
        self._renames = [one for one in self._renames if folder not in {one[0], one[2]}]

    def _is_folder(self, path: str) -> bool:
        try:
            return isinstance(self._node(path), Folder)
        except KeyError:
            return False

    def _node(self, path: str) -> Node:
        node: Node = self._top
        for name in path.removeprefix(self._root).split("/"):
            if name:
                assert isinstance(node, Folder)
                node = node.live[name]
        return node

    def _parent(self, path: str) -> tuple[Folder, str]:
        above, name = path.rsplit("/", 1)
        folder = self._node(above)
        assert isinstance(folder, Folder)
        return folder, name

    def _bind(self, path: str, node: Node) -> None:
        folder, name = self._parent(path)
        folder.live[name] = node

    def _unbind(self, path: str) -> Node:
        folder, name = self._parent(path)
        return folder.live.pop(name)

    def _truncate(self, live: bytearray, length: int) -> None:
        del live[length:]
        live.extend(bytes(length - len(live)))


def _files(folder: Path) -> Iterator[Path]:
    scratch = folder / SCRATCH
    return (one for one in folder.rglob("*") if one.is_file() and scratch not in one.parents)
