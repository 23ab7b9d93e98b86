"""The web pages put together: parts in, a Flask application out."""

import logging
import traceback
from dataclasses import replace
from types import TracebackType

from flask import Flask, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, InternalServerError

from chartkeeper.index.failures import IndexFailure
from chartkeeper.ocr.errors import MissingProgram, UnreadableFile, UnreadablePage
from chartkeeper.records import patients
from chartkeeper.records.access_log import Event
from chartkeeper.records.errors import (
    ChartRestricted,
    DocumentJoined,
    DocumentRestricted,
    DocumentSetAside,
    EmergencyReviewed,
    LedgerUnavailable,
    NotInReview,
    NotSetAside,
    OriginalMissing,
    OwnEmergency,
    RecordsError,
    StaleDecision,
    UnknownBatch,
    UnknownDocument,
    UnknownEmergency,
    UnknownPatient,
    UnknownUser,
)
from chartkeeper.webui import (
    aside,
    batches,
    charts,
    clock,
    current,
    emergencies,
    emergency,
    health,
    intake,
    learning,
    log,
    login,
    password,
    restricting,
    review,
    search,
    shown,
    status,
    users,
    viewer,
)
from chartkeeper.webui.accounting import account_for, entry, refuse_unaccounted, unavailable
from chartkeeper.webui.errors import (
    FileOfSeveral,
    FormExpired,
    FormInvalid,
    NotAllowed,
    PageNotThere,
    SearchForgotten,
    WebError,
)
from chartkeeper.webui.guard import NEEDS, admit
from chartkeeper.webui.headers import harden
from chartkeeper.webui.numbers import RowNumber
from chartkeeper.webui.parts import WebParts

MODULES = (
    *(health, login, password, search, viewer, review, aside, charts, intake),
    *(restricting, emergency, emergencies, batches, users, learning, log, status),
)
MAX_FORM_BYTES = 64 * 1024
# The nearest class in this table decides; anything else is a fault of ours.
STATUS: dict[type[Exception], int] = {
    WebError: 400,
    FormExpired: 400,
    FormInvalid: 400,
    NotAllowed: 403,
    FileOfSeveral: 403,
    PageNotThere: 404,
    SearchForgotten: 404,
    RecordsError: 400,
    DocumentRestricted: 403,
    ChartRestricted: 403,
    OwnEmergency: 403,
    UnknownEmergency: 404,
    EmergencyReviewed: 409,
    UnknownBatch: 404,
    UnknownDocument: 404,
    UnknownPatient: 404,
    UnknownUser: 404,
    StaleDecision: 409,
    DocumentSetAside: 409,
    NotInReview: 409,
    NotSetAside: 409,
    LedgerUnavailable: 503,
    OriginalMissing: 503,
    IndexFailure: 503,
    UnreadableFile: 503,
    UnreadablePage: 503,
    MissingProgram: 503,
}
# Failures over the state of a document; whoever met one goes on with the document as it is.
CHANGED = (StaleDecision, DocumentSetAside, NotInReview, NotSetAside)
TITLES = {
    400: "That did not work",
    403: "Not open to your account",
    404: "Not found",
    405: "Not possible here",
    409: "Changed in the meantime",
    413: "Too long",
    500: "Something is wrong here",
    503: "Not available just now",
}
SOMETHING_ELSE = "The request could not be answered. Go back and try again."
OUR_FAULT = (
    "The service met a fault and stopped at it; nothing was shown or changed. Try again. If it "
    "stays, tell the records administrator the time: the service's log says where it happened."
)


class ChartkeeperApp(Flask):
    """Flask, except that its log of faults says where, never what: messages may hold charts."""

    def log_exception(
        self,
        exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None],
    ) -> None:
        """Write the places of a fault, innermost last, without its message."""
        kind, _, trace = exc_info
        places = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(trace)]
        name = kind.__name__ if kind else "fault"
        logging.getLogger(__name__).error(
            "%s at %s: %s", name, request.endpoint, " > ".join(places)
        )


def create_app(parts: WebParts) -> Flask:
    """The application that answers browsers, on these parts."""
    app = ChartkeeperApp("chartkeeper.webui", template_folder="templates", static_folder="static")
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES,
        PROVIDE_AUTOMATIC_OPTIONS=False,
    )
    app.jinja_options = {**app.jinja_options, "trim_blocks": True, "lstrip_blocks": True}
    # Nothing is read here but on behalf of whoever asks.
    readers = parts.ledger.on_behalf_of(current.reader)
    app.extensions[current.PARTS] = replace(parts, ledger=readers)
    app.url_map.converters["int"] = RowNumber
    for module in MODULES:
        app.register_blueprint(module.pages)
    app.before_request(admit)
    # Run in reverse order: an answer that is held back is hardened like any other.
    app.after_request(harden)
    app.after_request(refuse_unaccounted)
    _register_failures(app)
    shown.register(app)
    app.context_processor(_for_every_page)
    return app


def _for_every_page() -> dict[str, object]:
    session = current.session()
    return {
        "mine": session,
        "may": lambda group: session is not None and current.may(session.user.role, NEEDS[group]),
        "idle_seconds": current.parts().idle_seconds,
        "now": clock.now(),
        "emergencies": [grant for grant in g.get("grants", ()) if grant.holds(clock.now())],
        "document_reasons": restricting.DOCUMENT_REASONS,
        "chart_reasons": restricting.CHART_REASONS,
    }


def _register_failures(app: Flask) -> None:
    for kind in STATUS:
        app.register_error_handler(kind, _expected)
    app.register_error_handler(DocumentRestricted, _restricted_document)
    app.register_error_handler(ChartRestricted, _restricted_chart)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(InternalServerError, _unexpected)


def _expected(error: Exception) -> ResponseReturnValue:
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    return _page(status, str(error), _document_of(error))


def _restricted_document(error: DocumentRestricted) -> ResponseReturnValue:
    """The refused page, with the way to emergency access; nothing of the document is on it."""
    refused = {"wanted": request.endpoint, "restricted": True}
    account_for(
        entry(Event.DENIED, outcome="refused", document_id=error.document_id, detail=refused)
    )
    return _refused(error, url_for("emergency.ask_document", document_id=error.document_id))


def _restricted_chart(error: ChartRestricted) -> ResponseReturnValue:
    refused = {"wanted": request.endpoint, "restricted": True}
    with current.parts().ledger.read() as connection:
        patient = patients.get(connection, error.patient_id)
    account_for(entry(Event.DENIED, outcome="refused", patient=patient, detail=refused))
    return _refused(error, url_for("emergency.ask_chart", patient_id=error.patient_id))


def _refused(error: RecordsError, way: str) -> ResponseReturnValue:
    title = TITLES[403]
    return render_template("failure.html", title=title, text=str(error), emergency=way), 403


def _document_of(error: Exception) -> int | None:
    """The document with which work goes on after a failure, if there is one."""
    if isinstance(error, DocumentJoined):
        return error.joined_to
    return error.document_id if isinstance(error, CHANGED) else None


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    text = "There is nothing at this address." if status == 404 else SOMETHING_ELSE
    return _page(status, text)


def _unexpected(error: InternalServerError) -> ResponseReturnValue:
    del error
    return unavailable() if g.get("writing", False) else _page(500, OUR_FAULT)


def _page(status: int, text: str, document_id: int | None = None) -> ResponseReturnValue:
    title = TITLES.get(status, TITLES[400])
    page = render_template("failure.html", title=title, text=text, document_id=document_id)
    return page, status
