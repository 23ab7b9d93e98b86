"""Settings: read once from the home's configuration file and the environment, checked, frozen.

Nothing else in the program reads either of them; each room is handed what it needs.
"""

import os
import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from chartkeeper.filing.check_digits import CheckDigit
from chartkeeper.filing.doctypes import TYPE_KEYS

ALL_TYPES = "all"
CONFIG_NAME = "chartkeeper.toml"
PAGE_BUFFER_BYTES = 256 * 1024
HOME_VARIABLE = "CHARTKEEPER_HOME"


class SettingsInvalid(Exception):
    """The configuration file says something that cannot be."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"{CONFIG_NAME}: {problem}. Correct the file and start again.")


class HomeMissing(Exception):
    """No home was named, or there is none where it should be."""

    def __init__(self) -> None:
        super().__init__(
            "There is no Chartkeeper home here. Name one with --home DIR or "
            f"{HOME_VARIABLE}, and make it first with: chartkeeper --home DIR init"
        )


class NotAHome(Exception):
    """A folder with other things in it was to become a home."""

    def __init__(self) -> None:
        super().__init__(
            "This folder holds other things and is no Chartkeeper home. Name an empty or new "
            "folder: chartkeeper --home DIR init"
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """What an administrator may set; every field with the meaning that CONFIG_TEXT gives."""

    host: str = "127.0.0.1"
    port: int = 8571
    behind_proxy: bool = False
    secure_cookies: bool = False
    idle_minutes: int = 15
    web_threads: int = 6
    readers: int = 0
    engine: str = "auto"
    second_reader_share: float = 0.3
    second_reader_share_migration: float = 0.05
    automatic_types: str = "all"
    mrn_format: str = ""
    mrn_check_digit: str = "none"
    own_facilities: str = ""
    blank_sheets_separate: bool = False
    learn_types: bool = True
    still_seconds: float = 1.0
    incomplete_seconds: float = 30.0
    leftover_seconds: float = 60.0
    poll_seconds: float = 2.0
    max_file_megabytes: int = 1024
    max_pages: int = 5000
    max_page_megapixels: int = 150
    page_timeout_seconds: float = 120.0
    page_memory_megabytes: int = 4096


RANGES: dict[str, tuple[float, float]] = {
    "port": (0, 65535),
    "idle_minutes": (5, 30),
    "web_threads": (1, 64),
    "readers": (0, 256),
    "second_reader_share": (0, 1),
    "second_reader_share_migration": (0, 1),
    "still_seconds": (0.1, 3600),
    "incomplete_seconds": (1, 86400),
    "leftover_seconds": (1, 86400),
    "poll_seconds": (0.1, 3600),
    "max_file_megabytes": (1, 65536),
    "max_pages": (1, 100_000),
    "max_page_megapixels": (10, 2000),
    "page_timeout_seconds": (5, 3600),
    "page_memory_megabytes": (512, 65536),
}

CHOICES: dict[str, tuple[str, ...]] = {
    "engine": ("auto", "tesseract", "tesserocr"),
    "mrn_check_digit": tuple(CheckDigit),
}

CONFIG_TEXT = """\
# Settings of this Chartkeeper home. Each line shows the default; take the # away to change it.
# The service reads this file when it starts.

# --- The web pages ---------------------------------------------------------------------------
# The address that the web pages listen on. Leave it on this machine (127.0.0.1) unless a proxy
# that speaks TLS stands before it; then say so with behind_proxy, and set secure_cookies.
#host = "127.0.0.1"
#port = 8571
#behind_proxy = false
#secure_cookies = false
# After so many minutes without a click a user is logged out (5 to 30).
#idle_minutes = 15
# How many requests are answered at the same time.
#web_threads = 6

# --- Intake ----------------------------------------------------------------------------------
# A file is taken when it has not changed for still_seconds and ends as such a file should. One
# that ends too early is refused after incomplete_seconds, a hidden or temporary file after
# leftover_seconds without a change.
#still_seconds = 1.0
#incomplete_seconds = 30.0
#leftover_seconds = 60.0
# How often the inbox is listed, beside the notices that the system gives of new files.
#poll_seconds = 2.0
# What is larger than this is refused.
#max_file_megabytes = 1024
#max_pages = 5000
#max_page_megapixels = 150

