"""The order of the test files: those that take longest first.

Each file is one process's (--dist loadfile), and a long one that came last would have the other
processes wait for it.
"""

from pathlib import Path

HERE = Path(__file__).parent
LONGEST = (
    *("ingest/test_shared_data.py", "ocr/test_data.py", "cli/test_commands.py"),
    *("ocr/test_read.py", "cli/test_keeping.py", "cli/test_import_troubles.py"),
    *("cli/test_service.py", "cli/test_import.py", "cli/test_losses.py", "cli/test_retry.py"),
    *("webui/test_on_screen.py", "webui/test_desk.py", "ingest/test_learning.py"),
    *("ingest/test_kill.py", "filing/test_learned.py", "ingest/test_under_fire.py"),
    *("hostile/test_corpus.py", "filing/test_filing_bench.py", "ingest/test_stopping.py"),
    *("crash/test_calls.py", "crash/test_named_steps.py", "crash/test_faults.py"),
    *("webui/test_browser.py", "cli/test_timetable.py", "cli/test_aside.py"),
)
_TURNS = {HERE / name: turn for turn, name in enumerate(LONGEST)}


def turn_of(item):
    """Where a test belongs; those of one file stay in their order."""
    return _TURNS.get(item.path, len(_TURNS))
