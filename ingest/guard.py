"""The one place where an unexpected failure is caught: it is logged, and the work goes on."""

import logging
import traceback
from collections.abc import Callable

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
        places = "".join(traceback.format_tb(error.__traceback__))
        kind = type(error).__name__
        log.error("%s %d failed: %s\n%s", name, number, kind, places)  # noqa: TRY400 - no message
        return False
    return True
