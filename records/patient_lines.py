"""The lines of a patient list as rows; a quotation mark too many costs one line, never the next."""

import csv
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TextIO

MAX_LINE_CHARS = 20_000
# An address may hold line ends, if it is in quotes; one that goes on for longer was never closed.
MAX_ROW_LINES = 8
MAY_BREAK = "address"
UNREADABLE = "\ufffd"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file by its number, without its end; not `whole` if it is too long to be one."""

    number: int
    text: str
    whole: bool = True


def lines_of(file: TextIO, first: int) -> Iterator[Line]:
    """The lines of an open file from where it stands, counted from `first`."""
    number = first
    while text := file.readline(MAX_LINE_CHARS):
        whole = text[-1] in "\r\n" or len(text) < MAX_LINE_CHARS
        yield Line(number, text.rstrip("\r\n"), whole)
        while not whole and (rest := file.readline(MAX_LINE_CHARS)):
            whole = rest[-1] in "\r\n"
        number += 1


def rows_of(
    lines: Iterator[Line], separator: str, columns: Sequence[str]
) -> Iterator[tuple[int, list[str] | str]]:
    """Each row by the number of its first line: its fields, or what is wrong with the line.

    Blank lines are left out. Only an address may go on in the next line, and only where the next
    line is no row by itself.
    """
    again: deque[Line] = deque()
    while line := again.popleft() if again else next(lines, None):
        if not line.text.strip():
            continue
        problem = _problem(line)
        fields = None if problem else _fields(line.text, separator)
        if not problem and fields is None and _is_open(line.text, separator):
            fields, taken = _gone_on_with(line, again, lines, separator, columns)
            again.extendleft(reversed([] if fields else taken))
        yield line.number, fields or problem or "has a quotation mark that is not closed"


def _problem(line: Line) -> str:
    if not line.whole:
        return "is too long to be a line of a list"
    if UNREADABLE in line.text:
        return "holds characters that are not UTF-8. Save the list again as 'CSV UTF-8'"
    return ""


def _gone_on_with(
    line: Line, again: deque[Line], lines: Iterator[Line], separator: str, columns: Sequence[str]
) -> tuple[list[str] | None, list[Line]]:
    """The fields of a row whose address goes on in the next lines, and the lines looked at."""
    text, taken = line.text, list[Line]()
    while len(taken) < MAX_ROW_LINES:
        more = again.popleft() if again else next(lines, None)
        if more is None:
            break
        taken.append(more)
        text = f"{text}\n{more.text}"
        if _problem(more) or len(_fields(more.text, separator) or ()) == len(columns):
            break
        fields = _fields(text, separator)
        if fields is not None:
            return (fields if _breaks_in_address(fields, columns) else None), taken
    return None, taken


def _breaks_in_address(fields: list[str], columns: Sequence[str]) -> bool:
    if len(fields) != len(columns):
        return False
    broken = {name for name, value in zip(columns, fields, strict=True) if "\n" in value.strip()}
    return broken <= {MAY_BREAK}


def _is_open(text: str, separator: str) -> bool:
    """Whether a field begins with a quotation mark and is not closed by the end."""
    return bool(re.search(rf'(?:^|{re.escape(separator)})"(?:[^"]|"")*\Z', text))


def _fields(text: str, separator: str) -> list[str] | None:
    try:
        return next(csv.reader([text], delimiter=separator, strict=True), [])
    except csv.Error:
        return None
