"""Sets running text, fields and tables on as many sheets as they take."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from paper import MONO, Sheet, fitting_size, text_width, wrap
from sites import LEFT, Job, Pairs, draw_banner, draw_head, name_of

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

BOTTOM = 738


class Flow:
    """The body of one document, filled from top to bottom; `finish` returns its sheets."""

    def __init__(self, job: Job, title: str, pairs: Pairs, *, landscape: bool = False) -> None:
        self.job, self.title = job, title
        self.family, self.size = job.site.family, job.site.size
        self.width, self.height = (792, 612) if landscape else (612, 792)
        self.right, self.bottom = self.width - LEFT, self.height - (792 - BOTTOM)
        self.sheet = Sheet(self.width, self.height)
        self.sheets = [self.sheet]
        y = draw_head(self.sheet, job.site)
        self.sheet.centre(self.width / 2, y + 8, title, self.family.bold, 13)
        self.y = draw_banner(self.sheet, job.site, y + 24, pairs) + 6

    @property
    def leading(self) -> float:
        """The distance between baselines in points."""
        return self.size * 1.28

    def need(self, height: float) -> None:
        """Begin a new sheet where `height` points are not left on this one."""
        if self.y + height <= self.bottom:
            return
        self.sheet = Sheet(self.width, self.height)
        self.sheets.append(self.sheet)
        mrn = self.job.outside_mrn or self.job.patient.mrn
        whose = name_of(self.job) + (
            f"   {self.job.site.mrn_label} {mrn}" * ("mrn" in self.job.shown)
        )
        self.sheet.text(LEFT, 46, f"{self.title} (continued)", self.family.bold, 9)
        room = self.right - LEFT - 12 - text_width(f"{self.title} (continued)", self.family.bold, 9)
        size = fitting_size(whose, self.family.regular, 9, room)
        self.sheet.right(self.right, 46, whose, self.family.regular, size)
        self.sheet.rule(LEFT, self.right, 51)
        self.y = 72

    def gap(self, height: float = 6) -> None:
        """Leave white space."""
        self.y += height

    def heading(self, text: str) -> None:
        """Set a heading that keeps with two lines of what follows."""
        self.need(self.leading * 3.4)
        self.y += self.leading * 0.35
        self.sheet.text(LEFT, self.y, text, self.family.bold, self.size + 0.4)
        self.y += self.leading

    def paragraph(self, text: str, indent: float = 0) -> None:
        """Set running text."""
        for line in wrap(text, self.family.regular, self.size, self.right - LEFT - indent):
            self.need(self.leading)
            self.sheet.text(LEFT + indent, self.y, line, self.family.regular, self.size)
            self.y += self.leading
        self.y += self.leading * 0.25

    def section(self, heading: str, text: str) -> None:
        """Set a heading and its paragraph."""
        self.heading(heading)
        self.paragraph(text)

    def items(self, texts: Sequence[str], mark: str = "") -> None:
        """Set a numbered list, or one of `mark`."""
        for number, text in enumerate(texts, 1):
            self.need(self.leading)
            self.sheet.text(LEFT + 8, self.y, mark or f"{number}.", self.family.regular, self.size)
            self.paragraph(text, indent=26)

    def table(self, header: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float],
              *, ruled: bool = True) -> None:  # fmt: skip
        """Set a table; `widths` are shares of the line, a cell wraps within its own."""
        self.need(self.leading * 4)
        self.y += 4 if ruled else 0
        self._row(header, widths, self.family.bold, ruled=ruled)
        for row in rows:
            self._row(row, widths, self.family.regular, ruled=ruled)
        self.y += self.leading * 0.6

    def _row(
        self, cells: Sequence[str], widths: Sequence[float], font: str, *, ruled: bool
    ) -> None:
        line, total = self.right - LEFT, sum(widths)
        shares = [line * width / total for width in widths]
        texts = [
            wrap(cell, font, self.size, share - 6)
            for cell, share in zip(cells, shares, strict=True)
        ]
        height = max(len(lines) for lines in texts) * self.leading + 3
        self.need(height)
        x, top = float(LEFT), self.y - self.size
        for lines, share in zip(texts, shares, strict=True):
            for number, text in enumerate(lines):
                self.sheet.text(x + 3, self.y + number * self.leading, text, font, self.size)
            if ruled:
                self.sheet.box(x, top - 1, share, height, line=0.6)
            x += share
        if not ruled and font == self.family.bold:
            self.sheet.rule(LEFT, self.right, self.y + 3)
        self.y += height

    def ticks(self, choices: Sequence[tuple[str, bool]], columns: int = 2) -> None:
        """Set boxes to tick, ticked where the flag says so."""
        width = (self.right - LEFT) / columns
        for start in range(0, len(choices), columns):
            self.need(self.leading * 1.3)
            for column, (label, ticked) in enumerate(choices[start : start + columns]):
                x = LEFT + column * width
                self.sheet.box(x, self.y - 8, 8.5, 8.5, line=0.9)
                if ticked:
                    self.sheet.stroke([(x + 1, self.y - 7), (x + 7.5, self.y - 0.5)], 1.3)
                    self.sheet.stroke([(x + 1, self.y - 0.5), (x + 7.5, self.y - 7)], 1.3)
                self.sheet.text(x + 14, self.y, label, self.family.regular, self.size)
            self.y += self.leading * 1.3
        self.y += 3

    def blanks(self, pairs: Pairs, columns: int = 2) -> None:
        """Set fields of a form: a label, a ruled line, the typed answer on it."""
        width = (self.right - LEFT) / columns
        for start in range(0, len(pairs), columns):
            self.need(21)
            for column, (label, value) in enumerate(pairs[start : start + columns]):
                x = LEFT + column * width
                answer_x = x + text_width(label, self.family.regular, 8.5) + 5
                self.sheet.text(x, self.y + 6, label, self.family.regular, 8.5)
                self.sheet.rule(answer_x, x + width - 8, self.y + 9, 0.6)
                size = fitting_size(value, MONO.bold, 9.5, x + width - 14 - answer_x)
                self.sheet.text(answer_x + 3, self.y + 6, value, MONO.bold, size)
            self.y += 21
        self.y += 4

    def signature(self, who: str, when: str = "", role: str = "") -> None:
        """Set a line with a scribble on it, a name under it and a date beside it."""
        self.need(52)
        self.y += 24
        scribble(self.sheet, self.job.rng, LEFT + 12, self.y - 4)
        self.sheet.rule(LEFT, LEFT + 220, self.y)
        below = f"{who}  {role}".strip()
        size = fitting_size(below, self.family.regular, 8.5, 238)
        self.sheet.text(LEFT, self.y + 11, below, self.family.regular, size)
        if when:
            self.sheet.text(LEFT + 250, self.y - 2, when, MONO.regular, 9.5)
            self.sheet.rule(LEFT + 246, LEFT + 340, self.y)
            self.sheet.text(LEFT + 246, self.y + 11, "Date", self.family.regular, 8.5)
        self.y += 26

    def finish(self) -> list[Sheet]:
        """Set the foot of every sheet and return them."""
        form = f"{self.job.rng.randrange(100, 999)}-{self.job.rng.randrange(10, 26)}"
        foot_y = self.height - 32
        for number, sheet in enumerate(self.sheets, 1):
            sheet.text(
                LEFT, foot_y, self.job.site.footer.format(form=form), self.family.regular, 7.5
            )
            page = f"Page {number} of {len(self.sheets)}"
            sheet.right(self.right, foot_y, page, self.family.regular, 8)
        return self.sheets


def scribble(sheet: Sheet, rng: random.Random, x: float, y: float) -> None:
    """Draw a signature that nobody can read."""
    quick, slow, lean = rng.uniform(1.2, 3.2), rng.uniform(3.5, 9), rng.uniform(2, 6)
    tall, phase, pace = rng.uniform(3, 8), rng.uniform(0, 6), rng.uniform(1.3, 2.2)
    points = []
    for step in range(rng.randrange(45, 80)):
        swing = math.sin(step / quick + phase) * tall + math.sin(step / slow + phase) * 4
        across = step * pace + lean * math.cos(step / quick)
        points.append((x + across, y - 5 + swing * (1 - step / 110)))
    sheet.stroke(points, 1.1, 0.1)
