"""What a fax server says of a fax, from the sidecar that it lays beside the file.

A sidecar comes from outside: its size is limited, XML with a document type is refused before it is
parsed (no entities, nothing fetched), and whatever cannot be understood is a SidecarDamaged.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

from chartkeeper.ingest.errors import is_of_machine
from chartkeeper.ingest.inbox import Found, Kind
from chartkeeper.ingest.profiles import FieldMap, Profile, Sidecar
from chartkeeper.ocr.errors import UnreadableFile
from chartkeeper.records.model import Delivery

MAX_SIDECAR_BYTES = 64 * 1024
MAX_SENDER_CHARACTERS = 80
MAX_ERROR_CHARACTERS = 200
MAX_PAGES_DIGITS = 6
# A sidecar waits longer for its file than a file for its sidecar: the file is what takes time.
ORPHAN_WAITS = 10

NOT_COME = "The fax server's report did not come in time; sender and page count were not checked."
NOT_UNDERSTOOD = (
    "The fax server's report could not be understood; sender and page count were not checked."
)
OF_ANOTHER = "The fax server's report names another file; sender and page count were not checked."


class SidecarDamaged(ValueError):
    """A sidecar that cannot be understood; the fax beside it is taken all the same."""


class SidecarOfAnother(SidecarDamaged):
    """A sidecar that says itself that it belongs to another file."""


class SidecarAlone(UnreadableFile):
    """A sidecar without its fax."""

    code = "sidecar_alone"

    def __init__(self) -> None:
        super().__init__(
            "This is a fax server's report on a fax, but the fax is not here: it never came, or "
            "was taken in before. Look for it in the list of arrivals and on the fax server."
        )


@dataclass(frozen=True, slots=True)
class Pairs:
    """Which sidecar lies beside which file, by the file's path; and the sidecars without one."""

    beside: dict[Path, Found] = field(default_factory=dict)
    alone: frozenset[Path] = frozenset()


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a delivery, and the sidecar that goes with the file."""

    delivery: Delivery = field(default_factory=Delivery)
    sidecar: Found | None = None


def told_of(
    found: Found, pairs: Pairs, still: Mapping[Path, float], still_seconds: float, profile: Profile
) -> Told | None:
    """What the sidecar of a file in an inbox says, or None while it is waited for.

    `still` is for how long each file has not changed, `still_seconds` how long that must be.
    Raises an OSError that is no trouble of the sidecar alone.
    """
    if profile.sidecar is Sidecar.NONE or found.kind is not Kind.FILE:
        return Told()
    in_time = still[found.path] < profile.sidecar_wait_seconds
    sidecar = pairs.beside.get(found.path)
    if sidecar is None:
        return None if in_time else Told(Delivery(note=NOT_COME))
    settled = still[sidecar.path] >= still_seconds
    try:
        if settled:
            return Told(read_delivery(sidecar.path, profile, found.name), sidecar)
    except SidecarOfAnother as error:
        return None if in_time else Told(Delivery(note=str(error)))
    except FileNotFoundError:
        return None
    except SidecarDamaged:
        settled = False
    except OSError as error:
        # A report that the disk does not give up is one more that cannot be understood.
        if is_of_machine(error):
            raise
    return None if in_time else Told(Delivery(note=NOT_UNDERSTOOD), sidecar)


def pair(listing: Sequence[Found], suffix: str) -> Pairs:
    """Find each file's sidecar: `fax.tif.json`, or `fax.json` where no second file is a `fax`.

    With an empty `suffix` there are no sidecars, and nothing is one.
    """
    if not suffix:
        return Pairs()
    plain = [item for item in listing if item.kind is Kind.FILE]
    sidecars = {_base(item.path, suffix): item for item in plain if is_sidecar(item.name, suffix)}
    faxes = [item.path for item in plain if not is_sidecar(item.name, suffix)]
    stems = Counter(path.with_suffix("") for path in faxes)
    beside = {path: sidecars[path] for path in faxes if path in sidecars}
    for path in faxes:
        stem = path.with_suffix("")
        if path not in beside and stems[stem] == 1 and stem in sidecars and stem not in beside:
            beside[path] = sidecars[stem]
    paired = {sidecar.path for sidecar in beside.values()}
    alone = frozenset(item.path for item in sidecars.values() if item.path not in paired)
    return Pairs(beside, alone)


def is_sidecar(name: str, suffix: str) -> bool:
    """Whether a file of this name is a sidecar; never, with an empty `suffix`."""
    return bool(suffix) and name.lower().endswith(suffix) and name.lower() != suffix


def is_late(sidecar: Path, taken: Iterable[Path], suffix: str) -> bool:
    """Whether a sidecar is that of one of the files that were `taken` without theirs."""
    base = _base(sidecar, suffix)
    return any(base in (path, path.with_suffix("")) for path in taken)


def read_delivery(path: Path, profile: Profile, name: str) -> Delivery:
    """What the sidecar at `path` says of the file called `name`.

    Raises SidecarDamaged for one that cannot be understood or belongs to another file, and OSError.
    """
    with path.open("rb") as file:
        data = file.read(MAX_SIDECAR_BYTES + 1)
    return parse_sidecar(data, profile.sidecar, profile.map, name)


def parse_sidecar(data: bytes, kind: Sidecar, places: FieldMap, name: str) -> Delivery:
    """What a sidecar of this kind says of the file called `name`. Raises SidecarDamaged."""
    if len(data) > MAX_SIDECAR_BYTES:
        raise SidecarDamaged(NOT_UNDERSTOOD)
    values = _values(_text(data), kind, places)
    if not _is_about(values["file"], name):
        raise SidecarOfAnother(OF_ANOTHER)
    return Delivery(
        sender=_tame(values["sender"], MAX_SENDER_CHARACTERS),
        pages_expected=_pages(values["pages"]),
        error=_tame(_error(values, places), MAX_ERROR_CHARACTERS),
    )


def _is_about(said: str, name: str) -> bool:
    """Whether a sidecar means this file; one that was put back has its number before its name."""
    file, last = said.replace("\\", "/").split("/")[-1], name.rsplit("/", maxsplit=1)[-1]
    return not file or last == file or last.endswith(f" {file}")


def _text(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _values(text: str, kind: Sidecar, places: FieldMap) -> dict[str, str]:
    paths = {name: getattr(places, name) for name in ("sender", "pages", "error", "status", "file")}
    match kind:
        case Sidecar.ASTERISK:
            read = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
            if not read:
                raise SidecarDamaged(NOT_UNDERSTOOD)
            return {name: read.get(path, "").strip() for name, path in paths.items()}
        case Sidecar.XML:
            root = _xml(text)
            return {name: _xml_value(root, path) for name, path in paths.items()}
        case _:
            tree = _json(text)
            return {name: _json_value(tree, path) for name, path in paths.items()}


def _json(text: str) -> object:
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SidecarDamaged(NOT_UNDERSTOOD) from error
    if not isinstance(tree, dict):
        raise SidecarDamaged(NOT_UNDERSTOOD)
    return tree


def _json_value(tree: object, path: str) -> str:
    if not path:
        return ""
    for key in path.split("."):
        tree = tree.get(key) if isinstance(tree, dict) else None
    if isinstance(tree, bool) or not isinstance(tree, str | int | float):
        return ""
    return str(tree).strip()


def _xml(text: str) -> ET.Element:
    # Entities can only be made in a document type, and no fax server needs one.
    if re.search(r"<!\s*(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise SidecarDamaged(NOT_UNDERSTOOD)
    try:
        return ET.fromstring(text)  # noqa: S314 - limited in size and without a document type
    except (ET.ParseError, ValueError) as error:
        raise SidecarDamaged(NOT_UNDERSTOOD) from error


def _xml_value(root: ET.Element, path: str) -> str:
    """The text at `path` below the root: names with slashes between them, `@name` an attribute."""
    if not path:
        return ""
    element: ET.Element | None = root
    for step in path.split("/"):
        if element is None:
            return ""
        if step.startswith("@"):
            return element.get(step[1:], "").strip()
        element = next((child for child in element if _local(child.tag) == step), None)
    return "" if element is None else (element.text or "").strip()


def _local(tag: str) -> str:
    # A namespace stands in braces before the name.
    return tag.rsplit("}", 1)[-1]


def _pages(said: str) -> int | None:
    found = re.fullmatch(rf"\d{{1,{MAX_PAGES_DIGITS}}}(\.0*)?", said, re.ASCII)
    return int(said.split(".", maxsplit=1)[0]) if found else None


def _error(values: dict[str, str], places: FieldMap) -> str:
    fine = {word.casefold() for word in places.ok}
    if places.status:
        well = values["status"].casefold() in fine
        return "" if well else values["error"] or values["status"] or "no status was reported"
    return "" if values["error"].casefold() in fine else values["error"]


def _tame(said: str, most: int) -> str:
    printable = "".join(sign if sign.isprintable() else " " for sign in said)
    return " ".join(printable.split())[:most]


def _base(path: Path, suffix: str) -> Path:
    return path.with_name(path.name[: -len(suffix)])
