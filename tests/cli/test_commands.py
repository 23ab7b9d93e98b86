"""The command line as other programs call it: names, meanings and exit statuses."""

import json
import os
import re
import signal
import subprocess
from contextlib import closing
from datetime import UTC, datetime

import pytest
from checkout import ROOT
from command_line import PROGRAM, forked, started
from mortal import MORTAL, needs_rights
from service import ADMIN, PASSWORD, Service
from sheets import note

from chartkeeper.__main__ import COMMANDS as COMMAND_MODULES
from chartkeeper.records import arrivals, marking, patients
from chartkeeper.records.access import ChartReason
from chartkeeper.records.access_log import Entry, Event, record
from chartkeeper.records.arrivals import Seen
from chartkeeper.records.database import open_ledger
from chartkeeper.records.model import Lane

COMMANDS = (
    *(
        "init",
        "serve",
        "watch",
        "worker",
        "web",
        "import",
        "patients",
        "patients load",
        "patients merge",
    ),
    *("documents", "search", "reindex", "verify", "audit", "audit report", "audit export"),
    *(
        "audit verify",
        "users",
        "users add",
        "users disable",
        "users reset",
        "users role",
        "users restricted",
        "users list",
    ),
    *("status", "doctor", "retry", "backup", "restore"),
    *("batches", "batches report", "batches excuse", "batches close"),
)
# Of each module of commands one that begins from nothing, so that nothing else has loaded for it.
FRESH = {module: name for name, module in COMMAND_MODULES.items()}.values()
DOCUMENT_FIELDS = {
    *("file", "scan", "first_page", "last_page", "type", "loinc", "type_confidence", "mrn"),
    *("link_confidence", "status", "reason", "service_date"),
}
HIT_FIELDS = {"file", "page", "type", "mrn", "service_date", "score", "snippet"}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_stands_in_the_manual(command):
    done = (started if command in FRESH else forked)(*command.split(), "--help")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) > 4
    manual = (ROOT / "docs" / "operate.md").read_text()
    assert f"chartkeeper {command}" in manual


def test_a_home_that_is_not_there_is_said_with_the_remedy(tmp_path):
    done = forked("--home", tmp_path / "nowhere", "documents")
    assert done.returncode == 3
    assert "init" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("port = 'many'", "port must be a whole number"),
        ("idle_minutes = 99", "between 5 and 30"),
        ("shoes = 2", "knows no setting"),
        ("port = ", "not valid TOML"),
        ("readers = true", "readers must be a whole number"),
        ("engine = 'parrot'", "engine must be one of auto, tesseract, tesserocr"),
        ("second_reader_share = 3", "between 0 and 1"),
    ],
)
def test_a_setting_that_cannot_be_is_said(tmp_path, line, said):
    home = Service(tmp_path / "home").home
    (home / "chartkeeper.toml").write_text(line)
    done = forked("--home", home, "documents")
    assert done.returncode == 3
    assert said in done.stderr


def test_the_configuration_file_explains_each_setting_with_its_default(tmp_path):
    forked("--home", tmp_path, "init", "--admin", ADMIN, "--password-stdin", given=PASSWORD)
    text = (tmp_path / "chartkeeper.toml").read_text()
    settings = (ROOT / "chartkeeper" / "settings.py").read_text()
    fields = re.findall(r"^    (\w+): (?:str|int|float|bool) = (.+)$", settings, re.MULTILINE)
    assert len(fields) > 10
    for name, default in fields:
        assert f"#{name} = {default.lower() if default in {'True', 'False'} else default}" in text


def test_init_can_be_repeated_and_keeps_everything(tmp_path):
    service = Service(tmp_path / "home")
    before = (service.home / "chartkeeper.toml").read_text()
    assert "Brought up to date" in service.run("init")
    assert (service.home / "chartkeeper.toml").read_text() == before
    assert service.run("users", "list").split() == [ADMIN, "administrator", "open"]
    assert oct(service.home.stat().st_mode)[-3:] == "700"


def test_nothing_that_is_made_in_a_home_is_for_other_accounts(tmp_path):
    service = Service(tmp_path / "home")
    assert [path for path in service.home.rglob("*") if path.stat().st_mode & 0o077] == []
    service.home.chmod(0o711)
    said = service.run("doctor", check=False)
    assert "fault: Other accounts of this machine may look into this home" in said


