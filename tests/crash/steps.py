"""The steps of the way from inbox to index, by name: where a service can be made to die.

A step is a function of the program, before and after which its processes can die; for a commit
that is the ledger's `write` as some function called it. tests/crash/child wraps them in the
service's processes; test_named_steps.py holds the table against the code.
"""

from dataclasses import dataclass

LEDGER_WRITE = ("chartkeeper.records.database", "Ledger.write")


@dataclass(frozen=True, slots=True)
class Step:
    """A function `attribute` of a module, where `caller` called it if that is named.

    `passage` is the first time that is of interest.
    """

    name: str
    module: str
    attribute: str
    passage: int = 1
    caller: str = ""


def _of(room: str, *attributes: str) -> tuple[Step, ...]:
    """Steps of one module, named as their functions."""
    return tuple(
        Step(attribute.rsplit(".", 1)[-1].strip("_"), f"chartkeeper.{room}", attribute)
        for attribute in attributes
    )


def _commit(caller: str, name: str = "", passage: int = 1) -> Step:
    return Step(name or f"commit of {caller}", *LEDGER_WRITE, passage, caller)


STEPS = (
    _commit("claim"),
    *_of("ingest.claims", "move_to_claims", "settle_claim"),
    *_of("records.vault", "_copy", "Vault._settle", "sync_folder"),
    *_of("ingest.claims", "set_down"),
    _commit("take_in"),
    # The first time pages are only given out, later what was read of others is kept too.
    _commit("keep", "pages given out"),
    *_of("ocr.read", "read_page"),
    *_of("ingest.verdicts", "keep_outcome"),
    _commit("keep", "pages kept", passage=2),
    *_of("records.documents", "file"),
    _commit("commit", "documents committed"),
    *_of("index.store", "IndexWriter.write", "_DurableStorage.rename_file", "_note_for_rebuild"),
    *_of("records.outbox", "mark_indexed"),
    _commit("index"),
    *_of("ingest.claims", "clear_claim"),
    *_of("records.failed", "put_aside", "_move"),
    _commit("clear"),
)
