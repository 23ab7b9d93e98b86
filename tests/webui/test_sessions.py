"""Logging in, staying in, being put out; and the mark in every form."""

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from chartkeeper.records import accounts
from chartkeeper.records.access_log import Event
from chartkeeper.webui.app import create_app
from chartkeeper.webui.guard import NEEDS

from .conftest import PASSWORD, Browser, hidden
from .routes import OPEN, addresses


def token_of(browser):
    return browser.client.get_cookie("chartkeeper").value


def rest(home, browser, seconds):
    """Let the session lie for so long."""
    with home.parts.ledger.write() as connection:
        then = datetime.now(UTC) - timedelta(seconds=seconds)
        accounts.touch_session(connection, token_of(browser), then)


def test_a_log_in_leads_to_the_search_and_is_recorded(home, nobody):
    answer = nobody.log_in("clerk")
    assert (answer.status_code, answer.location) == (303, "/")
    assert [item.actor for item in home.log(event=Event.LOGIN)] == ["clerk"]


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(nobody):
    set_cookie = nobody.log_in("clerk").headers.getlist("Set-Cookie")[0]
    assert "HttpOnly" in set_cookie
    assert "SameSite=Strict" in set_cookie
    assert "Secure" not in set_cookie


def test_behind_tls_the_cookie_is_for_https_only(home):
    parts = type(home.parts)(
        **{name: getattr(home.parts, name) for name in type(home.parts).__dataclass_fields__}
        | {"secure_cookies": True}
    )
    browser = Browser(create_app(parts))
    page = browser.client.get("/login", base_url="https://localhost")
    assert page.headers["Set-Cookie"].startswith("__Host-chartkeeper-form=")
    mark = hidden(page.text, "form")
    fields = {"form": mark, "name": "clerk", "password": PASSWORD}
    answer = browser.client.post("/login", data=fields, base_url="https://localhost")
    first = answer.headers.getlist("Set-Cookie")[0]
    assert first.startswith("__Host-chartkeeper=")
    assert "Secure" in first
    # Once seen by https, a browser asks by nothing else: the first word is not in the clear either.
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_without_tls_no_browser_is_kept_from_coming_back(nobody):
    assert "Strict-Transport-Security" not in nobody.get("/login").headers


@pytest.mark.parametrize("password", [PASSWORD, "not the right password"])
def test_while_a_password_is_compared_others_can_write(home, nobody, monkeypatch, password):
    compare, written = accounts._matches, []

    def compare_while_others_write(*words):
        with closing(sqlite3.connect(home.folder / "ledger.db", timeout=0)) as database:
            database.execute("BEGIN IMMEDIATE")
            written.append(database.in_transaction)
        return compare(*words)

    monkeypatch.setattr(accounts, "_matches", compare_while_others_write)
    assert nobody.log_in("clerk", password).status_code in {303, 401}
    assert written == [True]


@pytest.mark.parametrize("name", ["clerk", "no such user"])
def test_a_failed_log_in_is_recorded_and_says_no_more_than_that(home, nobody, name):
    answer = nobody.log_in(name, "not the right password")
    assert answer.status_code == 401
    assert "Name or password is not right" in answer.text
    assert [(item.actor, item.outcome) for item in home.log(event=Event.LOGIN_FAILED)] == [
        (name, "refused")
    ]
    assert nobody.get("/").status_code == 302


def test_a_new_log_in_ends_the_session_before(home, clerk):
    old = token_of(clerk)
    clerk.log_in("clerk")
    assert token_of(clerk) != old
    with home.parts.ledger.read() as connection:
        assert accounts.find_session(connection, old) is None


def test_a_log_in_form_from_elsewhere_is_refused(home, nobody):
    nobody.get("/login")
    fields = {"form": "made up", "name": "clerk", "password": PASSWORD}
    assert nobody.client.post("/login", data=fields).status_code == 400
    assert home.log(event=Event.LOGIN) == []


