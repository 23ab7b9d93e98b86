"""Pages laid on the glass in four directions: how many come out upright.

Of a page on which nothing is read as it is stored (a picture turned all black, say) nobody can tell
which way up it belongs; such pages are counted by themselves.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from material import BenchPage
from PIL import Image
from reading_systems import System, open_ours
from reading_work import crew

from chartkeeper.ocr.engines import FirstEngine

TURNS = (0, 90, 180, 270)
# What lies askew already, or in every direction.
LEFT_OUT = frozenset({"linn", "turned-90", "turned-180", "turned-270"})


@dataclass(frozen=True)
class Laid:
    """Pages of a kind laid `turn` degrees clockwise, and the names of those not put upright.

    `pages` are those of which something can be read, `wordless` the names of the others.
    """

    family: str
    kind: str
    turn: int
    pages: int
    wrong: tuple[str, ...]
    wordless: tuple[str, ...]


def turned(page: BenchPage, turn: int, folder: Path) -> BenchPage:
    """The page's picture turned clockwise, resolution and all, in `folder`."""
    if not turn:
        return page
    target = folder / f"{page.kind}-{page.path.stem}-{turn}.tif"
    with Image.open(page.path) as image:
        picture, dpi = image.rotate(-turn, expand=True), image.info.get("dpi")
    if dpi and turn % 180:
        dpi = (dpi[1], dpi[0])
    picture.save(target, compression="tiff_lzw", **({"dpi": dpi} if dpi else {}))
    return replace(page, path=target, number=1)


def laid(material: Iterable[list[BenchPage]], folder: Path) -> Iterator[Laid]:
    """Every kind in every direction through our reading."""
    with crew(System("ours", partial(open_ours, FirstEngine.AUTO)), folder) as read:
        for stored in material:
            if stored[0].kind in LEFT_OUT:
                continue
            first = list(zip(stored, read(stored).readings, strict=True))
            pages = [page for page, reading in first if reading.text.strip()]
            wordless = tuple(page.path.name for page, reading in first if not reading.text.strip())
            for turn in TURNS if pages else ():
                found = read([turned(page, turn, folder) for page in pages]).readings
                wrong = tuple(
                    page.path.name
                    for page, reading in zip(pages, found, strict=True)
                    if reading.rotation != -turn % 360
                )
                yield Laid(stored[0].family, stored[0].kind, turn, len(pages), wrong, wordless)


def run(material: Iterable[list[BenchPage]], folder: Path, json_file: Path | None) -> None:
    """Tell how many pages of every kind and direction come out upright."""
    print("| kind | laid at | pages | upright | wrong | such as | nothing read |")
    print("|" + " --- |" * 7)
    rows = []
    for row in laid(material, folder):
        rows.append(asdict(row))
        upright, names = row.pages - len(row.wrong), " ".join(row.wrong[:4])
        print(
            f"| {row.family} {row.kind} | {row.turn} | {row.pages} | {upright} | "
            f"{len(row.wrong)} | {names} | {' '.join(row.wordless)} |",
            flush=True,
        )
    if json_file:
        json_file.write_text(json.dumps(rows, indent=1))
