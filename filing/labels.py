"""What stands before a value on a chart page: labels as they are read, and whose value it is."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from rapidfuzz.distance import OSA

from chartkeeper.filing.layout import Run, Token
from chartkeeper.filing.phrases import FUZZY_LETTERS, LONG_WORD_LETTERS, Phrase
from chartkeeper.filing.wordings import (
    MAX_LABEL_WORDS,
    NAME_KINDS,
    PERSONS,
    LabelKind,
    Owner,
    load_wordings,
)
from chartkeeper.filing.words import word_set

SHORTEST_REJOINED = 3
FEWEST_MR_DIGITS = 6
TITLE_WORDS_BEFORE = 3  # a line of so many words before its last is a title, and no label


@dataclass(frozen=True, slots=True)
class Label:
    """A label found in a run: tokens `start` to `end` (its colon included)."""

    kind: LabelKind
    owner: Owner
    start: int
    end: int
    explicit: bool = False  # names whose it is
    colon: bool = False
    beneath: bool = False  # a heading that is somebody else's


# Words of labels that many people are called by.
_SURNAMES = word_set("WARD PAGE CASE STREET BLOCK FLOOR CARD BAND BATCH REASON BLOOD")
# What newborns are called until they have a name: it names the patient, and nobody's relative.
_NEWBORN_NAMES = frozenset(
    (one, other) for one in ("BABY", "INFANT", "NEWBORN") for other in ("BOY", "GIRL", "OF")
)
_ID_AFTER_PATIENT = frozenset(
    {("ID",), ("ID", "#"), ("#",), ("IDENTIFIER",), ("IDENTIFICATION", "#")}
)
# Parts of a name in a box or before a colon; anywhere else a word like any other.
_LONE_PARTS = frozenset({("LAST",), ("FIRST",)})
_SIGNING = word_set("SIGNED SIGNATURE BY")
_NUMBER_WORDS = frozenset({"NO", "NUMBER", "NUM", "NBR", "NUMB", "NR"})
_SECTION_NAMES = word_set("INFORMATION INFO DETAILS DATA SECTION DEMOGRAPHICS COVERAGE")
_SECTION_WORDS = _SECTION_NAMES | word_set("PRIMARY SECONDARY AND OR THE OF PERSON")
_NAME_HINTS = word_set("LAST FIRST MIDDLE MI INITIAL M I A PLEASE PRINT LEGAL FULL")
_NUMBER_HINTS = word_set("OFFICE HOSPITAL CLINIC STAFF USE ONLY IF KNOWN FOR INTERNAL OPTIONAL")
# Short, but so important to see that one wrong letter is forgiven; no other label is near them.
_SHORT_WORDS = ("BIRTH", "CHART")
_OF_ANOTHER = ("CO", "EX", "NON", "PRE", "STEP")
_APART = (("RN", "M"), ("II", "N"), ("VV", "W"), ("LI", "U"), ("CL", "D"), ("IN", "M"))
_WORDINGS = load_wordings()
_LINES = _WORDINGS.lines
_FIELD_OF, _OTHER = _WORDINGS.fields, _WORDINGS.other_fields
# A client is the patient here; clues.py looks at the whole paper.
_ROLE_OF = {
    phrase: Owner.PATIENT if owner is Owner.CLIENT else owner
    for phrase, owner in _WORDINGS.owners.items()
}
# What a record is called, by which its number goes.
RECORD_WORDS = frozenset(
    phrase[0]
    for phrase, kind in _FIELD_OF.items()
    if kind is LabelKind.MRN and phrase[1:] == ("#",)
) - word_set("# CLINIC HOSPITAL HOSP HOSPICE HISTORY HIST PERMANENT EXPEDIENTE")
_VOCABULARY = tuple(
    sorted(
        {word for phrase in (*_FIELD_OF, *_ROLE_OF, *_OTHER) for word in phrase}
        | {"PATIENTID", "IDENTIFIER", "IDENTIFICATION", "INFORMATION", "DEMOGRAPHICS"}
    )
)
_KNOWN = frozenset(_VOCABULARY)
# Nearly every word of a page begins no label: told at one look.
_FIRSTS = frozenset(phrase[0] for phrase in (*_FIELD_OF, *_ROLE_OF, *_OTHER))
_BIRTH_LABEL = "DATEOFBIRTH"
_FULL_DATE = re.compile(
    r"\d{1,2}[/.-]\d{1,2}[/.-](?:\d{2}|\d{4})[.,;)]?|\d{1,2}-?[A-Za-z]{3}-?\d{4}"
)


@lru_cache(maxsize=65_536)
def spelled(key: str) -> str:
    """The label word that `key` is, one slip of the reader forgiven in long words; else `key`."""
    if key in _NUMBER_WORDS or _is_nearly_number(key):
        return "#"
    if key in _KNOWN or not key.isalpha() or _is_of_another(key):
        return key
    narrow = next((word for word in (*_unruled(key), *_narrowed(key)) if word in _KNOWN), None)
    if narrow:
        return narrow
    if len(key) < FUZZY_LETTERS:
        return next((word for word in _SHORT_WORDS if _is_one_letter_off(key, word)), key)
    allowed = 2 if len(key) >= LONG_WORD_LETTERS else 1
    near = (
        (OSA.distance(key, word, score_cutoff=allowed), word)
        for word in _VOCABULARY
        if len(word) >= FUZZY_LETTERS
    )
    found = sorted(near)
    distance, word = min(found, default=(allowed + 1, key))
    if distance > allowed or _is_patient_or_parent(one for at, one in found if at == distance):
        return key
    return word


def _is_of_another(key: str) -> bool:
    """Whether `key` is a known word with what makes it somebody else: `Co-applicant`."""
    return any(key.startswith(one) and key[len(one) :] in _KNOWN for one in _OF_ANOTHER)


def _unruled(key: str) -> list[str]:
    """`key` without the rule of a box that was read as a stroke of it: `|DOB`."""
    parts = (key[1:] if key[0] == "I" else "", key[:-1] if key[-1] == "I" else "")
    return [part for part in parts if len(part) > len("ID")]


def role_of(word: str) -> Owner | None:
    """Whom a word in capital letters stands for, if for somebody other than the patient."""
    owner = _ROLE_OF.get((word,))
    return None if owner is Owner.PATIENT else owner


def ends_a_title(run: Run, label: Label) -> bool:
    """Whether a word for a clinician, a house or a thing only ends a line of words without a colon.

    `Consent for Operation, Anesthesia and Blood Products` announces nobody, nor does the letterhead
    of `Greyburn Medical Group`.
    """
    last = label.end == len(run.tokens) and not label.colon
    if label.owner is not Owner.CLINICIAN or label.kind is not LabelKind.NAME or not last:
        return False
    before = [token for token in run.tokens[: label.start] if len(token.key) > 1]
    of_house = run.tokens[label.start].key in _LINES.houses and all(
        token.text[0].isupper() for token in (*before, run.tokens[label.start])
    )
    return len(before) >= (1 if of_house else TITLE_WORDS_BEFORE)


def stands_for_somebody(word: str) -> bool:
    """Whether a word in capital letters says whose a value is: `CLAIMANT`, `PATIENT`, `MOTHER`."""
    return (word,) in _ROLE_OF


def are_alternatives(one: str, other: str) -> bool:
    """Whether two words with a stroke between them are labels of one box: `Name/MRN`.

    Not if they are one label (`DOB/Sex`), nor if the first is of somebody else (`Mother/Patient`).
    """
    if one + other in _KNOWN:
        return False
    fields = [(word,) in _FIELD_OF or (word,) in _OTHER for word in (one, other)]
    first = fields[0] or _ROLE_OF.get((one,)) is Owner.PATIENT
    return first and (fields[1] or (other,) in _ROLE_OF)


def names_the_patient(word: str) -> bool:
    """Whether a word in capital letters stands for the patient: `PATIENT`, `CLIENT`."""
    return _ROLE_OF.get((word,)) is Owner.PATIENT


def _is_patient_or_parent(words: Iterable[str]) -> bool:
    """Whether a misread word may as well stand for the patient as for a relative."""
    roles = {_ROLE_OF.get((word,)) for word in words}
    return {Owner.PATIENT, Owner.RELATIVE} <= roles


def _narrowed(key: str) -> list[str]:
    """`key` with strokes that a reader took apart put together again, if long enough to tell."""
    if len(key) < FUZZY_LETTERS:
        return []
    return [key.replace(apart, whole) for apart, whole in _APART if apart in key]


def _is_nearly_number(key: str) -> bool:
    return len(key) >= 5 and OSA.distance(key, "NUMBER", score_cutoff=1) <= 1


def _is_one_letter_off(key: str, word: str) -> bool:
    return len(key) == len(word) and OSA.distance(key, word, score_cutoff=1) <= 1


def find_labels(run: Run, around_it: Owner | None = None) -> tuple[Label, ...]:
    """The labels in `run`, in order; `around_it` owns those that do not say whose they are.

    After a relative's label the rest of the run is the relative's until the patient is named.
    """
    keys = _rejoined([spelled(token.key) for token in run.tokens])
    found: list[Label] = []
    context, at = around_it, 0
    while at < len(keys):
        label = _label_at(run.tokens, keys, at, context)
        if (
            label is None
            or _is_a_name(label, found)
            or _is_like_a_label(label, run.tokens)
            or is_of_an_age(run.tokens, label.start)
        ):
            at += 1
            continue
        found.append(label)
        if label.explicit and label.owner in PERSONS:
            context = label.owner
        at = label.end
    return tuple(found)


def _is_a_name(label: Label, before: Sequence[Label]) -> bool:
    """Whether what looks like a label is somebody's name: `Name: Ward, Ann`, `Last name: Page`."""
    if label.kind is not LabelKind.OTHER or label.colon or not before:
        return False
    last = before[-1]
    return last.kind in NAME_KINDS and last.colon and last.end == label.start


