from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartkeeper.records import patient_search, patients
from chartkeeper.records.days import readings
from chartkeeper.records.errors import PatientFileInvalid, UnknownPatient
from chartkeeper.records.model import Patient, PersonName, Wanted, mrn_key
from chartkeeper.records.patient_file import Rejected, Row, read_patient_file
from chartkeeper.records.patients import name_key, parse_aliases, surname_keys

TODAY = date(2026, 11, 2)
HEADER = "mrn,last,first,dob,sex,aliases\n"


def look_up(ledger, mrns=(), dobs=(), surnames=()):
    with ledger.read() as connection:
        sought = Wanted(frozenset(mrns), frozenset(dobs), frozenset(surnames))
        return {p.last for p in patients.look_up(connection, sought)}


def search(ledger, text):
    with ledger.read() as connection:
        return [patient.last for patient in patient_search.search(connection, text)]


@pytest.mark.parametrize("written", ["123-4567", "0001234567", "1234567", " 01234567 "])
def test_numbers_are_compared_without_punctuation_and_leading_zeros(written):
    assert mrn_key(written) == "1234567"


def test_look_up_by_number_birth_date_and_names(ledger, known_patients):
    assert look_up(ledger, mrns=["12345"]) == {"Samplewood"}
    assert look_up(ledger, dobs=[date(1980, 12, 24)]) == {"Testerman-Lopez"}
    assert look_up(ledger, surnames=["LOPEZ"]) == {"Testerman-Lopez"}
    assert look_up(ledger, surnames=["TESTERMANLOPEZ"]) == {"Testerman-Lopez"}
    assert look_up(ledger, surnames=["OLDNAME"]) == {"Specimen"}
    assert look_up(ledger) == set()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("sampl", ["Samplewood"]),
        ("ada samplewood", ["Samplewood"]),
        ("lopez, jose", ["Testerman-Lopez"]),
        ("oldn", ["Specimen"]),
        ("00-12345", ["Samplewood"]),
        ("1999-05-05", ["Specimen"]),
        ("", []),
        ("samplewood eve", []),
        ("%", []),
    ],
)
def test_a_clerk_finds_patients_by_typing(ledger, known_patients, text, found):
    assert search(ledger, text) == found


@pytest.fixture
def relatives(ledger, known_patients):
    """Namesakes whom a list tells apart by what stands beside their names."""
    people = [
        ("0303692", "Twinsley", "Marcus", "1947-05-02", "E", "Sr"),
        ("0781638", "Twinsley", "Marcus", "1975-02-05", "Edward", "Jr"),
        ("0781639", "De La Cruzton", "Maria", "1960-03-04", "", ""),
        ("VH779899", "Lettered", "Ann", "1950-06-07", "", ""),
        ("0440011", "Printer", "Mary Beth", "1951-08-09", "L", ""),
        ("0440012", "Bethune", "Mary", "1952-09-10", "", ""),
    ]
    with ledger.write() as connection:
        for mrn, last, first, dob, middle, suffix in people:
            more = {"middle": middle, "suffix": suffix}
            born = date.fromisoformat(dob)
            patients.save(connection, Patient(0, mrn, mrn_key(mrn), last, first, born, **more))


def mrns(ledger, text, ask=patient_search.search):
    with ledger.read() as connection:
        return [who.mrn for who in ask(connection, text)]


