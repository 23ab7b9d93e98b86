"""What a search page costs somebody without the right, where nothing or a share is restricted.

    python tests/bench/restricted.py [--pages 30000] [--home DIR] [--shares 0 0.01]

Fills a home (capacity_home.py) and indexes it, or takes one that an earlier run filled. Each
search is asked for as a browser does, all kinds in turn, so that what else the machine does falls
on all alike. Milliseconds of the processor: the median, and the ninety-fifth of a hundred. Shares
of documents are marked in turn, the largest last; marks stay in the home.
"""

import argparse
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "bench")]

from capacity_home import PASSWORD, Size, make_filled_home  # noqa: E402 - the path comes first
from flask.testing import FlaskClient  # noqa: E402 - the path comes first

from chartkeeper.desks import limits  # noqa: E402 - the path comes first
from chartkeeper.folders import Home  # noqa: E402 - the path comes first
from chartkeeper.home import open_home  # noqa: E402 - the path comes first
from chartkeeper.ingest.drawing import Drawers  # noqa: E402 - the path comes first
from chartkeeper.parts import web_parts  # noqa: E402 - the path comes first
from chartkeeper.webui.app import create_app  # noqa: E402 - the path comes first

ROUNDS = 40


def queries(words: list[str], rng: random.Random) -> dict[str, dict[str, str]]:
    """One search of each kind, as the form sends it."""
    one, other, third = rng.sample(words, 3)
    return {
        "a word": {"text": one},
        "two words": {"text": f"{one} {other}"},
        "either": {"text": f"{one} OR {other} OR {third}"},
        "a beginning": {"text": f"{one[:3]}*"},
        "without a word": {"text": f"{one} NOT {other}"},
        "of a type": {"text": one, "type": "lab_report"},
        "all, newest first": {"text": "*", "order": "newest"},
        "a word, newest first": {"text": one, "order": "newest"},
    }


def log_in(path: Path) -> FlaskClient:
    home, settings, ledger = open_home(path)
    drawers = Drawers(1, home.web_scratch, limits(settings))
    client = create_app(web_parts(home, settings, ledger, drawers)).test_client()
    mark = re.search(r'name="form" value="([^"]+)"', client.get("/login").text)
    fields = {"form": mark[1], "name": "staff", "password": PASSWORD}
    assert client.post("/login", data=fields).status_code == 303
    return client


def words_of(path: Path) -> list[str]:
    _, _, ledger = open_home(path)
    with ledger.read() as connection:
        rows = connection.exec_driver_sql("SELECT text FROM page_words LIMIT 40")
        found = sorted({word for row in rows for word in row[0].split() if len(word) > 4})
    ledger.close()
    return found


def measure(path: Path) -> dict[str, list[float]]:
    client, rng, words = log_in(path), random.Random(3), words_of(path)
    mark = re.search(r'name="csrf" value="([^"]+)"', client.get("/").text)[1]
    times: dict[str, list[float]] = {}
    for at in range(ROUNDS + 2):
        for name, form in queries(words, rng).items():
            where = client.post("/search", data={"csrf": mark, **form}).location
            began = time.process_time()
            answer = client.get(where)
            took = (time.process_time() - began) * 1000
            assert answer.status_code == 200
            if at >= 2:
                times.setdefault(name, []).append(took)
            elif name == "a word":
                print(f"round {at}, the first search: {took:.0f} ms")
    return times


def mark_share(path: Path, share: float) -> int:
    """Mark so many documents, at random; how many are marked then."""
    _, _, ledger = open_home(path)
    rng = random.Random(11)
    with ledger.write() as connection:
        every = [row[0] for row in connection.exec_driver_sql("SELECT id FROM documents")]
        chosen = rng.sample(every, int(len(every) * share))
        for number in chosen:
            change = f"UPDATE documents SET restricted = 'other' WHERE id = {number}"
            connection.exec_driver_sql(change)
    ledger.close()
    return len(chosen)


def main() -> None:
    options = argparse.ArgumentParser(description="The cost of what is restricted.")
    options.add_argument("--pages", type=int, default=30_000)
    options.add_argument("--home", type=Path, help="kept; used as it is if it is there")
    options.add_argument("--shares", type=float, nargs="*", default=[0, 0.01])
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        path = given.home or Path(scratch) / "home"
        if not path.exists():
            make_filled_home(Home(path), Size(given.pages, 0, given.pages // 5))
            command = [sys.executable, "-m", "chartkeeper", "--home", str(path), "reindex"]
            subprocess.run(command, check=True)
        for share in given.shares:
            marked = mark_share(path, share) if share else 0
            print(f"-- {share:.1%} of the documents restricted ({marked})")
            for name, taken in measure(path).items():
                ordered = sorted(taken)
                p95 = ordered[int(len(ordered) * 0.95)]
                print(f"{name:24} {statistics.median(ordered):8.1f} {p95:8.1f} ms")


if __name__ == "__main__":
    main()