def is_of_an_age(tokens: Sequence[Token], at: int) -> bool:
    """Whether `old` is that of `40 Y old`, and says nothing of an earlier number."""
    return bool(at) and tokens[at].key == "OLD" and tokens[at - 1].key in _LINES.ages


def _is_like_a_label(label: Label, tokens: Sequence[Token]) -> bool:
    """Whether a word only resembles a label's and has nothing to announce, as `Wright` (weight).

    It stands behind others with no value behind it, or is followed by a comma and a name; so does
    `Ward`, which is spelled as a label's.
    """
    if label.kind is not LabelKind.OTHER or label.colon or label.end != label.start + 1:
        return False
    token, following = tokens[label.start], tokens[label.end : label.end + 1]
    if token.text.endswith(","):
        return bool(following) and following[0].text[0].isupper()
    resembles = token.key not in _KNOWN or token.key in _SURNAMES
    announces = bool(following) and any(char.isdigit() or char == "#" for char in following[0].text)
    named = label.start > 0 and _is_name_word(tokens[label.start - 1])
    return resembles and named and not announces


def _is_name_word(token: Token) -> bool:
    letters = token.text.strip(".,")
    return letters.isalpha() and letters[0].isupper()


def _rejoined(keys: list[str]) -> list[str]:
    """`keys` with label words that were read in two pieces made whole: `DO` `B`, `B` `IRTH`.

    The second piece becomes empty, as punctuation is.
    """
    joined = list(keys)
    for at, (one, other) in enumerate(pairwise(keys)):
        whole = one + other
        broken = one not in _KNOWN or other not in _KNOWN
        if broken and one and other and whole in _KNOWN and len(whole) >= SHORTEST_REJOINED:
            joined[at : at + 2] = [whole, ""]
    return joined


