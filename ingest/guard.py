"""The one place where an unexpected failure is caught: it is logged, and the work goes on."""

import logging
import sys
import threading
import traceback
import warnings
from collections.abc import Callable
from types import TracebackType
from typing import TextIO

log = logging.getLogger(__name__)


def attempt(
    step: Callable[[], object], name: str, number: int, passing: tuple[type[Exception], ...] = ()
) -> bool:
    """Run a step on the thing of this number; False if it failed in a way nobody foresaw.

    Failures of the kinds in `passing` are not its own and are raised. The log gets the places in
    the code and the kind of failure, never its message: that could hold what stands on a page.
    """
    try:
        step()
    except passing:
        raise
    except Exception as error:  # noqa: BLE001 - one bad file stops nobody
        _say(f"{name} {number}", type(error), error.__traceback__)
        return False
    return True


def say_places_only() -> None:
    """Have the log of this process say of whatever nobody catches where it was, never what it says.

    So of the threads of libraries, of what fails while things are cleared up, and of warnings: that
    of a folder being watched names it, and a folder may be named after a patient.
    """
    threading.excepthook = lambda failed: _say("a thread", failed.exc_type, failed.exc_traceback)
    sys.unraisablehook = lambda failed: _say("clearing up", failed.exc_type, failed.exc_traceback)
    warnings.showwarning = _say_warning


def _say(what: str, kind: type[BaseException], trace: TracebackType | None) -> None:
    places = "".join(traceback.format_tb(trace))
    log.error("%s failed: %s\n%s", what, kind.__name__, places)


def _say_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    del message, file, line
    log.warning("%s at %s:%d", category.__name__, filename, lineno)
