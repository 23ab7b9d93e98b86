"""Learning types from the decisions of clerks: beside the work, and never in front of it.

Training takes memory and may hang; it happens in a process of its own that is gone afterwards. The
ledger says when it is due and keeps what came of it (docs/decisions/learned-types.md).
"""

import logging
import os
import resource
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache, partial
from multiprocessing.connection import Connection
from threading import Event, Timer

from chartkeeper.filing.doctypes import TYPE_KEYS, DocTypes
from chartkeeper.filing.learned import (
    MOST_PAGES,
    TypeModel,
    TypeModelUnusable,
    digest,
    dump,
    load,
)
from chartkeeper.filing.training import (
    MOST_PAPERS,
    LearningNotInstalled,
    Paper,
    TooFewDecisions,
    attempt,
    is_installed,
    paper,
)
from chartkeeper.ingest import guard
from chartkeeper.ingest.children import context, die_with_parent
from chartkeeper.ingest.desk import Desk
from chartkeeper.ocr.confine import GIGABYTE
from chartkeeper.ocr.page import Page
from chartkeeper.records import patients, type_models
from chartkeeper.records.database import Ledger
from chartkeeper.records.errors import RecordsError
from chartkeeper.records.model import Patient
from chartkeeper.records.type_models import Judged, Trial

log = logging.getLogger(__name__)

DECISIONS_BEFORE_TRIAL = 25
# With much learned, a few more decisions change little: trials grow rarer, models stay few.
SHARE_BEFORE_TRIAL = 0.05
POLL_SECONDS = 300.0
TRAINING_SECONDS = 900.0
TRAINING_MEMORY_BYTES = 3 * GIGABYTE
LOWEST_PRIORITY = 19
PAPERS_AT_ONCE = 20
COVERS_AT_MOST = 2  # pages that may lie before those that are learned from
ENDED_CHECK_SECONDS = 0.5

STOPPED = "The training broke off or took too long, and was stopped. Nothing changed."
NO_BETTER = "Not better than what is in use on the newest decisions. Nothing changed."
BETTER = "Better than what was in use on the newest decisions."


@dataclass(frozen=True, slots=True)
class Material:
    """A document to learn from: what a person decided, whose it is, its first pages."""

    type: str
    patient: Patient | None
    pages: tuple[Page, ...]


@dataclass(frozen=True, slots=True)
class Trained:
    """What training came to: the trial, still without its place in the ledger, and the model."""

    trial: Trial
    model: tuple[str, str] | None = None


def in_use(desk: Desk) -> TypeModel | None:
    """The model that was promoted last; None for none, a retired one, or one that is damaged."""
    with desk.ledger.read() as connection:
        model_id = type_models.in_use_id(connection)
    return None if model_id is None else _loaded(desk.ledger, model_id)


@lru_cache(maxsize=2)
def _loaded(ledger: Ledger, model_id: int) -> TypeModel | None:
    with ledger.read() as connection:
        stored = type_models.in_use(connection)
    if stored is None or stored.id != model_id:
        return None
    try:
        return load(stored.weights, stored.digest, TYPE_KEYS)
    except TypeModelUnusable as error:
        log.error("%s", error)  # noqa: TRY400 - an expected failure, said in its own words
        return None


def learn_until(ended: Event, desk: Desk) -> None:
    """Look every now and then whether there is something new to learn from, and learn it."""
    if not desk.learn_types:
        return
    if not is_installed():
        log.info("%s", LearningNotInstalled())
        return
    while not ended.wait(POLL_SECONDS):
        try:
            guard.attempt(partial(_turn, desk, ended), "learning", 0, (RecordsError, OSError))
        except (RecordsError, OSError) as error:
            log.warning("learning waits: %s", type(error).__name__)


def _turn(desk: Desk, ended: Event) -> None:
    if is_due(desk):
        learn(desk, ended)


def is_due(desk: Desk) -> bool:
    """Whether enough was decided since the last trial."""
    with desk.ledger.read() as connection:
        new = type_models.news(connection)
        last = type_models.trials(connection, 1)
    known = last[0].trial.corrections if last else 0
    return new >= max(DECISIONS_BEFORE_TRIAL, SHARE_BEFORE_TRIAL * known)


