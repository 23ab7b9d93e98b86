"""One's own password: everybody changes it without an administrator."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chartkeeper.records import accounts
from chartkeeper.records.access_log import Event
from chartkeeper.records.errors import PasswordTooShort
from chartkeeper.webui import clock, current
from chartkeeper.webui.accounting import account_for, entry, record_in, writing
from chartkeeper.webui.errors import FormInvalid
from chartkeeper.webui.guard import cookie_name

pages = Blueprint("password", __name__)

TWO_PASSWORDS = "The new password was not written the same way twice. Write it once more."
WRONG = (
    "The old password is not right, or the account is paused. After five failures in a row an "
    "account pauses for five minutes. A records administrator can reset a password."
)


@pages.get("/password")
def form() -> ResponseReturnValue:
    """The form for a new password."""
    return render_template("password.html", changed="changed" in request.args)


@pages.post("/password")
def change() -> ResponseReturnValue:
    """Give the account a new password; all of its sessions but this one end."""
    old, new, again = (request.form.get(name, "") for name in ("old", "new", "again"))
    try:
        _change(old, new, again)
    except (FormInvalid, PasswordTooShort) as error:
        return render_template("password.html", problem=str(error)), 400
    return redirect(url_for("password.form", changed=1), 303)


def _change(old: str, new: str, again: str) -> None:
    """Raises FormInvalid if a password is not right, PasswordTooShort for the new one."""
    if new != again:
        raise FormInvalid(TWO_PASSWORDS)
    name = current.user().name
    attempt = accounts.try_password(current.parts().ledger, name, old)
    new_hash = accounts.hash_password(new)
    with writing() as connection:
        user = accounts.settle(connection, attempt, clock.now())
        if user is not None:
            accounts.change_password(connection, user, new_hash, request.cookies[cookie_name()])
            record_in(connection, entry(Event.USER_RESET_OWN, detail={"user": name}))
            return
    account_for(entry(Event.USER_RESET_OWN, outcome="refused", detail={"user": name}))
    raise FormInvalid(WRONG)
