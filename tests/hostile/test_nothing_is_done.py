"""What a PDF asks for is not done: no script, no program, no other file, no network, no attachment.

Examined, read and drawn in this very process, without the limits and without an empty network.
"""

import socket
import threading
from importlib import import_module

import pytest

from chartkeeper.ocr.engines import Engines, FirstEngine, first_engine
from chartkeeper.ocr.errors import UnreadablePage
from chartkeeper.ocr.examine import examine
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.manner import Manner
from chartkeeper.ocr.picture import page_picture
from chartkeeper.ocr.read import read_page
from hostile.documents import LETTER, action, embedded_file, outside_stream, pdf, xfa

LIMITS = Limits(page_timeout_seconds=20)
SECRET = "quicksilver"


@pytest.fixture
def door():
    """A port of this machine, and the connections that came to it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        came = []

        def count():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                came.append(connection)
                connection.close()

        threading.Thread(target=count, daemon=True).start()
        yield server.getsockname()[1], came
        server.shutdown(socket.SHUT_RDWR)


def asking(port, folder):
    """PDFs that ask for something, by what they ask for."""
    address = b"http://127.0.0.1:%d/" % port
    mark = str(folder / "mark").encode()
    (folder / "secret.txt").write_text(f"BT /F 24 Tf 72 600 Td ({SECRET}) Tj ET")
    script = folder / "script.sh"
    script.write_text(f"#!/bin/sh\ntouch {folder}/mark\n")
    script.chmod(0o700)
    run = b"/S/JavaScript/JS(app.launchURL\\('%s'\\); this.submitForm\\('%s'\\);)" % (
        address,
        address,
    )
    launch = b"/S/Launch/F(%s)/Win<</F(%s)>>" % (str(script).encode(), str(script).encode())
    on_page = LETTER + b"/AA<</O<</S/URI/URI(%s)>>>>" % address
    picture = b"/Type/XObject/Subtype/Image/Width 1/Height 1/F<</FS/URL/F(%s)>>" % address
    return {
        "a script": action(run),
        "a program": action(launch),
        "an address": action(b"/S/URI/URI(%s)" % address),
        "a form sent": action(b"/S/SubmitForm/F<</FS/URL/F(%s)>>" % address),
        "an address by page": pdf(page=on_page),
        "a form of XML": xfa(),
        "an attachment": embedded_file(),
        "another file": outside_stream(str(folder / "secret.txt").encode()),
        "a picture elsewhere": pdf(
            b"<<%s/Length 0>>stream\n\nendstream" % picture,
            content=b"q 99 0 0 99 0 0 cm /I Do Q",
            resources=b"/XObject<</I 5 0 R>>",
        ),
        "a file of a name": pdf(
            catalog=b"/Names<</JavaScript<</Names[(%s)<<%s>>]>>>>" % (mark, run)
        ),
    }


def used(path, scratch):
    """The words of the page, after all that is ever done with a file was done."""
    assert examine(path, LIMITS).page_count == 1
    engines = Engines(first_engine(FirstEngine.AUTO, scratch))
    words = ""
    for sure in (False, True):
        manner = Manner(engines, second_look=False, slow_but_sure=sure)
        try:
            words += read_page(path, Format.PDF, 1, LIMITS, manner).text
            page_picture(path, Format.PDF, 1, 0, 600, LIMITS)
        except UnreadablePage:
            continue
    return words


def test_nothing_that_a_pdf_asks_for_is_done(tmp_path, door):
    port, came = door
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    files = asking(port, tmp_path)
    before = {path.name for path in tmp_path.iterdir()}
    for what, content in files.items():
        path = scratch / "asking.pdf"
        path.write_bytes(content)
        assert SECRET not in used(path, scratch), what
        assert came == [], what
        assert {item.name for item in tmp_path.iterdir()} == before, what
        assert [item.name for item in scratch.iterdir()] == ["asking.pdf"], what


def test_the_drawing_library_was_built_without_scripts_and_forms_of_xml():
    built = import_module("pypdfium2").PDFIUM_INFO.flags
    assert not {"V8", "XFA"} & set(built)