def test_accounts(tmp_path):
    service = Service(tmp_path / "home")
    service.run("users", "add", "ann", "--role", "clerk", "--password-stdin", given=PASSWORD)
    assert "ann\tclerk\topen" in service.run("users", "list")
    assert service.status_of("users", "add", "ann", "--password-stdin") == 3
    service.run("users", "disable", "ann")
    assert "ann\tclerk\tdisabled" in service.run("users", "list")
    service.run("users", "reset", "ann", "--password-stdin", given=PASSWORD)
    assert "ann\tclerk\topen" in service.run("users", "list")
    service.run("users", "role", "ann", "staff")
    assert "ann\tstaff\topen" in service.run("users", "list")
    assert service.status_of("users", "disable", "nobody") == 3
    assert service.status_of("users", "role", "nobody", "clerk") == 3


def test_the_right_to_what_is_restricted_is_given_and_taken(tmp_path):
    service = Service(tmp_path / "home")
    add = ("users", "add", "--password-stdin", "--role")
    service.run(*add, "staff", "ann", given=PASSWORD)
    service.run(*add, "clerk", "bob", "--restricted", given=PASSWORD)
    assert "ann\tstaff\topen\n" in service.run("users", "list")
    assert "bob\tclerk\topen\trestricted\n" in service.run("users", "list")
    assert "ann opens" in service.run("users", "restricted", "ann", "yes")
    assert "ann\tstaff\topen\trestricted\n" in service.run("users", "list")
    service.run("users", "restricted", "ann", "no")
    assert "ann\tstaff\topen\n" in service.run("users", "list")
    assert service.status_of("users", "restricted", "nobody", "yes") == 3
    lines = [json.loads(line) for line in service.run("audit", "export").splitlines()]
    given = [line["detail"] for line in lines if line["event"] == "user:restricted"]
    assert given == [
        {"user": "ann", "restricted": [False, True]},
        {"user": "ann", "restricted": [True, False]},
    ]


def test_the_report_says_what_was_done_in_an_emergency(tmp_path):
    service = Service(tmp_path / "home")
    ledger = open_ledger(service.home / "ledger.db")
    with ledger.write() as connection:
        entry = Entry(Event.PAGE_VIEW, "ann", "::1", document_id=4, detail={"emergency": 12})
        record(connection, entry, datetime.now(UTC))
    ledger.close()
    assert "document=4\temergency=12\n" in service.run("audit", "report", "--user", "ann")


def test_the_account_of_the_home_finds_and_lists_what_is_restricted_and_is_recorded(service):
    """It can read the files themselves; what matters is that each patient is written down."""
    before = service.documents()
    mrn = next(line["mrn"] for line in before if line["mrn"])
    known = len(service.run("audit", "export").splitlines())
    ledger = open_ledger(service.home / "ledger.db")
    with ledger.write() as connection:
        patient = patients.by_mrn(connection, mrn)
        marking.mark_chart(connection, patient.id, ChartReason.VIP, "somebody", datetime.now(UTC))
    try:
        assert service.documents() == before
        assert mrn in [hit["mrn"] for hit in service.search(f"mrn:{mrn}")]
        lines = [json.loads(line) for line in service.run("audit", "export").splitlines()]
        told = {line["event"] for line in lines[known:] if line["mrn"] == mrn}
        assert told == {"list:view", "search"}
    finally:
        with ledger.write() as connection:
            marking.mark_chart(connection, patient.id, None, "somebody", datetime.now(UTC))
        ledger.close()


@pytest.mark.parametrize(
    "words",
    [
        *(("documents", "--text"), ("search", "(open"), ("audit", "verify"), ("users",)),
        ("nonsense",),
    ],
)
def test_a_command_that_is_forked_does_what_one_that_is_started_does(service, words):
    one, other = (call("--home", service.home, *words) for call in (started, forked))
    assert (one.returncode, one.stdout, one.stderr) == (
        other.returncode,
        other.stdout,
        other.stderr,
    )


