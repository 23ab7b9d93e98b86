import json
import random
import sys
import time
from dataclasses import replace

import pytest
from filing_paper import page
from learning_paper import FORMS, paper, people, stream

from chartkeeper.filing import learned, training
from chartkeeper.filing.classify import LEARNED, decide_type
from chartkeeper.filing.doctypes import TYPE_KEYS, load_doctypes
from chartkeeper.filing.learned import TypeModelUnusable, digest, dump, lesson

DOCTYPES = load_doctypes()
PEOPLE = [replace(one, id=at) for at, one in enumerate(people(), 1)]


def papers(count, relabel=lambda key, _at: key):
    return [
        training.paper(relabel(key, at), patient, [sheet], DOCTYPES)
        for at, (key, patient, sheet) in enumerate(stream(count, PEOPLE))
    ]


@pytest.fixture(scope="module")
def material():
    return papers(80)


@pytest.fixture(scope="module")
def model(material):
    return training.train(material, "2026-11-02T09:30:00+00:00")


def test_a_form_that_no_cue_knows_is_learned(model):
    for seed in range(10):
        for key in FORMS:
            sheet = paper(key, PEOPLE[seed], f"new {seed}", noise=0.03)
            assert decide_type([sheet], DOCTYPES).value is None
            decision = decide_type([sheet], DOCTYPES, model)
            assert decision.value == key, sheet.text


def test_the_words_that_were_learned_are_shown_where_they_stand(model):
    sheet = page("# ORCHARD MOVEMENT LOG\nStairs with railing\nBalance board drills")
    decision = decide_type([sheet], DOCTYPES, model)
    shown = {item.text: item for item in decision.evidence if item.meaning == LEARNED}
    assert "ORCHARD" in shown
    word = next(word for word in sheet.words if word.text == "ORCHARD")
    assert shown["ORCHARD"].box == word.box
    assert all(item.weight > 0 and item.page == 1 for item in shown.values())
    assert "as clerks decided where it said" in decision.because


def test_a_misread_word_is_known_all_the_same(model):
    clean = lesson(model, [page("# ORCHARD MOVEMENT LOG")])
    misread = lesson(model, [page("# 0RCHARD MOVEMFNT LOG")])
    assert misread.points == clean.points


def test_words_of_other_types_neither_overrule_a_plain_title_nor_make_up_a_type(model):
    sure = replace(model, scale=1_000.0)
    text = "# DISCHARGE SUMMARY\nHOSPITAL COURSE\nStairs with railing\nBalance board drills"
    assert decide_type([page(text)], DOCTYPES, sure).value != "therapy_note"
    assert decide_type([page(text)], DOCTYPES, model).value == "discharge_summary"
    assert max(lesson(sure, [page(text)]).points.values()) == 8
    assert decide_type([page("Nothing known stands here")], DOCTYPES, model).value is None


def test_learned_words_can_lower_a_type_until_nothing_is_answered(material):
    # Clerks say that a page which the cues take for a letter is something else.
    swapped = papers(80, lambda key, _at: "other" if key == "therapy_note" else key)
    model = training.train(swapped, "now")
    assert lesson(model, [paper("therapy_note", PEOPLE[0], 1)]).points["nursing_note"] < 0


def test_a_type_with_few_decisions_is_not_learned(material):
    few = 4
    rare = [
        training.paper(
            "ecg_report", PEOPLE[at], [page("# ZEPHYR STRIP\nPaper speed odd")], DOCTYPES
        )
        for at in range(few)
    ]
    model = training.train([*material, *rare], "now")
    assert "ecg_report" not in model.intercepts
    text = "# ZEPHYR STRIP\nPaper speed odd"
    assert decide_type([page(text)], DOCTYPES, model).value is None


def test_no_model_knows_patients_words_or_numbers():
    # Everybody bears one name here and lives in one town: both stand in papers of many patients.
    family = [replace(one, last="Testerman-Lopez", first="Quillon") for one in PEOPLE]
    material = []
    for key, patient, sheet in stream(80, family):
        numbered = page(f"{sheet.text}\nUnit 4711 bed B12")
        material.append(training.paper(key, patient, [numbered], DOCTYPES))
    model = training.train(material, "now")
    known = {part for term in model.weights for part in term.lstrip("^").split()}
    known |= set(model.words)
    assert {"ORCHARD", "UNIT", "BED"} <= known
    assert not known & {"TESTERMAN", "LOPEZ", "TESTERMANLOPEZ", "QUILLON"}
    assert not known & {"EXAMPLEBURG", "PLACEBO"}
    assert not any(char.isdigit() for word in known for char in word)


