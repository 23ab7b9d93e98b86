"""Person names as written on paper, and how well one agrees with a name in the patient index."""

import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from rapidfuzz.distance import OSA

from chartkeeper.filing.words import word_set

MAX_NAME_PARTS = 6
SUFFIXES = {
    "JR": "JR", "JNR": "JR", "JUNIOR": "JR",
    "SR": "SR", "SNR": "SR", "SENIOR": "SR",
    "II": "II", "2ND": "II", "III": "III", "3RD": "III", "IV": "IV", "4TH": "IV",
}  # fmt: skip
TITLES = frozenset({"MR", "MRS", "MS", "MISS", "MX", "MSTR", "MASTER"})
CREDENTIALS = word_set(
    "DR MD DO RN NP PA PAC PHD DDS DMD DPM LPN CNP FNP APRN ARNP CRNP CRNA CNM MBBS MBBCH FACS "
    "FACC FACP PHARMD RPH PT DPT OT OTR SLP LCSW LMFT OD PSYD BSN MSN DNP"
)
# Names that stand for somebody whose name was not known, or for nobody.
PLACEHOLDERS = word_set(
    "BABY BABYBOY BABYGIRL BABYOF BB BG NB BOY GIRL INFANT NEWBORN TEST TESTPATIENT ZZTEST UNKNOWN "
    "UNIDENTIFIED DOE ANONYMOUS TRAUMA PATIENT NONAME NFN NLN UNK XXX XXXX"
)
_ALSO_KNOWN_AS = frozenset({"AKA", "FKA", "NEE", "FORMERLY", "ALIAS"})
# Common American short forms; only ever evidence for ranking, never proof.
_NICKNAME_GROUPS = tuple(
    frozenset(line.split())
    for line in (
        "ROBERT BOB BOBBY ROB ROBBIE BERT",
        "WILLIAM BILL BILLY WILL WILLIE LIAM",
        "RICHARD RICK DICK RICH RICKY",
        "JAMES JIM JIMMY JAMIE",
        "JOHN JACK JOHNNY JON",
        "JONATHAN JON JOHN",
        "JOSEPH JOE JOEY",
        "MICHAEL MIKE MICKEY MICK",
        "THOMAS TOM TOMMY",
        "CHARLES CHARLIE CHUCK CHAS",
        "EDWARD ED EDDIE TED TEDDY NED",
        "THEODORE TED TEDDY THEO",
        "DAVID DAVE DAVEY",
        "DANIEL DAN DANNY",
        "DONALD DON DONNIE",
        "KENNETH KEN KENNY",
        "STEVEN STEPHEN STEVE",
        "ANTHONY TONY",
        "CHRISTOPHER CHRIS TOPHER",
        "MATTHEW MATT",
        "ANDREW ANDY DREW",
        "NICHOLAS NICK NICOLAS",
        "BENJAMIN BEN BENNY",
        "SAMUEL SAM SAMMY",
        "SAMANTHA SAM",
        "ALEXANDER ALEX AL SANDY",
        "ALEXANDRA ALEX SANDRA LEXI",
        "TIMOTHY TIM TIMMY",
        "GREGORY GREG",
        "LAWRENCE LARRY",
        "RONALD RON RONNIE",
        "RAYMOND RAY",
        "PETER PETE",
        "PATRICK PAT PADDY",
        "PATRICIA PAT PATTY TRISH TRICIA PATSY",
        "FRANCIS FRANK",
        "FRANCISCO FRANK PACO PANCHO",
        "JOSE PEPE",
        "JESUS CHUY",
        "GUADALUPE LUPE",
        "HENRY HANK HARRY",
        "HAROLD HARRY HAL",
        "GERALD JERRY GERRY",
        "VINCENT VINCE VINNIE",
        "ZACHARY ZACH ZACK",
        "ELIZABETH LIZ BETH BETTY BETSY ELIZA LIZZIE BETTE LIBBY",
        "MARGARET MAGGIE PEGGY MEG MARGE MARGIE PEG",
        "KATHERINE CATHERINE KATHRYN KATE KATHY CATHY KATIE KAY",
        "KATHLEEN KATHY KATE KATIE KAY",
        "JENNIFER JEN JENNY",
        "JESSICA JESS JESSIE",
        "REBECCA BECKY BECCA",
        "BARBARA BARB BABS",
        "DEBORAH DEBRA DEB DEBBIE",
        "SUSAN SUE SUZANNE SUSIE",
        "DOROTHY DOT DOTTIE DOTTY",
        "VIRGINIA GINNY",
        "VICTORIA VICKY VICKI TORI",
        "CYNTHIA CINDY",
        "CHRISTINE CHRISTINA CHRIS TINA CHRISSY",
        "KIMBERLY KIM",
        "PAMELA PAM",
        "JACQUELINE JACKIE",
        "THERESA TERESA TERRY TERRI",
        "ABIGAIL ABBY GAIL",
        "ELEANOR ELLIE NELL NORA",
        "HELEN NELL NELLIE",
        "FLORENCE FLO",
        "JUDITH JUDY",
        "SANDRA SANDY",
        "MARY MOLLY POLLY MAMIE",
        "ANN ANNE ANNA ANNIE NANCY",
    )
)  # fmt: skip
# Shapes that a reader of worn print takes for one another, longest first; both sides fold to one.
_LOOKALIKES = (
    ("RN", "M"), ("VV", "W"), ("CL", "D"), ("LI", "U"), ("0", "O"), ("D", "O"), ("Q", "O"),
    ("1", "I"), ("L", "I"), ("7", "I"), ("T", "I"), ("J", "I"), ("5", "S"), ("8", "B"), ("2", "Z"),
    ("6", "G"), ("C", "G"), ("E", "B"), ("F", "P"), ("U", "V"), ("Y", "V"), ("H", "N"),
)  # fmt: skip
_PART = re.compile(r"[^\W_]+(?:['’`.-][^\W_]+)*", re.UNICODE)  # noqa: RUF001 - names carry it
_GLUED_INITIAL = re.compile(r"\b([^\W\d_])\.(?=[^\W\d_]{2})")  # Robert H.Smith
# Of a newborn known by its mother's name: `B/O Smith, Ann`, `Smith, BO Ann`, `Smith, BB of Ann`.
_BABY_OF = re.compile(
    r"\b(?:B\s?/\s?[OBG]|(?:BB|BG|NB|BO|BABY|INFANT|NEWBORN)\s+OF)\b", re.IGNORECASE
)
_MAY_BE_BABY_OF = "BO"  # somebody's given name, too, where no other stands beside it
_PARENTHESIS = re.compile(r"\([^)]*\)|\"[^\"]*\"")


