"""Faxes with a sidecar: what it says, whose it is, and that neither is ever lost or mixed up."""

import json
import os
import subprocess
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sheets import note

from chartkeeper.filing.fax import reported_short
from chartkeeper.ingest import pipeline
from chartkeeper.ingest.deliveries import (
    MAX_SIDECAR_BYTES,
    NOT_COME,
    NOT_UNDERSTOOD,
    OF_ANOTHER,
    SidecarDamaged,
    is_sidecar,
    pair,
    parse_sidecar,
)
from chartkeeper.ingest.inbox import look_into
from chartkeeper.ingest.profiles import MAPS, FieldMap, Profile, Sidecar
from chartkeeper.ingest.watch import Attention, turn
from chartkeeper.ingest.worker import work
from chartkeeper.records import arrivals, review_queue
from chartkeeper.records.failed import put_back
from chartkeeper.records.model import ArrivalState, Delivery, DocumentStatus

JSON_MAP = FieldMap(sender="call.from", pages="pages", error="error", file="file")
XML_MAP = FieldMap(sender="Sender/@number", pages="Pages", status="Status", error="Reason")
XML = """<?xml version="1.0"?><Fax xmlns="urn:sample"><Sender number="+1 555 0100"/>
<Pages> 5 </Pages><Status>%s</Status><Reason>line lost</Reason></Fax>"""


@pytest.mark.parametrize(
    ("kind", "places", "data", "wanted"),
    [
        (
            Sidecar.JSON,
            JSON_MAP,
            b'{"call": {"from": "555 0100"}, "pages": 5}',
            Delivery("555 0100", 5),
        ),
        (Sidecar.JSON, JSON_MAP, b'{"pages": "003", "error": "E17"}', Delivery("", 3, "E17")),
        (Sidecar.JSON, JSON_MAP, b'{"pages": true, "error": "ok"}', Delivery()),
        (Sidecar.JSON, JSON_MAP, b'{"pages": -1, "call": []}', Delivery()),
        (Sidecar.JSON, JSON_MAP, '\ufeff{"pages": 2}'.encode(), Delivery("", 2)),
        (Sidecar.XML, XML_MAP, (XML % "Success").encode(), Delivery("+1 555 0100", 5)),
        (Sidecar.XML, XML_MAP, (XML % "Bad").encode(), Delivery("+1 555 0100", 5, "line lost")),
        (Sidecar.XML, XML_MAP, (XML % "OK").encode("utf-16"), Delivery("+1 555 0100", 5)),
        (
            Sidecar.ASTERISK,
            MAPS[Sidecar.ASTERISK],
            b"FAXSTATUS=SUCCESS\nFAXERROR=NO_ERROR\nREMOTESTATIONID= 555 0100 \nFAXPAGES=4\n",
            Delivery("555 0100", 4),
        ),
        (
            Sidecar.ASTERISK,
            MAPS[Sidecar.ASTERISK],
            b"FAXSTATUS=FAILED\nFAXERROR=\nFAXPAGES=1\n",
            Delivery("", 1, "FAILED"),
        ),
        (
            Sidecar.HYLAFAX,
            MAPS[Sidecar.HYLAFAX],
            b'{"file": "fax.tif", "sender": "SAMPLE\\u0007 CLINIC", "error": "", "pages": "2"}',
            Delivery("SAMPLE CLINIC", 2),
        ),
    ],
)
def test_what_a_sidecar_says(kind, places, data, wanted):
    assert parse_sidecar(data, kind, places, "ward/fax.tif") == wanted