def test_two_log_in_pages_in_one_browser_both_work(nobody):
    marks = [hidden(nobody.get("/login").text, "form") for _ in range(2)]
    for mark in marks:
        fields = {"form": mark, "name": "clerk", "password": PASSWORD}
        assert nobody.client.post("/login", data=fields).status_code == 303
    assert nobody.get("/").status_code == 200


def test_each_browser_has_a_mark_of_its_own_and_none_that_was_put_there(app):
    marks = {hidden(Browser(app).get("/login").text, "form") for _ in range(2)}
    assert len(marks) == 2
    browser = Browser(app)
    browser.client.set_cookie("chartkeeper-form", "short")
    assert len(hidden(browser.get("/login").text, "form")) == 43


def test_after_a_wrong_password_the_name_stands_in_its_field(nobody):
    page = nobody.log_in("clerk", "not the right password").text
    assert re.search(r'id="name" name="name" value="clerk"', page)
    assert "not the right" not in page


def test_log_out_ends_the_session_on_the_server(home, clerk):
    old = token_of(clerk)
    assert clerk.post("/logout").location == "/login?why=out"
    with home.parts.ledger.read() as connection:
        assert accounts.find_session(connection, old) is None
    assert [item.actor for item in home.log(event=Event.LOGOUT)] == ["clerk"]


def test_a_session_that_rested_too_long_ends_with_a_word_why(home, charts, clerk):
    rest(home, clerk, 901)
    answer = clerk.get(f"/documents/{charts.lab}")
    assert answer.status_code == 302
    assert "Samplewood" not in answer.text
    assert "rested for too long" in clerk.get(answer.location).text
    assert [item.actor for item in home.log(event=Event.SESSION_EXPIRED)] == ["clerk"]
    assert clerk.get("/").location.startswith("/login")


def test_after_the_log_in_work_goes_on_where_it_was(charts, nobody):
    address = nobody.get(f"/review/{charts.waiting}").location
    mark = hidden(nobody.get(address).text, "form")
    fields = {"form": mark, "name": "clerk", "password": PASSWORD}
    fields["next"] = f"/review/{charts.waiting}"
    assert nobody.client.post("/login", data=fields).location == f"/review/{charts.waiting}"


@pytest.mark.parametrize(
    ("method", "address", "back"),
    [
        ("GET", "/documents/1?page=2&decision=3", "/documents/1?page=2&decision=3"),
        ("GET", f"/documents/1?search={'x' * 22}", f"/documents/1?search={'x' * 22}"),
        ("GET", "/documents/1?page=2&q=Samplewood", "/documents/1?page=2"),
        ("GET", "/documents/1?search=Samplewood", "/documents/1"),
        ("GET", "/log?event=login&since=2026-01-02", "/log?event=login&since=2026-01-02"),
        ("POST", "/review/3?filed=2", "/review/3?filed=2"),
        ("POST", "/review/3/split", "/review/3"),
        ("POST", "/users/reset", "/users"),
        ("POST", "/search", "/"),
        ("POST", "/session", "/"),
    ],
)
def test_the_log_in_leads_back_to_the_page_that_was_left(
    home, charts, administrator, method, address, back
):
    rest(home, administrator, 901)
    answer = administrator.client.open(address, method=method)
    page = administrator.get(answer.location).text
    assert "Samplewood" not in answer.location
    assert ("nothing of it was saved" in page) is (method == "POST")
    wanted = re.search(r'name="next" value="([^"]*)"', page)
    fields = {"form": hidden(page, "form"), "name": "administrator", "password": PASSWORD}
    fields |= {"next": unescape(wanted[1])} if wanted else {}
    assert administrator.client.post("/login", data=fields).location == back


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example/", "https://evil.example", "/a\\b", "/a?b", "/login", "/?next=//evil.example"],
)
def test_a_log_in_never_leads_elsewhere(nobody, elsewhere):
    mark = hidden(nobody.get("/login").text, "form")
    fields = {"form": mark, "name": "clerk", "password": PASSWORD, "next": elsewhere}
    assert nobody.client.post("/login", data=fields).location == "/"


