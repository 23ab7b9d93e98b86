"""Accounts: who may come in, as what."""

import re
from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chartkeeper.records import access_log, accounts
from chartkeeper.records.access_log import Event, Wanted
from chartkeeper.records.database import Connection
from chartkeeper.records.documents import AUTOMATIC
from chartkeeper.records.errors import PasswordTooShort, UserNameTaken
from chartkeeper.records.model import Role, User
from chartkeeper.webui import current
from chartkeeper.webui.accounting import account_for, entry, record_in, writing
from chartkeeper.webui.errors import FormInvalid

pages = Blueprint("users", __name__)

# Letters, digits and what addresses need; no colon, which marks entries of the command line.
USER_NAME = re.compile(r"[\w.@-]{2,80}")
BAD_NAME = "A name has 2 to 80 letters, digits, dots, hyphens or @, and no spaces."
NO_ROLE = "Choose a role."
OWN_RIGHT = "You cannot give yourself the right to what is restricted. Ask another administrator."
DONE = {
    "added": "The account was opened.",
    "changed": "The role was changed. It holds at once, for open sessions, too.",
    "right": "The right was changed. It holds at once, for open sessions, too.",
    "closed": "The account was closed; its sessions have ended.",
    "reset": "The password was set; earlier sessions have ended.",
}


@pages.get("/users")
def accounts_list() -> ResponseReturnValue:
    """Every account, and the form for a new one."""
    return _page(done=DONE.get(request.args.get("done", ""), ""))


@pages.post("/users")
def add() -> ResponseReturnValue:
    """Open an account."""
    name, role = request.form.get("name", "").strip(), request.form.get("role", "")
    try:
        _check_new(name, role)
        with writing() as connection:
            accounts.add_user(connection, name, Role(role), request.form.get("password", ""))
            has_right = request.form.get("restricted") == "yes"
            accounts.change_right(connection, name, restricted=has_right)
            detail = {"user": name, "role": role, "restricted": has_right}
            record_in(connection, entry(Event.USER_ADDED, detail=detail))
    except (FormInvalid, UserNameTaken, PasswordTooShort) as error:
        return _page(problem=str(error), name=name, role=role), 400
    return redirect(url_for("users.accounts_list", done="added"), 303)


@pages.post("/users/role")
def change_role() -> ResponseReturnValue:
    """Give an account another role; not one's own, or nobody might be left to take it back."""
    name, role = request.form.get("name", ""), request.form.get("role", "")
    if name == current.user().name:
        return _page(problem="You cannot change your own role. Ask another administrator."), 400
    if role not in set(Role):
        return _page(problem=NO_ROLE), 400
    with writing() as connection:
        before = accounts.change_role(connection, name, Role(role))
        detail = {"user": name, "role": [before.value, role]}
        record_in(connection, entry(Event.USER_ROLE, detail=detail))
    return redirect(url_for("users.accounts_list", done="changed"), 303)


@pages.post("/users/restricted")
def change_right() -> ResponseReturnValue:
    """Give an account the right to what is restricted, or take it; never one's own."""
    name, wanted = request.form.get("name", ""), request.form.get("restricted") == "yes"
    if name == current.user().name:
        return _page(problem=OWN_RIGHT), 400
    with writing() as connection:
        before = accounts.change_right(connection, name, restricted=wanted)
        detail = {"user": name, "restricted": [before, wanted]}
        record_in(connection, entry(Event.USER_RIGHT, detail=detail))
    return redirect(url_for("users.accounts_list", done="right"), 303)


@pages.post("/users/disable")
def disable() -> ResponseReturnValue:
    """Close an account; not one's own, or nobody might be left to open it again."""
    name = request.form.get("name", "")
    if name == current.user().name:
        return _page(problem="You cannot close your own account. Ask another administrator."), 400
    with writing() as connection:
        accounts.disable_user(connection, name)
        record_in(connection, entry(Event.USER_DISABLED, detail={"user": name}))
    return redirect(url_for("users.accounts_list", done="closed"), 303)


@pages.post("/users/reset")
def reset() -> ResponseReturnValue:
    """Give an account a new password, and open it again."""
    name = request.form.get("name", "")
    try:
        with writing() as connection:
            accounts.reset_user(connection, name, request.form.get("password", ""))
            record_in(connection, entry(Event.USER_RESET, detail={"user": name}))
    except PasswordTooShort as error:
        return _page(problem=str(error)), 400
    return redirect(url_for("users.accounts_list", done="reset"), 303)


def _check_new(name: str, role: str) -> None:
    if not USER_NAME.fullmatch(name):
        raise FormInvalid(BAD_NAME)
    if name.lower() == AUTOMATIC:
        raise FormInvalid("This name stands for automatic decisions. Choose another one.")
    if role not in set(Role):
        raise FormInvalid(NO_ROLE)


def _last_log_in(connection: Connection, who: User) -> datetime | None:
    wanted = Wanted(actor=who.name, event=Event.LOGIN)
    found = access_log.entries(connection, wanted, 1)
    return found[0].at if found else None


def _page(**values: object) -> str:
    with current.parts().ledger.read() as connection:
        everybody = accounts.all_users(connection)
        log_ins = {who.name: _last_log_in(connection, who) for who in everybody}
    account_for(entry(Event.LIST_VIEW, detail={"list": "users"}))
    return render_template(
        "users.html", everybody=everybody, log_ins=log_ins, roles=list(Role), **values
    )
