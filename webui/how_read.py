"""How the words of a page were got, in words for whoever wonders why a search missed it."""

from collections.abc import Sequence

WORDS = {
    "text-layer": "taken from the file's own text",
    "layer-thin": "the file's own text was too little to go by",
    "layer-of-a-scan": "the file's own text was an older reading of a picture and was not used",
    "layer-garbled": "the file's own text made no sense and was not used",
    "layer-sideways": "the file's own text did not run across the page and was not used",
    "layer-unseen": "the file's own text does not show on the page and was not used",
    "layer-unlike": "the file's own text named somebody where the page shows something else, and "
    "was not used",
    "tesseract": "read by Tesseract",
    "tesserocr": "read by Tesseract",
    "rapidocr": "read again by the second engine",
    "rapidocr-failed": "the second engine failed on it",
    "sparse": "read again another way",
    "sparse-failed": "reading it again another way failed",
    "lines-found": "lines that were left out at first were read by themselves",
    "lines-found-failed": "lines may be left out: looking for them failed",
    "slanted-found": "words that are stamped across it at a slant were read by themselves",
    "combs-read": "fields with a box for every letter were read letter by letter",
    "combs-read-failed": "fields with a box for every letter may be left out: reading them failed",
    "rows-read": "a table that seemed read column by column was read row by row",
    "rows-read-failed": "a table may be read column by column: reading its rows failed",
    "points-found": "decimal points that were left out or misread were put in from the picture",
    "points-found-failed": "decimal points may be missing: looking for them failed",
    "numbers-joined": "numbers that were cut in two at their points were read whole",
    "numbers-joined-failed": "numbers may be cut in two at their points: reading them failed",
    "slanted-found-failed": "words stamped across it may be left out: reading them failed",
    "fields-read-again": "unsure numbers, names and dates were looked at twice",
    "parts-missing": "the file has errors here, and parts of the page may be missing",
    "squared": "stretched to square pixels",
    "smoothed": "smoothed",
    "reduced": "reduced in size",
    "enlarged": "enlarged",
    "unled": "freed of rows of dots that lead to a value",
    "joined": "thickened for print made of dots",
    "softened": "blurred for print made of dots",
    "negated": "turned from white on black",
    "undotted": "blurred where dots made up its greys",
    "greys-lifted": "freed of grey areas under the writing",
    "one-tone": "freed of a ground that fades under light and dark writing",
    "untinted": "freed of tinted grounds",
    "unstreaked": "freed of streaks of the scanner",
    "evened": "freed of a grey background",
    "despecked": "freed of specks",
    "darkened": "darkened where the print was faint",
    "bars-turned": "white print on dark bars turned",
    "deskewed": "straightened",
    "shrunk": "brought to a smaller size",
}


def how_read(preparation: Sequence[str], reading: Sequence[str]) -> str:
    """A sentence on what was done, from the codes of the ledger; empty for a page not read."""
    done = [WORDS.get(code, code) for code in reading]
    prepared = [WORDS.get(code, code) for code in preparation]
    if not done:
        return ""
    parts = [*done, *([f"the picture was first {_listed(prepared)}"] if prepared else [])]
    sentence = "; ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _listed(items: Sequence[str]) -> str:
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"
