"""How far a long run is: how many, how fast, how long still."""

import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field

import click

# On a terminal the line is written over; into a file it goes seldom enough to be read.
TERMINAL_SECONDS = 0.5
FILE_SECONDS = 30.0
# The rate is that of the last while: what is left takes as long as things take now.
WINDOW_SECONDS = 120.0


@dataclass
class Meter:
    """Counts towards `total` of `what`, and says so now and then on the error output."""

    what: str
    total: int
    marks: list[tuple[float, int]] = field(default_factory=list)
    said_at: float = 0.0

    def show(self, done: int, more: str = "") -> None:
        """Say how far it is, if it is time to; `more` is added to the line."""
        now = time.monotonic()
        self.marks = [mark for mark in self.marks if mark[0] > now - WINDOW_SECONDS]
        self.marks.append((now, done))
        patience = TERMINAL_SECONDS if sys.stderr.isatty() else FILE_SECONDS
        if now - self.said_at >= patience:
            self.said_at = now
            end = "\r" if sys.stderr.isatty() else "\n"
            _say(f"{self.line(done)}{more}".ljust(78) + end)

    def end(self) -> None:
        """Leave the line as it is."""
        if self.said_at and sys.stderr.isatty():
            _say("\n")

    def line(self, done: int) -> str:
        """`files 1,200 of 20,000 (6 %), 2,400 a minute, 8 min left`, as far as it is known."""
        if not self.total:
            return f"{self.what} {done:,}"
        share = 100 * done // self.total
        parts = [f"{self.what} {done:,} of {self.total:,} ({share} %)"]
        rate = self._rate()
        if rate:
            minutes = (self.total - done) / rate
            left = f"{minutes / 60:.1f} h" if minutes >= 120 else f"{minutes:.0f} min"
            parts += [f"{rate:,.0f} a minute", f"{left} left"]
        return ", ".join(parts)

    def _rate(self) -> float:
        (first_at, first), (last_at, last) = self.marks[0], self.marks[-1]
        return 60 * (last - first) / (last_at - first_at) if last_at - first_at > 1 else 0.0


def _say(text: str) -> None:
    # Whoever looked on may have gone, and the work goes on without.
    with suppress(OSError):
        click.echo(text, err=True, nl=False)