def test_every_document_is_one_line_with_the_fields_of_the_design(service, expected):
    lines = service.documents("--text")
    for line in lines:
        assert line.keys() >= DOCUMENT_FIELDS | {"text"}
        assert line["status"] in {"filed", "review", "refused", "failed"}
        assert len(line["text"]) == line["last_page"] - line["first_page"] + 1
    assert {line["file"] for line in lines} == {truth["file"] for truth in expected}
    assert all(line.keys() >= DOCUMENT_FIELDS for line in service.documents())


def test_no_document_of_the_samples_is_in_a_wrong_chart(service, expected):
    owners = {
        (truth["file"], document["first_page"]): document["mrn"]
        for truth in expected
        for document in truth["documents"]
    }
    filed = [line for line in service.documents() if line["mrn"]]
    assert len(filed) >= len(owners) // 2
    for line in filed:
        assert line["mrn"] == owners[line["file"], line["first_page"]]


def test_verify_has_nothing_to_say_of_the_samples(service):
    assert "all is well" in service.run("verify")


def test_every_page_is_found_by_a_word_it_holds(service, expected):
    for line in service.documents("--text"):
        for offset, text in enumerate(line["text"]):
            words = re.findall(r"[A-Za-z]{5,}", text)
            if not words:
                continue
            query = " ".join(sorted(set(words), key=len)[-3:])
            found = {(hit["file"], hit["page"]) for hit in service.search(query)}
            assert (line["file"], line["first_page"] + offset) in found


def test_hits_have_the_fields_of_the_design_and_their_filters_work(service):
    line = next(line for line in service.documents() if line["mrn"] and line["service_date"])
    query = f"type:{line['type']} mrn:{line['mrn']} date:{line['service_date']}"
    hits = service.search(query)
    assert hits
    assert all(hit.keys() == HIT_FIELDS for hit in hits)
    assert {(hit["type"], hit["mrn"]) for hit in hits} == {(line["type"], line["mrn"])}
    assert service.search(f"{query} NOT type:{line['type']}") == []


def test_hits_come_newest_first_on_request(service):
    days = [str(hit["service_date"] or "") for hit in service.search("patient", "--newest-first")]
    assert len(set(days)) > 1
    assert days == sorted(days, reverse=True)


@pytest.mark.parametrize("query", ["(open", "type:foo", "pain NOT type:letters"])
def test_a_query_that_cannot_be_is_said(service, query):
    done = forked("--home", service.home, "search", query)
    assert done.returncode == 3
    assert "At character" in done.stderr
    assert "Traceback" not in done.stderr


HUGE = "9" * 25


@pytest.mark.parametrize(
    "words",
    [("retry", HUGE), ("batches", "report", HUGE), ("batches", "close", HUGE),
     ("batches", "excuse", "1", HUGE, "--reason", "x")],
)  # fmt: skip
def test_a_number_beyond_all_numbers_is_said_plainly(service, words):
    done = forked("--home", service.home, *words)
    assert done.returncode == 2
    assert "is not in the range" in done.stderr


@pytest.mark.parametrize(
    ("words", "given"),
    [
        ((b"search", b"caf\xe9"), b""),
        ((b"audit", b"report", b"--user", b"\xff"), b""),
        ((b"users", b"add", b"\xff", b"--password-stdin"), b"a password for tests"),
        ((b"users", b"add", b"zoe", b"--password-stdin"), b"a p\xe4ssword for tests"),
    ],
)
def test_bytes_that_are_no_text_are_said_plainly(service, words, given):
    arguments = [*PROGRAM, "--home", str(service.home), *words]
    done = subprocess.run(arguments, input=given, capture_output=True, check=False)
    assert done.returncode in {2, 3}
    assert b"Traceback" not in done.stderr
    assert done.stderr.startswith(b"chartkeeper: ")


def test_a_question_answered_by_ctrl_c_ends_with_the_status_of_that(tmp_path):
    # Whoever runs the tests in the background has taken Ctrl-C from them.
    hears = ["env", "--default-signal=INT"]
    words = [*hears, *PROGRAM, "--home", str(tmp_path / "home"), "init"]
    asked = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(words, text=True, **asked)
    assert process.stdout.read(len("Administrator")) == "Administrator"
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (130, "\nstopped\n")


