"""A patient index of synthetic people, with the families, twins and namesakes that mislead filing.

Surnames and given names are skewed as in a real population: some with hundreds of bearers, most
with one. Numbers are issued densely, so that one misread digit often gives another patient's.
"""

import random
import tomllib
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

from chartkeeper.records.model import Patient, PersonName, mrn_key

DATA = Path(__file__).with_name("data")
FIRST_MRN, MRN_SPREAD = 3_410_000, 1.6
COMMON_SURNAME_SHARE = 0.55
OLDEST, YOUNGEST = date(1926, 1, 1), date(2026, 6, 30)
NAMES = tomllib.loads((DATA / "filing_names.toml").read_text(encoding="utf-8"))
PLACEHOLDERS = (
    *(("Test", "Patient"), ("Zztest", "Demo"), ("Doe", "John"), ("Doe", "Jane")),
    *(("Unknown", "Unknown"), ("Garcia", "Baby Boy"), ("Smith", "Baby Girl"), ("Trauma", "Alpha")),
)


@dataclass
class Population:
    """Everybody in the index by number, and who is related or alike to whom.

    `groups` lists by trap name tuples of MRNs that the trap is about; `retired` gives the number
    a merged patient had before, which the index knows of half of them; `strangers` are people who
    are not in the index.
    """

    people: dict[str, Patient] = field(default_factory=dict)
    groups: dict[str, list[tuple[str, ...]]] = field(default_factory=lambda: defaultdict(list))
    retired: dict[str, str] = field(default_factory=dict)
    strangers: list[Patient] = field(default_factory=list)

    @cached_property
    def ordinary(self) -> list[str]:
        """The numbers of all but those whose names stand for nobody."""
        nobody = {mrn for group in self.groups["placeholder"] for mrn in group}
        return [mrn for mrn in self.people if mrn not in nobody]

    def anybody(self, rng: random.Random, *, but: str = "") -> Patient:
        """One of all patients, not the one with the number `but`."""
        while (mrn := rng.choice(self.ordinary)) == but:
            pass
        return self.people[mrn]

    def group(self, name: str, rng: random.Random) -> list[Patient]:
        """The members of a group of this name, at random."""
        return [self.people[mrn] for mrn in rng.choice(self.groups[name])]


class _Registry:
    """Issues numbers and writes people down."""

    def __init__(self, rng: random.Random, size: int) -> None:
        self.rng, self.size, self.made = rng, size, Population()
        numbers = rng.sample(range(FIRST_MRN, FIRST_MRN + int(size * MRN_SPREAD)), size)
        self._free = {f"{number:07d}" for number in numbers}
        self._order = [f"{number:07d}" for number in numbers]

    def issue(self, near: str = "") -> str:
        """A number nobody has; the one after `near` where that is free."""
        following = f"{int(near) + 1:07d}" if near else ""
        if following and following not in self.made.people:
            self._free.discard(following)
            return following
        while (mrn := self._order.pop()) not in self._free:
            pass
        self._free.discard(mrn)
        return mrn

    def add(self, person: Patient, mrn: str = "") -> Patient:
        """Write somebody down under a number."""
        number = mrn or self.issue()
        kept = replace(person, mrn=number, mrn_key=mrn_key(number))
        self.made.people[number] = kept
        return kept

    def group(self, name: str, *people: Patient) -> None:
        """Remember that these belong together."""
        self.made.groups[name].append(tuple(person.mrn for person in people))


