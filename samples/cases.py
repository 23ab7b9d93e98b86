"""Invented illnesses: the words that the documents of one patient's episode share.

They stand in illnesses.toml. Every sentence may hold slots, which `Facts.say` fills.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sites import age

if TYPE_CHECKING:
    import random

    from sites import Job


@dataclass(frozen=True)
class Case:
    """An illness as its papers tell it."""

    diagnosis: str
    complaint: str
    history: tuple[str, ...]
    past: tuple[str, ...]
    medicines: tuple[tuple[str, str, str], ...]
    exam: str
    course: tuple[str, ...]
    plan: tuple[str, ...]
    labs: tuple[str, ...]
    study: str
    technique: str
    findings: tuple[str, ...]
    impression: tuple[str, ...]
    youngest: int = 18  # years; nobody younger is given this illness


@dataclass(frozen=True)
class Facts:
    """The slots of one patient's case."""

    case: Case
    slots: dict[str, str]

    def say(self, text: str) -> str:
        """Fill the slots of a sentence."""
        return text.format(**self.slots)

    def tell(self, texts: tuple[str, ...]) -> str:
        """Fill and join sentences."""
        return " ".join(self.say(text) for text in texts)


def _read() -> tuple[Case, ...]:
    table = tomllib.loads(Path(__file__).with_name("illnesses.toml").read_text(encoding="utf-8"))
    return tuple(_case(entry) for entry in table["case"])


def _case(entry: dict[str, Any]) -> Case:
    medicines = tuple(tuple(medicine) for medicine in entry["medicines"])
    lists = {name: tuple(value) for name, value in entry.items() if isinstance(value, list)}
    return Case(**{**entry, **lists, "medicines": medicines})


CASES = _read()
ALLERGIES = (
    "No known drug allergies",
    "Penicillin (rash)",
    "Sulfa (hives)",
    "Codeine (nausea)",
    "Latex (contact dermatitis)",
    "Iodinated contrast (urticaria)",
)
HABITS = (
    "Never smoked; a glass of wine on weekends.",
    "Stopped smoking in 2009; no alcohol.",
    "Smokes half a pack daily; two beers on most evenings.",
    "Retired bus mechanic, lives with a spouse in a two-story house.",
    "Widowed, lives alone; a daughter visits daily.",
    "Works nights in a bakery; no tobacco or drug use.",
)
FAMILY = (
    "Mother had a stroke at 74; father died of lung cancer.",
    "Two siblings with diabetes; no early heart disease.",
    "Father with coronary bypass at 58.",
    "No family history of cancer or bleeding disorder.",
)


def facts(job: Job) -> Facts:
    """Draw a case for the patient and the numbers in it."""
    years, woman, rng = age(job), job.patient.sex == "F", job.rng
    he, his = ("she", "her") if woman else ("he", "his")
    slots = {
        "age": str(years), "man": "woman" if woman else "man", "he": he, "his": his,
        "He": he.capitalize(), "His": his.capitalize(), "days": str(rng.randrange(2, 10)),
        "n": str(rng.randrange(2, 7)),
    }  # fmt: skip
    return Facts(rng.choice([case for case in CASES if case.youngest <= years]), slots)


def vitals(rng: random.Random) -> str:
    """Return a line of vital signs."""
    return (
        f"BP {rng.randrange(104, 168)}/{rng.randrange(58, 98)}, pulse {rng.randrange(58, 118)}, "
        f"respirations {rng.randrange(12, 26)}, temperature {rng.uniform(97.2, 102.4):.1f} F, "
        f"oxygen saturation {rng.randrange(89, 100)}% on room air, "
        f"weight {rng.uniform(52, 118):.1f} kg"
    )
