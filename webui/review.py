"""The review queue, and the form with which a person decides or corrects."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chartkeeper.records import (
    arrivals,
    aside,
    documents,
    marking,
    openings,
    patient_search,
    patients,
    review_queue,
    suggestions,
)
from chartkeeper.records.access_log import Entry, Event
from chartkeeper.records.database import Connection
from chartkeeper.records.documents import DocumentFacts, Verdict
from chartkeeper.records.model import Arrival, DocumentStatus, Evidence, Field, Patient
from chartkeeper.records.openings import Opening
from chartkeeper.webui import clock, current
from chartkeeper.webui.accounting import (
    account_for,
    account_for_documents,
    entry,
    record_in,
    writing,
)
from chartkeeper.webui.deciding import (
    AsideDraft,
    Draft,
    check_birth,
    fresh_draft,
    read_draft,
    verdict_of,
)
from chartkeeper.webui.dossier import Dossier, Ruling, open_dossier
from chartkeeper.webui.errors import DateMissing, FormInvalid
from chartkeeper.webui.last_step import LastStep, last_step
from chartkeeper.webui.named import named_in
from chartkeeper.webui.narrowed import LACKING, in_address, narrowed
from chartkeeper.webui.numbers import number
from chartkeeper.webui.options import Option, options
from chartkeeper.webui.sheets import Sheet, Wanted, lay_out
from chartkeeper.webui.splitting import cut, join

pages = Blueprint("review", __name__)

QUEUE_A_PAGE = 50
SHEETS_AT_ONCE = 25
PATIENTS_SHOWN = 10
# The next document is looked for among so many, as others may have some of them open.
LOOKED_AHEAD = 20
# The buttons that decide; any other, and Enter in a field, only shows the form again.
DECIDING = frozenset({"file", "keep"})


@dataclass(frozen=True, slots=True)
class Waiting:
    """A document of the queue, with the file that brought it and whom it may belong to.

    `named` are others whom the reason names, `opening` is who else has it open.
    """

    facts: DocumentFacts
    arrival: Arrival | None
    patient: Patient | None
    named: Sequence[Patient]
    opening: Opening | None = None

    @property
    def lines(self) -> list[tuple[int, Patient | None]]:
        """The document with each patient who is seen beside it, or with nobody."""
        number = self.facts.document.id
        seen = [*([self.patient] if self.patient else []), *self.named]
        return [(number, who) for who in seen] or [(number, None)]


@pages.get("/review")
def queue() -> ResponseReturnValue:
    """What waits for a person, longest waiting first."""
    after, wanted = number(request.args.get("after")), narrowed()
    with current.parts().ledger.read() as connection:
        found = review_queue.waiting(connection, QUEUE_A_PAGE + 1, wanted, after)
        shown = _waiting(connection, found[:QUEUE_A_PAGE])
        total = review_queue.count(connection, wanted)
        set_aside = aside.count(connection)
        done = last_step(connection)
    lines = [line for item in shown for line in item.lines]
    narrowing = in_address(wanted)
    account_for_documents(Event.LIST_VIEW, lines, {"list": "review", **narrowing})
    if done:
        account_for(*done.entries)
    more = shown[-1].facts.document.id if len(found) > QUEUE_A_PAGE else None
    free = [item for item in shown if not item.opening]
    return render_template(
        "queue.html",
        shown=shown,
        first=next(iter([*free, *shown]), None),
        total=total,
        more=more,
        paged=after > 0,
        set_aside=set_aside,
        narrowing=narrowing,
        types=current.parts().types,
        lacking=LACKING,
        done=done,
    )


@pages.get("/review/next")
def following() -> ResponseReturnValue:
    """On to the next document that waits; what was skipped stays where it is."""
    return go_on(number(request.args.get("after")))


@pages.get("/review/<int:document_id>")
def work(document_id: int) -> ResponseReturnValue:
    """The form, with the pages beside it; what was set aside is only read."""
    with current.parts().ledger.read() as connection:
        facts = documents.facts(connection, document_id)
    if facts.is_aside:
        return redirect(url_for("viewer.document", document_id=document_id), 303)
    return _work_page(document_id, fresh_draft(facts))


def fresh_work_page(document_id: int, leaving: AsideDraft) -> str:
    """The form as it is before anybody touched it, with that to set the document aside open."""
    with current.parts().ledger.read() as connection:
        facts = documents.facts(connection, document_id)
    return _work_page(document_id, fresh_draft(facts), leaving=leaving)


@pages.post("/review/<int:document_id>")
def decide(document_id: int) -> ResponseReturnValue:
    """Look a patient up, or decide."""
    draft, action = read_draft(), request.form.get("action", "")
    if action not in DECIDING:
        return _work_page(document_id, draft, looking=_asks(draft, action))
    try:
        verdict = verdict_of(draft, keep=action == "keep")
        before = _record(document_id, draft.version, verdict)
    except FormInvalid as error:
        undated = isinstance(error, DateMissing)
        return _work_page(document_id, draft, problem=str(error), ask_undated=undated), 400
    if before.document.status is DocumentStatus.FILED:
        return redirect(url_for("viewer.document", document_id=document_id), 303)
    kept = verdict.patient_id is None
    return go_on(document_id, {"kept" if kept else "filed": document_id})


@pages.post("/review/<int:document_id>/split")
def split(document_id: int) -> ResponseReturnValue:
    """Begin a new document at a page: the one whose button was pressed, or the one written down."""
    sheet = number(request.form.get("at") or request.form.get("before"))
    new_id = cut(document_id, number(request.form.get("version")), sheet)
    said: dict[str, Any] = {"cut": new_id, **in_address(narrowed())}
    return redirect(url_for("review.work", document_id=document_id, **said), 303)


@pages.post("/review/<int:document_id>/join")
def unite(document_id: int) -> ResponseReturnValue:
    """Take the document behind into this one."""
    version, next_id = number(request.form.get("version")), number(request.form.get("next"))
    join(document_id, version, next_id)
    said: dict[str, Any] = {"joined": document_id, **in_address(narrowed())}
    return redirect(url_for("review.work", document_id=document_id, **said), 303)


def go_on(after_id: int, done: dict[str, Any] | None = None) -> ResponseReturnValue:
    """On to the next document that waits, saying there in numbers what was done."""
    wanted = narrowed()
    said: dict[str, Any] = {**(done or {}), **in_address(wanted)}
    with current.parts().ledger.read() as connection:
        behind = review_queue.waiting(connection, LOOKED_AHEAD, wanted, after_id)
        ahead = review_queue.waiting(connection, LOOKED_AHEAD, wanted)
        found = (item.document.id for item in [*behind, *ahead])
        others = [number for number in found if number != after_id]
        taken = openings.of_others(connection, others, current.user().name, clock.now())
    if not others:
        return redirect(url_for("review.queue", **said), 303)
    # What somebody else has open comes when nothing else is left.
    first = min(others, key=lambda number: number in taken)
    return redirect(url_for("review.work", document_id=first, **said), 303)


def _asks(draft: Draft, action: str) -> bool:
    """Whether a patient is to be looked up: by the button, or by Enter behind something new."""
    is_new = draft.looked_for != request.form.get("looked_before", "")
    return bool(draft.looked_for) and (action == "look_up" or is_new)


def _record(document_id: int, seen_version: int, verdict: Verdict) -> DocumentFacts:
    """Decide and account for it in one transaction; returns the document as it was.

    Raises FormInvalid for what cannot be of the patient.
    """
    with writing() as connection:
        patient = patients.get(connection, verdict.patient_id) if verdict.patient_id else None
        check_birth(verdict.service_date, patient)
        name = current.user().name
        before = documents.decide(connection, document_id, seen_version, verdict, name, clock.now())
        openings.close(connection, document_id)
        record_in(connection, *_decision_entries(connection, before, verdict, patient))
    return before


def _decision_entries(
    connection: Connection, before: DocumentFacts, verdict: Verdict, patient: Patient | None
) -> list[Entry]:
    """What was decided, old and new; a patient who loses a document is told of apart."""
    document_id = before.document.id
    detail = {
        "type": [before.type, verdict.type],
        "patient": [before.patient_id, verdict.patient_id],
        "service_date": [before.service_date, verdict.service_date],
    }
    entries = [entry(Event.DECISION, patient=patient, document_id=document_id, detail=detail)]
    if before.patient_id and before.patient_id != verdict.patient_id:
        old = patients.get(connection, before.patient_id)
        entries.append(entry(Event.DECISION, patient=old, document_id=document_id, detail=detail))
    return entries


def _work_page(
    document_id: int,
    draft: Draft,
    *,
    looking: bool = False,
    problem: str = "",
    ask_undated: bool = False,
    leaving: AsideDraft | None = None,
) -> str:
    with current.parts().ledger.read() as connection:
        dossier = open_dossier(connection, document_id, current.parts().type_name)
        looked_up, alike = _look_up(connection, draft.looked_for) if looking else ([], False)
        offered = options(connection, document_id, draft.patient, looked_up)
        sheets = _sheets(connection, dossier, offered)
        waiting = review_queue.count(connection, narrowed())
        asked = suggestions.open_ones(connection, document_id)
        behind = documents.following(connection, document_id)
        marks = marking.history_of_document(connection, document_id)
        done = last_step(connection)
    opening = _account(dossier, offered, done)
    if looking:
        numbers = [who.id for who in looked_up]
        account_for(
            entry(Event.PATIENT_SEARCH, detail={"query": draft.looked_for, "patients": numbers})
        )
    return render_template(
        "review.html",
        dossier=dossier,
        draft=draft,
        offered=offered,
        found=len(looked_up) if looking else None,
        alike=alike,
        sheets=sheets,
        waiting=waiting,
        types=current.parts().types,
        problem=problem,
        unsaved=draft.choices != fresh_draft(dossier.facts).choices,
        ask_undated=ask_undated,
        suggestions=asked,
        following=behind if behind and not behind.is_aside else None,
        leaving=leaving,
        reasons=aside.WORDS,
        max_note=aside.MAX_NOTE_CHARS,
        narrowing=in_address(narrowed()),
        opening=opening,
        marks=marks,
        done=done,
    )


def _look_up(connection: Connection, text: str) -> tuple[list[Patient], bool]:
    """Patients for what was typed, and whether they are only written alike."""
    found = patient_search.search(connection, text, PATIENTS_SHOWN)
    if found:
        return found, False
    alike = patient_search.written_alike(connection, text, PATIENTS_SHOWN)
    return alike, bool(alike)


def _sheets(connection: Connection, dossier: Dossier, offered: Sequence[Option]) -> list[Sheet]:
    """The first pages, with what speaks for or against patient and date, and the type's title."""
    ruled = [item for ruling in dossier.in_force for item in _telling(ruling)]
    weighed = [item for option in offered for item in (*option.agrees, *option.disagrees)]
    marked: dict[object, Evidence] = {(e.page, e.box): e for e in [*weighed, *ruled]}
    first_page = dossier.facts.document.first_page
    wanted = Wanted(evidence=tuple(marked.values()))
    return lay_out(connection, dossier.pages[:SHEETS_AT_ONCE], first_page, wanted)


