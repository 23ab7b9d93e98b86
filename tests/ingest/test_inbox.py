import os

import pytest

from chartkeeper.ingest.claimed import CLAIMS_FOLDER
from chartkeeper.ingest.desk import Patience
from chartkeeper.ingest.inbox import Found, Kind, Stillness, is_due, look_into

PATIENCE = Patience(still=1, incomplete=30, leftover=60)


def listed(inbox):
    return {found.name: found.kind for found in look_into(inbox).found}


def test_what_lies_in_the_inbox_is_seen_for_what_it_is(tmp_path):
    (tmp_path / "scan.pdf").write_bytes(b"x")
    (tmp_path / "ward 3").mkdir()
    (tmp_path / "ward 3" / "fax.tif").write_bytes(b"x")
    for name in (".hidden.pdf", "~lock", "a.pdf.part", "b.TMP", "Thumbs.db", "doc.pdf~"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "link.pdf").symlink_to(tmp_path / "scan.pdf")
    os.mkfifo(tmp_path / "pipe")
    claims = tmp_path / CLAIMS_FOLDER
    claims.mkdir()
    (claims / "0123").write_bytes(b"x")
    assert listed(tmp_path) == {
        "scan.pdf": Kind.FILE,
        "ward 3/fax.tif": Kind.FILE,
        ".hidden.pdf": Kind.TEMPORARY,
        "~lock": Kind.TEMPORARY,
        "a.pdf.part": Kind.TEMPORARY,
        "b.TMP": Kind.TEMPORARY,
        "Thumbs.db": Kind.TEMPORARY,
        "doc.pdf~": Kind.TEMPORARY,
        "link.pdf": Kind.LINK,
        "pipe": Kind.SPECIAL,
    }


ODD_NAMES = [
    "with space.pdf",
    "ärztin, 王.pdf",
    'it\'s "quoted".pdf',
    "new\nline.pdf",
    "-rf.pdf",
    "x" * 246 + ".pdf",
]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_are_names(tmp_path, name):
    (tmp_path / name).write_bytes(b"x")
    assert listed(tmp_path) == {name: Kind.FILE}


def test_a_name_that_is_no_text_can_still_be_shown(tmp_path):
    os.close(os.open(os.fsencode(tmp_path) + b"/fax\xff.tif", os.O_CREAT))
    (name,) = listed(tmp_path)
    assert name == "fax\\xff.tif"
    name.encode("utf-8")


def found(tmp_path, size=1, mtime_ns=1, kind=Kind.FILE):
    return Found(tmp_path / "a", "a", kind, size, mtime_ns)


def test_any_change_begins_the_waiting_anew(tmp_path):
    stillness = Stillness()
    path = tmp_path / "a"
    assert stillness.look([found(tmp_path)], 10.0)[path] == 0
    assert stillness.look([found(tmp_path)], 15.0)[path] == 5
    assert stillness.look([found(tmp_path, size=2)], 16.0)[path] == 0
    assert stillness.look([found(tmp_path, size=2, mtime_ns=2)], 18.0)[path] == 0
    assert stillness.look([found(tmp_path, size=2, mtime_ns=2)], 21.0)[path] == 3
    assert stillness.look([], 22.0) == {}
    assert stillness.look([found(tmp_path, size=2, mtime_ns=2)], 23.0)[path] == 0


@pytest.mark.parametrize(
    ("kind", "whole", "seconds", "due"),
    [
        (Kind.FILE, True, 0.9, False),
        (Kind.FILE, True, 1.0, True),
        (Kind.FILE, False, 29.0, False),
        (Kind.FILE, False, 30.0, True),
        (Kind.TEMPORARY, True, 59.0, False),
        (Kind.TEMPORARY, True, 60.0, True),
        (Kind.LINK, True, 1.0, True),
    ],
)
def test_what_looks_unfinished_waits_longer(tmp_path, kind, whole, seconds, due):
    assert is_due(found(tmp_path, kind=kind), seconds, PATIENCE, whole=whole) is due
