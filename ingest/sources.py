"""What an import reads from: folders on disks and shares, which may go away in the middle."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from chartkeeper.ingest.errors import SourceGone
from chartkeeper.ingest.mounts import mount_points


@dataclass(frozen=True, slots=True)
class Sources:
    """Folders, and the mount points on which they lay or which lay in them at the beginning.

    A share that went away leaves an empty folder behind: its files are not missing, nobody knows
    of them.
    """

    folders: tuple[Path, ...] = ()
    mounted: frozenset[Path] = frozenset()

    def check(self) -> None:
        """Raises SourceGone if one of the folders cannot be listed, or a mount is not there."""
        try:
            for folder in self.folders:
                os.scandir(folder).close()
        except OSError as error:
            raise SourceGone from error
        if not self.mounted <= mount_points():
            raise SourceGone


def sources_of(given: Iterable[Path]) -> Sources:
    """What files below the paths given are read from, as it is now; a file lies in its folder."""
    folders = tuple(path if path.is_dir() else path.parent for path in given)
    around = {point for point in mount_points() for folder in folders if _touch(point, folder)}
    return Sources(folders, frozenset(around))


def _touch(point: Path, folder: Path) -> bool:
    return point.is_relative_to(folder) or folder.is_relative_to(point)