def section_owner(run: Run, *, alone: bool = True) -> Owner | None:
    """Whose section `run` opens, if it is a section's heading and holds nothing else.

    One that is not `alone` in its line must call itself a section: a lone `Pharmacy` is a box.
    """
    title = _before_remark(run.tokens)
    keys = [spelled(token.key) for token in title if not token.is_punctuation]
    if not 1 <= len(keys) <= 6:
        return None
    owners, at, named = [], 0, False
    while at < len(keys):
        phrase = _longest(keys, at, _ROLE_OF)
        if phrase:
            owners.append(_ROLE_OF[phrase])
        elif keys[at] and keys[at] not in _SECTION_WORDS:
            return None
        named = named or keys[at] in _SECTION_NAMES
        at += len(phrase or (1,))
    written = [token for token in run.tokens if token.text.strip("_")]
    # The last line of a paragraph, `agent.`, is no heading.
    if written[0].text[0].islower() or written[-1].text.endswith("."):
        return None
    if not owners or (not named and (not alone or written[-1].text == ":")):
        return None
    return next((owner for owner in owners if owner is not Owner.PATIENT), Owner.PATIENT)


def opens_section_of_patient(run: Run) -> bool:
    """Whether `run` is the heading of a block about the patient: `Patient Information`."""
    called = any(spelled(token.key) in _SECTION_NAMES for token in run.tokens)
    return called and section_owner(run, alone=False) is Owner.PATIENT