# --- Reading ---------------------------------------------------------------------------------
# How many pages are read at the same time; 0 means one for each core.
#readers = 0
# Which engine reads: "tesserocr" (quicker) or "tesseract"; "auto" takes the quicker one that is
# installed.
#engine = "auto"
# Pages that come out badly, mostly poor faxes and small print, are read by a second engine where it
# is installed (rapidocr), which reads such pages better and takes 3 to 8 times as long. How many
# pages in one (0 none, 1 all bad ones) may get it: daily work, and migration.
#second_reader_share = 0.3
#second_reader_share_migration = 0.05
# What one page may need at most.
#page_timeout_seconds = 120.0
#page_memory_megabytes = 4096

# --- Filing ----------------------------------------------------------------------------------
# Which types of documents may be filed without a person: "all", or type keys with commas between
# them, as in "lab_report, imaging_report". The others go to review with a proposal.
#automatic_types = "all"
# What medical record numbers of this house look like: a regular expression for the number in
# capitals without punctuation and leading zeros, as in "[1-9][0-9]{6}". Other numbers are taken
# for those of other houses. Empty: any number may be one of this house.
#mrn_format = ""
# The check digit scheme of the numbers: "none", "m10", "m11" (HL7 table 0061) or "iso7064" (MOD
# 97-10). A number whose check digit is wrong proves nothing.
#mrn_check_digit = "none"
# The names of this house as its letterheads print them, with semicolons between them. A record
# number then counts only on documents that name one of them, since other houses may give the same
# number to somebody else. Empty: numbers count on all documents.
#own_facilities = ""
# Whether a blank sheet parts two documents. Leave it off where two-sided paper is scanned.
#blank_sheets_separate = false
# Whether document types are learned from the decisions of clerks (needs the extra `learning`).
#learn_types = true
"""


def home_from_environment() -> str | None:
    """The home that the environment names, if any."""
    return os.environ.get(HOME_VARIABLE)


def quiet_engines() -> None:
    """Have the programs that read pages use one thread each; child processes inherit it.

    A process a core is 3 to 4 times faster than threads inside Tesseract (docs/figures.md).
    """
    os.environ["OMP_THREAD_LIMIT"] = "1"
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Page images go back to the system when they are done with, instead of staying with a reader.
    os.environ.setdefault("MALLOC_MMAP_THRESHOLD_", str(PAGE_BUFFER_BYTES))
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")


def operator_name() -> str:
    """Who gives commands on this machine, for the access log."""
    return os.environ.get("SUDO_USER") or os.environ.get("LOGNAME") or str(os.getuid())


def load_settings(home: Path) -> Settings:
    """The settings of a home. Raises HomeMissing, SettingsInvalid."""
    path = home / CONFIG_NAME
    if not path.is_file():
        raise HomeMissing
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsInvalid(f"is not valid TOML ({error})") from error
    return parse_settings(given)


def parse_settings(given: dict[str, object]) -> Settings:
    """Settings from the values of a configuration file. Raises SettingsInvalid."""
    types = {field.name: type(field.default) for field in fields(Settings)}
    for name, value in given.items():
        if name not in types:
            raise SettingsInvalid(f"knows no setting {name!r}; known are {', '.join(types)}")
        _check(name, value, types[name])
    settings = Settings(**given)  # type: ignore[arg-type]  # each value was checked above
    _check_filing(settings)
    return settings


def _check_filing(settings: Settings) -> None:
    unknown = [key for key in items(settings.automatic_types, ",") if key not in TYPE_KEYS]
    if unknown and settings.automatic_types != ALL_TYPES:
        raise SettingsInvalid(f"automatic_types knows no type {unknown[0]!r}")
    try:
        re.compile(settings.mrn_format)
    except re.error as error:
        raise SettingsInvalid(f"mrn_format is no regular expression ({error})") from error


def items(written: str, separator: str) -> tuple[str, ...]:
    """The items of a setting that lists several."""
    return tuple(item.strip() for item in written.split(separator) if item.strip())


def _check(name: str, value: object, wanted: type) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    fits = is_number if wanted is float else type(value) is wanted
    if not fits:
        raise SettingsInvalid(f"{name} must be {_words(wanted)}, not {value!r}")
    if name in CHOICES and value not in CHOICES[name]:
        raise SettingsInvalid(f"{name} must be one of {', '.join(CHOICES[name])}, not {value!r}")
    if name in RANGES and isinstance(value, int | float):
        low, high = RANGES[name]
        if not low <= value <= high:
            raise SettingsInvalid(f"{name} must lie between {low:g} and {high:g}, not {value!r}")


def _words(wanted: type) -> str:
    return {int: "a whole number", float: "a number", bool: "true or false"}.get(wanted, "text")