LAUGHS = """<!DOCTYPE f [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><f><Pages>&b;</Pages></f>"""
DAMAGED = {
    "nothing": (Sidecar.JSON, b""),
    "half": (Sidecar.JSON, b'{"pages": 5'),
    "a list": (Sidecar.JSON, b"[1, 2]"),
    "too deep": (Sidecar.JSON, b"[" * 60_000),
    "too large": (Sidecar.JSON, b'{"pages": "' + b"x" * MAX_SIDECAR_BYTES + b'"}'),
    "entities": (Sidecar.XML, LAUGHS.encode()),
    "entities in UTF-16": (Sidecar.XML, LAUGHS.encode("utf-16")),
    "no XML": (Sidecar.XML, b"\x00\x01"),
    "a huge number": (Sidecar.JSON, b'{"pages": ' + b"9" * 5000 + b"}"),
    "no variables": (Sidecar.ASTERISK, b"hello"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_sidecar_is_said_to_be_damaged(name):
    kind, data = DAMAGED[name]
    with pytest.raises(SidecarDamaged):
        parse_sidecar(data, kind, MAPS.get(kind, XML_MAP), "fax.tif")


@given(st.sampled_from([one for one in Sidecar if one is not Sidecar.NONE]), st.binary())
def test_no_bytes_end_in_anything_but_a_delivery_or_damage(kind, data):
    try:
        found = parse_sidecar(data, kind, MAPS.get(kind, XML_MAP), "fax.tif")
    except SidecarDamaged:
        return
    assert found.sender.isprintable()
    assert found.pages_expected is None or found.pages_expected >= 0


@given(st.dictionaries(st.sampled_from(["sender", "pages", "error", "file"]), st.text()))
def test_no_text_in_a_sidecar_ends_in_anything_else(values):
    data = json.dumps(values).encode()
    try:
        found = parse_sidecar(data, Sidecar.HYLAFAX, MAPS[Sidecar.HYLAFAX], "fax.tif")
    except SidecarDamaged:
        return
    assert len(found.sender) <= 80
    assert len(found.error) <= 200


def test_a_sidecar_of_another_file_is_not_heard():
    data = b'{"file": "other.tif", "pages": 5}'
    with pytest.raises(SidecarDamaged, match="another file"):
        parse_sidecar(data, Sidecar.JSON, JSON_MAP, "fax.tif")


def pairs_of(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"x")
    found = pair(look_into(folder).found, ".json")
    beside = {path.relative_to(folder): item.name for path, item in found.beside.items()}
    return (
        {str(path): name for path, name in beside.items()},
        {str(path.relative_to(folder)) for path in found.alone},
    )


def test_each_file_gets_its_own_sidecar(tmp_path):
    beside, alone = pairs_of(
        tmp_path,
        *("a.tif", "a.tif.json", "b.tif", "b.JSON", "ward/a.tif", "ward/b.json", "c.pdf"),
        *("A.tif", "d.tif.part", "d.tif.json"),
    )
    assert beside == {"a.tif": "a.tif.json", "b.tif": "b.JSON"}
    assert alone == {"ward/b.json", "d.tif.json"}


def test_where_two_files_could_be_meant_the_sidecar_is_nobodys(tmp_path):
    beside, alone = pairs_of(tmp_path, "fax.tif", "fax.pdf", "fax.json")
    assert (beside, alone) == ({}, {"fax.json"})


def test_a_name_that_is_only_a_suffix_is_no_sidecar():
    assert not is_sidecar(".json", ".json")
    assert not is_sidecar("fax.json", "")


@pytest.fixture
def fax(desk, tmp_path):
    """The desk before an inbox of a fax server that writes JSON, without patience."""
    (tmp_path / "fax").mkdir()
    places = FieldMap(sender="sender", pages="pages", error="error", file="file")
    profile = Profile(
        "fax", tmp_path / "fax", sidecar=Sidecar.JSON, sidecar_wait_seconds=0.0, map=places
    )
    return desk.at(profile)


def waiting(desk, seconds):
    return replace(desk, profile=replace(desk.profile, sidecar_wait_seconds=seconds))


def deliver(desk, name="fax.tif", text="hello", **said):
    note(desk.inbox / name, text)
    (desk.inbox / f"{name}.json").write_text(json.dumps({"sender": "555 0100", **said}))


def came(desk):
    with desk.ledger.read() as connection:
        return list(reversed(arrivals.newest(connection, 100)))


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def file_all(desk):
    stop = threading.Event()
    worker = threading.Thread(target=work, args=(desk, stop))
    worker.start()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with desk.ledger.read() as connection:
            found = review_queue.waiting(connection, 10)
        if found:
            break
        time.sleep(0.2)
    stop.set()
    worker.join()
    return found


def test_a_fax_with_pages_missing_by_its_sidecar_goes_to_a_clerk(fax):
    deliver(fax, pages=3, error="")
    turn(fax, Attention())
    (arrival,) = came(fax)
    assert arrival.state is ArrivalState.ACCEPTED
    assert arrival.delivery == Delivery("555 0100", 3)
    (found,) = file_all(fax)
    assert found.document.status is DocumentStatus.REVIEW
    assert found.document.reason.startswith("The fax server reports 3 pages, the file has 1.")


def test_a_reception_error_is_said_and_a_whole_fax_is_not_questioned():
    assert reported_short(3, "", 3) == ""
    assert reported_short(None, "", 3) == ""
    assert reported_short(2, "", 3) == ""
    assert "reports 4 pages, the file has 3" in reported_short(4, "", 3)
    assert "(E17); pages may be missing" in reported_short(3, "E17", 3)


def test_the_sidecar_leaves_the_inbox_with_its_file(fax):
    deliver(fax, "bad.tif")
    (fax.inbox / "bad.tif").write_bytes(b"no scan")
    deliver(fax, "twice.tif")
    deliver(fax, "again.tif")
    for _ in range(2):
        turn(fax, Attention())
    states = {one.name: one.state for one in came(fax)}
    assert ArrivalState.DUPLICATE in states.values()
    bad = next(one for one in came(fax) if one.name == "bad.tif")
    kept = f"{bad.id:06d} bad.tif"
    assert names(fax.failed) == [kept, f"{kept}.json", f"{kept}.why.txt"]
    claims = names(fax.inbox / ".chartkeeper")
    assert len(claims) == 2
    assert claims[1] == f"{claims[0]}.sidecar"


def test_a_file_that_is_tried_again_takes_its_sidecar_along(fax):
    deliver(fax, "bad.tif", file="bad.tif", pages=1)
    (fax.inbox / "bad.tif").write_bytes(b"no scan")
    turn(fax, Attention())
    (bad,) = came(fax)
    assert put_back(fax.failed, fax.inbox, bad.id, bad.name)
    assert names(fax.failed) == []
    turn(fax, Attention())
    again = came(fax)[-1]
    assert again.delivery == Delivery("555 0100", 1)


def test_a_sidecar_is_waited_for_and_then_done_without(fax):
    note(fax.inbox / "fax.tif", "hello")
    patient = waiting(fax, 0.5)
    attention = Attention()
    turn(patient, attention)
    assert came(fax) == []
    time.sleep(0.6)
    turn(patient, attention)
    (arrival,) = came(fax)
    assert arrival.state is ArrivalState.ACCEPTED
    assert arrival.delivery == Delivery(note=NOT_COME)


def test_a_sidecar_that_comes_in_time_is_heard(fax):
    note(fax.inbox / "fax.tif", "hello")
    patient, attention = waiting(fax, 30), Attention()
    turn(patient, attention)
    (fax.inbox / "fax.tif.json").write_text('{"sender": "555 0100"')
    turn(patient, attention)
    assert came(fax) == []
    (fax.inbox / "fax.tif.json").write_text('{"sender": "555 0100"}')
    turn(patient, attention)
    (arrival,) = came(fax)
    assert arrival.delivery == Delivery("555 0100")


@pytest.mark.parametrize(
    ("sidecar", "noted"),
    [('{"pages": ', NOT_UNDERSTOOD), ('{"file": "other.tif"}', OF_ANOTHER)],
)
def test_a_damaged_sidecar_does_not_stop_the_file(fax, sidecar, noted):
    note(fax.inbox / "fax.tif", "hello")
    (fax.inbox / "fax.tif.json").write_text(sidecar)
    turn(fax, Attention())
    arrival = next(one for one in came(fax) if one.name == "fax.tif")
    assert arrival.state is ArrivalState.ACCEPTED
    assert arrival.delivery == Delivery(note=noted)


def test_a_sidecar_without_a_file_is_put_aside_with_its_reason(fax):
    (fax.inbox / "fax.tif.json").write_text("{}")
    patient, attention = waiting(fax, 0.05), Attention()
    turn(patient, attention)
    assert came(fax) == []
    time.sleep(0.6)
    turn(patient, attention)
    (arrival,) = came(fax)
    assert (arrival.state, arrival.reason_code) == (ArrivalState.REFUSED, "sidecar_alone")
    assert len(names(fax.failed)) == 2


def test_a_sidecar_that_is_late_is_not_taken_for_that_of_the_next_file(fax):
    """Fax servers use names again: what came late must not be paired with the next fax."""
    attention, late = Attention(), waiting(fax, 0.2)
    note(fax.inbox / "fax.tif", "first")
    turn(late, attention)
    time.sleep(0.3)
    turn(late, attention)
    (fax.inbox / "fax.tif.json").write_text('{"sender": "555 0111", "pages": 7}')
    turn(late, attention)
    deliver(fax, text="second", pages=1)
    turn(late, attention)
    first, report, second = came(fax)
    assert first.delivery.note == NOT_COME
    assert report.reason_code == "sidecar_alone"
    assert second.delivery == Delivery("555 0100", 1)


def test_names_used_again_and_again_are_never_mixed_up(fax):
    attention = Attention()
    for number in range(1, 6):
        deliver(fax, text=f"fax {'abcdef'[number]}", sender=f"555 010{number}", pages=number)
        turn(fax, attention)
    found = came(fax)
    assert [one.delivery.sender for one in found] == [f"555 010{one}" for one in range(1, 6)]
    assert len({one.scan_id for one in found}) == 5


def claim_by_hand(fax):
    listing = {found.name: found for found in look_into(fax.inbox).found}
    sidecar = listing["fax.tif.json"]
    return pipeline.claim(fax, listing["fax.tif"], Delivery("555 0100", 1), sidecar)


def test_a_claim_that_got_only_as_far_as_the_sidecar_is_made_anew(fax):
    """As after a crash between the two renames."""
    deliver(fax, pages=1)
    arrival = claim_by_hand(fax)
    fax.claim_path(arrival.claim).rename(fax.inbox / "fax.tif")
    turn(fax, Attention())
    turn(fax, Attention())
    (again,) = came(fax)
    assert again.claim != arrival.claim
    assert again.delivery == Delivery("555 0100", 1)
    assert len(names(fax.inbox / ".chartkeeper")) == 2


def test_a_claim_that_was_made_is_taken_up_with_what_the_sidecar_said(fax):
    deliver(fax, pages=1)
    claim_by_hand(fax)
    turn(fax, Attention())
    (arrival,) = came(fax)
    assert arrival.state is ArrivalState.ACCEPTED
    assert arrival.delivery == Delivery("555 0100", 1)


def test_claims_that_the_ledger_lost_sight_of_come_back_as_a_pair(fax):
    deliver(fax, pages=1)
    arrival = claim_by_hand(fax)
    with fax.ledger.write() as connection:
        arrivals.withdraw(connection, arrival.id)
    turn(fax, Attention())
    (back,) = came(fax)
    assert back.state is ArrivalState.ACCEPTED
    assert back.delivery == Delivery("555 0100", 1)


def test_a_file_that_its_writer_changes_while_it_is_claimed_goes_back_with_its_sidecar(fax):
    deliver(fax, pages=1)
    listing = {found.name: found for found in look_into(fax.inbox).found}
    with (fax.inbox / "fax.tif").open("ab") as writer:
        writer.write(b"more")
        writer.flush()
        sidecar = listing["fax.tif.json"]
        assert pipeline.claim(fax, listing["fax.tif"], Delivery(), sidecar) is None
    assert {path.name for path in fax.inbox.iterdir() if path.is_file()} == {
        "fax.tif",
        "fax.tif.json",
    }
    assert came(fax) == []


def test_where_no_sidecars_come_their_names_mean_nothing(desk):
    (desk.inbox / "fax.tif.json").write_text("{}")
    turn(desk, Attention())
    (arrival,) = came(desk)
    assert arrival.reason_code == "unsupported_format"


def test_what_is_only_called_like_a_sidecar_is_put_aside_like_any_leftover(fax, tmp_path):
    (fax.inbox / "~fax.tif.json").write_text("{}")
    (fax.inbox / ".fax.tif.json").write_text("{}")
    (fax.inbox / "link.json").symlink_to(tmp_path / "nowhere")
    os.mkfifo(fax.inbox / "pipe.json")
    for _ in range(2):
        turn(fax, Attention())
    assert {one.name: one.reason_code for one in came(fax)} == {
        "~fax.tif.json": "leftover",
        ".fax.tif.json": "leftover",
        "link.json": "link",
        "pipe.json": "special",
    }
    aside = [path for path in fax.failed.iterdir() if not path.name.endswith(".why.txt")]
    assert len(aside) == 4


DOCS = Path(__file__).parents[2] / "docs" / "fax-servers.md"


def test_the_script_for_hylafax_delivers_a_fax_with_its_sidecar(fax, tmp_path):
    """The faxrcvd of the documentation, run by sh as HylaFAX runs it."""
    script = DOCS.read_text().split("```sh\n")[1].split("```")[0]
    spool = tmp_path / "spool"
    (spool / "recvq").mkdir(parents=True)
    note(spool / "recvq" / "fax00000012.tif", "hello")
    # So HylaFAX leaves what it receives, unless it is told otherwise.
    (spool / "recvq" / "fax00000012.tif").chmod(0o600)
    (tmp_path / "faxrcvd").write_text(script)
    arguments = ["recvq/fax00000012.tif", "ttyS1", "000000042", 'RSPREC "error" \\ \t17']
    environment = {**os.environ, "CHARTKEEPER_FAX_INBOX": str(fax.inbox)}
    subprocess.run(
        ["sh", str(tmp_path / "faxrcvd"), *arguments, "555 0100", "SAMPLE CLINIC"],
        cwd=spool,
        env=environment,
        check=True,
    )
    delivered = [path for path in fax.inbox.iterdir() if path.is_file()]
    assert [oct(path.stat().st_mode & 0o777) for path in delivered] == ["0o640", "0o640"]
    hylafax = replace(fax.profile, sidecar=Sidecar.HYLAFAX, map=MAPS[Sidecar.HYLAFAX])
    turn(replace(fax, profile=hylafax), Attention())
    (arrival,) = came(fax)
    assert arrival.name == "fax00000012-000000042.tif"
    assert arrival.delivery.sender == "555 0100"
    assert arrival.delivery.error == "RSPREC 'error' / 17"
    assert arrival.state is ArrivalState.ACCEPTED
    assert (spool / "recvq" / "fax00000012.tif").exists()
