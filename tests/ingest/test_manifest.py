"""Import lists: what is read of CSV and DIP files, and what is made of garbage."""

import csv
import io
import tracemalloc
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chartkeeper.ingest import manifest_csv, manifest_lines
from chartkeeper.ingest.errors import ManifestInvalid
from chartkeeper.ingest.manifest import Row, read_manifest, written_day
from chartkeeper.ingest.manifest_entry import Rejected
from chartkeeper.ingest.manifest_mapping import (
    DipTags,
    FieldMap,
    Target,
    column_option,
    load_mapping,
    root_option,
)
from chartkeeper.ingest.places import Place, Places
from chartkeeper.records.findings import SAID, Finding

HEAD = "file,box,batch,mrn,last,first,dob,type,service_date,pages,source_id,sha256,priority\n"


@pytest.fixture
def listed(tmp_path):
    """What is read of a list with this content."""

    def read(content, mapping=None, encoding="utf-8"):
        path = tmp_path / "list"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return list(read_manifest(path, mapping or FieldMap()))

    return read


def rejected(rows):
    return [(row.line, row.why) for row in rows if isinstance(row, Rejected)]


def test_every_finding_has_its_words():
    assert set(SAID) == set(Finding)


def test_all_fields_are_understood(listed):
    digest = "AB" * 32
    line = f"a/1.tif,7,lot 1,0012345,Specimen,Eve,1999-05-05,LAB,03/04/2024,12,77,{digest},2"
    (row,) = listed(HEAD + line)
    assert row == Row(
        line=2, file="a/1.tif", box="7", label="lot 1", source_id="77", mrn="0012345",
        last="Specimen", first="Eve", type="LAB", dob=date(1999, 5, 5),
        service_date=date(2024, 3, 4), pages=12, sha256=digest.lower(), priority=2,
    )  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_are_found(listed, encoding):
    (row,) = listed("file;last;first\r\nä.tif;Muñoz;José\r\n", encoding=encoding)
    assert (row.file, row.last, row.first) == ("ä.tif", "Muñoz", "José")


def test_windows_is_found_and_a_few_bad_lines_do_not_make_it(listed):
    (row,) = listed("file\tlast\tfirst\na.tif\tMuñoz\tJosé\n", encoding="cp1252")
    assert row.last == "Muñoz"
    lines = ["file,last", "ä.tif,Muñoz", "b.tif,José"]
    found = listed("\n".join(lines).encode() + b"\nc\xe4.tif,x\n")
    assert [row.last for row in found[:2]] == ["Muñoz", "José"]
    assert rejected(found) == [(4, Finding.NOT_TEXT)]


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Image Path", "file"), ("FULL_PATH", "file"), ("Box #", "box"), ("# Pages", "pages"),
        ("Medical Record No.", "mrn"), ("Date of Service", "service_date"), ("Doc-Type", "type"),
        ("DOC ID", "source_id"), ("Birth Date", "dob"),
    ],
)  # fmt: skip
def test_headers_are_known_by_their_usual_names(header, field):
    names = ["file", header] if field != "file" else [header]
    assert manifest_csv.columns_of(names, FieldMap())[-1] == field


def test_a_name_in_one_column_is_parted(listed):
    (row,) = listed('file,Patient Name\na.tif,"Specimen, Eve Mary"\n')
    assert (row.last, row.first) == ("Specimen", "Eve Mary")


def test_what_is_mapped_counts_more_than_what_is_usual(listed):
    mapping = FieldMap().with_columns(dict([column_option("mrn=Old No"), column_option("file=F")]))
    (row,) = listed("F,file,mrn,old no\na.tif,b.tif,1,2\n", mapping)
    assert (row.file, row.mrn) == ("a.tif", "2")


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("file,Patient ID,MRN", "mrn: 'Patient ID' or 'MRN'"),
        ("file,Date,DOS,Name", "service_date: 'Date' or 'DOS'"),
        ("Path,Image", "file: 'Path' or 'Image'"),
    ],
)
def test_which_of_two_columns_is_meant_is_asked(listed, head, said):
    with pytest.raises(ManifestInvalid, match=said):
        listed(f"{head}\n")
    mapping = FieldMap().with_columns(dict([column_option("mrn=MRN")]))
    (row,) = listed("file,Patient ID,MRN,ID,Doc ID\na.tif,7,8,9,10\n", mapping)
    assert (row.mrn, row.source_id) == ("8", "9")


