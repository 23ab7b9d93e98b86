"""The profiles of inboxes: where each lies, what comes through it, and how it is watched."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from pathlib import Path

from chartkeeper.records.model import USUAL_PRIORITY, Origin

OWN_INBOX = "inbox"
MAX_INBOXES = 32
MAX_TEXT_CHARACTERS = 80
MAX_WAIT_SECONDS = 86400.0
NAME = re.compile(r"[a-z0-9][a-z0-9 _-]{0,39}")


class ProfileInvalid(ValueError):
    """An inbox in the settings that cannot be; the message says what is wrong with it."""


class Watch(StrEnum):
    """What wakes the watcher of an inbox, beside the listing at intervals."""

    AUTO = "auto"
    EVENTS = "events"
    POLL = "poll"


class Sidecar(StrEnum):
    """What a fax server lays beside each fax to say how it was received."""

    NONE = "none"
    HYLAFAX = "hylafax"
    ASTERISK = "asterisk"
    JSON = "json"
    XML = "xml"

    @property
    def suffix(self) -> str:
        """How the names of such sidecars end, in small letters; empty for none."""
        return SUFFIXES[self]


SUFFIXES = {
    Sidecar.NONE: "",
    Sidecar.HYLAFAX: ".json",
    Sidecar.ASTERISK: ".vars",
    Sidecar.JSON: ".json",
    Sidecar.XML: ".xml",
}


@dataclass(frozen=True, slots=True)
class FieldMap:
    """Where in a sidecar each thing stands: keys with dots between them, or a path in XML.

    `status` is a field that holds one of `ok` when all went well; without it, `error` holds text
    when something did not. `file` may name the file that the sidecar belongs to.
    """

    sender: str = ""
    pages: str = ""
    error: str = ""
    status: str = ""
    file: str = ""
    ok: tuple[str, ...] = ("ok", "success")


# The first two are what the scripts in docs/fax-servers.md write.
MAPS = {
    Sidecar.HYLAFAX: FieldMap(sender="sender", pages="pages", error="error", file="file"),
    Sidecar.ASTERISK: FieldMap(
        sender="REMOTESTATIONID", pages="FAXPAGES", error="FAXERROR", status="FAXSTATUS"
    ),
}


@dataclass(frozen=True, slots=True)
class Profile:
    """An inbox; the fields mean what CONFIG_TEXT in the settings says.

    `folder` is None for the home's own inbox.
    """

    name: str = OWN_INBOX
    folder: Path | None = None
    department: str = ""
    source: str = ""
    priority: int = USUAL_PRIORITY
    duplex: bool = False
    blank_sheets_separate: bool | None = None
    watch: Watch = Watch.AUTO
    still_seconds: float | None = None
    sidecar: Sidecar = Sidecar.NONE
    sidecar_wait_seconds: float = 60.0
    map: FieldMap = FieldMap()

    @property
    def origin(self) -> Origin:
        """What is kept with each arrival."""
        return Origin(self.department, self.source, self.duplex, self.blank_sheets_separate)


KINDS: dict[str, tuple[type, ...]] = {
    "name": (str,),
    "folder": (str,),
    "department": (str,),
    "source": (str,),
    "priority": (int,),
    "duplex": (bool,),
    "blank_sheets_separate": (bool,),
    "watch": (str,),
    "still_seconds": (int, float),
    "sidecar": (str,),
    "sidecar_wait_seconds": (int, float),
    "map": (dict,),
}
RANGES = {
    "priority": (1, 9),
    "still_seconds": (0.1, 3600),
    "sidecar_wait_seconds": (1, MAX_WAIT_SECONDS),
}
CHOICES: dict[str, tuple[str, ...]] = {"watch": tuple(Watch), "sidecar": tuple(Sidecar)}
WORDS = {str: "text", int: "a whole number", bool: "true or false", dict: "a table"}


def parse_profiles(tables: object, home: Path) -> tuple[Profile, ...]:
    """The profiles of the `[[inbox]]` tables of a configuration file.

    A folder that is not absolute lies under `home`. Raises ProfileInvalid.
    """
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ProfileInvalid("inboxes are written as [[inbox]], each with its lines below")
    if len(tables) > MAX_INBOXES:
        raise ProfileInvalid(f"there are more than {MAX_INBOXES} inboxes")
    profiles = tuple(_profile(table, home) for table in tables)
    names = [profile.name for profile in profiles]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ProfileInvalid(f"two inboxes are named {twice!r}")
    return profiles


def check_places(profiles: Iterable[Profile], kept: Mapping[str, Path]) -> None:
    """See that no inbox lies where another or one of the home's `kept` folders does.

    `kept` are the home's folders by name, its own inbox among them. Links are followed. Raises
    ProfileInvalid.
    """
    placed = [(f"inbox {one.name!r}", one.folder.resolve()) for one in profiles if one.folder]
    own = [(f"the home's {name}", folder.resolve()) for name, folder in kept.items()]
    pairs = [*combinations(placed, 2), *((one, other) for one in placed for other in own)]
    for (name, folder), (other, its_folder) in pairs:
        if folder == its_folder:
            raise ProfileInvalid(f"{name} and {other} are the same folder")
        if folder.is_relative_to(its_folder):
            raise ProfileInvalid(f"{name} lies inside {other}")
        if its_folder.is_relative_to(folder):
            raise ProfileInvalid(f"{other} lies inside {name}")


def _profile(table: Mapping[str, object], home: Path) -> Profile:
    name = table.get("name")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ProfileInvalid(
            "each inbox needs a name of at most 40 small letters, digits, spaces, - and _"
        )
    for key, value in table.items():
        _check(name, key, value)
    own = name == OWN_INBOX
    if own == ("folder" in table):
        need = "is the home's own and takes no folder" if own else "needs a folder"
        raise ProfileInvalid(f"inbox {name!r} {need}")
    # Each value was checked above.
    given: dict[str, object] = dict(table)
    if not own:
        given["folder"] = home / Path(str(table["folder"])).expanduser()
    given["watch"] = Watch(str(table.get("watch", Watch.AUTO)))
    given["sidecar"] = Sidecar(str(table.get("sidecar", Sidecar.NONE)))
    given["map"] = _map(name, given["sidecar"], table.get("map"))
    return Profile(**given)  # type: ignore[arg-type]


def _check(inbox: str, key: str, value: object) -> None:
    if key not in KINDS:
        known = ", ".join(KINDS)
        raise ProfileInvalid(f"inbox {inbox!r} knows no setting {key!r}; known are {known}")
    where = f"inbox {inbox!r}: {key}"
    if type(value) not in KINDS[key]:
        words = WORDS.get(KINDS[key][0]) if len(KINDS[key]) == 1 else "a number"
        raise ProfileInvalid(f"{where} must be {words}")
    if isinstance(value, str) and key != "folder" and len(value) > MAX_TEXT_CHARACTERS:
        raise ProfileInvalid(f"{where} is longer than {MAX_TEXT_CHARACTERS} characters")
    if isinstance(value, int | float) and key in RANGES:
        low, high = RANGES[key]
        if not low <= value <= high:
            raise ProfileInvalid(f"{where} must lie between {low:g} and {high:g}, not {value!r}")
    choices = CHOICES.get(key, ())
    if choices and value not in choices:
        raise ProfileInvalid(f"{where} must be one of {', '.join(choices)}, not {value!r}")


def _map(inbox: str, sidecar: object, given: object) -> FieldMap:
    if sidecar in MAPS:
        if given is not None:
            raise ProfileInvalid(f"inbox {inbox!r}: sidecar {sidecar} takes no map")
        return MAPS[Sidecar(str(sidecar))]
    if sidecar is Sidecar.NONE:
        return FieldMap()
    if not isinstance(given, dict) or not given:
        raise ProfileInvalid(f"inbox {inbox!r}: sidecar {sidecar} needs a table [inbox.map]")
    paths = {key: value for key, value in given.items() if key != "ok"}
    ok = given.get("ok", list(FieldMap().ok))
    known = set(FieldMap.__dataclass_fields__)
    sound = set(given) <= known and all(isinstance(path, str) for path in paths.values())
    if not sound or not isinstance(ok, list) or not all(isinstance(one, str) for one in ok):
        raise ProfileInvalid(
            f"inbox {inbox!r}: map knows sender, pages, error, status and file, each the place of "
            "a value as text, and ok, a list of text"
        )
    return FieldMap(**paths, ok=tuple(ok))
