"""Which column or tag of a list means what: the usual names, and those that one is told."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from chartkeeper.ingest.errors import ManifestInvalid

MAX_MAPPING_BYTES = 1024 * 1024
# OnBase's own limit on tags, raised for those of others.
MAX_TAG_CHARS = 100


class Target(StrEnum):
    """What a list can say of a file."""

    FILE = "file"
    BOX = "box"
    LABEL = "label"
    MRN = "mrn"
    LAST = "last"
    FIRST = "first"
    NAME = "name"
    DOB = "dob"
    TYPE = "type"
    SERVICE_DATE = "service_date"
    PAGES = "pages"
    SOURCE_ID = "source_id"
    SHA256 = "sha256"
    PRIORITY = "priority"


# What the user calls a batch is a label here: a batch is one run of an import.
SPELLINGS = {"batch": Target.LABEL, "batchid": Target.LABEL, "id": Target.SOURCE_ID}
KNOWN = {
    Target.FILE: "file filename filepath path fullpath fullfilename image imagefile imagepath "
    "documentpath docpath filelocation",
    Target.BOX: "box boxno boxnumber boxid carton cartonnumber",
    Target.LABEL: "batch batchid batchno batchnumber batchname consignment",
    Target.MRN: "mrn mrnumber mrno medrec medrecno medicalrecordnumber medicalrecordno "
    "patientmrn chart chartno chartnumber unitnumber patientid",
    Target.LAST: "last lastname surname familyname patientlast patientlastname",
    Target.FIRST: "first firstname givenname patientfirst patientfirstname",
    Target.NAME: "name patient patientname fullname",
    Target.DOB: "dob birthdate dateofbirth patientdob birthday",
    Target.TYPE: "type doctype doctypename documenttype documenttypename",
    Target.SERVICE_DATE: "servicedate dateofservice dos date docdate documentdate",
    Target.PAGES: "pages pagecount numpages numberofpages noofpages images imagecount",
    Target.SOURCE_ID: "id docid documentid sourceid dochandle documenthandle itemnum itemnumber",
    Target.SHA256: "sha256 checksum hash",
    Target.PRIORITY: "priority",
}
_BY_NAME = {name: target for target, names in KNOWN.items() for name in names.split()}


@dataclass(frozen=True, slots=True)
class DipTags:
    """The tags of a tagged DIP file: what begins each document, what stands before a path."""

    begin: str = ""
    file_format: str = ""


@dataclass(frozen=True)
class FieldMap:
    """What was said about a list: columns or tags by field, types by their old names, old paths.

    `roots` are beginnings of paths in the list with the folders that they are here.
    """

    columns: Mapping[Target, str] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)
    roots: Sequence[tuple[str, Path]] = ()
    dip: DipTags = field(default_factory=DipTags)
    day_first: bool = False

    def with_columns(self, more: Mapping[Target, str]) -> "FieldMap":
        """This with further columns, which count more."""
        return FieldMap({**self.columns, **more}, self.types, self.roots, self.dip, self.day_first)

    def with_roots(self, more: Sequence[tuple[str, Path]]) -> "FieldMap":
        """This with further roots, which are tried first."""
        return FieldMap(self.columns, self.types, [*more, *self.roots], self.dip, self.day_first)


def plain(name: str) -> str:
    """The name of a column or tag as it is compared: small letters and digits only."""
    return "".join(char for char in name.casefold() if char.isalnum())


def known_target(name: str) -> Target | None:
    """What a column or tag of this name usually means, if anything."""
    return _BY_NAME.get(plain(name))


def target(name: str) -> Target:
    """The field that a user calls `name`. Raises ManifestInvalid."""
    try:
        return SPELLINGS.get(plain(name)) or Target(name.strip().lower())
    except ValueError:
        known = ", ".join(item for item in Target if item is not Target.LABEL)
        raise ManifestInvalid(
            f"A list has no field {name[:40]!r}. Fields are: {known}, batch."
        ) from None


def column_option(text: str) -> tuple[Target, str]:
    """What `field=Column` says. Raises ManifestInvalid."""
    name, sign, column = text.partition("=")
    if not sign or not column.strip():
        raise ManifestInvalid("A column is mapped as field=Column, for example mrn=PatientNo.")
    return target(name), column.strip()


def root_option(text: str) -> tuple[str, Path]:
    """What `OLD=FOLDER` says of old paths. Raises ManifestInvalid."""
    old, sign, folder = text.partition("=")
    if not sign or not old.strip() or not folder.strip():
        raise ManifestInvalid(r"A root is mapped as OLD=FOLDER, for example D:\Scans=/mnt/scans.")
    return old.strip(), Path(folder.strip())


def load_mapping(path: Path) -> FieldMap:
    """The mapping file at `path` (TOML; docs/migration.md). Raises ManifestInvalid."""
    try:
        with path.open("rb") as file:
            table = tomllib.loads(file.read(MAX_MAPPING_BYTES).decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ManifestInvalid(
            "The mapping file is not readable TOML. See docs/migration.md for one that is."
        ) from error
    unknown = table.keys() - {"columns", "types", "roots", "dip", "day_first"}
    if unknown:
        raise ManifestInvalid(
            "The mapping file has parts that are not known. "
            "Known are: columns, types, roots, dip, day_first."
        )
    return FieldMap(
        columns={target(name): text for name, text in _texts(table, "columns").items()},
        types={plain(name): text for name, text in _texts(table, "types").items()},
        roots=[(old, Path(folder)) for old, folder in _texts(table, "roots").items()],
        dip=_dip(_texts(table, "dip")),
        day_first=table.get("day_first") is True,
    )


def _texts(table: dict[str, Any], name: str) -> dict[str, str]:
    part = table.get(name, {})
    texts = isinstance(part, dict) and all(isinstance(one, str) and one for one in part.values())
    if not texts:
        raise ManifestInvalid(f"[{name}] of the mapping file must hold lines of NAME = 'text'.")
    return dict(part)


def _dip(part: dict[str, str]) -> DipTags:
    fits = part.keys() <= {"begin", "file_format"}
    if not fits or any(len(text) > MAX_TAG_CHARS for text in part.values()):
        raise ManifestInvalid("[dip] of the mapping file holds begin and file_format, tags both.")
    return DipTags(**part)
