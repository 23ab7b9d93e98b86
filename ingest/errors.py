"""What can stop the work as a whole; what is wrong with one file is said by ocr/errors.py."""

import errno


class IngestError(Exception):
    """An expected failure of intake or workers."""


class AlreadyRunning(IngestError):
    """Another process does this part of the work for the same home."""

    def __init__(self, part: str) -> None:
        super().__init__(
            f"Another {part} is at work for this home already. Stop that one first, or leave it."
        )


class InboxUnusable(IngestError):
    """Files cannot be taken out of the inbox."""

    def __init__(self) -> None:
        super().__init__(
            "Files cannot be moved within the inbox. Give the service's account the right to "
            "create, rename and delete files there, and check that the share is connected."
        )


class ShareGone(IngestError):
    """An inbox that was a mounted share is a plain folder now."""

    def __init__(self) -> None:
        super().__init__(
            "The share of this inbox is not connected: its folder is there, but nothing is mounted "
            "on it. Connect the share again; what was claimed there is taken up by itself. If the "
            "folder is meant to be used without the share, start the service again."
        )


class ChildNotStarted(IngestError):
    """A process that is to look at outside bytes did not begin; none of them was looked at yet."""

    def __init__(self) -> None:
        super().__init__(
            "A process to look at files could not be started: the machine has no memory or no "
            "processes left, or is being stopped. End what takes them. The work goes on by itself "
            "then; nothing was lost."
        )


class SourceMissing(IngestError):
    """A path given for import does not exist or cannot be read."""

    def __init__(self) -> None:
        super().__init__(
            "A path to import does not exist or cannot be read. Check the paths, and run the "
            "import again."
        )


class SourceEmpty(IngestError):
    """There is no file to import, as in the folder on which a share is not mounted."""

    def __init__(self) -> None:
        super().__init__(
            "There is no file below the paths to import. Check the paths, and that their disk or "
            "share is connected; then run the import again."
        )


class SourceGone(IngestError):
    """What an import reads from went away while it did."""

    def __init__(self) -> None:
        super().__init__(
            "A folder that the import reads from is gone: its disk or share is not connected any "
            "more. Nothing in it was put down as missing for that. Connect it, and run the import "
            "again; it goes on where it was."
        )


class BoundElsewhere(IngestError):
    """The folder for bound files holds those of another list, or lies among the files to bind."""

    def __init__(self) -> None:
        super().__init__(
            "The folder for the bound files holds something else already, or lies below the paths "
            "that are read. Give an empty folder outside of them, or the one that the same command "
            "was given before."
        )


class ManifestInvalid(IngestError):
    """An import list or its mapping cannot be used at all; the message says why and what to do."""


def is_of_machine(error: OSError) -> bool:
    """Whether a failure met over one file would be met over every other one as well."""
    return error.errno in OF_MACHINE


def trouble_in_words(error: Exception) -> str:
    """What the log says of a failure that makes a part pause.

    The house's own failures say it themselves. The system's message could hold the name of a file:
    its number is put into words instead.
    """
    if not isinstance(error, OSError):
        return str(error)
    said, name = _of_system(error)
    return f"{said} The work goes on by itself then; nothing was lost. ({name})"


def refusal_in_words(error: OSError) -> str:
    """The same of a failure that ends what somebody asked for: nothing goes on by itself."""
    said, name = _of_system(error)
    return f"{said} Then try it again. ({name})"


def _of_system(error: OSError) -> tuple[str, str]:
    name = errno.errorcode.get(error.errno or 0, type(error).__name__)
    return SYSTEM_TROUBLES.get(name, OTHER_TROUBLE), name


OF_MACHINE = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE, errno.ENFILE),
    *(errno.ENOMEM, errno.EAGAIN, errno.ENOBUFS),
}
OTHER_TROUBLE = "The system refused a file or folder. Check the disks and shares."
_NO_ROOM = "A disk is full. Free some space."
_NO_RIGHT = "The service's account has no right to one of its folders. Give it back."
_FAILING = "A disk or share is failing or not connected. Mend or connect it."
SYSTEM_TROUBLES = {
    "ENOSPC": _NO_ROOM,
    "EDQUOT": _NO_ROOM,
    "EACCES": _NO_RIGHT,
    "EPERM": _NO_RIGHT,
    "EROFS": "A disk is set to read-only. Make it writable.",
    "EIO": _FAILING,
    "ENODEV": _FAILING,
    "ENOENT": _FAILING,
    "ESTALE": _FAILING,
    "EHOSTDOWN": _FAILING,
    "ENOTCONN": _FAILING,
    "ENOMEM": "The machine has no memory left. End what takes it.",
}
