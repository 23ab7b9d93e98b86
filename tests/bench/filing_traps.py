"""What misleads filing, each trap with its truth: one function a trap makes a case that has it.

A trap says whether its document may be linked at all (`truth`), and whether it should be without a
person (`linkable`: two identifiers of the patient printed, nothing printed or read disagrees).
"""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from filing_cases import ALL, DOB, MRN, NAME, Case, Other, case_for, judge, plain_case
from filing_population import NAMES, Population
from filing_senders import running, wordings, written_date, written_mrn, written_name

from chartkeeper.records.model import Patient

Trap = Callable[[str, Population, random.Random], Case]
BLOCKS = ("Guarantor", "Responsible party", "Insured", "Subscriber", "Emergency contact")
NEXT_OF_KIN = ("Spouse", "Next of kin", "Policy holder", "Parent/guardian", "Contact person")


def _about(
    person: Patient, family: str, people: Population, rng: random.Random, *, own: bool | None = None
) -> Case:
    return case_for(family, person, rng, people, own=own)


def _with(case: Case, people: Population, *shown: str) -> Case:
    case.shown = frozenset(shown)
    judge(case, people)
    return case


def misread_mrn(family: str, people: Population, rng: random.Random) -> Case:
    """A digit is misread so that the number is another patient's."""
    mrn, other = rng.choice(people.groups["one_digit_apart"])
    case = _about(people.people[mrn], family, people, rng, own=True)
    _with(case, people, *rng.choice([(NAME, MRN), tuple(ALL), tuple(ALL)]))
    pattern = case.sender.mrn_format
    case.misreads = {written_mrn(mrn, pattern): written_mrn(other, pattern)}
    case.linkable = False
    return case


def two_patients(family: str, people: Population, rng: random.Random) -> Case:
    """A sheet of somebody else has got into the document."""
    case = _about(people.anybody(rng), family, people, rng)
    case.second = people.anybody(rng, but=case.person.mrn)
    case.truth, case.linkable = None, False
    return case


def provider_large(family: str, people: Population, rng: random.Random) -> Case:
    """The physician's name in large type, and the same as a patient's."""
    case = _about(people.anybody(rng), family, people, rng)
    person = replace(people.anybody(rng, but=case.person.mrn), suffix="")
    role = rng.choice(["Attending physician", "Provider", "Surgeon", "Ordering physician"])
    case.others = [Other(role, person, frozenset((NAME,)), large=True)]
    return case


def guarantor(family: str, people: Population, rng: random.Random) -> Case:
    """Who pays, of the same family and a patient as well, larger than the patient."""
    one, other = rng.sample(people.group("family", rng), 2)
    case = _about(one, family, people, rng)
    shown = frozenset(rng.choice([(NAME, DOB), (NAME,), (NAME, DOB)]))
    case.others = [Other(rng.choice(BLOCKS[:4]), other, shown, large=rng.random() < 0.7)]
    return case


def contact(family: str, people: Population, rng: random.Random) -> Case:
    """An emergency contact or insured with name and birth date of another patient."""
    case = _about(people.anybody(rng), family, people, rng)
    other = people.anybody(rng, but=case.person.mrn)
    case.others = [Other(rng.choice(BLOCKS + NEXT_OF_KIN), other)]
    return case


def mother_newborn(family: str, people: Population, rng: random.Random) -> Case:
    """A newborn's paper with the mother on it; some newborns have no name yet."""
    mother, baby = people.group("newborn", rng)
    case = _about(baby, family, people, rng)
    shown = frozenset(rng.choice([(NAME, DOB), (NAME, DOB, MRN), (NAME,)]))
    case.others = [Other(rng.choice(["Mother", "Mother's name", "Mom"]), mother, shown)]
    if rng.random() < 0.4:
        name = rng.choice(["Baby Boy", "Baby Girl", "BB", "NB Male", "Newborn"])
        case.name_as = written_name(replace(baby, first=name), case.sender.name_format)
        case.linkable = False
    return case


