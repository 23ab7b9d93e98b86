"""What can go wrong with the index, each with the way out of it."""


class IndexFailure(Exception):
    """The search index cannot be used as asked; the message says why and what to do."""


class IndexMissing(IndexFailure):
    """There is no search index in this folder yet."""

    def __init__(self) -> None:
        super().__init__(
            "There is no search index yet. Run `chartkeeper reindex` to make it from the ledger."
        )


class IndexNeedsRebuild(IndexFailure):
    """The search index on disk is damaged, or was made by another version."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The search index cannot be used: {reason}. No record is lost by this. "
            "Run `chartkeeper reindex` to make the index anew from the ledger."
        )


class IndexInUse(IndexFailure):
    """Another process is writing to this index, or rebuilding it."""

    def __init__(self, doing: str) -> None:
        super().__init__(
            f"Another process is {doing} the search index. Only one may do so at a time: "
            "let it finish or stop it, then try again."
        )
