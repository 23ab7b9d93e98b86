"""Who may log in: accounts with Argon2id passwords, and sessions kept on the server."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from chartkeeper.records.database import Ledger
from chartkeeper.records.documents import AUTOMATIC
from chartkeeper.records.errors import (
    PasswordTooShort,
    UnknownUser,
    UserNameInvalid,
    UserNameTaken,
)
from chartkeeper.records.model import Role, User
from chartkeeper.records.schema import sessions, users

MINIMUM_PASSWORD_CHARS = 12
USER_NAME = re.compile(r"[\w.@+-]{1,80}")
# After this many failures in a row an account pauses, each time for as long.
FAILURES_BEFORE_PAUSE = 5
PAUSE_SECONDS = 300
# A session ends after this long in any case (healthcare.md, 164.312(a)(2)(iii)).
LONGEST_SESSION_SECONDS = 12 * 3600

USER_COLUMNS = ("id", "name", "role", "disabled", "restricted")

_hasher = PasswordHasher()


@cache
def _nobodys_hash() -> str:
    # Checked when the name is unknown, so that the answer takes as long as for a known one.
    return _hasher.hash(secrets.token_hex(16))


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody's log-in; `csrf` must come back with every form."""

    user: User
    csrf: str
    address: str
    started_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """A password that was tried: with which hash it was compared, None for an unknown name."""

    name: str
    password_hash: str | None
    right: bool


def add_user(connection: Connection, name: str, role: Role, password: str) -> User:
    """Open an account. Raises UserNameInvalid, UserNameTaken, PasswordTooShort.

    A name that differs from another only in the case of its letters is taken: whoever reads the
    access log would not tell the two apart.
    """
    if not USER_NAME.fullmatch(name):
        raise UserNameInvalid
    # What the program decides by itself is signed with its own name.
    names = [AUTOMATIC, *(user.name for user in all_users(connection))]
    taken = next((known for known in names if known.casefold() == name.casefold()), None)
    if taken is not None:
        raise UserNameTaken(taken)
    values = {"name": name, "role": role.value, "password_hash": hash_password(password)}
    connection.execute(insert(users).values(**values, disabled=False, failures=0))
    return get_user(connection, name)


def hash_password(password: str) -> str:
    """The Argon2id hash of a password. Raises PasswordTooShort."""
    if len(password) < MINIMUM_PASSWORD_CHARS:
        raise PasswordTooShort(MINIMUM_PASSWORD_CHARS)
    return _hasher.hash(password)


def get_user(connection: Connection, name: str) -> User:
    """The account of this name. Raises UnknownUser."""
    row = connection.execute(select(users).where(users.c.name == name)).mappings().one_or_none()
    if row is None:
        raise UnknownUser(name)
    return _user(row)


def all_users(connection: Connection) -> list[User]:
    """Every account, by name."""
    rows = connection.execute(select(users).order_by(users.c.name)).mappings()
    return [_user(row) for row in rows]


def change_role(connection: Connection, name: str, role: Role) -> Role:
    """Give an account another role, for open sessions, too; returns the one before.

    Raises UnknownUser.
    """
    user = get_user(connection, name)
    connection.execute(update(users).where(users.c.id == user.id).values(role=role.value))
    return user.role


def change_right(connection: Connection, name: str, *, restricted: bool) -> bool:
    """Give an account the right to open what is restricted, or take it, for open sessions, too.

    Returns whether it had the right before. Raises UnknownUser.
    """
    user = get_user(connection, name)
    connection.execute(update(users).where(users.c.id == user.id).values(restricted=restricted))
    return user.restricted


def disable_user(connection: Connection, name: str) -> None:
    """Close an account; its sessions end at once. Raises UnknownUser."""
    user = get_user(connection, name)
    connection.execute(update(users).where(users.c.id == user.id).values(disabled=True))
    connection.execute(delete(sessions).where(sessions.c.user_id == user.id))


def reset_user(connection: Connection, name: str, password: str) -> None:
    """Give an account a new password and open it again; its sessions end.

    Raises UnknownUser, PasswordTooShort.
    """
    user = get_user(connection, name)
    values = {"password_hash": hash_password(password), "disabled": False}
    connection.execute(
        update(users).where(users.c.id == user.id).values(**values, failures=0, locked_until=None)
    )
    connection.execute(delete(sessions).where(sessions.c.user_id == user.id))