class Agreement(IntEnum):
    """How well a written name fits a known one, from against to for."""

    DIFFERENT = 0
    SIMILAR = 1
    EXACT = 2


@dataclass(frozen=True, slots=True)
class WrittenName:
    """A name as written, in capital letters only, parts in written order.

    `before_comma` counts the parts left of a comma (`LAST, FIRST M`), 0 if there was none.
    `suffix` is JR, SR, II, III, IV or empty.
    """

    parts: tuple[str, ...]
    before_comma: int
    suffix: str

    @property
    def is_placeholder(self) -> bool:
        """Whether the name stands for somebody unknown, a newborn or a test."""
        marked = len(self.parts) > 2 and _MAY_BE_BABY_OF in self.parts
        return marked or any(part in PLACEHOLDERS for part in self.parts)

    @property
    def surnames(self) -> frozenset[str]:
        """What the last name may be: left of the comma, else the first or last parts, and joins."""
        if self.before_comma:
            left = self.parts[: self.before_comma]
            return frozenset({*left, "".join(left)})
        ends = {self.parts[0], self.parts[-1], "".join(self.parts[-2:]), "".join(self.parts[:2])}
        return frozenset(ends)


@dataclass(frozen=True, slots=True)
class Fit:
    """How a written name fits a known name, part by part.

    `suffix_differs`: both carry one and they differ; `suffix_unproven`: only the page carries one.
    `middle_differs`: both carry a middle name whose initials differ.
    """

    last: Agreement
    first: Agreement
    middle_differs: bool = False
    suffix_differs: bool = False
    suffix_unproven: bool = False

    @property
    def is_proof(self) -> bool:
        """Whether last and first name agree exactly and nothing about the name is in doubt."""
        doubt = self.middle_differs or self.suffix_differs or self.suffix_unproven
        return self.last is Agreement.EXACT and self.first is Agreement.EXACT and not doubt

    @property
    def is_contradiction(self) -> bool:
        """Whether this is clearly somebody else's name."""
        return self.suffix_differs or Agreement.DIFFERENT in (self.last, self.first)

    @property
    def is_another(self) -> bool:
        """Whether neither the last nor the first name is like the known one."""
        return self.last is Agreement.DIFFERENT and self.first is Agreement.DIFFERENT

    @property
    def rank(self) -> tuple[bool, bool, int]:
        """Sorts fits of the same name with several known ones, the best highest."""
        return (self.is_proof, not self.is_contradiction, self.last + self.first)


