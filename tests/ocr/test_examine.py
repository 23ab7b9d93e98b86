import os
import pickle
import struct
import time
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from chartkeeper.ocr import errors
from chartkeeper.ocr.errors import (
    DamagedFile,
    EmptyFile,
    EncryptedFile,
    FileTookTooLong,
    FileTooLarge,
    IncompleteFile,
    MissingProgram,
    PageTooLarge,
    TooManyPages,
    UnreadableFile,
    UnreadablePage,
    UnreadablePermissions,
    UnsupportedFormat,
)
from chartkeeper.ocr.examine import FileFacts, examine
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits

SLOW_SECONDS = 5
PDF_WITHOUT_PAGES = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj "
    b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj trailer<</Root 1 0 R>>\n%%EOF"
)


def pdf_bytes(tmp_path, pages=1, **options):
    path = tmp_path / "made.pdf"
    canvas = Canvas(str(path), pagesize=(612, 792), **options)
    for number in range(pages):
        canvas.drawString(100, 700, f"Sample page {number}")
        canvas.showPage()
    canvas.save()
    return path.read_bytes()


@pytest.fixture(scope="session")
def samples(tmp_path_factory, encode):
    """A whole file of each format, with its number of pages."""
    folder = tmp_path_factory.mktemp("samples")
    bilevel, grey = Image.new("1", (400, 600), 1), Image.linear_gradient("L").resize((300, 400))
    fax = encode(bilevel, "TIFF", compression="group4", save_all=True, append_images=[bilevel] * 2)
    return {
        Format.PDF: (pdf_bytes(folder, 3), 3),
        Format.TIFF: (fax, 3),
        Format.JPEG: (encode(grey, "JPEG"), 1),
        Format.PNG: (encode(grey, "PNG"), 1),
    }


@pytest.fixture
def put(tmp_path):
    def write(content, name="file.bin"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize("format_", Format)
def test_a_whole_file_is_what_it_is_whatever_its_name(samples, put, limits, format_):
    content, pages = samples[format_]
    assert examine(put(content, "scan.doc"), limits) == FileFacts(format_, pages)


@pytest.mark.parametrize("format_", Format)
@pytest.mark.parametrize("part", [0.2, 0.5, 0.9, 0.99])
def test_a_piece_of_a_file_is_incomplete(samples, put, limits, format_, part):
    content, _ = samples[format_]
    with pytest.raises(IncompleteFile):
        examine(put(content[: int(len(content) * part)]), limits)


@pytest.mark.parametrize("format_", Format)
def test_padding_behind_a_file_does_no_harm(samples, put, limits, format_):
    content, pages = samples[format_]
    assert examine(put(content + b"\0" * 5000), limits).page_count == pages


def test_empty_file(put, limits):
    with pytest.raises(EmptyFile):
        examine(put(b""), limits)


@pytest.mark.parametrize("content", [b"x", b"Dear records office,\n" * 99, b"\xff\xd8", b"GIF89a"])
def test_unsupported_format(put, limits, content):
    with pytest.raises(UnsupportedFormat):
        examine(put(content, "scan.pdf"), limits)


def test_space_reserved_by_a_copy_is_incomplete(put, limits):
    with pytest.raises(IncompleteFile):
        examine(put(b"\0" * 100_000), limits)


def test_file_too_large(samples, put):
    content, _ = samples[Format.PNG]
    with pytest.raises(FileTooLarge):
        examine(put(content), Limits(max_file_bytes=len(content) - 1))
    assert examine(put(content), Limits(max_file_bytes=len(content)))


@pytest.mark.parametrize("format_", [Format.PDF, Format.TIFF])
def test_too_many_pages(samples, put, format_):
    with pytest.raises(TooManyPages):
        examine(put(samples[format_][0]), Limits(max_pages=2))
    assert examine(put(samples[format_][0]), Limits(max_pages=3))


@pytest.mark.parametrize("format_", [Format.TIFF, Format.JPEG, Format.PNG])
def test_page_too_large(samples, put, format_):
    with pytest.raises(PageTooLarge):
        examine(put(samples[format_][0]), Limits(max_pixels=100_000))


def test_decompression_bomb_is_refused_at_once(put, limits):
    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", 25_000, 25_000, 8, 0, 0, 0, 0)
    body = zlib.compress(b"\0" * 25_001 * 100)
    content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body)
    with pytest.raises(PageTooLarge):
        examine(put(content + chunk(b"IEND", b"")), limits)


def test_password(tmp_path, put, limits):
    locked = pdf_bytes(tmp_path, encrypt=StandardEncryption("secret", "owner", strength=128))
    with pytest.raises(EncryptedFile):
        examine(put(locked), limits)