def test_status_says_that_nobody_is_at_work(tmp_path):
    service = Service(tmp_path / "home")
    assert "nothing left to do" in service.run("status")
    seen = Seen("inbox", "a.pdf", "c" * 32, Lane.DAILY, 1)
    with closing(open_ledger(service.home / "ledger.db")) as ledger, ledger.write() as connection:
        arrivals.claim(connection, seen, datetime.now(UTC))
    assert "nobody is at work. Start the service" in service.run("status")


def test_verify_finds_damage_and_reindex_mends_the_index(tmp_path):
    service = Service(tmp_path / "home")
    note(tmp_path / "a.png", "alpha bravo")
    service.run("import", str(tmp_path / "a.png"), "--exceptions", str(tmp_path / "e.csv"))
    assert service.status_of("verify") == 0
    for file in (service.home / "index").rglob("*.seg"):
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert service.status_of("verify") == 4
    service.run("reindex")
    assert service.status_of("verify") == 0
    assert len(service.search("bravo")) == 1
    (original,) = [path for path in (service.home / "vault").rglob("*") if path.is_file()]
    original.chmod(0o600)
    original.write_bytes(b"something else")
    assert service.status_of("verify") == 4


def test_import_reports_and_resumes(tmp_path):
    service = Service(tmp_path / "home")
    basement = tmp_path / "basement"
    (basement / "box 1").mkdir(parents=True)
    note(basement / "box 1" / "a.png", "alpha")
    note(basement / "again.png", "alpha")
    (basement / "empty.pdf").write_bytes(b"")
    exceptions = tmp_path / "exceptions.csv"
    assert "accepted\tagain.png" in service.run("import", str(basement), "--dry-run", check=False)
    assert service.documents() == []
    said = service.run("import", str(basement), "--exceptions", str(exceptions), check=False)
    assert {"accepted: 1", "duplicate: 1", "refused: 1", "files: 3"} <= set(said.splitlines())
    assert "empty.pdf,refused," in exceptions.read_text()
    assert "1 more were refused by imports" in service.run("retry")
    assert sorted(path.name for path in basement.rglob("*.*")) == [
        "a.png",
        "again.png",
        "empty.pdf",
    ]
    refused, *_ = [line for line in service.documents() if line["status"] == "refused"]
    assert refused["file"] == "empty.pdf"
    note(basement / "new.png", "bravo")
    said = service.run("import", str(basement), "--resume", check=False)
    # What was refused is tried again: the cause may have been mended.
    assert {"accepted: 1", "refused: 1", "left out, taken in before: 2"} <= set(said.splitlines())
    assert oct((service.home / "import-exceptions.csv").stat().st_mode)[-3:] == "600"


def test_what_is_done_at_the_command_line_is_in_the_access_log(service):
    service.search("pain")
    entries = [json.loads(line) for line in service.run("audit", "export").splitlines()]
    assert any(e["event"] == "search" and e["detail"].get("query") == "pain" for e in entries)
    assert any(e["event"] == "patients:load" for e in entries)
    assert entries[-1]["event"] == "log:export"
    fhir = service.run("audit", "export", "--format", "fhir").splitlines()
    assert json.loads(fhir[0])["resourceType"] == "AuditEvent"
    assert "search" in service.run("audit", "report", "--user", entries[-1]["actor"])
    assert service.run("audit", "report", "--user", "nobody") == ""
    assert service.status_of("audit", "verify") == 0
    assert service.status_of("audit", "report", "--mrn", "999999999") == 3
    mrn = next(str(line["mrn"]) for line in service.documents() if line["mrn"])
    assert f"mrn={mrn}" in service.run("audit", "report", "--mrn", mrn)
    entries = [json.loads(line) for line in service.run("audit", "export").splitlines()]
    assert [e["mrn"] for e in entries if e["event"] == "log:view" and e["mrn"]] == [mrn]


def test_what_is_typed_at_the_log_in_page_makes_no_line_of_the_report(service):
    typed = "nobody\n7\t2026-01-01T00:00:00+00:00\tdemo\t10.0.0.1\tlogin\tok\x1b[2J\u202e"
    attempt = Entry(Event.LOGIN_FAILED, actor=typed, address="10.0.0.1", outcome="refused")
    with open_ledger(service.home / "ledger.db").write() as connection:
        record(connection, attempt, datetime.now(UTC))
    rows = service.run("audit", "report", "--user", typed).splitlines()
    assert [row.split("\t")[2:] for row in rows] == [
        [
            r"nobody\n7\t2026-01-01T00:00:00+00:00\tdemo\t10.0.0.1\tlogin\tok\u001b[2J\u202e",
            *("10.0.0.1", "login:failed", "refused"),
        ]
    ]


