"""Who may open what: nobody, staff, a clerk and an administrator at every door."""

import re
import shutil

import pytest

from chartkeeper.records.access_log import Event

from .routes import OPEN, addresses, is_open_to


def ask(browser, method, address):
    return browser.get(address) if method == "GET" else browser.post(address)


def test_nobody_gets_past_the_log_in_page(app, charts, nobody):
    for endpoint, method, address in addresses(app, charts):
        answer = nobody.client.open(address, method=method)
        if endpoint in OPEN:
            assert "Location" not in answer.headers, address
            answer.close()
        else:
            assert answer.status_code == 302, address
            assert answer.location.startswith("/login"), address


@pytest.mark.parametrize("person", ["staff", "clerk", "administrator"])
def test_each_role_opens_its_own_pages_and_no_others(app, charts, person, request):
    browser = request.getfixturevalue(person)
    # Logging out is tried last, or nobody would be left to try the rest.
    routes = sorted(addresses(app, charts), key=lambda route: route[0] == "login.log_out")
    for endpoint, method, address in routes:
        answer = ask(browser, method, address)
        answer.close()
        assert (answer.status_code == 403) is not is_open_to(endpoint, person), address


def test_a_refused_attempt_is_recorded(home, charts, staff):
    answer = staff.get("/log")
    assert answer.status_code == 403
    denied = home.log(event=Event.DENIED)
    assert [(item.actor, item.outcome, item.detail) for item in denied] == [
        ("staff", "refused", {"wanted": "log.entries"})
    ]


def test_only_what_a_role_may_open_is_offered(charts, staff, clerk):
    assert "/review" not in staff.get(f"/documents/{charts.lab}").text
    assert f"/review/{charts.lab}" in clerk.get(f"/documents/{charts.lab}").text


def test_an_unknown_address_says_so_and_nothing_else(nobody):
    answer = nobody.get("/no/such/page")
    assert answer.status_code == 404
    assert "nothing at this address" in answer.text


def test_options_are_not_answered(app, charts, clerk):
    for endpoint, _, address in addresses(app, charts):
        if endpoint == "static":
            continue
        assert clerk.client.options(address).status_code == 405


def test_health_says_nothing_but_ok(nobody):
    assert nobody.get("/health").json == {"status": "ok"}


def test_a_style_sheet_has_another_address_when_it_has_another_content(nobody, app, tmp_path):
    def addresses_of(page):
        return re.findall(r'"(/static/[^"]+)"', page.get_data(as_text=True))

    before = addresses_of(nobody.get("/login"))
    assert len(before) == 4
    for address in before:
        answer = nobody.get(address)
        answer.close()
        assert answer.status_code == 200
    newer = tmp_path / "static"
    shutil.copytree(app.static_folder, newer)
    with (newer / "chartkeeper.css").open("a") as sheet:
        sheet.write("/* newer */")
    app.static_folder = str(newer)
    changed = set(addresses_of(nobody.get("/login"))) - set(before)
    assert [address.partition("?")[0] for address in changed] == ["/static/chartkeeper.css"]
