"""Why a document waits for a person, in words, once a person has decided a part of it."""

import re
from collections.abc import Collection, Mapping, Sequence

from chartkeeper.records.model import Field

# How filing begins what it says of each field; of what stands before the first it says nothing.
_BEGINS = {"Type: ": Field.TYPE, "Patient: ": Field.PATIENT, "Date: ": Field.DATE}
_NEXT = re.compile(r"\. (?=Type: |Patient: |Date: )")
_OPEN = "must still be decided."


def still_holds(reason: str, settled: Collection[Field]) -> str:
    """What of a reason holds after the fields in `settled` were decided; empty if nothing does."""
    parts = [part for part in _NEXT.split(reason) if part and not part.endswith(_OPEN)]
    return ". ".join(part for part in parts if _field(part) not in settled)


def still_open(fields: Sequence[Field], because: Mapping[Field, str]) -> str:
    """That these fields are open, with the reasons in `because` for those that have one."""
    told = [f"{begin}{because[field]}" for begin, field in _BEGINS.items() if field in because]
    rest = [field.value for field in fields if field not in because]
    untold = [f"The {' and the '.join(rest)} {_OPEN}"] if rest else []
    return ". ".join((*told, *untold))


def _field(part: str) -> Field | None:
    return next((field for begin, field in _BEGINS.items() if part.startswith(begin)), None)