def test_asked_who_saw_a_patient_the_log_knows_of_lists_at_the_command_line(service):
    line = next(line for line in service.documents() if line["mrn"] and line["type"])
    mrn = str(line["mrn"])

    def seen():
        rows = service.run("audit", "report", "--mrn", mrn).splitlines()
        return [row.split("\t")[4] for row in reversed(rows)]

    before = len(seen())
    service.documents("--status", str(line["status"]))
    service.documents("--status", "refused")
    service.search(f"mrn:{mrn} type:{line['type']}")
    service.run("audit", "export", "--mrn", mrn)
    assert seen()[before:] == ["list:view", "search", "log:export", "log:view"]
    assert service.status_of("audit", "verify") == 0


def test_doctor_is_content_here_and_names_what_a_home_lacks(service, tmp_path):
    assert service.status_of("doctor") == 0
    assert forked("--home", tmp_path, "doctor").returncode == 4


@pytest.mark.parametrize("does", ["exit 127", "exec sleep 60", "echo tesseract"])
def test_doctor_says_of_a_tesseract_that_it_does_not_run(service, tmp_path, does, monkeypatch):
    program = tmp_path / "tesseract"
    program.write_text(f"#!/bin/sh\n{does}\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    done = forked("--home", service.home, "doctor")
    assert (done.returncode, done.stderr) == (4, "")
    assert "tesseract does not run: a part of it is missing" in done.stdout
    assert "--reinstall tesseract-ocr" in done.stdout


@pytest.mark.parametrize(("engine", "faults"), [("tesserocr", 1), ("auto", 0)])
def test_doctor_misses_tesserocr_where_it_is_asked_for(tmp_path, engine, faults, monkeypatch):
    service = Service(tmp_path / "home", engine=engine)
    (tmp_path / "tesserocr.py").write_text("raise ImportError\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = started("--home", str(service.home), "doctor")
    assert done.stdout.count("fault: tesserocr is not installed. Install it with") == faults
    assert done.returncode == (4 if faults else 0)


def test_a_patient_list_with_bad_rows_loads_the_good_ones(tmp_path):
    service = Service(tmp_path / "home")
    path = tmp_path / "list.csv"
    path.write_text("mrn,last,first,dob\n1,Samplewood,Ada,1961-03-07\n2,Specimen,Eve,yesterday\n")
    done = forked("--home", service.home, "patients", "load", str(path))
    assert done.returncode == 4
    assert "line 3" in done.stderr
    assert "1 new, 0 known before, 1 rejected" in done.stdout


def test_merging_two_numbers_at_the_command_line_and_by_a_list(tmp_path):
    service = Service(tmp_path / "home")
    path = tmp_path / "list.csv"
    head = "mrn,last,first,dob,former_mrns\n"
    people = [f"{n},Samplewood,Ada,1961-03-07,\n" for n in (11, 12, 13)]
    path.write_text(head + "".join(people))
    service.run("patients", "load", str(path))
    assert "0 documents moved" in service.run("patients", "merge", "0011", "12")
    assert service.status_of("patients", "merge", "11", "12") == 3
    path.write_text(f"{head}13,Samplewood,Ada,1961-03-07,0-12; 7\n11,Samplewood,Ada,1961-03-07,\n")
    done = forked("--home", service.home, "patients", "load", str(path))
    assert "0 new, 1 known before, 1 rejected" in done.stdout
    assert "line 3: has an mrn that was merged" in done.stderr
    log = service.run("audit", "export")
    assert log.count("patients:merge") == 4


@needs_rights
def test_a_refusal_of_the_system_is_put_into_words_and_names_no_file(tmp_path):
    folder = tmp_path / "Samplewood Ada"
    folder.mkdir(mode=0o500)
    words = ("init", "--admin", ADMIN, "--password-stdin")
    done = started("--home", folder / "home", *words, given=PASSWORD, under=MORTAL)
    assert done.returncode == 3
    assert "no right to one of its folders" in done.stderr
    assert "Samplewood" not in done.stderr
    assert "Traceback" not in done.stderr
