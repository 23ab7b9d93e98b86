"""Settings: read once from the home's configuration file and the environment, checked, frozen.

Nothing else in the program reads either of them; each room is handed what it needs.
"""

import os
import pwd
import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from chartkeeper.filing.check_digits import CheckDigit
from chartkeeper.filing.doctypes import TYPE_KEYS
from chartkeeper.ingest.profiles import Profile, ProfileInvalid, check_places, parse_profiles

ALL_TYPES = "all"
CONFIG_NAME = "chartkeeper.toml"
# Where no further inbox may lie: it would take what is not dropped there.
OWN_FOLDERS = ("inbox", "failed", "vault", "index", "work")
TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
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


class SettingsLost(Exception):
    """A home in use has no configuration file any more."""

    def __init__(self) -> None:
        super().__init__(
            f"The settings of this home, {CONFIG_NAME}, are gone, but its ledger is there. Nothing "
            "was made or changed: with other settings more might be filed without a person. Put a "
            "copy of it back; a backup has one (chartkeeper --home NEW restore DIR). If there is "
            "none, take the file that init makes in an empty folder, and set again what was set."
        )


class WrongAccount(Exception):
    """Root works on the home of another account."""

    def __init__(self, owner: str) -> None:
        super().__init__(
            f"This home belongs to the account {owner}, and the service could not use what root "
            "leaves in it. Nothing was done. Run the command as that account: "
            f"sudo -u {owner} chartkeeper ..."
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """What an administrator may set; every field with the meaning that CONFIG_TEXT gives.

    `inboxes` are the tables `[[inbox]]` of the file.
    """

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
    late_minutes: float = 15.0
    max_file_megabytes: int = 1024
    max_pages: int = 5000
    max_page_megapixels: int = 150
    page_timeout_seconds: float = 120.0
    page_memory_megabytes: int = 4096
    verify_daily_at: str = "02:30"
    verify_minutes: float = 60.0
    verify_full_every_days: int = 7
    backup_folder: str = ""
    backup_daily_at: str = "01:30"
    backup_keep: int = 30
    restricted_types: str = ""
    emergency_minutes: int = 60
    inboxes: tuple[Profile, ...] = ()


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
    "late_minutes": (1, 1440),
    "max_file_megabytes": (1, 65536),
    "max_pages": (1, 100_000),
    "max_page_megapixels": (10, 2000),
    "page_timeout_seconds": (5, 3600),
    "page_memory_megabytes": (512, 65536),
    "verify_minutes": (0, 1440),
    "verify_full_every_days": (0, 365),
    "backup_keep": (0, 10_000),
    "emergency_minutes": (5, 480),
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
# What has lain in an inbox for longer than this is shown on the intake page, with the reason.
#late_minutes = 15.0
# What is larger than this is refused.
#max_file_megabytes = 1024
#max_pages = 5000
#max_page_megapixels = 150

# --- Reading ---------------------------------------------------------------------------------
# How many pages are read at the same time; 0 means one for each core.
#readers = 0
# Which engine reads: "tesserocr" (quicker) or "tesseract"; "auto" takes the quicker one that is
# installed. One that is asked for by name and missing is not replaced: work waits for it.
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

# --- What is restricted ------------------------------------------------------------------------
# Which types of documents are kept from casual view: type keys with commas between them, as in
# "therapy_note, consult_note". Only accounts with the right "restricted" open them, and others in
# an emergency; clerks while they wait in review. None by default: no type that Chartkeeper knows
# is of psychotherapy, HIV or substance use alone, and what nurses and physicians need daily must
# not ask for an emergency. Single documents and whole charts are marked in the browser.
#restricted_types = ""
# How long emergency access to a chart lasts (5 to 480).
#emergency_minutes = 60

# --- Keeping the records -----------------------------------------------------------------------
# When `serve` proves every day that nothing was lost, by the clock of this machine; empty: never.
# It looks at everything, reads the originals again that are new, and then, for so many minutes,
# those that were not read for longest. Every so many days it reads all of them (0: never).
#verify_daily_at = "02:30"
#verify_minutes = 60.0
#verify_full_every_days = 7
# Where and when `serve` backs the home up every day; empty: never. The first backup into a folder
# is made by hand (chartkeeper backup DIR), so that a disk that is not connected is noticed. So many
# generations are kept (0: all).
#backup_folder = ""
#backup_daily_at = "01:30"
#backup_keep = 30

# --- Inboxes ---------------------------------------------------------------------------------
# Beside inbox/ in the home, files may come into other folders, as of a fax server or a share. Each
# gets a table like this one at the end of the file; only name and folder must be there. A table
# named "inbox" without a folder says the same of the home's own.
#[[inbox]]
#name = "fax ward 3"
# A folder that is not absolute lies in the home. The service's account must be allowed to create,
# rename and delete there. No inbox may lie within another, or within the service's own folders.
#folder = "/srv/fax/ward3"
# Shown on the intake page, and kept with each file: who gets the papers, and what sends them.
#department = "Ward 3"
#source = "fax"
# 1 is read first, 9 last; all of it before a migration.
#priority = 5
# Both sides of each sheet are in the file: a blank back belongs to the document before it.
#duplex = false
# Instead of the home's blank_sheets_separate. In duplex, a sheet is blank if both its sides are.
#blank_sheets_separate = false
# "events" of the system tell at once of new files, "poll" only lists the folder every poll_seconds,
# "auto" takes events but on shares (NFS, SMB and the like), where there are none. Every inbox is
# listed in any case. On a share a file must be still for at least 5 seconds.
#watch = "auto"
# Instead of the home's still_seconds.
#still_seconds = 1.0
# What the fax server lays beside each file to say how it was received (docs/fax-servers.md):
# "none", "hylafax", "asterisk", "json" or "xml". A file is taken without it after so many seconds;
# a sidecar without a file is put aside after ten times as many.
#sidecar = "none"
#sidecar_wait_seconds = 60.0
# For "json" and "xml": where in it each thing stands. Keys with dots between them, or for XML names
# of elements below the outermost with slashes, @ before an attribute. `status` holds one of `ok` if
# all went well; without it, `error` holds text if not. `file` may hold the file's name.
#[inbox.map]
#sender = "call.from"
#pages = "pages.received"
#status = "result"
#ok = ["ok", "success"]
#error = "result_text"
"""


def home_from_environment() -> str | None:
    """The home that the environment names, if any."""
    return os.environ.get(HOME_VARIABLE)


def quiet_engines() -> None:
    """Have the engines that read pages use one thread each, and send nothing anywhere.

    Child processes inherit it.

    A process a core is 3 to 4 times faster than threads inside Tesseract (docs/figures.md).
    """
    os.environ["OMP_THREAD_LIMIT"] = "1"
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Left to itself, ONNX Runtime (1.32) keeps a number for the machine in the account's folder and
    # sends its maker how it is used.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    # Page images go back to the system when they are done with, instead of staying with a reader.
    os.environ.setdefault("MALLOC_MMAP_THRESHOLD_", str(PAGE_BUFFER_BYTES))
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")


def operator_name() -> str:
    """Who gives commands on this machine, for the access log."""
    return os.environ.get("SUDO_USER") or os.environ.get("LOGNAME") or str(os.getuid())


def refuse_wrong_account(home: Path) -> None:
    """Raises WrongAccount where files of root would be left in the home of another account."""
    if os.geteuid() != 0 or not home.exists() or (owner := home.stat().st_uid) == 0:
        return
    try:
        name = pwd.getpwuid(owner).pw_name
    except KeyError:
        name = f"#{owner}"
    raise WrongAccount(name)


def load_settings(home: Path) -> Settings:
    """The settings of a home. Raises HomeMissing, WrongAccount, SettingsInvalid."""
    path = home / CONFIG_NAME
    if not path.is_file():
        raise HomeMissing
    refuse_wrong_account(home)
    try:
        # Editors of Windows put a mark of the encoding at the beginning.
        given = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SettingsInvalid(
            f"line {line} holds characters that are not UTF-8; save the file as UTF-8"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsInvalid(f"is not valid TOML ({error})") from error
    settings = parse_settings(given, home)
    try:
        kept = {f"{name} folder": home / name for name in OWN_FOLDERS}
        if settings.backup_folder:
            kept["backup folder"] = Path(settings.backup_folder)
        check_places(settings.inboxes, kept)
    except ProfileInvalid as error:
        raise SettingsInvalid(str(error)) from error
    return settings


def parse_settings(given: dict[str, object], home: Path = Path()) -> Settings:
    """Settings from the values of a configuration file of a home. Raises SettingsInvalid."""
    try:
        inboxes = parse_profiles(given.get("inbox", []), home)
    except ProfileInvalid as error:
        raise SettingsInvalid(str(error)) from error
    types = {field.name: type(field.default) for field in fields(Settings)}
    del types["inboxes"]
    given = {name: value for name, value in given.items() if name != "inbox"}
    for name, value in given.items():
        if name not in types:
            raise SettingsInvalid(f"knows no setting {name!r}; known are {', '.join(types)}")
        _check(name, value, types[name])
    # Each value was checked above.
    settings = Settings(**given, inboxes=inboxes)  # type: ignore[arg-type]
    _check_filing(settings)
    _check_times(settings)
    return settings


def _check_times(settings: Settings) -> None:
    for name in ("verify_daily_at", "backup_daily_at"):
        written = getattr(settings, name)
        if written and not TIME_OF_DAY.fullmatch(written):
            raise SettingsInvalid(f'{name} must be a time as "02:30", or empty, not {written!r}')
    if settings.backup_folder and not Path(settings.backup_folder).is_absolute():
        raise SettingsInvalid("backup_folder must be a whole path, from / on")


def _check_filing(settings: Settings) -> None:
    if settings.automatic_types != ALL_TYPES:
        _check_types("automatic_types", settings.automatic_types)
    _check_types("restricted_types", settings.restricted_types)
    try:
        re.compile(settings.mrn_format)
    except re.error as error:
        raise SettingsInvalid(f"mrn_format is no regular expression ({error})") from error


def _check_types(name: str, written: str) -> None:
    unknown = [key for key in items(written, ",") if key not in TYPE_KEYS]
    if unknown:
        raise SettingsInvalid(f"{name} knows no type {unknown[0]!r}")


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
