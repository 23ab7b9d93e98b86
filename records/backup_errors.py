"""What can go wrong with a backup or with restoring one; each message says the remedy."""

from collections.abc import Sequence

from chartkeeper.records.errors import RecordsError


class NotABackup(RecordsError):
    """A folder that was to hold backups holds other things, or no backup at all."""

    def __init__(self) -> None:
        super().__init__(
            "This folder is no backup of Chartkeeper. Check the path and that its disk is "
            "connected; for a first backup name a new or empty folder: chartkeeper backup DIR."
        )


class NoSuchBackup(RecordsError):
    """The folder has no finished backup of this name, or none at all."""

    def __init__(self, names: Sequence[str]) -> None:
        there = f"It has: {', '.join(names)}" if names else "No backup in it came to its end"
        super().__init__(f"There is no such backup in this folder. {there}.")


class BackupInInbox(RecordsError):
    """A backup was to go into an inbox, or around one."""

    def __init__(self, inbox: str) -> None:
        super().__init__(
            f"A backup cannot lie inside inbox {inbox!r} or around it: what lies in one is taken "
            "in as scans. Name a folder elsewhere."
        )


class BackupDamaged(RecordsError):
    """A backup is not what was written; names what of it."""

    SHOWN = 20

    def __init__(self, what: Sequence[str]) -> None:
        self.what = tuple(what)
        more = f" and {len(what) - self.SHOWN} more" if len(what) > self.SHOWN else ""
        super().__init__(
            f"The backup is damaged: {', '.join(what[: self.SHOWN])}{more}. Use another copy of "
            "this folder or another generation (--generation). If the home still works, run there: "
            "chartkeeper backup DIR --verify-all, which copies damaged originals again."
        )


class BackupTooNew(RecordsError):
    """A backup was made by a version of the program that this one does not know."""

    def __init__(self, version: str) -> None:
        super().__init__(
            f"This backup was made by version {version} of Chartkeeper, which is newer than this "
            "program. Install that version or a later one, then restore."
        )


class RestoreUnfinished(RecordsError):
    """A folder is to become a home by a restore that did not come to its end."""

    def __init__(self) -> None:
        super().__init__(
            "A backup was being put here and that did not come to its end. To go on, run the same "
            "restore again."
        )


class BackupFull(RecordsError):
    """The disk of the backup has no room left."""

    def __init__(self) -> None:
        super().__init__(
            "The disk of the backup is full. Older backups in it are whole and untouched. Free "
            "some space, keep fewer (--keep N) or name another folder, and run it again: it goes "
            "on from what was copied."
        )


class BackupUnusable(RecordsError):
    """The folder of the backup cannot be written, or does not keep what is written."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"The folder of the backup cannot be written ({kind}). Check that its disk is "
            "connected and may be written, then run it again: it goes on from what was copied."
        )


class BackupInsideHome(RecordsError):
    """A backup within what it is a backup of would be lost with it."""

    def __init__(self) -> None:
        super().__init__(
            "A backup cannot lie inside the home, nor the home inside the backup: one disk would "
            "take both. Name a folder on another disk."
        )


class BackupOfAnotherHome(RecordsError):
    """The folder holds the backups of another home."""

    def __init__(self) -> None:
        super().__init__(
            "This folder holds backups of another home. Each home needs a folder of its own."
        )


class BackupBusy(RecordsError):
    """Another process writes to the folder of the backup."""

    def __init__(self) -> None:
        super().__init__("Another backup into this folder is at work. Let it end first.")


class HomeNotEmpty(RecordsError):
    """A backup was to be restored over something."""

    def __init__(self) -> None:
        super().__init__(
            "There is something here already, and restoring would overwrite it. Name a new or "
            "empty folder: chartkeeper --home NEW restore DIR."
        )


class RestoreDiffers(RecordsError):
    """What was restored is not what the manifest of the backup says."""

    def __init__(self, what: Sequence[str]) -> None:
        super().__init__(
            f"What was restored differs from the backup's manifest: {', '.join(what)}. Nothing "
            "was put to use. Use another generation (--generation) or another copy of the backup."
        )


class RestoreFull(RecordsError):
    """The disk of the new home has no room, or cannot be written."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"The new home cannot be written ({kind}). Free some space or name another folder, and "
            "run it again: it goes on from what was copied."
        )
