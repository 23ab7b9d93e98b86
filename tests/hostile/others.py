"""What is no scan at all, odd names, and things in the inbox that are no files."""

import gzip
import os
import socket
import struct
import zipfile
from io import BytesIO

from sheets import draw

from hostile.kinds import Kind, accepted, encoded, refused, sheet

UNSUPPORTED = "unsupported_format"
SPARSE_BYTES = 2 << 30


def packed(**files):
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def archive_in_archive(levels=6):
    content = packed(inner=b"\0" * 1_000_000)
    for _ in range(levels):
        content = packed(a=content, b=content)
    return content


def moving_gif():
    frames = [sheet().convert("P")] * 3
    return encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])


def entity_bomb():
    lines = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{lines}]><x>&a9;</x>'.encode()


def sparse(path):
    with path.open("wb") as file:
        file.write(b"%PDF-1.4\n")
        file.truncate(SPARSE_BYTES)


def pipe(path):
    os.mkfifo(path)


def door(path):
    """A socket; its name is short, so it is made in its folder."""
    here = os.open(".", os.O_RDONLY)
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.fchdir(here)
        os.close(here)


def link(path):
    path.symlink_to("/etc/passwd")


def folder(path):
    path.mkdir()
    (path / "inside.png").write_bytes(named_page("a folder"))


def named_page(name):
    """A page of its own for each name, so that none is taken for a copy of another."""
    mark = sum(name.encode("utf-8", "surrogateescape")) % 977
    return encoded(draw(["PROGRESS NOTE", f"harmless {mark}"], 420, 160, 26), "PNG")


def format_kinds():
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 500
    office = packed(**{"[Content_Types].xml": "<Types/>", "word/document.xml": "<document/>"})
    dicom = b"\0" * 128 + b"DICM" + b"\x02\0\0\0UL\x04\0\0\0\0\0" + b"\0" * 300
    eicar = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$SAMPLE-NOT-THE-TEST-FILE!$H+H*"
    executable = b"MZ" + b"\0" * 58 + struct.pack("<I", 64) + b"PE\0\0" + b"\0" * 400
    return [
        refused("nothing.pdf", b"", "empty_file"),
        refused("one byte.tif", b"I", UNSUPPORTED),
        refused("noise.pdf", bytes(range(256)) * 40, UNSUPPORTED),
        refused("zeros.pdf", b"\0" * 1_000_000, "incomplete_file"),
        refused("moving.gif", moving_gif(), UNSUPPORTED),
        refused("bitmap.bmp", encoded(sheet(), "BMP"), UNSUPPORTED),
        refused("web.webp", encoded(sheet(), "WEBP"), UNSUPPORTED),
        refused("telephone.heic", heic, UNSUPPORTED),
        refused("drawing.svg", b"<svg onload='alert(1)'><script>1</script></svg>", UNSUPPORTED),
        refused("page.html", b"<html><script>alert(1)</script></html>", UNSUPPORTED),
        refused("entities.xml", entity_bomb(), UNSUPPORTED),
        refused("archive.pdf", packed(a=b"harmless"), UNSUPPORTED),
        refused("archives in archives.pdf", archive_in_archive(), UNSUPPORTED),
        refused("packed.pdf", gzip.compress(b"\0" * 10_000_000), UNSUPPORTED),
        refused("picture.dcm", dicom, UNSUPPORTED),
        refused("letter.docx", office, UNSUPPORTED),
        refused("letter.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, UNSUPPORTED),
        refused("program.exe", executable, UNSUPPORTED),
        refused("program.pdf", b"\x7fELF\x02\x01\x01" + b"\0" * 300, UNSUPPORTED),
        refused("antivirus.com", eicar, UNSUPPORTED),
        refused("jpeg 2000.jp2", encoded(sheet(), "JPEG2000"), UNSUPPORTED),
        accepted("a tiff in truth.pdf", encoded(sheet(430), "TIFF")),
        accepted("a png in truth.exe", encoded(sheet(440), "PNG")),
        accepted("no ending", encoded(sheet(450), "PNG")),
        Kind("sparse of 2 GB.pdf", sparse, refused="file_too_large", pages=0),
    ]


NAMES = [
    "-rf.png",
    "two\nlines.png",
    "bell\a escape\x1b[31m.png",
    "right to left \u202egnp.exe.png",
    "x" * 251 + ".png",
    "\N{GRINNING FACE}" * 60 + ".png",
    "up..down..png",
    "quote ' \" ` $(true) ; & | < > .png",
    "percent %s %d {0} \\ .png",
    "spaces at the end .png ",
    os.fsdecode(b"no text \xff\xfe.png"),
]


def name_kinds():
    return [accepted(name, named_page(name)) for name in NAMES]


def special_kinds():
    """What the inbox refuses by its looks; an examiner never sees them."""
    return [
        Kind("pipe.pdf", pipe, refused="special", pages=0),
        Kind("socket.pdf", door, refused="special", pages=0),
        Kind("link.pdf", link, refused="link", pages=0),
        refused("..up.png", named_page("..up.png"), "leftover"),
        Kind("folder.pdf", folder),
    ]


def kinds():
    return [*format_kinds(), *name_kinds()]