@pytest.mark.parametrize("line", ["sep=;", "SEP=;"])
def test_the_first_line_that_spreadsheets_understand_is_no_header(listed, line):
    (row,) = listed(f"{line}\r\nfile;a,b,c\r\na.tif;1\r\n")
    assert (row.line, row.file) == (3, "a.tif")


@pytest.mark.parametrize("mrn", ["1.23E+09", "1,23e+11", "4E+05", "1234567.0", "1234567,0"])
def test_numbers_as_spreadsheets_write_them_are_not_used(listed, mrn):
    (row,) = listed(f'file,mrn\na.tif,"{mrn}"\n')
    assert (row.mrn, row.doubts) == ("", (Finding.MRN_UNCLEAR,))


@pytest.mark.parametrize(
    "mrn", ["12E5", "E+5", "123.45", "12.0.1", "0012345", "123-0", "1234567.01"]
)
def test_other_numbers_are_used_as_they_stand(listed, mrn):
    (row,) = listed(f"file,mrn\na.tif,{mrn}\n")
    assert (row.mrn, row.doubts) == (mrn, ())


@pytest.mark.parametrize("content", ["", "\n\n", "box,mrn\n1,2\n", b"\xff\xfe", b"\0" * 5000])
def test_a_list_that_is_none_is_said(listed, content):
    with pytest.raises(ManifestInvalid):
        listed(content)


@pytest.mark.parametrize(
    "head", [b"PK\3\4\x14\0\6\0", bytes.fromhex("D0CF11E0A1B11AE1")], ids=["xlsx", "xls"]
)
def test_a_workbook_is_said_to_be_none(listed, head):
    with pytest.raises(ManifestInvalid, match="a workbook"):
        listed(head + b"\0" * 5000)


@pytest.mark.parametrize("text", ["mrn", "mrn=", "nothing=X"])
def test_a_mapping_option_that_is_none_is_said(text):
    with pytest.raises(ManifestInvalid):
        column_option(text)


def test_a_mapped_column_that_is_not_there_is_said(listed):
    with pytest.raises(ManifestInvalid, match="no column Chart"):
        listed("file\na\n", FieldMap({Target.MRN: "Chart"}))


def test_lines_that_cannot_be_used_are_numbered_and_the_others_go_on(listed, monkeypatch):
    monkeypatch.setattr(manifest_lines, "MAX_LINE_CHARS", 100)
    lines = [
        "file,box,note",
        "a.tif,1,fine",
        ",1,no file",
        "b.tif,1",
        'c.tif,1,"never closed',
        "d.tif,1,fine",
        "e.tif,1," + "x" * 200,
        "f.tif,1,a\0b",
        "",
        'g.tif,1,"a ""quote"", and',
        'two lines"',
        'h.tif,1,half 5" wide',
    ]
    found = listed("\n".join(lines))
    assert [row.file for row in found if isinstance(row, Row)] == [
        "a.tif",
        "d.tif",
        "g.tif",
        "h.tif",
    ]
    assert rejected(found) == [
        (3, Finding.NO_FILE), (4, Finding.FIELD_COUNT), (5, Finding.QUOTE_NOT_CLOSED),
        (7, Finding.LINE_TOO_LONG), (8, Finding.NOT_TEXT),
    ]  # fmt: skip


def test_values_that_make_no_sense_are_left_out_and_the_file_is_not(listed):
    line = "a.tif,,,1,,,1999-02-30,,yesterday,many,,zz,10\n"
    (row,) = listed(HEAD + line)
    assert (row.dob, row.service_date, row.pages, row.sha256, row.priority) == (
        None, None, None, "", None,
    )  # fmt: skip
    assert set(row.doubts) == {
        Finding.IMPOSSIBLE_BIRTH_DATE, Finding.IMPOSSIBLE_DATE, Finding.PAGES_UNCLEAR,
        Finding.CHECKSUM_UNCLEAR, Finding.PRIORITY_UNCLEAR,
    }  # fmt: skip


def test_a_value_that_is_too_long_rejects_the_line(listed):
    assert rejected(listed(f"file,mrn\na.tif,{'1' * 300}\n")) == [(2, Finding.VALUE_TOO_LONG)]


