import logging
import multiprocessing
import os
import random
import sys
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep

import ordinary
import pytest
from judged import file, judge, save_patients

from chartkeeper.filing.classify import LEARNED, decide_type
from chartkeeper.ingest import learning
from chartkeeper.records import documents, type_models
from chartkeeper.records.documents import Verdict

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "filing"))

from learning_paper import paper, people, stream

AS_IN_SERVICE = learning.train_once


@pytest.fixture(autouse=True)
def ordinary_priority(monkeypatch):
    monkeypatch.setattr(learning, "train_once", ordinary.train_once)


@pytest.fixture
def patients(ledger):
    return save_patients(ledger, people())


def file_and_judge(desk, patients, now, count, say=lambda key, _at: key, seed=0):
    """So many papers filed with the type left open, then decided by a clerk; their numbers."""
    with desk.ledger.write() as connection:
        numbers = []
        for at, (key, patient, sheet) in enumerate(stream(count, patients, seed)):
            number = file(connection, [sheet], patient, now)
            judge(connection, number, say(key, at), now)
            numbers.append(number)
    return numbers


def trials(desk):
    with desk.ledger.read() as connection:
        return type_models.trials(connection, 10)


def test_what_clerks_decide_is_learned_promoted_and_used(desk, patients, now):
    sheet = paper("therapy_note", patients[0], "new")
    assert learning.in_use(desk) is None
    file_and_judge(desk, patients, now, 60)
    trial = learning.learn(desk, Event())
    assert (trial.promoted, trial.corrections, trial.held_back) == (True, 60, 12)
    assert trial.right_after > trial.right_before
    assert (trial.wrong_before, trial.wrong_after) == (0, 0)
    assert trial.right_after >= 10
    decision = decide_type([sheet], desk.rulebook.doctypes, learning.in_use(desk))
    assert decision.value == "therapy_note"
    assert any(item.meaning == LEARNED and item.box for item in decision.evidence)
    # The evidence is kept with the decision like any other.
    with desk.ledger.write() as connection:
        number = file(connection, [sheet], patients[0], now, decided=decision)
        kept = documents.history(connection, number)[0].decision
    assert kept.evidence == decision.evidence


def test_random_decisions_change_nothing(desk, patients, now):
    rng = random.Random(3)
    keys = ("nursing_note", "therapy_note")
    file_and_judge(desk, patients, now, 60, lambda _key, _at: rng.choice(keys))
    trial = learning.learn(desk, Event())
    assert not trial.promoted
    assert learning.in_use(desk) is None
    assert trials(desk)[0].trial == trial
    with desk.ledger.read() as connection:
        weights = "SELECT weights, length(digest) FROM type_models"
        assert connection.exec_driver_sql(weights).one() == (None, 64)


def test_a_model_that_is_no_better_leaves_the_one_in_use(desk, patients, now):
    file_and_judge(desk, patients, now, 60)
    learning.learn(desk, Event())
    first = learning.in_use(desk)
    file_and_judge(desk, patients, now, 30, seed=1)
    assert not learning.learn(desk, Event()).promoted
    assert learning.in_use(desk) == first


def test_the_latest_decision_of_a_person_counts(desk, patients, now):
    numbers = file_and_judge(desk, patients, now, 4)
    with desk.ledger.write() as connection:
        judge(connection, numbers[0], "letter", now)
        judge(connection, numbers[1], None, now)
        found = type_models.judged(connection, 10)
        assert [one.type for one in found] == ["nursing_note", "therapy_note", "letter"]
        assert len(type_models.judged(connection, 2)) == 2


def test_what_the_program_decided_teaches_nothing(desk, patients, now):
    sheet = paper("nursing_note", patients[0], 1)
    with desk.ledger.write() as connection:
        decision = decide_type([sheet], desk.rulebook.doctypes)
        file(connection, [sheet], patients[0], now, replace(decision, value="nursing_note"))
        assert type_models.judged(connection, 10) == []
        assert type_models.news(connection) == 0


