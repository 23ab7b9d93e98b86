"""The order of the test files: those that take longest first.

Each file is one process's (--dist loadfile), and a long one that came last would have the other
processes wait for it.
"""

from pathlib import Path

HERE = Path(__file__).parent
LONGEST = (
    *("ingest/test_shared_data.py", "webui/test_on_screen.py", "ocr/test_data.py"),
    *("webui/test_desk.py", "cli/test_import.py", "cli/test_commands.py", "cli/test_keeping.py"),
    *("ocr/test_read.py", "ingest/test_kill.py", "filing/test_patient_property.py"),
    *("cli/test_import_troubles.py", "ingest/test_under_fire.py", "ingest/test_learning.py"),
    *("hostile/test_corpus.py", "cli/test_service.py", "webui/test_browser.py"),
    *("ingest/test_stopping.py", "cli/test_losses.py", "filing/test_learned.py"),
    *("crash/test_calls.py", "crash/test_named_steps.py", "index/test_oracle.py"),
    *("cli/test_first_steps.py", "filing/test_classify.py", "filing/test_filing_bench.py"),
    *("crash/test_faults.py", "ocr/test_barcodes.py", "cli/test_retry.py"),
)
_TURNS = {HERE / name: turn for turn, name in enumerate(LONGEST)}


def turn_of(item):
    """Where a test belongs; those of one file stay in their order."""
    return _TURNS.get(item.path, len(_TURNS))