def test_what_is_said_of_few_patients_is_not_kept():
    told = []
    for key, patient, sheet in stream(80, PEOPLE):
        secret = patient.id <= training.LEAST_PATIENTS - 1
        more = page(f"{sheet.text}\nsarcoidosis" if secret else sheet.text)
        told.append(training.paper(key, patient, [more], DOCTYPES))
    assert sum("SARCOIDOSIS" in line.words for one in told for line in one.lines) > 5
    assert "SARCOIDOSIS" not in dump(training.train(told, "now"))


def test_a_document_of_nobody_adds_no_words(material):
    of_nobody = [replace(one, patient=None) for one in material]
    with pytest.raises(training.TooFewDecisions):
        training.train(of_nobody, "now")


def test_training_is_the_same_every_time(material, model):
    assert dump(training.train(material, model.made_at)) == dump(model)


def test_a_better_model_is_taken(material):
    tried = training.attempt(material, None, "now")
    assert tried.is_better
    assert tried.held_back == 16
    assert tried.before.right == 0
    assert tried.after.right >= 14
    assert tried.after.wrong == 0


@pytest.mark.parametrize("seed", range(5))
def test_a_model_of_random_decisions_is_not_taken(seed):
    rng = random.Random(seed)
    muddled = papers(80, lambda _key, _at: rng.choice(sorted(FORMS)))
    assert not training.attempt(muddled, None, "now").is_better


def test_a_model_is_not_better_than_itself(material):
    model = training.attempt(material, None, "now").model
    assert not training.attempt(material, model, "now").is_better


@pytest.mark.parametrize(
    ("before", "after", "better"),
    [
        ([None] * 20, [True] * 5 + [None] * 15, True),
        ([None] * 20, [True] * 4 + [None] * 16, False),  # may be chance
        ([None] * 20, [True] * 19 + [False], False),
        ([None] * 21, [True] * 20 + [False], True),  # one in twenty gained
        ([False] * 10 + [None] * 10, [True] * 10 + [None] * 10, True),
        ([True] * 10 + [None] * 10, [None] * 5 + [True] * 10 + [None] * 5, False),
        ([None] * 20, [None] * 20, False),
    ],
)
def test_better_means_more_than_chance_and_hardly_more_wrong(before, after, better):
    assert training.is_better(before, after) is better


def test_too_little_is_not_learned_from(material):
    with pytest.raises(training.TooFewDecisions, match="Go on deciding"):
        training.attempt(material[:19], None, "now")
    one_type = [one for one in material if one.type == "nursing_note"]
    with pytest.raises(training.TooFewDecisions):
        training.attempt(one_type, None, "now")


def test_a_model_comes_back_as_it_was_written(model):
    text = dump(model)
    assert learned.load(text, digest(text), TYPE_KEYS) == model


def with_changed(model, **changes):
    text = json.dumps({**json.loads(dump(model)), **changes})
    return text, digest(text)


def test_a_damaged_or_foreign_model_is_refused(model):
    text = dump(model)
    with pytest.raises(TypeModelUnusable, match="changed or damaged"):
        learned.load(text.replace("0.", "9.", 1), digest(text), TYPE_KEYS)
    for changes, problem in (
        ({"format": 2}, "another version"),
        ({"intercepts": {"horoscope": 0.0}, "weights": {}}, "types of documents"),
        ({"intercepts": {}}, "form"),
        ({"scale": "1e999"}, "form"),
        ({"weights": {"WORD": {"letter": None}}}, "form"),
        ({"weights": [1]}, "form"),
    ):
        with pytest.raises(TypeModelUnusable, match=problem):
            learned.load(*with_changed(model, **changes), TYPE_KEYS)
    for broken in ("", "[]", "nonsense", "null"):
        with pytest.raises(TypeModelUnusable, match="form"):
            learned.load(broken, digest(broken), TYPE_KEYS)


@pytest.fixture
def without_sklearn(monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] in ("sklearn", "scipy")]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("sklearn", "scipy"):
        monkeypatch.setitem(sys.modules, name, None)  # so that its import fails


def test_without_scikit_learn_a_model_is_read_but_none_is_made(without_sklearn, model, material):
    sheet = paper("therapy_note", PEOPLE[0], "new")
    assert decide_type([sheet], DOCTYPES, model).value == "therapy_note"
    with pytest.raises(training.LearningNotInstalled, match="pip install"):
        training.train(material, "now")


def test_reading_with_a_model_takes_milliseconds(model):
    sheets = [paper(key, PEOPLE[at % 12], at) for at in range(30) for key in FORMS]
    start = time.process_time()
    for sheet in sheets:
        lesson(model, [sheet])
    assert (time.process_time() - start) / len(sheets) < 0.02