def _telling(ruling: Ruling) -> Sequence[Evidence]:
    # Every heading speaks for a type: marked all, they would hide what a clerk must compare.
    evidence = ruling.recorded.decision.evidence
    if ruling.recorded.decision.field is Field.TYPE:
        return sorted(evidence, key=lambda item: -item.weight)[:1]
    return evidence


def _account(dossier: Dossier, offered: Sequence[Option], done: LastStep | None) -> Opening | None:
    """Account for what the form shows, and note that it is open; returns who else has it open."""
    why = {"shown": "candidate"}
    looked = entry(Event.DOCUMENT_VIEW, patient=dossier.patient, document_id=dossier.id)
    others = {**dossier.named, **{option.patient.id: option.patient for option in offered}}
    beside = (
        entry(Event.DOCUMENT_VIEW, patient=who, document_id=dossier.id, detail=why)
        for number, who in others.items()
        if number != dossier.facts.patient_id
    )
    with writing() as connection:
        record_in(connection, *(done.entries if done else ()), looked, *beside)
        return openings.note(connection, dossier.id, current.user().name, clock.now())


def _waiting(connection: Connection, found: Sequence[DocumentFacts]) -> list[Waiting]:
    came = arrivals.of_scans(connection, [item.document.scan_id for item in found])
    possible = documents.candidate_ids(connection, [item.document.id for item in found])
    linked = {item.patient_id for item in found if item.patient_id}
    people = patients.by_ids(connection, linked.union(*possible.values()))
    numbers = [item.document.id for item in found]
    taken = openings.of_others(connection, numbers, current.user().name, clock.now())
    return [
        Waiting(
            item,
            next(iter(came.get(item.document.scan_id, [])), None),
            people.get(item.patient_id or 0),
            _named(item, [people[number] for number in possible.get(item.document.id, ())]),
            taken.get(item.document.id),
        )
        for item in found
    ]


def _named(item: DocumentFacts, possible: Sequence[Patient]) -> list[Patient]:
    """Those who may be the patient and whom the reason names."""
    found = named_in(item.document.reason, possible)
    return [who for number, who in found.items() if number != item.patient_id]
