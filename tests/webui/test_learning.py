"""The administrator's page about learned types."""

import json
from hashlib import sha256

from chartkeeper.records import type_models
from chartkeeper.records.access_log import Event
from chartkeeper.records.type_models import Trial

MODEL = json.dumps(
    {
        "counts": {"lab_report": 30, "letter": 5},
        "weights": {
            "^POTASSIUM": {"lab_report": 2.0, "letter": -1.0},
            "POTASSIUM": {"lab_report": 1.0},
            "DEAR COLLEAGUE": {"letter": 1.5},
            "TREE": {"letter": -0.5},
        },
    }
)
TRIAL = Trial(99, 150, 30, 11, 21, 2, 1, promoted=True, reason="Better on the newest decisions.")


def keep(home, now, text=MODEL, digest=None, trial=TRIAL):
    with home.parts.ledger.write() as connection:
        model = (text, digest or sha256(text.encode()).hexdigest())
        return type_models.keep(connection, trial, model, now)


def test_nothing_learned_is_said(administrator):
    page = administrator.get("/types").text
    assert "The built-in words decide alone" in page
    assert "Trainings" not in page


def test_the_model_in_use_is_shown_with_its_figures_and_words(home, administrator, now):
    keep(home, now, trial=Trial(50, 60, reason="Not better."))
    keep(home, now)
    page = administrator.get("/types").text
    assert "learned from 150 decisions" in page
    assert "21 were answered right and 1 wrong" in page
    assert "11 right and 2 wrong" in page
    assert "<td>potassium</td>" in page  # once, though it also stood in titles
    assert "<td>dear colleague</td>" in page
    assert "tree" not in page
    assert "Not better." in page
    assert home.log(event=Event.LIST_VIEW)[-1].detail == {"list": "types"}


def test_the_way_back_is_taken_once_and_accounted_for(home, administrator, now):
    number = keep(home, now)
    answer = administrator.post("/types/retire")
    assert answer.location == "/types?done=retired"
    page = administrator.get(answer.location).text
    assert "out of use" in page
    assert "Taken out" in page
    assert home.log(event=Event.TYPES_RETIRED)[-1].detail == {"model": number}
    assert administrator.post("/types/retire").location == "/types?done=none"
    assert home.log(event=Event.TYPES_RETIRED)[-1].outcome == "refused"


def test_a_damaged_model_is_said_and_not_read(home, administrator, now):
    keep(home, now, text='{"counts": ', digest="0" * 64)
    page = administrator.get("/types").text
    assert "changed or damaged" in page
    assert "Take the learned words out of use" in page


def test_only_an_administrator_sees_and_changes_it(clerk, staff):
    for person in (clerk, staff):
        assert person.get("/types").status_code == 403
        assert person.post("/types/retire").status_code == 403