def test_owner_password_alone_does_not_hinder_reading(tmp_path, put, limits):
    held = pdf_bytes(tmp_path, encrypt=StandardEncryption("", "owner", canCopy=0, strength=128))
    assert examine(put(held), limits).page_count == 1


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.4\nnothing of the kind\n%%EOF\n",
        PDF_WITHOUT_PAGES,
        b"\xff\xd8\xff\xe0\x00\x01" + b"\0" * 50 + b"\xff\xd9",
        b"\xff\xd8\xff\xd9" + b"\0" * 50,
        b"\x89PNG\r\n\x1a\n" + b"\0\0\0\x0d1234" + b"\0" * 40,
        b"\x89PNG\r\n\x1a\n" + b"\0\0\0\0IEND\xae\x42\x60\x82",
        b"II*\0\x08\0\0\0\0\0\0\0\0\0",
        b"II*\0\x08\0\0\0\xff\xff" + b"\0" * 90,
    ],
)
def test_damaged_file(put, limits, content):
    with pytest.raises(DamagedFile):
        examine(put(content), limits)


def test_linearized_pdf_cut_behind_its_first_end_marker(put, limits):
    content = b"%PDF-1.4\n1 0 obj<</Linearized 1/L 90000/H[1 2]>>endobj\n%%EOF\n" + b"x" * 500
    with pytest.raises(IncompleteFile):
        examine(put(content), limits)


def ifd(order, big, entries, following):
    """A TIFF directory: entries of (tag, type, count, value)."""
    code = order + ("HHQQ" if big else "HHII")
    packed = b"".join(struct.pack(code, *entry) for entry in entries)
    count = struct.pack(order + ("Q" if big else "H"), len(entries))
    return count + packed + struct.pack(order + ("Q" if big else "I"), following)


def tiff(order="<", *, big=False, entries=None, following=0, data=b"\0" * 100):
    mark = {"<": b"II", ">": b"MM"}[order]
    head = (
        mark + struct.pack(order + "HHHQ", 43, 8, 0, 16)
        if big
        else mark + struct.pack(order + "HI", 42, 8)
    )
    start = len(head) + (8 + 20 * 5 + 8 if big else 2 + 12 * 5 + 4)
    # Long values only: a short one lies on the left side of its field in big-endian files.
    standard = [(256, 4, 1, 20), (257, 4, 1, 30), (273, 4, 1, start), (278, 4, 1, 30)]
    standard.append((279, 4, 1, len(data)))
    if big:
        standard = [(tag, 16, count, value) for tag, _, count, value in standard]
    return head + ifd(order, big, entries or standard, following) + data


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
def test_both_byte_orders_of_classic_and_big_tiff(put, limits, order, big):
    whole = tiff(order, big=big)
    assert examine(put(whole), limits) == FileFacts(Format.TIFF, 1)
    with pytest.raises(IncompleteFile):
        examine(put(whole[:-1]), limits)


def test_tiff_whose_pages_run_in_a_circle(put, limits):
    with pytest.raises(DamagedFile):
        examine(put(tiff(following=8)), limits)


def test_tiff_whose_next_page_is_beyond_the_end(put, limits):
    with pytest.raises(IncompleteFile):
        examine(put(tiff(following=9_999)), limits)


def test_tiff_whose_first_page_is_not_yet_written(put, limits):
    with pytest.raises(IncompleteFile):
        examine(put(b"II*\0\0\0\0\0" + b"\x55" * 500), limits)


def test_tiff_whose_sizes_overflow(put, limits):
    top = 2**64 - 8
    entries = [(256, 16, 1, 20), (257, 16, 1, 30), (273, 16, 1, 16), (279, 16, 1, top)]
    with pytest.raises(IncompleteFile):
        examine(put(tiff(big=True, entries=entries)), limits)


def test_tiff_without_a_picture(put, limits):
    with pytest.raises(DamagedFile):
        examine(put(tiff(entries=[(256, 4, 1, 20), (257, 4, 1, 30)])), limits)


def test_tiff_bomb_of_pages_that_share_one_long_list(put, limits):
    """Cheap to store, dear to check: thousands of pages that point to the same million strips."""
    strips, pages = 1_000_000, 400
    places = 8 + pages * (2 + 12 * 4 + 4)
    content = b"II*\0" + struct.pack("<I", 8)
    for page in range(pages):
        following = 8 + (page + 1) * 54 if page + 1 < pages else 0
        entries = [
            (256, 4, 1, 9),
            (257, 4, 1, 9),
            (273, 1, strips, places),
            (279, 1, strips, places),
        ]
        content += ifd("<", big=False, entries=entries, following=following)
    start = time.monotonic()
    with pytest.raises(DamagedFile):
        examine(put(content + b"\1" * strips), limits)
    assert time.monotonic() - start < SLOW_SECONDS


def test_preview_inside_a_photo_is_not_its_end(put, limits, encode):
    preview = encode(Image.new("L", (40, 30)), "JPEG")
    photo = encode(Image.linear_gradient("L"), "JPEG", exif=b"Exif\0\0" + preview)
    assert preview in photo
    assert examine(put(photo), limits).page_count == 1
    with pytest.raises(IncompleteFile):
        examine(put(photo[:-2]), limits)