def learn(desk: Desk, ended: Event, seconds: float = TRAINING_SECONDS) -> Trial | None:
    """Train in a process of its own, compare, and promote the model if it is better.

    Returns what was written down; None if `ended` was set before the end, then nothing was.
    """
    with desk.ledger.read() as connection:
        through = type_models.newest_judgement(connection)
        judged = type_models.judged(connection, MOST_PAPERS)
    made = _trained(desk, judged, ended, seconds)
    if made is None:
        return None
    trial = replace(made.trial, through_decision=through, corrections=len(judged))
    with desk.ledger.write() as connection:
        type_models.keep(connection, trial, made.model, datetime.now(UTC))
    log.info("learned from %d decisions: %s", trial.corrections, trial.reason)
    return trial


def _trained(desk: Desk, judged: Sequence[Judged], ended: Event, seconds: float) -> Trained | None:
    model = in_use(desk)
    with _trainer(desk.rulebook.doctypes, dump(model) if model else None, seconds) as pipe:
        try:
            for batch in _material(desk, judged):
                if ended.is_set():
                    return None
                pipe.send(batch)
            pipe.send(None)
            while not pipe.poll(ENDED_CHECK_SECONDS):
                if ended.is_set():
                    return None
            received: Trained = pipe.recv()
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return Trained(Trial(0, 0, reason=STOPPED))
    return received


@contextmanager
def _trainer(doctypes: DocTypes, model: str | None, seconds: float) -> Iterator[Connection]:
    """The pipe to a process that trains; it is ended after so many seconds, or on leaving."""
    ours, theirs = context.Pipe()
    arguments = (theirs, doctypes, model)
    process = context.Process(target=train_once, args=arguments, name="learner", daemon=True)
    process.start()
    theirs.close()
    limit = Timer(seconds, process.kill)
    limit.start()
    try:
        yield ours
    finally:
        limit.cancel()
        process.kill()
        process.join()
        ours.close()


def _material(desk: Desk, judged: Sequence[Judged]) -> Iterator[list[Material]]:
    """The documents in batches, so that neither side of the pipe holds them all as pages."""
    for start in range(0, len(judged), PAPERS_AT_ONCE):
        batch = judged[start : start + PAPERS_AT_ONCE]
        with desk.ledger.read() as connection:
            numbers = {one.patient_id for one in batch if one.patient_id is not None}
            people = patients.by_ids(connection, numbers)
            read = [
                type_models.first_pages(connection, one, MOST_PAGES + COVERS_AT_MOST)
                for one in batch
            ]
        yield [
            Material(one.type, people.get(one.patient_id or 0), tuple(pages))
            for one, pages in zip(batch, read, strict=True)
        ]


def train_once(pipe: Connection, doctypes: DocTypes, model: str | None) -> None:
    """The life of the process that trains: material comes in, what was learned goes out.

    `model` is the one in use as text, to compare with.
    """
    die_with_parent()
    # A stop of the service is for the parent, which ends this process itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.nice(LOWEST_PRIORITY)
    resource.setrlimit(resource.RLIMIT_AS, (TRAINING_MEMORY_BYTES, TRAINING_MEMORY_BYTES))
    guard.attempt(partial(_train, pipe, doctypes, model), "learning", 0)


def _train(pipe: Connection, doctypes: DocTypes, model: str | None) -> None:
    papers: list[Paper] = []
    while (batch := pipe.recv()) is not None:
        papers += [paper(one.type, one.patient, one.pages, doctypes) for one in batch]
    known = load(model, digest(model), TYPE_KEYS) if model else None
    pipe.send(_result(papers, known))


def _result(papers: Sequence[Paper], model: TypeModel | None) -> Trained:
    try:
        made = attempt(papers, model, datetime.now(UTC).isoformat(timespec="seconds"))
    except TooFewDecisions as error:
        return Trained(Trial(0, 0, reason=str(error)))
    text = dump(made.model)
    trial = Trial(
        through_decision=0,
        corrections=0,
        held_back=made.held_back,
        right_before=made.before.right,
        right_after=made.after.right,
        wrong_before=made.before.wrong,
        wrong_after=made.after.wrong,
        promoted=made.is_better,
        reason=BETTER if made.is_better else NO_BETTER,
    )
    return Trained(trial, (text, digest(text)))