@pytest.mark.parametrize(
    ("text", "day_first", "day"),
    [
        ("2024-03-04", False, date(2024, 3, 4)),
        ("20240304", False, date(2024, 3, 4)),
        ("03/04/2024", False, date(2024, 3, 4)),
        ("3.4.2024 10:15", True, date(2024, 4, 3)),
        ("2024-03-04T10:15:00", False, date(2024, 3, 4)),
        ("02/30/2024", False, None),
        ("1066-10-14", False, None),
        ("04/2024", False, None),
        ("", False, None),
    ],
)
def test_dates(text, day_first, day):
    assert written_day(text, day_first=day_first) == day


SELF_CONFIGURING = """>>>>Self Configuring Tagged DIP<<<<
BEGIN:
>>DocTypeName:HIM - Laboratory
>>DocDate:03/04/2024
MRN: 0012345
Patient Name: Specimen, Eve
Box: 12
>>FileTypeNum: 2
>>FullPath: \\\\old\\images\\1\\a.tif
>>FileTypeNum: 2
>>FullPath: \\\\old\\images\\1\\b.tif
END:
BEGIN:
>>DocTypeName:HIM - Consent
>>DocDate: 03/05/2024
>>FileOffset: 0
>>FileName: c.pdf
MRN: 0067890
Document Handle: 4711
"""


def test_a_self_configuring_dip_file(listed):
    first, second, third = listed(SELF_CONFIGURING)
    assert (first.line, second.line, third.line) == (9, 11, 17)
    assert first.file == "\\\\old\\images\\1\\a.tif"
    assert first.source_id == second.source_id == "line 2"
    assert (first.mrn, first.last, first.first, first.box) == ("0012345", "Specimen", "Eve", "12")
    assert (first.type, first.service_date) == ("HIM - Laboratory", date(2024, 3, 4))
    assert (third.file, third.mrn, third.source_id) == ("c.pdf", "0067890", "4711")


def test_a_tagged_dip_file_with_tags_of_its_own(listed):
    text = "##DOC 4711\nType: TIFF\nPATH=a.tif\nPT#=12\nPTX=none\n##DOC 4712\nPATH=b.tif\n"
    columns = {Target.FILE: "PATH=", Target.MRN: "PT#=", Target.SOURCE_ID: "##DOC"}
    first, second = listed(text, FieldMap(columns, dip=DipTags("##DOC", "Type:")))
    assert (first.file, first.mrn, first.source_id) == ("a.tif", "12", "4711")
    assert first.type == "", "the tag of the file format is no document type"
    assert (second.file, second.mrn, second.source_id) == ("b.tif", "", "4712")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("BEGIN:\nMRN: 1\nBEGIN:\n>>FullPath: a.tif\n", [(1, Finding.NO_FILE)]),
        ("BEGIN:\n>>FileOffset: 4096\n>>FullPath: a.tif\n", [(1, Finding.INSIDE_LARGER_FILE)]),
        ("BEGIN:\n>>FullPath: a.tif\nEND:\nMRN: 1\n", [(4, Finding.OUTSIDE_RECORD)]),
        ("BEGIN:\nMRN: \0\n>>FullPath: a.tif\n", [(2, Finding.NOT_TEXT)]),
    ],
)
def test_documents_of_a_dip_file_that_cannot_be_used(listed, text, lines):
    assert rejected(listed(text)) == lines


def test_a_mapping_file(tmp_path):
    path = tmp_path / "map.toml"
    path.write_text(
        'day_first = true\n[columns]\nmrn = "Chart"\nbatch = "Lot"\n[types]\n"HIM - Lab" = "LAB"\n'
        '[roots]\n\'D:\\Scans\' = "/mnt/scans"\n[dip]\nbegin = "##"\n'
    )
    found = load_mapping(path)
    assert found.columns == {Target.MRN: "Chart", Target.LABEL: "Lot"}
    assert found.types == {"himlab": "LAB"}
    assert (found.day_first, found.dip.begin) == (True, "##")
    for bad in ("[columns]\nmrn = 1\n", "[nothing]\n", "not toml", "[columns]\nnope = 'x'\n"):
        path.write_text(bad)
        with pytest.raises(ManifestInvalid):
            load_mapping(path)