BOTH = ["0303692", "0781638"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Twinsley, Marcus E Sr", ["0303692"]),
        ("Marcus Edward Twinsley Jr.", ["0781638"]),
        ("Mr. Marcus E. Twinsley", BOTH),
        ("TWINSLEY,MARCUS E", BOTH),
        ("Twinsley, Marcus Edwin", ["0303692"]),
        ("Marcus Q Twinsley", []),
        ("Twinsley MRN 030-3692", ["0303692"]),
        ("MRN: 0303692", ["0303692"]),
        ("Samplewood 0303692", []),
        ("Twinsley 5/2/1947", ["0303692"]),
        ("DOB 05/02/1947", BOTH[:1]),
        ("2/5/75", ["0781638"]),
        ("5.2.1975", ["0781638"]),
        ("05FEB1975", ["0781638"]),
        ("5-Feb-75 twins", ["0781638"]),
        ("5/2/1999", []),
        ("de la cruzton, maria", ["0781639"]),
        ("Maria Elena de la Cruzton", ["0781639"]),
        ("Li 1960-03-04", []),
        ("VH 779899", ["VH779899"]),
        ("VH-779899", ["VH779899"]),
        ("Printer, Mary Beth", ["0440011"]),
        ("Mary Beth L. Printer", ["0440011"]),
        ("Printer, Mary Beth Lou", ["0440011"]),
        ("Mary Beth Ann Printer", []),
        ("mary beth", ["0440012", "0440011"]),
        ("Mary Bet", ["0440012", "0440011"]),
        ("Edward Twinsley", ["0781638"]),
        ("twinsley, edw", ["0781638"]),
        ("Edwin Twinsley", []),
        ("Elena de la Cruzton", []),
    ],
)
def test_a_patient_is_found_as_the_paper_names_them(ledger, relatives, text, found):
    assert mrns(ledger, text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("twinslei", BOTH),
        ("Twinsly, Marcus", BOTH),
        ("Twinsley, Markus E", BOTH),
        ("Twinsely", BOTH),
        ("Twiinsley 1947-05-02", ["0303692"]),
        ("Twinsly Ada", []),
        ("Twnsly", []),
        ("Amn", []),
        ("9303692", []),
    ],
)
def test_names_that_are_a_letter_away_are_told_apart_from_those_typed(
    ledger, relatives, text, found
):
    assert mrns(ledger, text) == []
    assert mrns(ledger, text, patient_search.written_alike) == found


@pytest.mark.parametrize("text", ["A" * 5000, "A " * 1200], ids=["a word", "words"])
def test_text_too_long_to_be_a_patient_finds_nobody(ledger, known_patients, text):
    assert mrns(ledger, text, patient_search.search) == []
    assert mrns(ledger, text, patient_search.written_alike) == []


@pytest.mark.parametrize("text", ["MRN 05-06-61", "mrn: 05-06-61", "#05-06-61"])
def test_what_is_said_to_be_a_number_is_no_day(ledger, known_patients, text):
    holder = Patient(0, "05-06-61", mrn_key("05-06-61"), "Holder", "Bob", date(1970, 1, 1))
    born = Patient(0, "7", "7", "Bornthen", "Ann", date(1961, 5, 6))
    with ledger.write() as connection:
        patients.save(connection, holder)
        patients.save(connection, born)
    assert search(ledger, text) == ["Holder"]
    assert search(ledger, text.strip("MRNmrn:# ")) == ["Holder", "Bornthen"]
    assert search(ledger, f"{text} 1970-01-01") == ["Holder"]
    assert search(ledger, f"DOB 01/01/1970 {text}") == ["Holder"]


def test_a_number_with_strokes_is_a_day_and_nobodys_number(ledger, known_patients):
    holder = Patient(0, "371961", "371961", "Holder", "Bob", date(1970, 1, 1))
    with ledger.write() as connection:
        patients.save(connection, holder)
    assert search(ledger, "3/7/1961") == ["Samplewood"]
    assert search(ledger, "3-7-1961") == ["Holder", "Samplewood"]


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_a_day_is_among_the_readings_of_each_way_to_write_it(day):
    for form in ("%Y-%m-%d", "%m/%d/%Y", "%d.%m.%Y", "%m-%d-%y", "%d%b%Y", "%d-%B-%y"):
        assert day in readings(day.strftime(form)), form
    assert readings(day.strftime("%Y%m%d")) == []


def test_a_number_that_could_be_a_day_is_looked_up_as_a_number(ledger, known_patients):
    born = Patient(0, "7", "7", "Bornthen", "Ann", date(1961, 3, 8))
    holder = Patient(0, "19610308", "19610308", "Holder", "Bob", date(1970, 1, 1))
    with ledger.write() as connection:
        patients.save(connection, born)
        assert search(ledger, "19610308") == []
        patients.save(connection, holder)
    assert search(ledger, "19610308") == ["Holder"]
    assert search(ledger, "1961-03-08") == ["Holder", "Bornthen"]
    assert search(ledger, "1961-W10-3") == []


@pytest.mark.parametrize(("ssn4", "fine"), [("1234", 1), ("", 1), ("123", 0), ("12a4", 0)])
def test_the_end_of_a_social_security_number_is_four_digits(tmp_path, ssn4, fine):
    text = f"mrn,last,first,dob,ssn4\n1,Samplewood,Ada,1961-03-07,{ssn4}\n"
    (row,) = rows(tmp_path, text)
    assert isinstance(row, Patient) == bool(fine), row


