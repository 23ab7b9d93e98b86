from datetime import timedelta

import pytest
from argon2 import Type, extract_parameters

from chartkeeper.records import accounts
from chartkeeper.records.accounts import Session
from chartkeeper.records.errors import PasswordTooShort, UnknownUser, UserNameTaken
from chartkeeper.records.model import Role

PASSWORD = "correct horse battery"


@pytest.fixture
def ann(ledger):
    with ledger.write() as connection:
        return accounts.add_user(connection, "ann", Role.CLERK, PASSWORD)


def check(ledger, name, password, now):
    attempt = accounts.try_password(ledger, name, password)
    with ledger.write() as connection:
        return accounts.settle(connection, attempt, now)


def test_right_and_wrong_passwords(ledger, ann, now):
    assert check(ledger, "ann", PASSWORD, now) == ann
    assert check(ledger, "ann", PASSWORD + "x", now) is None
    assert check(ledger, "nobody", PASSWORD, now) is None


def test_a_password_that_is_changed_while_it_is_compared_opens_nothing(ledger, ann, now):
    attempt = accounts.try_password(ledger, "ann", PASSWORD)
    with ledger.write() as connection:
        accounts.reset_user(connection, "ann", "another password")
        assert accounts.settle(connection, attempt, now) is None


def test_a_password_is_slow_to_guess():
    # No less than OWASP asks for: 19 MiB and two rounds.
    kept = extract_parameters(accounts.hash_password(PASSWORD))
    assert kept.type is Type.ID
    assert (kept.memory_cost >= 19 * 1024, kept.time_cost >= 2) == (True, True)


def test_the_password_itself_is_nowhere_in_the_ledger(ledger, ann, tmp_path):
    ledger.close()
    for file in tmp_path.iterdir():
        assert PASSWORD.encode() not in file.read_bytes()


def test_an_account_pauses_after_failures_and_opens_again(ledger, ann, now):
    for _ in range(accounts.FAILURES_BEFORE_PAUSE):
        assert check(ledger, "ann", "wrong wrong wrong", now) is None
    assert check(ledger, "ann", PASSWORD, now) is None
    later = now + timedelta(seconds=accounts.PAUSE_SECONDS)
    assert check(ledger, "ann", PASSWORD, later) == ann


def test_a_clock_that_was_set_back_neither_closes_an_account_nor_keeps_a_session(ledger, ann, now):
    ahead = now + timedelta(days=2)
    for _ in range(accounts.FAILURES_BEFORE_PAUSE):
        check(ledger, "ann", "wrong wrong wrong", ahead)
    assert check(ledger, "ann", PASSWORD, now) == ann
    session = Session(ann, csrf="", address="", started_at=ahead, seen_at=ahead)
    assert accounts.is_expired(session, now, idle_seconds=900)
    moment = timedelta(seconds=30)
    assert not accounts.is_expired(session, ahead - moment, idle_seconds=900)


def test_names_are_never_used_twice(ledger, ann):
    with ledger.write() as connection:
        accounts.disable_user(connection, "ann")
        with pytest.raises(UserNameTaken):
            accounts.add_user(connection, "ann", Role.STAFF, PASSWORD)


@pytest.mark.parametrize("name", ["Ann", "ANN"])
def test_names_differ_in_more_than_the_case_of_letters(ledger, ann, now, name):
    with ledger.write() as connection, pytest.raises(UserNameTaken, match="'ann'"):
        accounts.add_user(connection, name, Role.STAFF, PASSWORD)
    assert check(ledger, name, PASSWORD, now) is None


def test_accounts_of_before_that_differ_in_case_go_on(ledger, ann, now):
    with ledger.write() as connection:
        accounts.add_user(connection, "other", Role.STAFF, "another long password")
        connection.exec_driver_sql("UPDATE users SET name = 'ANN' WHERE name = 'other'")
    assert check(ledger, "ANN", "another long password", now).name == "ANN"
    assert check(ledger, "ann", PASSWORD, now) == ann


def test_short_passwords_and_unknown_users_are_refused(ledger):
    with ledger.write() as connection:
        with pytest.raises(PasswordTooShort):
            accounts.add_user(connection, "bob", Role.STAFF, "short")
        with pytest.raises(UnknownUser):
            accounts.disable_user(connection, "bob")


def test_disabling_ends_sessions_at_once(ledger, ann, now):
    with ledger.write() as connection:
        token = accounts.open_session(connection, ann, "::1", now)
        assert accounts.find_session(connection, token).user == ann
        accounts.disable_user(connection, "ann")
        assert accounts.find_session(connection, token) is None
    assert check(ledger, "ann", PASSWORD, now) is None


def test_a_reset_opens_the_account_with_the_new_password_only(ledger, ann, now):
    with ledger.write() as connection:
        token = accounts.open_session(connection, ann, "::1", now)
        accounts.disable_user(connection, "ann")
        accounts.reset_user(connection, "ann", "another long password")
        assert accounts.find_session(connection, token) is None
    assert check(ledger, "ann", PASSWORD, now) is None
    assert check(ledger, "ann", "another long password", now).name == "ann"


@pytest.mark.parametrize(
    ("idle", "lasted", "expired"),
    [(0, 0, False), (899, 899, False), (901, 901, True), (10, 12 * 3600 + 1, True)],
)
def test_sessions_run_out(ann, now, idle, lasted, expired):
    session = accounts.Session(
        ann, "", "::1", now - timedelta(seconds=lasted), now - timedelta(seconds=idle)
    )
    assert accounts.is_expired(session, now, idle_seconds=900) is expired
