"""Invented patients, with the look-alikes that make filing hard."""

from __future__ import annotations

import csv
import random
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Built from words that no registry takes for a family, so that nobody is mistaken for a person.
STEMS = (
    "Sample", "Tester", "Specimen", "Example", "Mock", "Dummy", "Demo", "Trial", "Fict",
    "Pseudo", "Proto", "Placeholder", "Pretend", "Nonesuch", "Invented", "Sandbox",
)  # fmt: skip
ENDINGS = (
    "wood", "man", "ton", "ford", "ridge", "son", "field", "worth", "by", "well", "stead",
    "berg", "ski", "ova", "ez", "ley", "gate",
)  # fmt: skip
WOMEN = (
    "Amelia", "Beatriz", "Carmen", "Dolores", "Edith", "Fatima", "Greta", "Hazel", "Imogen",
    "Joanna", "Katherine", "Lucille", "Mei", "Nadia", "Olga", "Priya", "Ruth", "Svetlana",
    "Teresa", "Ursula", "Valerie", "Wanda", "Ximena", "Yolanda", "Zora", "Margaret",
    "Elizabeth", "Patricia", "Deborah", "Christine", "Marisol", "Aisha", "Hannah", "Bridget",
    "Constance", "Rosalind",
)  # fmt: skip
MEN = (
    "Arthur", "Bartholomew", "Cedric", "Desmond", "Edgar", "Felix", "Gordon", "Hector",
    "Isaac", "Jerome", "Kenneth", "Lionel", "Marcus", "Nathaniel", "Oscar", "Percival",
    "Quentin", "Rafael", "Stanley", "Tobias", "Ulysses", "Victor", "Winston", "Xavier",
    "Yusuf", "Zachary", "William", "Robert", "Michael", "Thomas", "Andrzej", "Hiroshi",
    "Emmanuel", "Leopold", "Duncan", "Clarence",
)  # fmt: skip
NICKNAMES = {
    "Katherine": "Kate", "Margaret": "Peggy", "Elizabeth": "Betty", "Patricia": "Patty",
    "Deborah": "Debbie", "Christine": "Chris", "Bartholomew": "Bart", "William": "Bill",
    "Robert": "Bob", "Michael": "Mike", "Thomas": "Tom", "Nathaniel": "Nate", "Kenneth": "Ken",
    "Zachary": "Zack", "Percival": "Percy", "Teresa": "Terry",
}  # fmt: skip
STREETS = (
    "Placebo", "Control", "Template", "Mockup", "Fixture", "Sandbox", "Lorem", "Ipsum",
    "Draft", "Prototype",
)  # fmt: skip
KINDS = (
    "Street", "Avenue", "Lane", "Court", "Road", "Drive",
)  # fmt: skip
TOWNS = (
    ("Exampleburg", "OH", "00412"), ("Test Hollow", "PA", "00437"), ("Mockingdale", "OH", "00455"),
    ("Fixture Falls", "IN", "00469"), ("Sampleton Heights", "MI", "00481"),
)  # fmt: skip


@dataclass(frozen=True)
class Patient:
    """A row of the patient list; names as printed, `dob` a date, `mrn` seven digits."""

    mrn: str
    last: str
    first: str
    dob: date
    middle: str = ""
    suffix: str = ""
    sex: str = ""
    aliases: str = ""
    address: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    phone: str = ""
    ssn4: str = ""


def make_patients(seed: int, count: int = 60) -> list[Patient]:
    """Return `count` patients (at least 20), traps first: the same ones for the same seed."""
    rng = random.Random(f"people {seed}")
    mrns = iter(f"{number:07d}" for number in rng.sample(range(10_000, 990_000), count + 1))
    surnames = iter(rng.sample([s + e for s in STEMS for e in ENDINGS], count))
    patients = _look_alikes(rng, surnames, mrns)
    while len(patients) < count:
        patients.append(_person(rng, next(surnames), next(mrns)))
    return patients


def stranger(seed: int) -> Patient:
    """Return a patient who is in no list of the same seed."""
    rng = random.Random(f"stranger {seed}")
    return _person(rng, "Strangerly", f"{rng.randrange(990_001, 999_999):07d}")


def write_csv(patients: list[Patient], path: Path) -> None:
    """Write the list as `chartkeeper patients load` reads it."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [f.name for f in fields(Patient)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(patient) for patient in patients)


def _person(rng: random.Random, last: str, mrn: str) -> Patient:
    sex = rng.choice("FM")
    city, state, zip_code = rng.choice(TOWNS)
    return Patient(
        mrn=mrn,
        last=last,
        first=rng.choice(WOMEN if sex == "F" else MEN),
        dob=date(1932, 1, 1) + timedelta(days=rng.randrange(74 * 365)),
        middle=rng.choice(["", *"ABCDEGHJLMNRSTW"]),
        sex=sex,
        address=f"{rng.randrange(1, 2400)} {rng.choice(STREETS)} {rng.choice(KINDS)}",
        city=city,
        state=state,
        zip=zip_code,
        phone=f"555-01{rng.randrange(100):02d}",  # numbers kept for fiction
        ssn4=f"{rng.randrange(10_000):04d}",
    )


def _look_alikes(rng: random.Random, surnames: Iterator[str], mrns: Iterator[str]) -> list[Patient]:
    def person() -> Patient:
        return _person(rng, next(surnames), next(mrns))

    def ssn4() -> str:
        return f"{rng.randrange(10_000):04d}"

    twin = replace(person(), dob=date(1988, 3, 14) + timedelta(days=rng.randrange(4000)))
    names = rng.sample(WOMEN if twin.sex == "F" else MEN, 2)
    senior = replace(person(), sex="M", suffix="Sr", dob=date(1947, 5, 2), first=rng.choice(MEN))
    namesake = person()
    swapped = replace(person(), dob=date(rng.randrange(1950, 1990), 4, 11))
    married = replace(person(), sex="F", first=rng.choice(WOMEN))
    hyphenated = replace(person(), sex="F", first=rng.choice(WOMEN))
    nicknamed = person()
    nicknamed = replace(nicknamed, first="Katherine" if nicknamed.sex == "F" else "William")
    neighbour = person()
    return [
        replace(twin, first=names[0]),
        replace(twin, first=names[1], mrn=f"{int(twin.mrn) + 1:07d}", ssn4=ssn4()),
        senior,
        replace(senior, suffix="Jr", mrn=next(mrns), dob=date(1975, 2, 5), ssn4=ssn4()),
        namesake,
        replace(namesake, mrn=next(mrns), dob=namesake.dob - timedelta(days=4096), ssn4=ssn4()),
        swapped,
        replace(swapped, mrn=next(mrns), dob=swapped.dob.replace(month=11, day=4), ssn4=ssn4()),
        replace(married, aliases=f"{next(surnames)}, {married.first}"),
        replace(
            hyphenated,
            last=f"{hyphenated.last}-{next(surnames)}",
            aliases=f"{hyphenated.last}, {hyphenated.first}",
        ),
        replace(nicknamed, aliases=f"{nicknamed.last}, {NICKNAMES[nicknamed.first]}"),
        replace(person(), last="O'Sample"),
        replace(person(), last="Van der Test"),
        replace(person(), last="Muñoz Ejemplo", aliases=""),
        neighbour,
        replace(person(), last=neighbour.last, mrn=_one_digit_off(neighbour.mrn)),
    ]


def _one_digit_off(mrn: str) -> str:
    return mrn[:4] + ("8" if mrn[4] != "8" else "3") + mrn[5:]
