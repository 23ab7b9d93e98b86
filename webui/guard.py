"""Who may come in: the session, the role, and the mark that each form must carry back."""

import hmac
from datetime import timedelta

from flask import g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from chartkeeper.records import accounts, emergency, openings
from chartkeeper.records.access_log import Event
from chartkeeper.records.accounts import Session
from chartkeeper.records.model import Role
from chartkeeper.webui import clock, current, way_back
from chartkeeper.webui.accounting import account_for, entry, record_in, writing
from chartkeeper.webui.errors import FormExpired, NotAllowed

OPEN = frozenset({"static", "health.health", "login.form", "login.log_in"})
# The least role for each group of pages; a group that is not named here is open to nobody.
NEEDS = {
    "login": Role.STAFF,
    "password": Role.STAFF,
    "search": Role.STAFF,
    "viewer": Role.STAFF,
    "charts": Role.STAFF,
    "emergency": Role.STAFF,
    "restricting": Role.CLERK,
    "review": Role.CLERK,
    "aside": Role.CLERK,
    "intake": Role.CLERK,
    "batches": Role.ADMINISTRATOR,
    "users": Role.ADMINISTRATOR,
    "learning": Role.ADMINISTRATOR,
    "log": Role.ADMINISTRATOR,
    "emergencies": Role.ADMINISTRATOR,
    "status": Role.ADMINISTRATOR,
}
# Asked for by the page itself while nobody may be there: it must not keep a session alive.
NO_SIGN_OF_LIFE = frozenset({"login.remaining"})
TOUCH_SECONDS = 60


def cookie_name() -> str:
    """The cookie's name; with the prefix, browsers take it over https from this host only."""
    return "__Host-chartkeeper" if current.parts().secure_cookies else "chartkeeper"


def admit() -> ResponseReturnValue | None:
    """Let a request through, or answer it with the log-in page; run before every view.

    Raises NotAllowed and FormExpired, each after noting it in the access log.
    """
    if request.endpoint is None or request.endpoint in OPEN:
        return None
    session = _session()
    if session is None:
        why = "unsent" if request.method == "POST" else g.get("why")
        return redirect(url_for("login.form", why=why, next=way_back.from_here()))
    g.session = session
    _check_role(session)
    if request.method == "POST":
        _check_form(session)
    _touch(session)
    return None


def _session() -> Session | None:
    token = request.cookies.get(cookie_name(), "")
    with current.parts().ledger.read() as connection:
        session = accounts.find_session(connection, token) if token else None
        if session:
            g.grants = emergency.live_of(connection, session.user.id, clock.now())
    if session and accounts.is_expired(session, clock.now(), current.parts().idle_seconds):
        _expire(session, token)
        return None
    return session


def _expire(session: Session, token: str) -> None:
    g.why = "idle"
    with writing() as connection:
        accounts.end_session(connection, token)
        openings.leave(connection, session.user.name)
        record_in(connection, entry(Event.SESSION_EXPIRED, actor=session.user.name))


def _check_role(session: Session) -> None:
    needed = NEEDS.get(request.blueprint or "")
    if needed is None or not current.may(session.user.role, needed):
        account_for(entry(Event.DENIED, outcome="refused", detail={"wanted": request.endpoint}))
        raise NotAllowed


def _check_form(session: Session) -> None:
    if not same(request.form.get("csrf", ""), session.csrf):
        account_for(entry(Event.DENIED, outcome="refused", detail={"form": request.endpoint}))
        raise FormExpired


def same(given: str, expected: str) -> bool:
    """Compare in constant time; False if nothing is expected."""
    return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())


def _touch(session: Session) -> None:
    now = clock.now()
    fresh = now - session.seen_at < timedelta(seconds=TOUCH_SECONDS)
    if fresh or request.endpoint in NO_SIGN_OF_LIFE:
        return
    with writing() as connection:
        accounts.touch_session(connection, request.cookies[cookie_name()], now)