def _before_remark(tokens: Sequence[Token]) -> Sequence[Token]:
    """`tokens` without the bracket that ends them, as in `GUARANTOR (if not the patient)`."""
    opening = next((at for at, token in enumerate(tokens) if token.text == "("), 0)
    return tokens[:opening] if opening and tokens[-1].text == ")" else tokens


def _label_at(
    tokens: Sequence[Token], keys: Sequence[str], at: int, context: Owner | None
) -> Label | None:
    if keys[at] not in _FIRSTS and not _misread_birth_label(keys, at):
        worn = _is_worn_birth_label(tokens, keys, at)
        owner = context or Owner.PATIENT
        label = Label(LabelKind.BIRTH_DATE, owner, at, at + 1)
        return _ended(tokens, keys, label) if worn else None
    other = _longest(keys, at, _OTHER)
    owners, after_roles = _roles_from(keys, at)
    field = _longest(keys, after_roles, _FIELD_OF)
    whole = _longest(keys, at, _FIELD_OF) or ()
    if owners and len(whole) >= after_roles - at + len(field or ()):  # `Facility MRN`
        owners, after_roles, field = [], at, whole
    if not field and _is_lone_mr(tokens, keys, after_roles):
        field = ("MR",)
    misread = 0 if field else _misread_birth_label(keys, after_roles)
    kind = (
        _FIELD_OF.get(field, LabelKind.MRN)
        if field
        else (LabelKind.BIRTH_DATE if misread else None)
    )
    size = after_roles - at + len(field or ()) + misread
    if (
        owners
        and owners[-1] is Owner.PATIENT
        and (id_words := _longest(keys, after_roles, _ID_AFTER_PATIENT))
    ):
        kind, size = LabelKind.MRN, after_roles - at + len(id_words)
    if other and len(other) >= size:
        theirs = context or Owner.PATIENT
        return _ended(tokens, keys, Label(LabelKind.OTHER, theirs, at, at + len(other)))
    explicit = bool(owners)
    owner = _strongest(owners) or context or Owner.PATIENT
    if kind is not None:
        label = _ended(tokens, keys, Label(kind, owner, at, at + size, explicit))
        prose = field in _LONE_PARTS and not _asks(tokens, label)
        return None if prose or (not field and _is_a_license(tokens, keys, label)) else label
    if not owners:
        return None
    bare = _ended(tokens, keys, Label(LabelKind.NAME, owner, at, after_roles, explicit))
    another = owner not in (Owner.PATIENT, Owner.MEMBER)
    says_so = bare.colon or another or _stands_alone(tokens, bare)
    return bare if says_so else None


def _is_lone_mr(tokens: Sequence[Token], keys: Sequence[str], at: int) -> bool:
    """Whether `MR` announces a number as long as a patient's, and no gentleman: `MR 0012345`."""
    behind = tokens[at + 1].text if at + 1 < len(tokens) and keys[at] == "MR" else ""
    return len(behind) >= FEWEST_MR_DIGITS and behind.isdigit()


def _asks(tokens: Sequence[Token], label: Label) -> bool:
    """Whether `Last` or `First` asks for a part of a name: with a colon, or alone in its box."""
    behind = tokens[label.end :]
    hints = all(token.key in _NAME_HINTS or not token.key for token in behind)
    return label.colon or (label.start == 0 and hints)


def _is_a_license(tokens: Sequence[Token], keys: Sequence[str], label: Label) -> bool:
    """Whether `PT #` is no patient's number, but a physical therapist's behind the signature."""
    if keys[label.start] != "PT" or label.colon or not label.start:
        return False
    signs = (key in _SIGNING or role_of(key) is Owner.CLINICIAN for key in keys[: label.start])
    return any(signs) and _is_name_word(tokens[label.start - 1])


def _is_worn_birth_label(tokens: Sequence[Token], keys: Sequence[str], at: int) -> bool:
    """Whether a word is DOB with one wrong letter and a colon, and a full date stands behind it.

    Its last letter must be right: `DOS` and `DOE` are labels of other days.
    """
    key = keys[at]
    if len(key) != len("DOB") or key[-1] != "B" or not _is_one_letter_off(key, "DOB"):
        return False
    behind = tokens[at + 1 : at + 4]
    colon = bool(behind) and behind[0].text[0] in ":=;"
    return colon and any(_FULL_DATE.fullmatch(token.text) for token in behind[1:])