def change_password(
    connection: Connection, user: User, password_hash: str, kept_token: str
) -> None:
    """Give an account a new password by its hash; its sessions end, but that of `kept_token`."""
    values = {"password_hash": password_hash}
    connection.execute(update(users).where(users.c.id == user.id).values(values))
    others = sessions.c.token_hash != _token_hash(kept_token)
    connection.execute(delete(sessions).where(sessions.c.user_id == user.id, others))


def try_password(ledger: Ledger, name: str, password: str) -> Attempt:
    """Compare a password with that of an account; what follows from it is for settle() to say.

    Takes as long for an unknown name as for a known one, and no transaction meanwhile: comparing
    is slow on purpose, and nobody else who writes shall wait for it. Raises LedgerUnavailable.
    """
    statement = select(users.c.password_hash).where(users.c.name == name)
    with ledger.read() as connection:
        known = connection.execute(statement).scalar_one_or_none()
    return Attempt(name, known, _matches(known or _nobodys_hash(), password))


def settle(connection: Connection, attempt: Attempt, now: datetime) -> User | None:
    """The user if name and password were right and the account is open, else None.

    Counts failures: an account pauses after FAILURES_BEFORE_PAUSE of them for PAUSE_SECONDS. What
    was compared with a password that was changed meanwhile does not count.
    """
    statement = select(users).where(users.c.name == attempt.name)
    row = connection.execute(statement).mappings().one_or_none()
    if row is None or row["password_hash"] != attempt.password_hash:
        return None
    if row["disabled"] or _is_paused(row["locked_until"], now):
        return None
    if attempt.right:
        values: dict[str, object] = {"failures": 0, "locked_until": None}
    else:
        failures = row["failures"] + 1
        pause = failures >= FAILURES_BEFORE_PAUSE
        until = now + timedelta(seconds=PAUSE_SECONDS) if pause else None
        values = {"failures": 0 if pause else failures, "locked_until": until}
    connection.execute(update(users).where(users.c.id == row["id"]).values(**values))
    return _user(row) if attempt.right else None


def _is_paused(until: datetime | None, now: datetime) -> bool:
    # One that seems to last for longer was begun by a clock that was set back since.
    return until is not None and timedelta() < until - now <= timedelta(seconds=PAUSE_SECONDS)


def open_session(connection: Connection, user: User, address: str, now: datetime) -> str:
    """Begin a session; returns the token for the cookie, of which only a hash is kept."""
    token = secrets.token_urlsafe(32)
    connection.execute(
        insert(sessions).values(
            token_hash=_token_hash(token),
            user_id=user.id,
            csrf=secrets.token_hex(32),
            address=address,
            started_at=now,
            seen_at=now,
        )
    )
    return token


def find_session(connection: Connection, token: str) -> Session | None:
    """The session of this token; whether it has run out is for is_expired() to say."""
    statement = (
        select(sessions, *(users.c[name] for name in USER_COLUMNS))
        .join(users, users.c.id == sessions.c.user_id)
        .where(sessions.c.token_hash == _token_hash(token), users.c.disabled.is_(False))
    )
    row = connection.execute(statement).mappings().one_or_none()
    if row is None:
        return None
    return Session(_user(row), row["csrf"], row["address"], row["started_at"], row["seen_at"])


def is_expired(session: Session, now: datetime, idle_seconds: int) -> bool:
    """Whether a session was idle, or has lasted, for too long.

    One that was used far in the future shows that the clock was set back, and nobody knows when.
    """
    idle = abs((now - session.seen_at).total_seconds())
    lasted = (now - session.started_at).total_seconds()
    return idle > idle_seconds or lasted > LONGEST_SESSION_SECONDS


def touch_session(connection: Connection, token: str, now: datetime) -> None:
    """Note that the session is in use."""
    mine = sessions.c.token_hash == _token_hash(token)
    connection.execute(update(sessions).where(mine).values(seen_at=now))


def end_session(connection: Connection, token: str) -> None:
    """End a session."""
    connection.execute(delete(sessions).where(sessions.c.token_hash == _token_hash(token)))


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _user(row: RowMapping) -> User:
    return User(row["id"], row["name"], Role(row["role"]), row["disabled"], row["restricted"])
