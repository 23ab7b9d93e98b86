"""Logging in and out, and how long a session still lasts."""

import re
import secrets

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as AnyResponse

from chartkeeper.records import accounts, openings
from chartkeeper.records.access_log import Event
from chartkeeper.webui import clock, current, way_back
from chartkeeper.webui.accounting import account_for, entry, record_in, writing
from chartkeeper.webui.guard import cookie_name, same

pages = Blueprint("login", __name__)

FORM_COOKIE_SECONDS = 3600
FORM_MARK = re.compile(r"[\w-]{43}", re.ASCII)
MAX_NAME_CHARS = 80
WHY = {
    "idle": "You were logged out because the session had rested for too long. Log in to go on.",
    "unsent": (
        "You were logged out before that was sent, and nothing of it was saved. "
        "Log in and do it once more."
    ),
    "out": "You are logged out.",
}
WRONG = (
    "Name or password is not right, or the account is closed or paused. After five failures in "
    "a row an account pauses for five minutes. A records administrator can reset a password."
)
FORM_EXPIRED = "The log-in page had expired. Try again."


@pages.get("/login")
def form() -> ResponseReturnValue:
    """The log-in form."""
    return _form(WHY.get(request.args.get("why", ""), ""))


@pages.post("/login")
def log_in() -> ResponseReturnValue:
    """Check name and password; a session with a new token begins, an old one ends."""
    name = request.form.get("name", "").strip()[:MAX_NAME_CHARS]
    if not same(request.form.get("form", ""), request.cookies.get(_form_cookie(), "")):
        return _form(FORM_EXPIRED, 400, name)
    token = _open_session(name, request.form.get("password", ""))
    if token is None:
        return _form(WRONG, 401, name)
    response = redirect(_wanted(), 303)
    _set_cookie(response, cookie_name(), token)
    return response


@pages.post("/logout")
def log_out() -> ResponseReturnValue:
    """End the session."""
    with writing() as connection:
        accounts.end_session(connection, request.cookies[cookie_name()])
        openings.leave(connection, current.user().name)
        record_in(connection, entry(Event.LOGOUT))
    response = redirect(url_for("login.form", why="out"), 303)
    response.delete_cookie(cookie_name(), secure=current.parts().secure_cookies)
    return response


@pages.get("/session")
def remaining() -> ResponseReturnValue:
    """How many seconds the session may still rest; asking is no sign of life."""
    rested = (clock.now() - g.session.seen_at).total_seconds()
    return {"seconds": max(0, int(current.parts().idle_seconds - rested))}


@pages.post("/session")
def extend() -> ResponseReturnValue:
    """Somebody is there: the session goes on."""
    with writing() as connection:
        accounts.touch_session(connection, request.cookies[cookie_name()], clock.now())
    return {"seconds": current.parts().idle_seconds}


def _open_session(name: str, password: str) -> str | None:
    address = current.address()
    attempt = accounts.try_password(current.parts().ledger, name, password)
    with writing() as connection:
        user = accounts.settle(connection, attempt, clock.now())
        if user is not None:
            accounts.end_session(connection, request.cookies.get(cookie_name(), ""))
            record_in(connection, entry(Event.LOGIN, actor=user.name))
            return accounts.open_session(connection, user, address, clock.now())
    account_for(entry(Event.LOGIN_FAILED, actor=name, outcome="refused"))
    return None


def _form(message: str, status: int = 200, name: str = "") -> ResponseReturnValue:
    given = request.cookies.get(_form_cookie(), "")
    # Every log-in page that is open in a browser has one mark, or all but the newest would expire.
    mark = given if FORM_MARK.fullmatch(given) else secrets.token_urlsafe(32)
    fields = {"message": message, "mark": mark, "name": name, "wanted": _asked_for()}
    page = render_template("login.html", **fields)
    response = Response(page, status)
    _set_cookie(response, _form_cookie(), mark, FORM_COOKIE_SECONDS)
    return response


def _form_cookie() -> str:
    # As hard to plant by a host beside this one as that of the session: or it could log others in
    # as somebody else.
    return f"{cookie_name()}-form"


def _asked_for() -> str:
    return way_back.checked(request.values.get("next", ""))


def _wanted() -> str:
    return _asked_for() or url_for("search.home")


def _set_cookie(
    response: AnyResponse, name: str, value: str, max_age_seconds: int | None = None
) -> None:
    response.set_cookie(
        name,
        value,
        max_age=max_age_seconds,
        secure=current.parts().secure_cookies,
        httponly=True,
        samesite="Strict",
    )
