"""The way back to a page after a log-in: to our own pages only, with nothing of a patient in it."""

import re
from urllib.parse import parse_qsl, urlencode

from flask import current_app, request
from werkzeug.exceptions import HTTPException

OUR_PATHS = re.compile(r"/[\w/-]*", re.ASCII)
_NUMBER = re.compile(r"\d{1,15}", re.ASCII)
# What addresses of ours carry, as they carry it; anything else may be of a patient and stays out.
HARMLESS = {
    **dict.fromkeys(("page", "decision", "after", "before", "document", "patient"), _NUMBER),
    **dict.fromkeys(("filed", "kept", "aside", "back", "cut", "joined"), _NUMBER),
    **dict.fromkeys(("since", "until"), re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)),
    **dict.fromkeys(("type", "why"), re.compile(r"[a-z_]{1,40}", re.ASCII)),
    "search": re.compile(r"[\w-]{22}", re.ASCII),
    "event": re.compile(r"[a-z:-]{1,40}"),
    "user": re.compile(r"[\w.@+-]{1,80}"),
}


def from_here() -> str | None:
    """The address to come back to once whoever asks has logged in; None for the search page."""
    return checked(request.full_path) or None


def checked(asked: str) -> str:
    """An address within these pages, as far as it may be trusted; empty where it may not.

    Where only a form is sent to the address, it is that of the page nearest above.
    """
    path, _, query = asked.partition("?")
    if not OUR_PATHS.fullmatch(path) or path.startswith("//"):
        return ""
    page = _nearest_page(path)
    kept = [(name, value) for name, value in parse_qsl(query) if _is_harmless(name, value)]
    return f"{page}?{urlencode(kept)}" if kept and page == path else page


def _is_harmless(name: str, value: str) -> bool:
    return name in HARMLESS and HARMLESS[name].fullmatch(value) is not None


def _nearest_page(path: str) -> str:
    while path and not _is_page(path):
        path = path.rpartition("/")[0]
    return path


def _is_page(path: str) -> bool:
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None  # noqa: S101 - narrows the type; there is one during a request
    try:
        endpoint, _ = adapter.match(path, method="GET")
    except HTTPException:
        return False
    return not str(endpoint).startswith("login.")
