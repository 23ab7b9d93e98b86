"""Nothing leaves unrecorded: entries are committed first, and a boundary checks that they were."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from flask import Response, g, request

from chartkeeper.records import access_log
from chartkeeper.records.access_log import Entry, Event
from chartkeeper.records.database import Connection
from chartkeeper.records.model import Patient
from chartkeeper.webui import clock, current

log = logging.getLogger(__name__)

# Answers of these show nothing of anybody: forms to fill in, style sheets, signs of life.
SHOWS_NOTHING = frozenset(
    {
        *("static", "health.health", "login.form", "login.remaining", "login.extend"),
        *("search.home", "charts.look_up", "password.form"),
    }
)
UNAVAILABLE = (
    "This page cannot be shown: the access log could not be written, and nothing is shown "
    "unrecorded. Tell the records administrator; `chartkeeper doctor` says what is wrong."
)


def entry(  # noqa: PLR0913 - the fields of an entry, by name
    event: Event,
    *,
    actor: str | None = None,
    outcome: str = "ok",
    patient: Patient | None = None,
    document_id: int | None = None,
    page: int | None = None,
    detail: Mapping[str, object] | None = None,
) -> Entry:
    """An entry for what this request does; the actor is whoever is logged in unless given."""
    return Entry(
        event=event,
        actor=current.user().name if actor is None else actor,
        address=current.address(),
        outcome=outcome,
        patient_id=patient.id if patient else None,
        mrn=patient.mrn if patient else None,
        document_id=document_id,
        page=page,
        detail={**(detail or {}), **_emergency(patient)},
    )


def _emergency(patient: Patient | None) -> dict[str, int]:
    """The emergency access under which something is done with a patient, if it is under one."""
    grant = current.reader().grant_for(patient.id) if patient else None
    return {"emergency": grant.id} if grant else {}


@contextmanager
def writing() -> Iterator[Connection]:
    """A writing transaction of the ledger; if it fails unexpectedly, the answer is a plain 503."""
    g.writing = True
    with current.parts().ledger.write() as connection:
        yield connection
    g.writing = False


def account_for(*entries: Entry) -> None:
    """Record what is about to be shown or done, in a transaction of its own."""
    with writing() as connection:
        record_in(connection, *entries)


def record_in(connection: Connection, *entries: Entry) -> None:
    """Record entries in the transaction of the change they are about."""
    access_log.record_each(connection, entries, clock.now())
    g.accounted = True


def account_for_list(
    event: Event, people: Mapping[int, Patient], detail: Mapping[str, object]
) -> None:
    """Record that a list was shown: an entry for it, and one for each patient who is on it.

    Whoever asks later who saw a patient finds the lists among the answers.
    """
    with writing() as connection:
        whole = entry(event, detail={**detail, "patients": sorted(people)})
        number = access_log.record(connection, whole, clock.now())
        shown_in = {"shown_in": number}
        rows = (entry(event, patient=who, detail=shown_in) for who in people.values())
        record_in(connection, *rows)


def account_for_documents(
    event: Event, shown: Sequence[tuple[int, Patient | None]], detail: Mapping[str, object]
) -> None:
    """Record that a list of documents was shown: an entry for it, and one for each line of it.

    A line is a document with a patient who is named beside it, or with nobody.
    """
    with writing() as connection:
        people = sorted({who.id for _, who in shown if who})
        numbers = sorted({document_id for document_id, _ in shown})
        whole = entry(event, detail={**detail, "documents": numbers, "patients": people})
        shown_in = {"shown_in": access_log.record(connection, whole, clock.now())}
        rows = (
            entry(event, patient=who, document_id=document_id, detail=shown_in)
            for document_id, who in shown
        )
        record_in(connection, *rows)


def refuse_unaccounted(response: Response) -> Response:
    """Hold back an answer that would show something without an entry in the log."""
    shows = response.status_code < 300 and request.endpoint not in SHOWS_NOTHING
    if shows and not g.get("accounted", False):
        log.error("an answer of %s was held back: no entry was written", request.endpoint)
        return unavailable()
    return response


def unavailable() -> Response:
    """The plain answer when the log cannot be written."""
    return Response(UNAVAILABLE, 503, mimetype="text/plain")
