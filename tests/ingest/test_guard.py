"""What nobody catches is in the log by its place, and not by what it says."""

import subprocess
import sys

import pytest

BEGIN = """
import threading, warnings
from chartkeeper.ingest.guard import say_places_only
say_places_only()
def fail(*_): raise KeyError("inbox/SAMPLETON ARTHUR")
"""


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("threading.Thread(target=fail).start()", "a thread failed: KeyError"),
        ("type('Late', (), {'__del__': fail})()", "clearing up failed: KeyError"),
        ("warnings.warn('inbox/SAMPLETON ARTHUR', RuntimeWarning)", "RuntimeWarning at"),
    ],
    ids=["thread", "clearing up", "warning"],
)
def test_what_nobody_catches_is_said_by_its_place(script, said):
    command = [sys.executable, "-c", BEGIN + script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert said in done.stderr
    assert "SAMPLETON" not in done.stderr