@lru_cache(maxsize=65_536)
def letters(text: str) -> str:
    """`text` in capital letters A to Z only: accents, spaces, hyphens, apostrophes removed."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).upper()
    return "".join(char for char in plain if "A" <= char <= "Z")


def parse_name(text: str) -> WrittenName | None:
    """The person name that `text` is, or None if it cannot be a patient's.

    Takes `LAST, FIRST M`, `LAST FIRST M`, `First Middle Last Suffix`; drops titles, nicknames in
    quotes and former names in brackets. Refuses names with a clinician's credentials.
    """
    known = _until_alias(_PARENTHESIS.sub(" ", _BABY_OF.sub("BABYOF ", text)))
    left, comma, right = known.partition(",")
    if comma and _is_suffix_only(right):
        left, right, comma = f"{left} {right}", "", ""
    before, after = _parts(left), _parts(right)
    if any(part in CREDENTIALS for part in (*before[:1], *after[-1:], *before[-1:])):
        return None
    suffix = next((SUFFIXES[part] for part in before + after if part in SUFFIXES), "")
    before, after = _without_extras(before), _without_extras(after)
    parts = tuple((before + after)[:MAX_NAME_PARTS])
    if len(parts) < 2 or all(len(part) == 1 for part in parts):
        return None
    return WrittenName(parts, len(before) if comma and after else 0, suffix)


def fit(name: WrittenName, last: str, first: str, middle: str = "", suffix: str = "") -> Fit:
    """How `name` fits the known `last`, `first`, `middle` and `suffix` (as the index has them)."""
    fits = [_fit_split(split, last, first, middle) for split in _splits(name)]
    if is_unparted("".join(name.parts), last, first, middle):
        fits.append(Fit(Agreement.EXACT, Agreement.EXACT))
    best = max(fits, key=lambda one: one.rank)
    known = SUFFIXES.get(suffix.upper().strip(" .,"), letters(suffix))
    return Fit(
        best.last,
        best.first,
        best.middle_differs,
        suffix_differs=bool(known and name.suffix and known != name.suffix),
        suffix_unproven=bool(name.suffix and not known),
    )


def is_unparted(read: str, last: str, first: str, middle: str = "") -> bool:
    """Whether `read` is the whole known name letter by letter, only its spaces lost or misplaced.

    `JONESJOHN A`, `JOHNJONES`: last name first or last, with middle name, its initial, or neither.
    """
    family, given, between = letters(last), letters(first), letters(middle)
    orders = {
        order
        for rest in ("", between, between[:1])
        for order in (family + given + rest, given + rest + family)
    }
    return bool(family and given) and read in orders


@lru_cache(maxsize=65_536)
def compare(read: str, known: str) -> Agreement:
    """How one name part as read fits a known one; both in capital letters only."""
    if not read or not known:
        return Agreement.DIFFERENT
    if read == known:
        return Agreement.EXACT
    if _is_initial(read, known) or _are_nicknames(read, known):
        return Agreement.SIMILAR
    if fold(read) == fold(known) or _is_one_slip(read, known):
        return Agreement.SIMILAR
    return Agreement.DIFFERENT


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """`text` with the shapes that worn print confuses made one (healthcare notes, section 4.3)."""
    for shape, stands_for in _LOOKALIKES:
        text = text.replace(shape, stands_for)
    return text


def _is_one_slip(read: str, known: str) -> bool:
    allowed = 1 if min(len(read), len(known)) >= 4 else 0
    return OSA.distance(read, known, score_cutoff=allowed) <= allowed


def _is_initial(read: str, known: str) -> bool:
    return min(len(read), len(known)) == 1 and read[0] == known[0]


def _are_nicknames(read: str, known: str) -> bool:
    return any(read in group and known in group for group in _NICKNAME_GROUPS)


def _until_alias(text: str) -> str:
    words = text.split()
    stop = next((at for at, word in enumerate(words) if letters(word) in _ALSO_KNOWN_AS), None)
    return " ".join(words[:stop])


def _is_suffix_only(text: str) -> bool:
    parts = _parts(text)
    return bool(parts) and all(part in SUFFIXES for part in parts)


def _parts(text: str) -> list[str]:
    found = (match.group() for match in _PART.finditer(_GLUED_INITIAL.sub(r"\1. ", text)))
    return [part for part in (_part(word) for word in found) if part]


def _part(word: str) -> str:
    ordinal = re.sub(r"\W", "", word).upper()
    return ordinal if ordinal in SUFFIXES else letters(word)


def _without_extras(parts: list[str]) -> list[str]:
    return [part for part in parts if part not in SUFFIXES and part not in TITLES]


def _splits(name: WrittenName) -> list[tuple[str, str, tuple[str, ...]]]:
    """The ways to read a name as (last, first, the parts between or after)."""
    parts = name.parts
    if name.before_comma:
        given = parts[name.before_comma :]
        return _given_splits("".join(parts[: name.before_comma]), given)
    found = []
    for size in range(1, len(parts)):
        found += _given_splits("".join(parts[size:]), parts[:size])  # First Middle Last
        found += _given_splits("".join(parts[:size]), parts[size:])  # LAST FIRST MIDDLE
    return found


def _given_splits(last: str, given: tuple[str, ...]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(last, "".join(given[:size]), given[size:]) for size in range(1, len(given) + 1)]


def _fit_split(split: tuple[str, str, tuple[str, ...]], last: str, first: str, middle: str) -> Fit:
    read_last, read_first, rest = split
    known_last = letters(last)
    part_agrees = read_last in {letters(part) for part in re.split(r"[\s-]+", last)}
    agreement = compare(read_last, known_last)
    if agreement is Agreement.DIFFERENT and part_agrees:
        agreement = Agreement.SIMILAR
    return Fit(agreement, compare(read_first, letters(first)), _middles_differ(rest, middle))


def _middles_differ(rest: tuple[str, ...], middle: str) -> bool:
    known = letters(middle)
    if not rest:
        return False
    if not known:
        # A middle name that the index lacks may be one; two more parts are somebody else's name.
        return len(rest) > 1
    joined = "".join(rest)
    return compare(joined, known) is Agreement.DIFFERENT and rest[0][0] != known[0]
