"""Why a file or page cannot be read: a code for programs, a cause and a remedy for people.

Messages never carry a file name or a word of a page, so they may be logged and shown.
"""

from typing import ClassVar


class UnreadableFile(Exception):
    """A file that cannot be taken in as a whole; `code` is stable, the message says what to do."""

    code: ClassVar[str] = "unreadable_file"
    reason: ClassVar[str] = "The file cannot be read. Scan it again."

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason or self.reason)


class EmptyFile(UnreadableFile):
    """Nothing in it."""

    code = "empty_file"
    reason = "The file is empty (zero bytes). Send or scan it again."


class UnsupportedFormat(UnreadableFile):
    """None of the four formats, whatever its name ends in."""

    code = "unsupported_format"
    reason = (
        "The file is neither PDF, TIFF, JPEG nor PNG, whatever its name says. "
        "Export it as PDF or TIFF and send it again."
    )


class EncryptedFile(UnreadableFile):
    """A PDF that asks for a password before it shows a page."""

    code = "encrypted_file"
    reason = "The PDF is locked with a password. Ask the sender for a copy without a password."


class IncompleteFile(UnreadableFile):
    """Cut off, or still being written."""

    code = "incomplete_file"
    reason = (
        "The end of the file is missing: it was cut off or is still being copied. "
        "If it does not change any more, send or scan it again."
    )


class DamagedFile(UnreadableFile):
    """Its structure contradicts itself."""

    code = "damaged_file"
    reason = "The file is damaged inside and cannot be opened. Send or scan it again."


class TooManyPages(UnreadableFile):
    """More pages than the limit."""

    code = "too_many_pages"
    reason = "The file has more pages than allowed. Split it, or raise the page limit."


class FileTooLarge(UnreadableFile):
    """More bytes than the limit."""

    code = "file_too_large"
    reason = "The file is larger than allowed. Split it, or raise the size limit."


class PageTooLarge(UnreadableFile):
    """A page of more pixels than the limit, as decompression bombs have."""

    code = "page_too_large"
    reason = (
        "A page of the file has more pixels than allowed. "
        "Scan it at a lower resolution (300 dpi is enough), or raise the pixel limit."
    )


class UnreadablePermissions(UnreadableFile):
    """The system does not let us open it, or it is no ordinary file."""

    code = "cannot_be_opened"
    reason = (
        "The file cannot be opened. Check that it is still there and that the service's account "
        "may read it."
    )


class FileTookTooLong(UnreadableFile):
    """The look at its structure did not end in time."""

    code = "file_took_too_long"
    reason = (
        "Looking through the file took too long; it is probably damaged. "
        "Print it to a new PDF or scan it again."
    )


class FileStoppedProgram(UnreadableFile):
    """The program that looked at it ended over it."""

    code = "file_stopped_program"
    reason = (
        "The program that looks through files stopped at this one; it is damaged, or made to do "
        "harm. Do not open it elsewhere unless you know where it came from. Print it to a new PDF "
        "or scan the paper again."
    )


class FileWantsMemory(UnreadableFile):
    """The look at its structure wanted more memory than it may have."""

    code = "file_wants_memory"
    reason = (
        "Looking through the file takes more memory than a file may have; it is probably damaged. "
        "Split it, print it to a new PDF or scan it again."
    )


class BoundOtherwise(UnreadableFile):
    """Bound into one file with others, a page of it would look otherwise than it does."""

    code = "bound_otherwise"
    reason = (
        "A page would look otherwise in the one file than it does in its own, so they were not put "
        "together. Put the pages of this document into one file with another program."
    )


class UnreadablePage(Exception):
    """One page of a whole file that cannot be read; the other pages go on."""

    code: ClassVar[str] = "unreadable_page"
    reason: ClassVar[str] = "The page cannot be read. Scan it again."

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason or self.reason)


class DamagedPage(UnreadablePage):
    """Its picture cannot be decoded, or only a part of it."""

    code = "damaged_page"
    reason = "The picture of the page is damaged or cut off. Scan the page again."


class OversizedPage(UnreadablePage):
    """Its picture has more pixels than the limit."""

    code = "oversized_page"
    reason = "The page has more pixels than allowed. Scan it at 300 dpi."


class PageTookTooLong(UnreadablePage):
    """Drawing or reading it did not end in time."""

    code = "page_took_too_long"
    reason = (
        "Reading the page took longer than allowed. Try it again when the machine is less busy, "
        "or scan the page again at 300 dpi."
    )


class EngineFailed(UnreadablePage):
    """A reading program ended with an error on this page."""

    code = "engine_failed"
    reason = "The reading program stopped on this page. Try it again; if it stays, scan it again."


class DrawingStopped(UnreadablePage):
    """The program that draws pages for the screen ended over it."""

    code = "drawing_stopped"
    reason = (
        "The program that draws pages stopped at this one. Its file may be damaged: ask for it "
        "again, or look at the paper."
    )


class DrawingNotStarted(UnreadablePage):
    """The machine gave no process to draw it in."""

    code = "drawing_not_started"
    reason = (
        "The machine is short of memory or processes, so the page could not be drawn. Nothing is "
        "wrong with it: try again in a minute."
    )


class OutOfMemory(UnreadablePage):
    """The page needed more memory than there is."""

    code = "out_of_memory"
    reason = "The machine ran out of memory on this page. Use fewer workers, or scan at 300 dpi."


class StorageFailed(UnreadablePage):
    """The system did not give the file, or took no scratch file."""

    code = "storage_failed"
    reason = (
        "The stored file could not be opened, or the disk for scratch files is full. "
        "Check the disks and the service account's rights, then try the page again."
    )


class MissingProgram(Exception):
    """A program that the reading stands on is not installed; the message gives the line to type."""

    code: ClassVar[str] = "missing_program"

    def __init__(self, program: str, install: str) -> None:
        super().__init__(program, install)
        self.program = program
        self.install = install

    def __str__(self) -> str:
        return f"{self.program} is not installed. Install it with: {self.install}"
