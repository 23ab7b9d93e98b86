"""The pages to read: real ones beside the checkout, and printed ones made into a folder.

Three families. `real`: the sets in ../shared/data, where present. `tuning`: the templates of the
project's samples; whoever works on the reading looks at these. `unseen`: templates, fonts and
wordings of their own (material_unseen.py), which nobody tunes on.
"""

import random
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "samples"))

import generate  # noqa: E402 - the path comes first
import material_unseen  # noqa: E402 - the path comes first
import people  # noqa: E402 - the path comes first
from material_kinds import KINDS, Kind  # noqa: E402 - the path comes first
from material_odd import ODD_KINDS  # noqa: E402 - the path comes first
from material_prints import PRINTED_KINDS  # noqa: E402 - the path comes first
from paper import Sheet  # noqa: E402 - the path comes first
from sites import Job  # noqa: E402 - the path comes first

DATA = ROOT.parent / "shared" / "data"
FAMILIES = ("real", "tuning", "unseen")
ALL_KINDS = (*KINDS, *ODD_KINDS, *PRINTED_KINDS)
SEED = 31
JPEG_QUALITY = 60
# Read from top to bottom without columns that could as well be read after one another.
PROSE = frozenset(
    {
        *("discharge_summary", "history_physical", "consult_note", "progress_note", "ed_note"),
        *("operative_note", "procedure_note", "letter", "other"),
        *("imaging_report", "pathology_report"),
    }
)
RULED = (
    *("prior_auth", "registration_form", "immunization", "medication_list"),
    *("referral", "roi_authorization", "prescription", "consent"),
)
LINN = (
    *(("linn.png", 1), ("linn.pdf", 1), ("skew.pdf", 1), ("ccitt.pdf", 1)),
    *(("jbig2_baddevicen.pdf", 1), *(("cardinal.pdf", number) for number in range(1, 5))),
)
# The real sets with a file a page, and whether their reading order is defined.
REAL_SETS = {"funsd": False, "sroie": True, "oldbooks": True}


@dataclass(frozen=True)
class BenchPage:
    """Page `number` of the file at `path`, with its truth; `ordered` if its order is defined."""

    family: str
    kind: str
    path: Path
    number: int
    truth: str
    ordered: bool


@dataclass(frozen=True)
class Template:
    """A sheet drawn from a template, before anything happens to it."""

    sheet: Sheet
    ordered: bool


def kinds_of(family: str) -> tuple[str, ...]:
    """The names of the kinds that a family has."""
    if family == "real":
        return (*REAL_SETS, "linn")
    return tuple(kind.name for kind in ALL_KINDS)


def collect(family: str, kind: str, count: int, half: str, folder: Path) -> list[BenchPage]:
    """At most `count` pages of a kind, `half` of them all: `even`, `odd` positions or `all`.

    Printed ones are written into `folder`. Empty for real sets that are not there.
    """
    if family == "real":
        return spread(real(kind), count, half)
    chosen = next(one for one in ALL_KINDS if one.name == kind)
    positions = spread(list(range(count if half == "all" else 2 * count)), count, half)
    return [printed(family, chosen, position, folder) for position in positions]


def spread(items: list, count: int, half: str) -> list:
    """At most `count` of the half, evenly spread over it."""
    kept = items if half == "all" else items[half == "odd" :: 2]
    if len(kept) <= count:
        return kept
    return [kept[index * len(kept) // count] for index in range(count)]


def real(kind: str) -> list[BenchPage]:
    """All pages of a real set in the order of their names."""
    if not DATA.is_dir():
        return []
    if kind == "linn":
        folder = DATA / "pdf-samples"
        truth = (folder / "linn.truth.txt").read_text()
        return [
            BenchPage("real", kind, folder / "files" / name, number, truth, ordered=True)
            for name, number in LINN
        ]
    return [
        BenchPage("real", kind, path, 1, truth_of(path), REAL_SETS[kind])
        for path in sorted((DATA / kind / "images").iterdir())
    ]


def truth_of(path: Path) -> str:
    """The truth beside a real page."""
    return (path.parents[1] / "truth" / f"{path.stem}.txt").read_text()


def printed(family: str, kind: Kind, position: int, folder: Path) -> BenchPage:
    """Draw one page into `folder`; the same position is the same sheet in every kind."""
    template = template_at(family, position, folder, ruled=kind.ruled)
    seed = zlib.crc32(f"{family} {position}".encode()) % 100_000
    sheet = kind.reset(template.sheet, seed)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{family}-{kind.name}-{position:03}.{kind.ending}"
    save(kind.picture(sheet, seed), path)
    added = kind.adds(seed)
    truth = sheet.plain_text() + added
    return BenchPage(family, kind.name, path, 1, truth, template.ordered and not added)


def save(image: Image.Image, path: Path) -> None:
    """Write a page as machines do: faxes and bilevel scans as TIFF, grey ones as JPEG."""
    dpi = image.info["dpi"]
    if path.suffix == ".jpg":
        image.save(path, dpi=dpi, quality=JPEG_QUALITY)
    else:
        image.save(path, dpi=dpi, compression="group3" if dpi[0] > 1.5 * dpi[1] else "group4")


def template_at(family: str, position: int, folder: Path, *, ruled: bool) -> Template:
    """The sheet at a position of a family."""
    if family == "unseen":
        sheet, ordered = material_unseen.sheet_at(position, folder, ruled=ruled)
        return Template(sheet, ordered)
    return next(sample_templates(position, ruled=ruled))


def sample_templates(position: int, *, ruled: bool) -> Iterator[Template]:
    """Upright sheets of the samples' generator from a position on."""
    names = list(RULED) if ruled else sorted(generate.WRITERS)
    random.Random(SEED).shuffle(names)
    senders = {order.kind: order.site for recipe in generate.RECIPES for order in recipe.orders}
    patients = people.make_patients(SEED)
    while True:
        name, rng = names[position % len(names)], random.Random(f"reading {SEED} {position}")
        day = generate.FIRST_DAY + timedelta(days=rng.randrange(1_000))
        sheet = generate.WRITERS[name](Job(rng, rng.choice(patients), senders[name], day))[0]
        if sheet.height > sheet.width:
            yield Template(sheet, name in PROSE)
        position += len(names) + 1
