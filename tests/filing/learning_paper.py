"""Papers of two house forms that no cue word knows, for as many invented patients as wanted."""

import random
from datetime import date

from filing_noise import misreader
from filing_paper import page

from chartkeeper.records.model import Patient, mrn_key

# Neither has a title or heading of the cue table: only their own words can tell them.
FORMS = {
    "nursing_note": (
        "# GREENLEAF ROUNDING TOOL",
        ["Willow round finished", "Lantern over sacrum", "Bell string within reach"],
        ["Cot low and latched", "Offered broth", "Watcher in the alcove", "Heels on feathers"],
    ),
    "therapy_note": (
        "# ORCHARD MOVEMENT LOG",
        ["Meadow belt on twin bars", "Ladder with railing", "Orchard lap done well"],
        ["Wobbling plank drills", "Rubber rows", "Weary after bout", "Pebble walk"],
    ),
}
SURNAMES = ("Samplewood", "Specimen", "Testerman", "Mockridge", "Fictson", "Protoberg")
GIVEN = ("Adalynn", "Brunhild", "Cedrica", "Desmonda", "Edgarine", "Felixia")


def people(count=12):
    """So many invented patients."""
    return [
        Patient(
            0,
            f"{5_000_000 + at}",
            mrn_key(f"{5_000_000 + at}"),
            SURNAMES[at % len(SURNAMES)],
            GIVEN[at * 5 % len(GIVEN)],
            date(1950 + at, 1 + at % 12, 1 + at % 28),
            address=f"{at} Placebo Lane",
            city="Exampleburg",
        )
        for at in range(count)
    ]


def paper(form, patient, seed, noise=0.01):
    """A page of a form for a patient; the same for the same seed."""
    rng = random.Random(f"{form} {patient.mrn} {seed}")
    title, always, sometimes = FORMS[form]
    body = rng.sample(always, 2) + rng.sample(sometimes, 3)
    rng.shuffle(body)
    banner = f"{patient.last}, {patient.first}  of {patient.city}  no. {patient.mrn}"
    return page("\n".join([title, banner, *body]), noise=misreader(rng, noise))


def stream(count, patients, seed=0):
    """(type, patient, page) of so many papers, in turn."""
    forms = sorted(FORMS)
    for at in range(count):
        form, patient = forms[at % 2], patients[at * 7 % len(patients)]
        yield form, patient, paper(form, patient, f"{seed} {at}")