def sender_mrn_is_ours(family: str, people: Population, rng: random.Random) -> Case:
    """The sender's own number, which is another patient's with us."""
    case = _about(people.anybody(rng), family, people, rng, own=False)
    other = people.anybody(rng, but=case.person.mrn)
    case.mrn_as, case.shown = other.mrn, ALL
    case.linkable = False
    return case


def foreign_number(family: str, people: Population, rng: random.Random) -> Case:
    """The sender's own number, which nobody has with us."""
    case = _about(people.anybody(rng), family, people, rng, own=False)
    case.mrn_as, case.shown = f"{rng.randrange(7_000_000, 7_999_999)}", ALL
    case.linkable = False
    return case


def label_of_another(family: str, people: Population, rng: random.Random) -> Case:
    """An adhesive label of somebody else on the sheet."""
    case = _about(people.anybody(rng), family, people, rng)
    case.label = people.anybody(rng, but=case.person.mrn)
    case.truth, case.linkable = None, False
    return case


def twins(family: str, people: Population, rng: random.Random) -> Case:
    """One of twins; sometimes by an initial only, which fits both or none."""
    one, other = rng.sample(people.group("twins", rng), 2)
    case = _about(one, family, people, rng)
    if rng.random() < 0.25:
        _with(case, people, NAME, DOB)
        case.name_as = written_name(replace(one, first=one.first[0], middle=""), "FIRST LAST")
        case.linkable = False
    elif rng.random() < 0.3:
        sibling = written_name(other, running(case.sender.name_format))
        case.sentences = [f"Twin sibling {sibling} was seen the same day."]
    return case


def senior_junior(family: str, people: Population, rng: random.Random) -> Case:
    """Father and son of one name, the suffix printed or not."""
    person = rng.choice(people.group("jr_sr", rng))
    case = _about(person, family, people, rng)
    if rng.random() < 0.5:
        bare = replace(person, suffix="", middle="")
        case.name_as = written_name(bare, case.sender.name_format)
        if rng.random() < 0.3:
            _with(case, people, NAME)
    return case


def former_name(family: str, people: Population, rng: random.Random) -> Case:
    """The name before or after a marriage, known to the index or not."""
    known = rng.random() < 0.6
    person = people.group("alias", rng)[0] if known else people.anybody(rng)
    last = person.aliases[0].last if known else rng.choice(NAMES["surnames"])
    case = _about(person, family, people, rng)
    case.name_as = written_name(replace(person, last=last), case.sender.name_format)
    if not known and last != person.last:
        case.linkable = False
    return case


def half_a_name(family: str, people: Population, rng: random.Random) -> Case:
    """A hyphenated surname by half, without its hyphen, or run together."""
    person = people.group("hyphenated", rng)[0]
    first, _, second = person.last.partition("-")
    last = rng.choice([first, second, f"{first} {second}", first + second.lower()])
    case = _about(person, family, people, rng)
    case.name_as = written_name(replace(person, last=last), case.sender.name_format)
    # Half a name does not disagree, but is no identifier in full.
    full = last not in (first, second)
    case.linkable = case.linkable and (full or {DOB, MRN} <= case.shown)
    return case


def nickname(family: str, people: Population, rng: random.Random) -> Case:
    """What somebody is called instead of the legal name."""
    person = people.group("nickname", rng)[0]
    called = rng.choice(NAMES["nicknames"][person.first])
    case = _about(person, family, people, rng)
    case.name_as = written_name(replace(person, first=called, middle=""), case.sender.name_format)
    case.linkable = {DOB, MRN} <= case.shown
    return case