def make_population(seed: int, size: int) -> Population:
    """About `size` people, the same for the same seed."""
    rng = random.Random(f"population {seed} {size}")
    registry = _Registry(rng, size)
    for make, share in MAKERS:
        for _ in range(max(3, int(size * share))):
            make(registry)
    for last, first in PLACEHOLDERS:
        person = replace(stranger(rng), last=last, first=first, suffix="", aliases=())
        registry.group("placeholder", registry.add(person))
    while len(registry.made.people) < size:
        _family(registry) if rng.random() < 0.35 else registry.add(stranger(rng))
    _find_namesakes(registry)
    known = {(one.last, one.first, one.dob) for one in registry.made.people.values()}
    outsiders = [_outsider(registry) for _ in range(max(50, size // 40))]
    registry.made.strangers = [
        one for one in outsiders if (one.last, one.first, one.dob) not in known
    ]
    return registry.made


def stranger(rng: random.Random) -> Patient:
    """Somebody, without a number."""
    sex = rng.choice("FM")
    return Patient(
        id=0,
        mrn="",
        mrn_key="",
        last=surname(rng),
        first=given(rng, sex),
        dob=birth_date(rng),
        middle=rng.choice("ABCDEFGHJKLMNPRSTW") if rng.random() < 0.6 else "",
        suffix="",
        sex=sex,
        address=f"{rng.randrange(1, 990)} {rng.choice(NAMES['street'])} Street",
        city=rng.choice(NAMES["city"]),
        state="ZZ",
        zip=f"{rng.randrange(1000):05d}",
        phone=f"555-01{rng.randrange(100):02d}",
        ssn4=f"{rng.randrange(10_000):04d}",
    )


def surname(rng: random.Random) -> str:
    """A common name, one of very many rare ones, or one of several parts."""
    common = NAMES["surnames"]
    if rng.random() < COMMON_SURNAME_SHARE:
        return _by_rank(rng, common, 6)
    rare = rng.choice(NAMES["stems"]) + rng.choice(NAMES["endings"])
    luck = rng.random()
    if luck < 0.06:
        particle = rng.choice(NAMES["particles"])
        return (
            f"{particle}{rare}" if particle in ("Mc", "Mac", "O'", "D'") else f"{particle} {rare}"
        )
    if luck < 0.12:
        return f"{rng.choice(common)}-{rare}"
    if luck < 0.15:
        return f"{rng.choice(common)} {rng.choice(common)}"
    return rare


def given(rng: random.Random, sex: str) -> str:
    """A given name; early ones in the list are far commoner."""
    names = NAMES["female" if sex == "F" else "male"]
    if rng.random() < 0.02:
        return rng.choice(NAMES["legal_nicknames"])
    return _by_rank(rng, names, 10)


def _by_rank(rng: random.Random, names: list[str], flat: int) -> str:
    """One of `names`, a later one more rarely; the larger `flat`, the more even (Zipf)."""
    return rng.choices(names, [1 / (rank + flat) for rank in range(len(names))])[0]


def birth_date(rng: random.Random) -> date:
    """A birth date; one in eighty is 1 January, which stands for unknown ones as well."""
    day = OLDEST + timedelta(days=rng.randrange((YOUNGEST - OLDEST).days))
    return day.replace(month=1, day=1) if rng.random() < 0.012 else day


def plain_day(rng: random.Random) -> date:
    """A birth date that is not the first of January."""
    day = birth_date(rng)
    return day if (day.month, day.day) != (1, 1) else day.replace(month=6, day=17)


def _kin(registry: _Registry, person: Patient, years: int) -> Patient:
    """A relative of the same surname and address, `years` younger."""
    sex = registry.rng.choice("FM")
    year = min(max(person.dob.year + years, 1915), 2025)
    dob = replace_year(plain_day(registry.rng), year)
    return replace(person, first=given(registry.rng, sex), sex=sex, dob=dob, aliases=(), suffix="")


def replace_year(day: date, year: int) -> date:
    """The day in another year; 28 February for a leap day."""
    return date(year, day.month, min(day.day, 28))


def _family(registry: _Registry) -> None:
    head = registry.add(replace(stranger(registry.rng), dob=plain_day(registry.rng)))
    others = [registry.add(_kin(registry, head, years)) for years in (2, 27, 30)]
    registry.group("family", head, *others[: registry.rng.randrange(1, 4)])


def _twins(registry: _Registry) -> None:
    rng = registry.rng
    one = registry.add(
        replace(stranger(rng), dob=replace_year(plain_day(rng), rng.randrange(1995, 2026)))
    )
    sex = rng.choice("FM")
    first = given(rng, sex)
    while first == one.first:
        first = given(rng, sex)
    other = replace(one, first=first, sex=sex, middle="")
    registry.group("twins", one, registry.add(other, registry.issue(one.mrn)))


def _father_and_son(registry: _Registry) -> None:
    rng = registry.rng
    suffix = rng.random() < 0.5
    senior = replace(
        stranger(rng), sex="M", first=given(rng, "M"), dob=replace_year(plain_day(rng), 1955)
    )
    younger = replace(
        senior,
        dob=replace_year(plain_day(rng), 1982),
        suffix=rng.choice(["Jr", "Jr.", "II", "III"]),
    )
    one = registry.add(replace(senior, suffix="Sr" if suffix else ""))
    registry.group("jr_sr", one, registry.add(younger))


def _married(registry: _Registry) -> None:
    rng = registry.rng
    person = replace(stranger(rng), sex="F", first=given(rng, "F"), dob=plain_day(rng))
    former = PersonName(surname(rng), person.first)
    registry.group("alias", registry.add(replace(person, aliases=(former,))))


def _hyphenated(registry: _Registry) -> None:
    rng = registry.rng
    common = NAMES["surnames"]
    last = f"{rng.choice(common)}-{rng.choice(common[40:])}"
    person = replace(stranger(rng), last=last, dob=plain_day(rng))
    registry.group("hyphenated", registry.add(person))


def _nicknamed(registry: _Registry) -> None:
    rng = registry.rng
    first = rng.choice(list(NAMES["nicknames"]))
    sex = "M" if first in NAMES["male"] else "F"
    person = replace(stranger(rng), first=first, sex=sex, dob=plain_day(rng))
    registry.group("nickname", registry.add(person))


def _unborn(registry: _Registry) -> None:
    person = stranger(registry.rng)
    default = date(registry.rng.randrange(1930, 2005), 1, 1)
    registry.group("default_birth_date", registry.add(replace(person, dob=default)))


def _namesakes(registry: _Registry) -> None:
    rng = registry.rng
    last, first = rng.choice(
        [("Garcia", "Maria"), ("Smith", "John"), ("Nguyen", "Anh"), ("Johnson", "Mary")]
    )
    sex = "F" if first in NAMES["female"] else "M"
    one, other = (
        registry.add(replace(stranger(rng), last=last, first=first, sex=sex, dob=plain_day(rng)))
        for _ in range(2)
    )
    registry.group("same_name_other_dob", one, other)


def _doubles(registry: _Registry) -> None:
    rng = registry.rng
    one = registry.add(
        replace(stranger(rng), last=rng.choice(NAMES["surnames"][:12]), dob=plain_day(rng))
    )
    elsewhere = stranger(rng)
    other = replace(
        one, address=elsewhere.address, phone=elsewhere.phone, ssn4=elsewhere.ssn4, middle=""
    )
    registry.group("same_name_same_dob", one, registry.add(other))


def _near_numbers(registry: _Registry) -> None:
    rng = registry.rng
    one = registry.add(replace(stranger(rng), dob=plain_day(rng)))
    at = rng.randrange(2, 6)
    digits = list(one.mrn)
    digits[at], digits[at + 1] = digits[at + 1], digits[at]
    near = "".join(digits)
    if near != one.mrn and near not in registry.made.people:
        # Half of them namesakes as well: neighbours in the index are likelier to be mixed up.
        kin = _kin(registry, one, 4) if rng.random() < 0.5 else stranger(rng)
        registry.group("near_mrn", one, registry.add(kin, near))


def _merged(registry: _Registry) -> None:
    rng, former = registry.rng, registry.issue()
    known = (former,) if rng.random() < 0.5 else ()
    plain = replace(stranger(rng), dob=plain_day(rng), former_mrns=known)
    person = registry.add(plain)
    registry.made.retired[person.mrn] = former
    registry.group("merged", person)


def _mother(registry: _Registry) -> None:
    rng = registry.rng
    mother = replace(
        stranger(rng), sex="F", first=given(rng, "F"), dob=replace_year(plain_day(rng), 1996)
    )
    born = date(2026, 1, 1) + timedelta(days=rng.randrange(1, 150))
    mother = registry.add(mother)
    sex = rng.choice("FM")
    baby = replace(mother, first=given(rng, sex), sex=sex, dob=born, middle="")
    registry.group("newborn", mother, registry.add(baby, registry.issue(mother.mrn)))


def _outsider(registry: _Registry) -> Patient:
    """Somebody not in the index, most of them nearly like somebody who is."""
    rng = registry.rng
    model = registry.made.people[rng.choice(list(registry.made.people))]
    fresh = stranger(rng)
    luck = rng.random()
    if luck < 0.35:
        person = replace(model, dob=fresh.dob)
    elif luck < 0.6:
        person = replace(model, first=fresh.first, sex=fresh.sex, middle="")
    elif luck < 0.8:
        person = replace(model, dob=model.dob + timedelta(days=rng.choice([1, 10, -10, 9])))
    else:
        person = fresh
    mrn = f"{rng.randrange(8_000_000, 9_999_999)}"
    return replace(person, id=0, mrn=mrn, mrn_key=mrn, aliases=())


def _find_namesakes(registry: _Registry) -> None:
    """Numbers that differ in one digit from somebody else's, found in the whole index."""
    people = registry.made.people
    for mrn in list(people):
        for digit in "0123456789":
            other = mrn[:-2] + digit + mrn[-1]
            if other != mrn and other in people:
                registry.made.groups["one_digit_apart"].append((mrn, other))
                break


MAKERS = (
    *((_twins, 0.008), (_father_and_son, 0.006), (_married, 0.02), (_hyphenated, 0.01)),
    *((_nicknamed, 0.01), (_unborn, 0.006), (_namesakes, 0.006), (_doubles, 0.002)),
    *((_near_numbers, 0.01), (_merged, 0.005), (_mother, 0.005)),
)
