"""What belongs to the request that is being answered."""

from typing import cast

from flask import current_app, g, request

from chartkeeper.records.access import Reader
from chartkeeper.records.accounts import Session
from chartkeeper.records.model import Role, User
from chartkeeper.webui import clock
from chartkeeper.webui.parts import WebParts

PARTS = "chartkeeper"
ROLES = tuple(Role)


def parts() -> WebParts:
    """What the pages stand on."""
    return cast("WebParts", current_app.extensions[PARTS])


def session() -> Session | None:
    """The log-in of whoever asks; None for nobody."""
    return cast("Session | None", g.get("session"))


def user() -> User:
    """Who asks; only behind the guard."""
    return cast("Session", g.session).user


def reader() -> Reader:
    """Who reads in the ledger, with what may be opened; nobody before the guard."""
    held, types = session(), parts().restricted_types
    if held is None:
        return Reader(ROLES[0], clock.now(), restricted_types=types)
    grants = g.get("grants", ())
    return Reader(held.user.role, clock.now(), held.user.restricted, types, grants)


def address() -> str:
    """Where the request came from, as the connection says, not as the request does."""
    return request.remote_addr or ""


def may(held: Role, needed: Role) -> bool:
    """Whether a role includes another."""
    return ROLES.index(held) >= ROLES.index(needed)
