"""Which part of the review queue a clerk works through; it goes from page to page in addresses."""

from flask import request

from chartkeeper.records.review_queue import Lacks, Wanted
from chartkeeper.webui import current

LACKING = {
    Lacks.PATIENT: "Patient not known",
    Lacks.TYPE: "Type not known",
    Lacks.DATE: "Date not known",
    Lacks.PAGES: "Pages not read",
    Lacks.BOUNDARY: "May be two documents",
    Lacks.OTHER: "Something else",
}


def narrowed() -> Wanted:
    """The part that the address names; all of the queue where it names none that there is."""
    known = {choice.key for choice in current.parts().types}
    wanted_type, why = request.args.get("type", ""), request.args.get("why", "")
    lacks = Lacks(why) if why in set(Lacks) else None
    return Wanted(wanted_type if wanted_type in known else "", lacks)


def in_address(wanted: Wanted) -> dict[str, str]:
    """The same for addresses of pages that go on with it."""
    return {
        **({"type": wanted.type} if wanted.type else {}),
        **({"why": wanted.lacks.value} if wanted.lacks else {}),
    }