def _misread_birth_label(keys: Sequence[str], at: int) -> int:
    """How many words are DATE OF BIRTH with one wrong letter, or written together; 0 if none.

    Its words are too short to be known alone.
    """
    letters = 0
    for count, key in enumerate(keys[at : at + 3], 1):
        letters += len(key)
        if letters >= len(_BIRTH_LABEL):
            near = _is_one_letter_off("".join(keys[at : at + count]), _BIRTH_LABEL)
            return count if near else 0
    return 0


def _roles_from(keys: Sequence[str], at: int) -> tuple[list[Owner], int]:
    """The roles named from `at` on (`REFERRING PHYSICIAN`, `PATIENT'S MOTHER'S`), and their end."""
    owners: list[Owner] = []
    if tuple(keys[at : at + 2]) in _NEWBORN_NAMES:
        return owners, at
    while phrase := _longest(keys, at, _ROLE_OF):
        owners.append(_ROLE_OF[phrase])
        at += len(phrase)
        if keys[at : at + 1] == ["OF"] and _longest(keys, at + 1, _ROLE_OF):  # spouse of member
            at += 1
        while owners and at < len(keys) and keys[at] in ("S", ""):
            following = _longest(keys, at + 1, _FIELD_OF) or _longest(keys, at + 1, _ROLE_OF)
            if not following or keys[at] == "":
                break
            at += 1
    return owners, at


# Of several people named together the value is the one's whom this lists first: a patient's mother
# is a mother, and what was learned `from daughter` is the daughter's.
_NEAREST = (
    *(Owner.RELATIVE, Owner.ELSEWHERE, Owner.CLINICIAN, Owner.CHILD, Owner.MEMBER),
    Owner.PATIENT,
)


def _strongest(owners: Iterable[Owner]) -> Owner | None:
    named = set(owners)
    return next((owner for owner in _NEAREST if owner in named), None)


def _ended(tokens: Sequence[Token], keys: Sequence[str], label: Label) -> Label:
    """`label` with the colon, number sign and number word behind it taken in."""
    end, colon = _behind_form_hint(tokens, label), False
    while end < len(tokens) and tokens[end].text not in ("(", "["):
        number = label.kind is LabelKind.MRN and keys[end] == "#"
        if not (tokens[end].is_punctuation or number or not keys[end]):
            break
        colon = colon or bool(set(":=!;") & set(tokens[end].text))
        end += 1
    colon = colon or tokens[end - 1].text.endswith(":")
    return replace(label, end=end, colon=colon)


def _behind_form_hint(tokens: Sequence[Token], label: Label) -> int:
    """The end of `label` and of a bracket behind it that says how, or by whom, to fill it in."""
    end = label.end
    if end >= len(tokens) or tokens[end].text != "(":
        return end
    for at in range(end + 1, min(end + 7, len(tokens))):
        if tokens[at].text == ")":
            return at + 1
        if not _is_hint(tokens[at].key, label.kind):
            return end
    return end


def _is_hint(key: str, kind: LabelKind) -> bool:
    """Whether a bracketed word says how or for whom to fill in, and not whose value it is."""
    if kind is LabelKind.NAME:
        return key in _NAME_HINTS
    return kind is LabelKind.MRN and key in _NUMBER_HINTS


def _stands_alone(tokens: Sequence[Token], label: Label) -> bool:
    """Whether the run is nothing but the label, as a column's head is, or a comma name follows."""
    if all(token.text == "|" for token in (*tokens[: label.start], *tokens[label.end :])):
        return True
    following = [token for token in tokens[label.end : label.end + 2] if not token.is_punctuation]
    return bool(following) and following[0].text.endswith(",") and following[0].text[0].isupper()


def _longest(keys: Sequence[str], at: int, known: Iterable[Phrase]) -> Phrase | None:
    container = known if isinstance(known, Mapping | frozenset) else frozenset(known)
    for size in range(min(MAX_LABEL_WORDS, len(keys) - at), 0, -1):
        phrase = tuple(keys[at : at + size])
        if phrase in container:
            return phrase
    return None
