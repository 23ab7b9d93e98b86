"""What import lists say of a scan, brought to the documents that are found in it."""

from collections.abc import Sequence
from dataclasses import replace

from chartkeeper.filing.claim import LIST, Claim, joined_claim, of_whole_file
from chartkeeper.ingest.runs import Run
from chartkeeper.records.batches import ListedClaim

DESCRIBES_OTHER = f"The {LIST} describes another file: the checksum of this one differs"


def held_against(listed: Sequence[ListedClaim], run: Run, *, alone: bool) -> Run:
    """A run of pages with what the lists say beside what a separator sheet does.

    `alone` if it is the only document of its file, which is what the lists speak of.
    """
    if not listed:
        return run
    said = of_whole_file(joined_claim([_claim(one) for one in listed]), alone=alone)
    return replace(run, claim=joined_claim([run.claim, said]))


def _claim(listed: ListedClaim) -> Claim:
    return Claim(
        mrn=listed.mrn,
        type=listed.type,
        service_date=listed.service_date,
        last=listed.last,
        first=listed.first,
        dob=listed.dob,
        origin=LIST,
        conflict=DESCRIBES_OTHER if listed.describes_other else "",
    )
