"""What kind of file system a folder lies on: some tell of changes only by being asked."""

import re
from collections.abc import Iterator
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
POINT_FIELD = 4
# Changes made on another machine wake nobody here (inotify(7), "Limitations and caveats").
NETWORK_TYPES = frozenset(
    (
        *("nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "ncpfs", "afs", "ceph", "9p"),
        *("virtiofs", "davfs", "coda", "lustre", "glusterfs", "beegfs", "gpfs"),
        *("vboxsf", "vmhgfs", "fuse", "fuseblk"),
    )
)


def is_remote(folder: Path) -> bool:
    """Whether a folder is on a network share or another file system that gives no events.

    Where the system does not say, it is taken for a local one. Raises OSError if the folder cannot
    be reached.
    """
    return is_network_type(type_of(folder.resolve(strict=True), _mount_text()))


def is_mount_point(folder: Path) -> bool:
    """Whether something is mounted on this very folder; False where the system does not say.

    A folder of the same disk that is mounted here counts too, which os.path.ismount() cannot see.
    """
    return folder.resolve() in mount_points()


def mount_points() -> frozenset[Path]:
    """Every folder on which something is mounted; none where the system does not say."""
    return frozenset(point for point, _ in _mounts(_mount_text()))


def type_of(path: Path, mounts: str) -> str:
    """The type of the file system that an absolute path lies on; empty if no mount holds it.

    `mounts` is the text of /proc/self/mountinfo. Of two mounts on one point the later counts.
    """
    best, found = -1, ""
    for point, kind in _mounts(mounts):
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, found = len(point.parts), kind
    return found


def is_network_type(name: str) -> bool:
    """Whether file systems of this type give no events for what others change."""
    return name in NETWORK_TYPES or name.startswith("fuse.")


def _mount_text() -> str:
    try:
        return MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""


def _mounts(text: str) -> Iterator[tuple[Path, str]]:
    """Each mount point with its type (proc_pid_mountinfo(5)).

    The point is the fifth field, the type the first one behind a lone hyphen.
    """
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) > POINT_FIELD and after:
            yield Path(_unescaped(fields[POINT_FIELD])), after.split(" ", 1)[0]


def _unescaped(field: str) -> str:
    # Spaces, tabs, line ends and backslashes are written as three octal digits.
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), field)