def mistyped_birth_date(family: str, people: Population, rng: random.Random) -> Case:
    """The sender swapped two digits of the birth date."""
    case = _about(people.anybody(rng), family, people, rng)
    born = case.person.dob
    case.shown = case.shown | {DOB}
    tens, ones = divmod(born.day, 10)
    swapped = ones * 10 + tens
    wrong = born + timedelta(days=9)
    if swapped != born.day and 1 <= swapped <= 28:
        wrong = born.replace(day=swapped)
    case.dob_as, case.linkable = wrong, False
    return case


def mistyped_mrn(family: str, people: Population, rng: random.Random) -> Case:
    """The sender swapped two digits of the number, some of which are another patient's."""
    pair = people.group("near_mrn", rng)
    case = _about(pair[0], family, people, rng, own=True)
    case.shown, case.mrn_as, case.linkable = ALL, pair[-1].mrn, False
    return case


def day_and_month(family: str, people: Population, rng: random.Random) -> Case:
    """A birth date with day and month the other way round."""
    person = people.anybody(rng)
    while person.dob.day > 12 or person.dob.day == person.dob.month:
        person = people.anybody(rng)
    case = _about(person, family, people, rng)
    case.shown = case.shown | {DOB}
    case.dob_as = date(person.dob.year, person.dob.day, person.dob.month)
    case.linkable = False
    return case


def default_birth_date(family: str, people: Population, rng: random.Random) -> Case:
    """Born on 1 January, which may stand for an unknown day."""
    return _about(people.group("default_birth_date", rng)[0], family, people, rng)


def namesake(family: str, people: Population, rng: random.Random) -> Case:
    """Two patients of one common name, born on different days."""
    return _about(rng.choice(people.group("same_name_other_dob", rng)), family, people, rng)


def double(family: str, people: Population, rng: random.Random) -> Case:
    """Two patients of one name born on the same day."""
    case = _about(rng.choice(people.group("same_name_same_dob", rng)), family, people, rng)
    judge(case, people)
    return case


def merged(family: str, people: Population, rng: random.Random) -> Case:
    """A number that was given up when two charts became one; the index knows of half of them."""
    person = people.group("merged", rng)[0]
    case = _about(person, family, people, rng, own=True)
    case.shown, case.mrn_as = ALL, people.retired[person.mrn]
    case.linkable = bool(person.former_mrns)
    return case


def not_in_index(family: str, people: Population, rng: random.Random) -> Case:
    """Somebody unknown, most of them nearly like somebody who is known."""
    case = _about(rng.choice(people.strangers), family, people, rng)
    case.truth, case.linkable = None, False
    return case


def account_is_mrn(family: str, people: Population, rng: random.Random) -> Case:
    """An account or accession number that is another patient's number."""
    case = _about(people.anybody(rng), family, people, rng)
    while not case.sender.labels["account"]:
        case = _about(people.anybody(rng), family, people, rng)
    case.account = people.anybody(rng, but=case.person.mrn).mrn
    return case


def near_number(family: str, people: Population, rng: random.Random) -> Case:
    """Somebody else, often a relative, has nearly the same number."""
    return _about(rng.choice(people.group("near_mrn", rng)), family, people, rng)


def family_in_text(family: str, people: Population, rng: random.Random) -> Case:
    """The text speaks of a relative, who is a patient as well, with birth date."""
    one, other = rng.sample(people.group("family", rng), 2)
    case = _about(one, family, people, rng)
    sentence = rng.choice(wordings(family, "sentences", "family"))
    who = rng.choice(["husband", "wife", "daughter", "son", "mother", "brother"])
    name = written_name(other, "First Last")
    born = written_date(other.dob, case.sender.date_format)
    case.sentences = [sentence.format(who=who, name=name, dob=born)]
    return case


def cover_of_another(family: str, people: Population, rng: random.Random) -> Case:
    """The fax cover names another patient than the paper behind it."""
    case = _about(people.anybody(rng), family, people, rng)
    while case.type == "cover_sheet":
        case = _about(people.anybody(rng), family, people, rng)
    case.cover = people.anybody(rng, but=case.person.mrn)
    case.linkable = False
    return case