def test_a_trial_is_due_after_enough_new_decisions(desk, patients, now, monkeypatch):
    monkeypatch.setattr(learning, "DECISIONS_BEFORE_TRIAL", 10)
    file_and_judge(desk, patients, now, 9)
    assert not learning.is_due(desk)
    file_and_judge(desk, patients, now, 1)
    assert learning.is_due(desk)
    trial = learning.learn(desk, Event())
    assert not trial.promoted
    assert "too little to learn from" in trial.reason
    assert not learning.is_due(desk)


def test_a_worker_learns_by_itself(desk, patients, now, monkeypatch):
    monkeypatch.setattr(learning, "POLL_SECONDS", 0.05)
    file_and_judge(desk, patients, now, 60)
    ended = Event()
    thread = Thread(target=learning.learn_until, args=(ended, desk))
    thread.start()
    try:
        late = monotonic() + 60
        while learning.in_use(desk) is None and monotonic() < late:
            ended.wait(0.1)
        assert learning.in_use(desk) is not None
    finally:
        ended.set()
        thread.join(10)
    assert not thread.is_alive()


def test_training_gives_way_to_everything_else(desk, monkeypatch):
    monkeypatch.setattr(learning, "train_once", AS_IN_SERVICE)
    with learning._trainer(desk.rulebook.doctypes, None, 60):
        (learner,) = [one for one in multiprocessing.active_children() if one.name == "learner"]
        end = monotonic() + 60
        while os.getpriority(os.PRIO_PROCESS, learner.pid) < learning.LOWEST_PRIORITY:
            assert monotonic() < end, "it has the priority of other work"
            sleep(0.05)


def test_training_that_takes_too_long_is_stopped_and_costs_nothing_else(desk, patients, now):
    file_and_judge(desk, patients, now, 40)
    trial = learning.learn(desk, Event(), seconds=0.05)
    assert trial.reason == learning.STOPPED
    assert not trial.promoted
    assert not learning.is_due(desk)


def test_training_that_dies_costs_nothing_else(desk, patients, now):
    file_and_judge(desk, patients, now, 40)

    def kill_it():
        late = monotonic() + 30
        while monotonic() < late:
            for child in multiprocessing.active_children():
                if child.name == "learner":
                    child.kill()
                    return

    killer = Thread(target=kill_it)
    killer.start()
    trial = learning.learn(desk, Event())
    killer.join()
    assert trial.reason == learning.STOPPED
    assert learning.in_use(desk) is None


def test_a_stop_of_the_service_ends_training_at_once(desk, patients, now):
    file_and_judge(desk, patients, now, 40)
    ended = Event()
    ended.set()
    start = monotonic()
    assert learning.learn(desk, ended) is None
    assert monotonic() - start < 20
    assert trials(desk) == []


@pytest.fixture
def promoted(desk, patients, now):
    file_and_judge(desk, patients, now, 60)
    learning.learn(desk, Event())
    return trials(desk)[0].id


def test_a_damaged_model_is_refused_and_the_cue_words_go_on_alone(desk, promoted, caplog):
    with desk.ledger.write() as connection:
        connection.exec_driver_sql("UPDATE type_models SET weights = replace(weights, '0.', '9.')")
    with caplog.at_level(logging.ERROR):
        assert learning.in_use(desk) is None
    assert "changed or damaged" in caplog.text
    learning.in_use(desk)
    assert caplog.text.count("changed or damaged") == 1


def test_a_retired_model_is_out_of_use_at_once(desk, promoted, now):
    assert learning.in_use(desk) is not None
    with desk.ledger.write() as connection:
        assert type_models.retire(connection, now) == promoted
        assert type_models.retire(connection, now) is None
    assert learning.in_use(desk) is None
    assert trials(desk)[0].retired_at == now


def test_documents_moved_to_another_type_by_the_desk_teach_too(desk, patients, now):
    # A verdict on the patient alone also confirms the type.
    with desk.ledger.write() as connection:
        number = file(connection, [paper("nursing_note", patients[0], 1)], patients[0], now)
        seen = documents.facts(connection, number)
        verdict = Verdict("nursing_note", patients[1].id, None)
        documents.decide(connection, number, seen.version, verdict, "clerk", now)
        (one,) = type_models.judged(connection, 10)
    assert (one.type, one.patient_id) == ("nursing_note", patients[1].id)