@pytest.mark.parametrize("numbers", ["1.23E+09,", "1234567.0,", "7,8;1.23E+09"])
def test_numbers_as_spreadsheets_write_them_are_nobodys(tmp_path, numbers):
    text = f"last,first,dob,mrn,former_mrns\nSamplewood,Ada,1961-03-07,{numbers}\n"
    (row,) = rows(tmp_path, text)
    assert "as spreadsheets write numbers" in row.problem


def test_saving_again_updates_and_has_the_pages_indexed_anew(ledger, known_patients):
    changed = known_patients["Samplewood"]
    with ledger.write() as connection:
        new = Patient(0, "12345", "12345", "Newname", "Ada", changed.dob)
        assert patients.save(connection, new) is False
        assert patients.get(connection, changed.id).last == "Newname"
        with pytest.raises(UnknownPatient):
            patients.get(connection, 999)
    assert look_up(ledger, surnames=["SAMPLEWOOD"]) == set()


def test_names_are_compared_by_letters_alone():
    assert name_key("O'Brien-Núñez") == "OBRIENNUNEZ"
    assert surname_keys("De la Cruz-Núñez") == ["DELACRUZNUNEZ", "CRUZ", "NUNEZ"]
    assert parse_aliases("Old, Eve; Older, Eve M;;") == (
        PersonName("Old", "Eve"),
        PersonName("Older", "Eve M"),
    )


def rows(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "patients.csv"
    path.write_bytes(text.encode(encoding))
    return [getattr(row, "patient", row) for row in read_patient_file(path, TODAY)]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_columns_may_stand_in_any_order(tmp_path, separator):
    text = "\ufeffDOB,First,Last,MRN\n1961-03-07,Ada,Samplewood,0012345\n"
    (patient,) = rows(tmp_path, text.replace(",", separator))
    assert (patient.mrn, patient.mrn_key, patient.last) == ("0012345", "12345", "Samplewood")
    assert patient.dob == date(1961, 3, 7)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (",Samplewood,Ada,1961-03-07,F,", "no mrn"),
        ("1,,Ada,1961-03-07,F,", "no last"),
        ("1,Samplewood,Ada,07/03/1961,F,", "YYYY-MM-DD"),
        ("1,Samplewood,Ada,19610307,F,", "YYYY-MM-DD"),
        ("1,Samplewood,Ada,1961-02-30,F,", "YYYY-MM-DD"),
        ("1,Samplewood,Ada,1761-02-03,F,", "before"),
        ("1,Samplewood,Ada,2024-W01-1,F,", "YYYY-MM-DD"),
        ("1,Samplewood,Ada,2026-11-03,F,", "in the future"),
        ("---,Samplewood,Ada,1961-03-07,F,", "without digits"),
        ("1,123,Ada,1961-03-07,F,", "without letters"),
        ("1,Samplewood,Ada,1961-03-07", "fields instead of"),
        (f"1,{'S' * 300},Ada,1961-03-07,F,", "too long"),
    ],
)
def test_a_bad_row_is_rejected_with_its_line_and_the_reason(tmp_path, row, problem):
    good = "2,Specimen,Eve,1999-05-05,F,\n"
    first, rejected, last = rows(tmp_path, HEADER + good + row + "\n" + good.replace("2,", "3,"))
    assert isinstance(rejected, Rejected)
    assert rejected.line == 3
    assert problem in rejected.problem
    assert "Samplewood" not in rejected.problem
    assert (first.mrn, last.mrn) == ("2", "3")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mrn,last,first\n1,A,B\n", "lacks the column"),
        ("mrn,last,first,dob,shoe\n", "unknown"),
        ("mrn,last,first,dob,dob\n", "named twice: dob. Known"),
        ("mrn,last,first,dob,,\n", "named twice: .a column without a name.. Known"),
        ("", "lacks"),
    ],
)
def test_a_useless_file_is_refused_as_a_whole(tmp_path, text, said):
    with pytest.raises(PatientFileInvalid, match=said):
        rows(tmp_path, text)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_a_file_in_another_encoding_is_refused_with_the_remedy(tmp_path, encoding):
    with pytest.raises(PatientFileInvalid, match=r"UTF-8|lacks"):
        rows(tmp_path, HEADER, encoding)


