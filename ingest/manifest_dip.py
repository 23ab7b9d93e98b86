"""OnBase DIP index files: tagged ones, and self-configuring ones that OnBase exports.

Both are lines of a tag with its value behind it; a begin string starts each document. Source:
Hyland, Document Import Processor, Foundation 22.1 and 24.1: "Tagged DIP Import Index File", "Tagged
DIP Field Order Configuration" and "Self Configuring DIP Tags". docs/migration.md says what is read.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from chartkeeper.ingest.manifest_entry import Entry, Rejected
from chartkeeper.ingest.manifest_lines import Line
from chartkeeper.ingest.manifest_mapping import FieldMap, Target, known_target, plain
from chartkeeper.records.findings import Finding

SELF_CONFIGURING = ">>>>Self Configuring Tagged DIP<<<<"
BEGIN = "BEGIN:"
END = "END:"
OFFSET = ">>FileOffset"
MAX_RECORD_LINES = 10_000
MAX_FILES_A_DOCUMENT = 2_000
UNREADABLE = ("\ufffd", "\0")


Tags = Sequence[tuple[str, Target | None]]


@dataclass(slots=True)
class _Document:
    """A document as its lines are read: where it begins, its values, its files in order.

    `names` are files by `>>FileName:`, which count only where no full path stands beside them.
    """

    line: int
    lines: int = 0
    fields: dict[str, str] = field(default_factory=dict)
    files: list[tuple[int, str]] = field(default_factory=list)
    names: list[tuple[int, str]] = field(default_factory=list)
    inside_larger_file: bool = False


def begin_of(first_line: str, mapping: FieldMap) -> str:
    """The string that begins each document, if a list that begins so is a DIP file, else empty.

    The one of the mapping counts; `BEGIN:` and the head of a self-configuring file are known.
    """
    head = first_line.strip()
    if mapping.dip.begin:
        return mapping.dip.begin
    return BEGIN if head == SELF_CONFIGURING or head.startswith(BEGIN) else ""


def entries(stream: Iterator[Line], begin: str, mapping: FieldMap) -> Iterator[Entry | Rejected]:
    """Each file of each document by field; several files of one document have one source id."""
    tags = _tags(mapping)
    document: _Document | None = None
    for line in stream:
        text = line.text.strip()
        if text.startswith(begin):
            yield from _files(document)
            document = _Document(line.number)
            _note(document, line.number, text if _carries(text, begin) else "", tags)
        elif text == END:
            yield from _files(document)
            document = None
        elif text and text != SELF_CONFIGURING:
            wrong = _read(document, line, text, tags)
            if wrong:
                yield Rejected(line.number, wrong)
    yield from _files(document)


def _tags(mapping: FieldMap) -> Tags:
    """The tags that were told, the longest first; that of the file format means nothing here."""
    told: list[tuple[str, Target | None]] = [(tag, one) for one, tag in mapping.columns.items()]
    if mapping.dip.file_format:
        told.append((mapping.dip.file_format, None))
    return sorted(told, key=lambda one: -len(one[0]))


def _read(document: _Document | None, line: Line, text: str, tags: Tags) -> Finding | None:
    """Keep a line of a document; what is wrong with it, if anything is."""
    if document is None:
        return Finding.OUTSIDE_RECORD
    if not line.whole:
        return Finding.LINE_TOO_LONG
    if any(mark in text for mark in UNREADABLE):
        return Finding.NOT_TEXT
    document.lines += 1
    if (
        document.lines > MAX_RECORD_LINES
        or len(document.files) + len(document.names) >= MAX_FILES_A_DOCUMENT
    ):
        return Finding.RECORD_TOO_LONG
    _note(document, line.number, text, tags)
    return None


def _note(document: _Document, number: int, text: str, tags: Tags) -> None:
    told = next(((tag, target) for tag, target in tags if text.startswith(tag)), None)
    if told:
        target = told[1]
        value = text[len(told[0]) :].strip()
    else:
        tag, _, value = text.partition(":")
        value = value.strip()
        target = None if known_target(tag) in {one for _, one in tags} else known_target(tag)
        document.inside_larger_file |= tag == OFFSET and value not in ("", "0")
    if target is Target.FILE:
        bare = told is None and plain(text.partition(":")[0]) == "filename"
        (document.names if bare else document.files).append((number, value))
    elif target and value:
        # Of a keyword that is there several times, the first counts.
        document.fields.setdefault(target, value)


def _files(document: _Document | None) -> Iterator[Entry | Rejected]:
    if document is None:
        return
    files = document.files or document.names
    if document.inside_larger_file:
        yield Rejected(document.line, Finding.INSIDE_LARGER_FILE)
    elif not files:
        yield Rejected(document.line, Finding.NO_FILE)
    else:
        fields = _of_several(document) if len(files) > 1 else document.fields
        for number, file in files:
            yield Entry(number, {**fields, Target.FILE: file})


def _of_several(document: _Document) -> Mapping[str, str]:
    """The values of a document of several files: one id for all, and no number of pages of each."""
    own = {Target.SOURCE_ID: f"line {document.line}", **document.fields}
    return {name: value for name, value in own.items() if name != Target.PAGES}


def _carries(text: str, begin: str) -> bool:
    """Whether the begin string is a tag with a value of its own (Begin Document, Inclusive)."""
    return begin not in (BEGIN, SELF_CONFIGURING) and len(text) > len(begin)
