"""How values are written on screen."""

import hashlib
from datetime import date, datetime
from functools import cache
from pathlib import Path

from flask import Flask, current_app, url_for
from markupsafe import Markup, escape

from chartkeeper.records.documents import AUTOMATIC
from chartkeeper.webui import clock, current
from chartkeeper.webui.restricting import reason_in_words
from chartkeeper.webui.sheets import LARGE_PICTURE_WIDTH_PIXELS


def register(app: Flask) -> None:
    """Make the filters known to the templates."""
    for function in (moment, hour, day, share, size, waiting, decider, type_name, counted):
        app.add_template_filter(function)
    app.add_template_filter(reason_in_words)
    app.add_template_global(csrf_field)
    app.add_template_global(static)
    app.jinja_env.globals["large_width"] = LARGE_PICTURE_WIDTH_PIXELS


def csrf_field() -> Markup:
    """The mark of the session, for every form that changes or asks something."""
    session = current.session()
    mark = session.csrf if session else ""
    return Markup('<input type="hidden" name="csrf" value="{}">').format(mark)


def static(name: str) -> str:
    """The address of a style sheet, script or picture, which is another when its content is.

    A browser that has the one of an older version in its memory asks for the new one.
    """
    folder = Path(current_app.static_folder or "")
    return url_for("static", filename=name, v=_fingerprint(folder, name))


@cache
def _fingerprint(folder: Path, name: str) -> str:
    return hashlib.sha256((folder / name).read_bytes()).hexdigest()[:12]


def moment(at: datetime) -> Markup:
    """A time as the clocks of the house show it."""
    local = at.astimezone()
    return Markup('<time datetime="{}">{}</time>').format(
        escape(at.isoformat(timespec="seconds")), escape(local.strftime("%Y-%m-%d %H:%M"))
    )


def hour(at: datetime) -> Markup:
    """The time of day, for what began not long ago."""
    local = at.astimezone()
    return Markup('<time datetime="{}">{}</time>').format(
        escape(at.isoformat(timespec="seconds")), escape(local.strftime("%H:%M"))
    )


def day(value: date | None) -> str:
    """A date, or a dash where it is not known."""
    return value.isoformat() if value else "\N{EN DASH}"


def share(value: float) -> str:
    """A confidence in per cent; never rounded up to certainty."""
    return f"{int(value * 100)}\N{NO-BREAK SPACE}%"


def size(count: int) -> str:
    """A number of bytes, to be read by people."""
    for unit in ("bytes", "KB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count = round(count / 1000)
    return f"{count} GB"


def waiting(since: datetime) -> str:
    """How long something waits by now."""
    return clock.waited(since, clock.now())


def decider(name: str) -> str:
    """Who decided."""
    return "Automatic" if name == AUTOMATIC else name


def type_name(key: str | None) -> str:
    """The name of a document type."""
    return current.parts().type_name(key)


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: 1 page, 2 pages."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