def test_a_line_in_another_encoding_is_rejected_with_the_remedy(tmp_path):
    text = HEADER + "1,Núñez,Ana,1961-03-07,F,\n2,Specimen,Eve,1999-05-05,F,\n"
    rejected, loaded = rows(tmp_path, text, "latin-1")
    assert (rejected.line, "CSV UTF-8" in rejected.problem) == (2, True)
    assert loaded.mrn == "2"


def numbers(found):
    return [row.line if isinstance(row, Rejected) else row.mrn for row in found]


@pytest.mark.parametrize(
    ("lines", "outcome"),
    [
        (['5,"Lost,Ann,1980-01-01', "6,Next,Bob,1980-01-01", "7,Last,Cy,1980-01-01"],
         [2, "6", "7"]),
        (['5,"Lost,Ann,1980-01-01', '6,"Next",Bob,1980-01-01', "7,Last,Cy,1980-01-01"],
         [2, "6", "7"]),
        (['5,"Lost,Ann,1980-01-01', '6,Next",Ann,1980-01-01'], [2, "6"]),
        (['5,"Lost', 'Line",Ann,1980-01-01', "6,Next,Bob,1980-01-01"], [2, 3, "6"]),
        (['5,"Lost"y,Ann,1980-01-01', "6,Next,Bob,1980-01-01"], [2, "6"]),
        (["5,Lost,Ann,1980-01-01", '6,Next,Bob,"1980-01-01'], ["5", 3]),
        (["5,Lost,An\x1bn,1980-01-01", "6,Ne\u2028xt,Bob,1980-01-01"], [2, 3]),
    ],
)  # fmt: skip
def test_a_stray_quote_costs_its_own_line_and_no_other(tmp_path, lines, outcome):
    assert numbers(rows(tmp_path, "mrn,last,first,dob\n" + "\n".join(lines) + "\n")) == outcome


def test_an_address_may_have_several_lines(tmp_path):
    head = "mrn,last,first,dob,address\n"
    body = '5,Samplewood,Ada,1961-03-07,"1 Mill Road\r\nRear"\r\n6,Next,Bob,1980-01-01,\r\n'
    first, second = rows(tmp_path, head + body)
    assert first.address == "1 Mill Road\nRear"
    assert second.mrn == "6"
    broken = '5,Samplewood,Ada,1961-03-07,"1 Mill Road\n6,Next,Bob,1980-01-01,3 Elm"\n'
    assert numbers(rows(tmp_path, head + broken)) == [2, "6"]


def test_a_line_without_end_is_rejected_and_the_next_is_read(tmp_path):
    text = "mrn,last,first,dob\n" + "x" * 100_000 + "\n6,Next,Bob,1980-01-01\n"
    assert numbers(rows(tmp_path, text)) == [2, "6"]


@given(st.text(max_size=300))
def test_whatever_a_list_says_it_is_read_rejected_or_refused(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("lists") / "p.csv"
    path.write_text(HEADER + text, encoding="utf-8", errors="surrogatepass")
    try:
        for row in read_patient_file(path, TODAY):
            assert isinstance(row, Row | Rejected)
    except PatientFileInvalid:
        pass


def test_names_are_counted_as_far_as_they_led_to_somebody(ledger, known_patients):
    sought = Wanted(surnames=frozenset({"SPECIMEN", "NOBODY"}), given_names=frozenset({"EVE"}))
    with ledger.read() as connection:
        known = patients.known(connection, sought)
    assert [patient.last for patient in known.candidates] == ["Specimen"]
    assert known.frequencies.patients == len(known_patients)
    assert known.frequencies.surnames == {"SPECIMEN": 1}
    assert known.frequencies.given_names == {"EVE": 2}  # once by her former name


def test_a_birth_date_from_anywhere_counts_only_beside_a_name(ledger, known_patients):
    days = frozenset({date(1980, 12, 24), date(1999, 5, 5)})
    sought = Wanted(loose_dobs=days, loose_names=frozenset({"LOPEZ", "OLDNAME"}))
    with ledger.read() as connection:
        found = {patient.last for patient in patients.look_up(connection, sought)}
        without = patients.look_up(connection, Wanted(loose_dobs=days))
    assert found == {"Testerman-Lopez", "Specimen"}
    assert without == []