def placeholder(family: str, people: Population, rng: random.Random) -> Case:
    """A name that stands for nobody, though the index has it."""
    case = _about(people.group("placeholder", rng)[0], family, people, rng)
    case.truth, case.linkable = None, False
    return case


def many_patients(family: str, people: Population, rng: random.Random) -> Case:
    """A schedule or census with a line for each patient."""
    case = _about(people.anybody(rng), family, people, rng)
    case.listed = [people.anybody(rng) for _ in range(rng.randrange(5, 14))]
    case.shown, case.account, case.truth, case.linkable = frozenset(), "", None, False
    case.type = "other"
    return case


def blank_form(family: str, people: Population, rng: random.Random) -> Case:
    """The patient's fields are empty; only somebody else is filled in."""
    case = _about(people.anybody(rng), family, people, rng)
    case.empty_fields = True
    case.others = [Other(rng.choice(BLOCKS + NEXT_OF_KIN), people.anybody(rng))]
    case.truth, case.linkable = None, False
    return case


def initial_only(family: str, people: Population, rng: random.Random) -> Case:
    """An initial for the given name, and no number."""
    case = _about(people.anybody(rng), family, people, rng)
    _with(case, people, NAME, DOB)
    first = case.person.first[0]
    case.name_as = written_name(replace(case.person, first=first, middle=""), "LAST, FIRST")
    case.linkable = False
    return case


def wrong_separator(family: str, people: Population, rng: random.Random) -> Case:
    """The separator sheet in front names another patient than the paper behind it."""
    case = _about(people.anybody(rng), family, people, rng)
    case.claimed = people.anybody(rng, but=case.person.mrn).mrn
    case.linkable = False
    return case


# How many of a thousand documents have the trap; the rest have none.
TRAPS: dict[str, tuple[int, Trap]] = {
    "misread_mrn": (12, misread_mrn),
    "two_patients": (10, two_patients),
    "provider_large": (18, provider_large),
    "guarantor": (14, guarantor),
    "contact": (16, contact),
    "mother_newborn": (12, mother_newborn),
    "sender_mrn_is_ours": (10, sender_mrn_is_ours),
    "foreign_number": (14, foreign_number),
    "label_of_another": (8, label_of_another),
    "twins": (14, twins),
    "senior_junior": (14, senior_junior),
    "former_name": (14, former_name),
    "half_a_name": (10, half_a_name),
    "nickname": (12, nickname),
    "mistyped_birth_date": (10, mistyped_birth_date),
    "mistyped_mrn": (8, mistyped_mrn),
    "day_and_month": (8, day_and_month),
    "default_birth_date": (8, default_birth_date),
    "namesake": (14, namesake),
    "double": (6, double),
    "merged": (8, merged),
    "not_in_index": (24, not_in_index),
    "account_is_mrn": (12, account_is_mrn),
    "near_number": (12, near_number),
    "family_in_text": (12, family_in_text),
    "cover_of_another": (8, cover_of_another),
    "placeholder": (8, placeholder),
    "many_patients": (6, many_patients),
    "blank_form": (8, blank_form),
    "initial_only": (6, initial_only),
    "wrong_separator": (8, wrong_separator),
}
# A forced misreading cannot be printed.
NOT_ON_PAPER = frozenset({"misread_mrn"})


def make_case(
    family: str, people: Population, rng: random.Random, only: tuple[str, ...] = ()
) -> Case:
    """A case with one of the traps in `only`, or of all in their shares, or with none."""
    names = only or (*TRAPS, "none")
    weights = [TRAPS[name][0] if name in TRAPS else _untrapped() for name in names]
    name = rng.choices(names, weights)[0]
    if name == "none":
        return plain_case(family, people, rng)
    case = TRAPS[name][1](family, people, rng)
    case.trap = name
    return case


def _untrapped() -> int:
    return 1_000 - sum(weight for weight, _ in TRAPS.values())
