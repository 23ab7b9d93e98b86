"""Real pages that nobody made for this program: dropped as files, each is read and found."""

import re

import pytest
from service import Service

from chartkeeper.index.search import open_searcher
from chartkeeper.records.database import open_ledger
from chartkeeper.webui.finding import find_pages

FORMS, RECEIPTS = 32, 20
# What OCRmyPDF's own tests use to make a reader stumble.
PDFS = (
    *("linn.pdf", "skew.pdf", "ccitt.pdf", "cardinal.pdf", "multipage.pdf", "acroform.pdf"),
    *("francais.pdf", "toc.pdf", "negzero.pdf", "jbig2_baddevicen.pdf", "graph_ocred.pdf"),
)
MINUTES = 6

pytestmark = [pytest.mark.data, pytest.mark.timeout(MINUTES * 60 + 60)]


def material(data):
    forms = sorted((data / "funsd" / "images").iterdir())[:FORMS]
    receipts = sorted((data / "sroie" / "images").iterdir())[:RECEIPTS]
    pdfs = [data / "pdf-samples" / "files" / name for name in PDFS]
    return [*forms, *receipts, *(path for path in pdfs if path.exists())]


def longest_words(text, count=3):
    # Whole words of plain letters: a piece of an accented word is no word to search for.
    words = set(re.findall(r"(?<!\w)[A-Za-z]{4,}(?!\w)", text))
    return " ".join(sorted(words, key=lambda word: (-len(word), word))[:count])


def test_sixty_real_pages_are_read_and_found_and_none_is_lost(shared_data, tmp_path):
    # One look a page: what is shown here is that none is lost.
    service = Service(tmp_path / "home", second_reader_share=0)
    files = material(shared_data)
    service.start()
    try:
        for path in files:
            service.drop(path)
        service.wait_idle(len(files), MINUTES * 60)
    finally:
        service.stop()
    lines = service.documents("--text")
    assert {line["file"] for line in lines} == {path.name for path in files}
    assert {line["status"] for line in lines} <= {"filed", "review"}
    pages = sum(int(str(line["last_page"])) - int(str(line["first_page"])) + 1 for line in lines)
    assert pages >= 60
    assert service.status_of("verify") == 0
    # What the command line searches with; a hundred commands would take a minute.
    searcher, ledger = (
        open_searcher(service.home / "index"),
        open_ledger(service.home / "ledger.db"),
    )
    lost = [
        (line["file"], number)
        for line in lines
        for number, text in enumerate(line["text"], start=int(str(line["first_page"])))
        if longest_words(text)
        and (line["file"], number) not in found(ledger, searcher, longest_words(text))
    ]
    assert lost == []


def found(ledger, searcher, query):
    return {(hit.file, hit.page) for hit in find_pages(ledger, searcher, query, 1000).hits}
