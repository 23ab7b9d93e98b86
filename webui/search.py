"""The search page: words and filters in, pages of documents out."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chartkeeper.index.language import parse
from chartkeeper.index.query import Query
from chartkeeper.index.search import MAX_REACH_HITS, PageSearcher, open_searcher
from chartkeeper.index.tokens import QueryError
from chartkeeper.records import patient_search, searches
from chartkeeper.records.access_log import Event
from chartkeeper.webui import clock, current
from chartkeeper.webui.accounting import account_for_list, writing
from chartkeeper.webui.errors import FormInvalid, SearchForgotten
from chartkeeper.webui.finding import Found, find_pages, shown_documents
from chartkeeper.webui.numbers import number
from chartkeeper.webui.refine import (
    NEWEST,
    SearchForm,
    in_capitals,
    misread,
    packed,
    query_of,
    unpacked,
)

pages = Blueprint("search", __name__)

HITS_A_PAGE = 20
# Each is a word of the query, which may have no more than the query language takes.
PATIENTS_AT_ONCE = 40
SEARCHER = "chartkeeper-searcher"


@pages.get("/")
def home() -> ResponseReturnValue:
    """The empty search page."""
    return _page(SearchForm())


@pages.post("/search")
def submit() -> ResponseReturnValue:
    """Keep what was asked for under a random name, so that no address holds it."""
    form = _read_form()
    if form.is_empty:
        return redirect(url_for("search.home"), 303)
    with writing() as connection:
        name = searches.keep(connection, current.user().id, packed(form), clock.now())
    return redirect(url_for("search.results", name=name), 303)


@pages.get("/search/<name>")
def results(name: str) -> ResponseReturnValue:
    """The pages that answer a kept search."""
    form = kept_form(name)
    page = max(1, number(request.args.get("page"), 1))
    try:
        query = asked_for(form)
        found = _find(query, (page - 1) * HITS_A_PAGE, newest_first=form.order == NEWEST)
    except (QueryError, FormInvalid) as error:
        _account(query_text(form), page, None)
        return _page(form, problem=str(error)), 400
    _account(query, page, found)
    last = -(-min(found.total, MAX_REACH_HITS) // HITS_A_PAGE)
    first = (page - 1) * HITS_A_PAGE + 1
    where = {"name": name, "page": page, "last": last, "first": first}
    again = {"wider": misread(form), "meant": in_capitals(form)}
    return _page(form, query=query, found=found, **again, **where)


def kept_form(name: str) -> SearchForm:
    """The search of this name, if it is one of the user's. Raises SearchForgotten."""
    with current.parts().ledger.read() as connection:
        kept = searches.find(connection, current.user().id, name)
    if kept is None:
        raise SearchForgotten
    return unpacked(kept)


def kept_query(name: str | None) -> Query | None:
    """What to mark on the pages that a kept search led to; nothing if that cannot be said."""
    if not name:
        return None
    try:
        return parse(asked_for(kept_form(name)))
    except (QueryError, FormInvalid, SearchForgotten):
        return None


def asked_for(form: SearchForm) -> str:
    """The form as one query. Raises QueryError and FormInvalid for what cannot be asked."""
    if patient_search.is_names_alone(form.patient):
        return query_of(form)
    with current.parts().ledger.read() as connection:
        people = patient_search.search(connection, form.patient, PATIENTS_AT_ONCE + 1)
    if not people:
        raise FormInvalid(
            "The patient index has nobody of this name, number and birth date. Look the patient "
            "up on the Patients page, which shows names that are written alike, too."
        )
    if len(people) > PATIENTS_AT_ONCE:
        raise FormInvalid(
            f"More than {PATIENTS_AT_ONCE} patients fit. Write more of the name, or the MRN."
        )
    return query_of(form, [who.mrn for who in people])


def query_text(form: SearchForm) -> str:
    """The query for the access log, also where it makes no sense."""
    try:
        return asked_for(form)
    except (QueryError, FormInvalid):
        return form.text


def _find(query: str, offset: int, *, newest_first: bool) -> Found:
    parts = current.parts()
    return find_pages(
        parts.ledger,
        _searcher(),
        query,
        HITS_A_PAGE,
        offset,
        types=[one.key for one in parts.types],
        newest_first=newest_first,
    )


def _searcher() -> PageSearcher:
    # Opened at the first search: the pages must be there before there is an index.
    if SEARCHER not in current_app.extensions:
        current_app.extensions[SEARCHER] = open_searcher(current.parts().index_folder)
    searcher: PageSearcher = current_app.extensions[SEARCHER]
    return searcher


def _account(query: str, page: int, found: Found | None) -> None:
    hits = found.hits if found else ()
    detail = {
        "query": query,
        "page": page,
        "total": found.total if found else 0,
        **shown_documents(hits),
    }
    people = {hit.patient.id: hit.patient for hit in hits if hit.patient}
    account_for_list(Event.SEARCH, people, detail)


def _read_form() -> SearchForm:
    names = ("text", "type", "patient", "since", "until", "order")
    return SearchForm(**{name: request.form.get(name, "").strip() for name in names})


def _page(form: SearchForm, **values: object) -> str:
    return render_template("search.html", form=form, types=current.parts().types, **values)
