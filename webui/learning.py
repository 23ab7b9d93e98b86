"""Types: what was learned from the decisions of clerks, whether it helps, and the way back."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chartkeeper.records import type_models
from chartkeeper.records.access_log import Event
from chartkeeper.records.type_models import StoredModel
from chartkeeper.webui import clock, current
from chartkeeper.webui.accounting import account_for, entry, record_in, writing

pages = Blueprint("learning", __name__)

TRIALS_SHOWN = 20
WORDS_SHOWN = 10
DONE = {
    "retired": "The learned words are out of use; types are decided by the built-in words alone.",
    "none": "No learned words were in use.",
}


@dataclass(frozen=True, slots=True)
class TypeWords:
    """What was learned of a type: from how many decisions, and the words that tell it most."""

    type: str
    decisions: int
    words: tuple[str, ...]


@pages.get("/types")
def model_in_use() -> ResponseReturnValue:
    """The model in use, how it did, what it knows, and the trials so far."""
    with current.parts().ledger.read() as connection:
        model = type_models.in_use(connection)
        trials = type_models.trials(connection, TRIALS_SHOWN)
    account_for(entry(Event.LIST_VIEW, detail={"list": "types"}))
    return render_template(
        "learning.html",
        model=model,
        trials=trials,
        known=list(_known(model)) if model and model.is_whole else [],
        done=DONE.get(request.args.get("done", ""), ""),
    )


@pages.post("/types/retire")
def retire() -> ResponseReturnValue:
    """Go back to the built-in words alone."""
    with writing() as connection:
        model_id = type_models.retire(connection, clock.now())
        outcome = "ok" if model_id else "refused"
        record_in(
            connection, entry(Event.TYPES_RETIRED, outcome=outcome, detail={"model": model_id})
        )
    done = "retired" if model_id else "none"
    return redirect(url_for("learning.model_in_use", done=done), 303)


def _known(model: StoredModel) -> Iterator[TypeWords]:
    """What a model says of each type, the most decided first."""
    learned = json.loads(model.weights)
    for key, count in sorted(learned["counts"].items(), key=lambda item: (-item[1], item[0])):
        weights = {term: row[key] for term, row in learned["weights"].items() if key in row}
        best = sorted(weights, key=lambda term: (-weights[term], term))
        # The mark of words in the title zone is of no interest here.
        words = dict.fromkeys(term.lstrip("^").lower() for term in best if weights[term] > 0)
        yield TypeWords(key, count, tuple(words)[:WORDS_SHOWN])