GARBAGE = st.one_of(
    st.binary(max_size=2000),
    st.text(max_size=2000).map(lambda text: f"file,mrn\n{text}".encode("utf-8", "surrogatepass")),
    st.text(alphabet='a,"\n;\t\r\0', max_size=400).map(lambda text: f"file,mrn\n{text}".encode()),
    st.lists(
        st.sampled_from(["BEGIN:", "END:", ">>FullPath: a", "MRN: 1", ">>FileOffset: 9", "", "x"]),
        max_size=40,
    ).map(lambda lines: "\n".join(["BEGIN:", *lines]).encode()),
)


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(GARBAGE)
def test_garbage_ends_in_rows_and_reasons_and_nothing_else(listed, data):
    try:
        found = listed(data)
    except ManifestInvalid:
        return
    numbers = [row.line for row in found]
    assert len(set(numbers)) == len(numbers)
    assert all(1 <= number <= data.count(b"\n") + data.count(b"\r") + 1 for number in numbers)


CELL = st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufffd"),
               max_size=20)  # fmt: skip


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(CELL, CELL, CELL), max_size=20), st.sampled_from(",;\t|"))
def test_what_a_spreadsheet_writes_is_what_is_read(listed, rows, separator):
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator)
    writer.writerows([["file", "box", "mrn"], *((f"f{cell[0]}", *cell[1:]) for cell in rows)])
    found = listed(out.getvalue())
    assert [(row.file, row.box, row.mrn) for row in found] == [
        (f"f{file}".strip(), box.strip(), mrn.strip()) for file, box, mrn in rows
    ]


def test_memory_does_not_grow_with_the_list(tmp_path):
    path = tmp_path / "long.csv"
    with path.open("w") as file:
        file.write("file,mrn,note\n")
        file.writelines(f"box/{n}.tif,{n},{'x' * 60}\n" for n in range(30_000))
        file.write('bad.tif,1,"never closed\n' * 5_000)
    tracemalloc.start()
    try:
        counted = sum(1 for _ in read_manifest(path, FieldMap()))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert counted == 35_000
    assert peak < 2_000_000


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "given" / "box 1").mkdir(parents=True)
    (tmp_path / "beside").mkdir()
    for name in ("given/box 1/A1.TIF", "given/b.tif", "beside/c.tif"):
        (tmp_path / name).write_bytes(b"x")
    return tmp_path.resolve()


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("box 1/A1.TIF", "box 1/A1.TIF"),
        ("box 1\\a1.tif", "box 1/A1.TIF"),
        (".\\BOX 1\\a1.tif", "box 1/A1.TIF"),
        ("box 1/../b.tif", "b.tif"),
        ("{given}/b.tif", "b.tif"),
        ("../given/b.tif", "b.tif"),
        ("D:\\Scans\\b.tif", "b.tif"),
        ("d:/scans/box 1/a1.tif", "box 1/A1.TIF"),
        ("gone.tif", "gone.tif"),
        ("\\\\old\\share\\x", None),
        ("E:\\b.tif", None),
        ("../beside/c.tif", None),
        ("D:\\Scans\\..\\beside\\c.tif", None),
        ("{given}/../beside/c.tif", None),
        ("/etc/passwd", None),
        ("c.tif", "c.tif"),  # beside the list, but outside the folder given: not there
        ("link/c.tif", None),
        ("x" * 5000, "x" * 5000),
    ],
)
def test_where_a_named_file_lies(folder, written, name):
    given = folder / "given"
    (given / "link").symlink_to(folder / "beside")
    places = Places((given,), folder / "beside", [root_option(f"D:\\Scans={given}")])
    found = places.find(written.replace("{given}", str(given)))
    assert found == (None if name is None else Place(str(given), name))


def test_the_files_of_folders_come_in_a_steady_order_and_odd_names_are_found_again(folder):
    odd = folder / "given" / "box 1" / "a\udcff.tif"
    odd.write_bytes(b"odd")
    (folder / "given" / "link").symlink_to(folder / "beside")
    found = list(Places((folder / "given", folder / "beside" / "c.tif")).found())
    assert [place.name for place in found] == [
        "b.tif", "box 1/A1.TIF", "box 1/a\\xff.tif", "link", "c.tif",
    ]  # fmt: skip
    assert found[2].path.read_bytes() == b"odd"