def test_things_that_cannot_be_opened(tmp_path, limits):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(UnreadablePermissions):
            examine(path, limits)
    with pytest.raises(FileNotFoundError):
        examine(tmp_path / "gone", limits)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_file_of_somebody_else(samples, put, limits):
    path = put(samples[Format.PNG][0])
    path.chmod(0)
    with pytest.raises(UnreadablePermissions):
        examine(path, limits)


@pytest.fixture
def pdfinfo_does(tmp_path, monkeypatch):
    """Callable: puts a shell script in the place of pdfinfo."""

    def replace(script):
        (tmp_path / "bin").mkdir()
        program = tmp_path / "bin" / "pdfinfo"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")

    return replace


def test_pdf_that_takes_too_long(samples, put, pdfinfo_does):
    pdfinfo_does("exec sleep 60")
    with pytest.raises(FileTookTooLong):
        examine(put(samples[Format.PDF][0]), Limits(examine_timeout_seconds=0.2))


def test_poppler_missing(samples, put, limits, monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(MissingProgram, match="apt-get install poppler-utils"):
        examine(put(samples[Format.PDF][0]), limits)


def test_a_file_is_not_blamed_for_a_machine_without_memory(samples, put, limits, pdfinfo_does):
    pdfinfo_does("kill -9 $$")
    with pytest.raises(OSError, match="memory"):
        examine(put(samples[Format.PDF][0]), limits)


@pytest.mark.parametrize("title", ["Chart\nPages: see list", "Chart\nPages: 7\n"])
def test_a_title_of_several_lines_is_not_taken_for_facts(tmp_path, limits, title):
    canvas = Canvas(str(tmp_path / "titled.pdf"))
    canvas.setTitle(title)
    for _ in range(2):
        canvas.drawString(100, 100, "words")
        canvas.showPage()
    canvas.save()
    assert examine(tmp_path / "titled.pdf", limits).page_count == 2


def test_a_name_that_looks_like_an_option(samples, tmp_path, limits, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "-v").write_bytes(samples[Format.PDF][0])
    assert examine(tmp_path.joinpath("-v").relative_to(tmp_path), limits).page_count == 3


FUZZ = settings(
    max_examples=120,
    deadline=SLOW_SECONDS * 1000,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
FUZZ_PDF = settings(FUZZ, max_examples=40)


def judge(path, limits):
    try:
        return examine(path, limits)
    except UnreadableFile:
        return None


@FUZZ
@given(st.data(), st.sampled_from([Format.TIFF, Format.JPEG, Format.PNG]))
def test_any_piece_of_a_picture_is_refused(samples, put, limits, data, format_):
    content = samples[format_][0].rstrip(b"\0")
    piece = content[: data.draw(st.integers(0, len(content) - 1))]
    assert judge(put(piece), limits) is None


def mutated(data, content):
    changed = bytearray(content)
    for _ in range(data.draw(st.integers(1, 8))):
        changed[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    return bytes(changed)


@FUZZ
@given(st.data(), st.sampled_from([Format.TIFF, Format.JPEG, Format.PNG]))
def test_mutated_pictures_are_taken_or_refused(samples, put, limits, data, format_):
    judge(put(mutated(data, samples[format_][0])), limits)


@FUZZ_PDF
@given(st.data())
def test_mutated_pdfs_are_taken_or_refused(samples, put, limits, data):
    judge(put(mutated(data, samples[Format.PDF][0])), limits)


@FUZZ
@given(
    st.binary(max_size=400),
    st.sampled_from([b"II*\0", b"MM\0+", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]),
)
def test_noise_behind_a_magic_number(put, limits, noise, magic):
    judge(put(magic + noise), limits)


def refusals():
    return [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, UnreadableFile | UnreadablePage)
    ]


def test_codes_are_distinct_and_messages_name_a_remedy():
    codes = [kind.code for kind in refusals()]
    assert len(set(codes)) == len(codes)
    assert all(str(kind()).count(".") >= 1 for kind in refusals())


@pytest.mark.parametrize("kind", refusals())
def test_refusals_pass_from_worker_to_watcher(kind):
    there = pickle.loads(pickle.dumps(kind()))  # noqa: S301 - our own
    assert type(there) is kind
    assert str(there) == str(kind())


def test_missing_program_passes_too():
    there = pickle.loads(pickle.dumps(MissingProgram("a", "b")))  # noqa: S301 - our own
    assert (there.program, there.install) == ("a", "b")


def test_objects_behind_the_last_end_of_a_pdf_are_a_change_cut_off(samples, put, limits):
    content, _ = samples[Format.PDF]
    changed = content + b"9 0 obj\n<</Length 4>>\nendobj\nxref\n"
    with pytest.raises(IncompleteFile):
        examine(put(changed), limits)
    assert examine(put(content + b"<!-- from a web server -->"), limits).page_count == 3