def test_use_keeps_a_session_alive_but_asking_how_long_does_not(home, clerk):
    rest(home, clerk, 600)
    assert 290 <= clerk.get("/session").json["seconds"] <= 300
    assert 290 <= clerk.get("/session").json["seconds"] <= 300
    clerk.get("/")
    assert clerk.get("/session").json["seconds"] > 890


def test_the_button_keeps_a_session_alive(home, clerk):
    mark = clerk.csrf()
    rest(home, clerk, 30)
    assert clerk.post("/session", csrf=mark).json == {"seconds": 900}
    assert clerk.get("/session").json["seconds"] > 890


NEW = "another long password"


def change_password(browser, old=PASSWORD, new=NEW, again=None):
    return browser.post("/password", {"old": old, "new": new, "again": again or new})


def test_everybody_changes_the_own_password_and_other_sessions_end(app, home, staff):
    elsewhere = Browser(app)
    elsewhere.log_in("staff")
    assert 'href="/password"' in staff.get("/").text
    answer = change_password(staff)
    assert answer.status_code == 303
    assert "Your password was changed" in staff.get(answer.location).text
    assert elsewhere.get("/").location.startswith("/login")
    (told,) = home.log(event=Event.USER_RESET_OWN)
    assert (told.actor, told.outcome, told.detail) == ("staff", "ok", {"user": "staff"})
    assert Browser(app).log_in("staff").status_code == 401
    assert Browser(app).log_in("staff", NEW).status_code == 303


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"old": "not the right one"}, "The old password is not right"),
        ({"new": "short"}, "too short"),
        ({"again": "another long passwort"}, "not written the same way twice"),
    ],
)
def test_a_password_that_cannot_be_changed_stays(app, home, staff, fields, said):
    answer = change_password(staff, **fields)
    assert answer.status_code == 400
    assert said in answer.text
    assert Browser(app).log_in("staff").status_code == 303
    refused = [item.outcome for item in home.log(event=Event.USER_RESET_OWN)]
    assert refused == (["refused"] if "old" in fields else [])
    assert NEW not in str(home.log())


def test_guessing_the_old_password_pauses_the_account(staff, app):
    for _ in range(accounts.FAILURES_BEFORE_PAUSE):
        change_password(staff, old="guessed and guessed")
    assert change_password(staff).status_code == 400
    assert Browser(app).log_in("staff").status_code == 401


def test_a_closed_account_is_out_at_once(home, clerk):
    with home.parts.ledger.write() as connection:
        accounts.disable_user(connection, "clerk")
    assert clerk.get("/").location.startswith("/login")


def test_every_form_needs_the_mark_of_the_session(app, home, charts, administrator):
    before = home.log()
    posts = [route for route in addresses(app, charts) if route[1] == "POST"]
    assert len(posts) >= 12
    for endpoint, _, address in posts:
        if endpoint not in OPEN:
            for mark in ("", "0" * 64):
                answer = administrator.client.post(address, data={"csrf": mark})
                assert answer.status_code == 400, address
                assert "Nothing was changed" in answer.text
    assert {item.event for item in home.log()[len(before) :]} == {Event.DENIED}


def test_every_group_of_pages_is_in_the_table_of_roles(app):
    groups = {rule.endpoint.split(".")[0] for rule in app.url_map.iter_rules()}
    assert groups - {"static", "health"} == set(NEEDS)


def test_every_answer_carries_the_headers(app, charts, administrator):
    for endpoint, method, address in addresses(app, charts):
        if endpoint == "login.log_out":
            continue
        with administrator.client.open(address, method=method) as answer:
            headers = answer.headers
        # What came from outside is shown by itself, and may not even load what is ours.
        outside = endpoint in {"viewer.original", "viewer.image", "viewer.page_image"}
        source = "'none'; sandbox" if outside else "'self'"
        assert f"default-src {source}" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "Permissions-Policy" in headers
        if endpoint == "static":
            assert "max-age" in headers["Cache-Control"]
        else:
            assert headers["Cache-Control"] == "no-store", address
