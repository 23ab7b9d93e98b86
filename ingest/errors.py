"""What can stop the work as a whole; what is wrong with one file is said by ocr/errors.py."""


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


class SourceMissing(IngestError):
    """A path given for import does not exist or cannot be read."""

    def __init__(self) -> None:
        super().__init__(
            "A path to import does not exist or cannot be read. Check the paths; nothing was taken."
        )
