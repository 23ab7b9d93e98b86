"""What became of the files of a home: compared with an undisturbed run, searched for losses."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from chartkeeper.ingest.claimed import CLAIMS_FOLDER
from chartkeeper.records import arrivals
from chartkeeper.records.database import open_ledger
from chartkeeper.records.failed import REASON_SUFFIX
from chartkeeper.records.model import Arrival, ArrivalState
from chartkeeper.records.vault import file_sha256

# Runs a command of chartkeeper on the home: its words -> its status and what it printed.
Run = Callable[..., tuple[int, str]]
MOST_ARRIVALS = 1_000_000
# A file that is put aside has the number of its arrival before its name.
NUMBER_CHARS = len("000001 ")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What two runs of the same files must agree in, whatever happened meanwhile.

    `documents` are the lines of `chartkeeper documents --text`, sorted; `hits` the pages that each
    query finds; `arrivals` how many ended how; the rest is what lies where.
    """

    documents: tuple[str, ...]
    hits: Mapping[str, tuple[str, ...]]
    arrivals: Mapping[str, int]
    vault: tuple[str, ...]
    failed: tuple[str, ...]
    inbox: tuple[str, ...]


def outcome(home: Path, run: Run, queries: Iterable[str]) -> Outcome:
    """What became of the files of a home that has nothing left to do."""
    return Outcome(
        documents=tuple(sorted(_lines(run, "documents", "--text"))),
        hits={query: _hits(run, query) for query in queries},
        arrivals=_arrivals(home),
        vault=_names(home / "vault"),
        failed=tuple(sorted(name[NUMBER_CHARS:] for name in _names(home / "failed"))),
        inbox=_names(home / "inbox"),
    )


def differences(found: Outcome, expected: Outcome) -> list[str]:
    """In what an outcome differs from the one expected; empty if in nothing."""
    pairs = zip(asdict(found).items(), asdict(expected).values(), strict=True)
    return [f"{name}: {_difference(one, other)}" for (name, one), other in pairs if one != other]


def lost_or_twice(home: Path, dropped: Mapping[str, str]) -> list[str]:
    """What is wrong with files dropped so far (name -> SHA-256), at any moment nobody is at work.

    Each must be one arrival that ended, its original in the vault or the file kept, or must still
    lie in the inbox or its claim as it was dropped.
    """
    by_name: dict[str, list[Arrival]] = {}
    for arrival in _all_arrivals(home):
        by_name.setdefault(arrival.name, []).append(arrival)
    problems = [_file_problem(home, name, sha256, by_name) for name, sha256 in dropped.items()]
    strange = sorted(by_name.keys() - dropped.keys())
    return [*filter(None, problems), *(f"{name}: never dropped" for name in strange)]


def leftovers(home: Path) -> list[str]:
    """What an interrupted run left behind and no later one removed."""
    parts = [str(path) for path in home.glob("vault/.*")]
    scratch = [str(path) for path in (home / "work" / "pages").iterdir()]
    return parts + scratch + [str(path) for path in home.glob("failed/.*")]


def _file_problem(
    home: Path, name: str, sha256: str, by_name: Mapping[str, list[Arrival]]
) -> str | None:
    mine = by_name.get(name, [])
    ended = [arrival for arrival in mine if arrival.state is not ArrivalState.CLAIMED]
    if len(ended) > 1:
        return f"{name}: arrived {len(ended)} times"
    if ended:
        return None if _is_kept(home, ended[0], sha256) else f"{name}: lost after it had arrived"
    claims = [home / "inbox" / CLAIMS_FOLDER / arrival.claim for arrival in mine]
    places = [path for path in (home / "inbox" / name, *claims) if path.is_file()]
    if len(places) != 1:
        return f"{name}: lies in {len(places)} places"
    return None if file_sha256(places[0]) == sha256 else f"{name}: changed"


def _is_kept(home: Path, arrival: Arrival, sha256: str) -> bool:
    if arrival.state is ArrivalState.REFUSED:
        claim = home / "inbox" / CLAIMS_FOLDER / arrival.claim
        failed = home.glob(f"failed/{arrival.id:06d} *")
        return any(path.is_file() and file_sha256(path) == sha256 for path in (claim, *failed))
    original = home / "vault" / sha256[:2] / sha256
    return original.is_file() and file_sha256(original) == sha256


def _lines(run: Run, *words: str) -> list[str]:
    status, printed = run(*words, "--format", "jsonl")
    assert status == 0, printed
    return printed.splitlines()


def _hits(run: Run, query: str) -> tuple[str, ...]:
    found = (json.loads(line) for line in _lines(run, "search", query, "--limit", "10000"))
    return tuple(sorted(f"{hit['file']} {hit['page']} {hit['type']} {hit['mrn']}" for hit in found))


def _arrivals(home: Path) -> dict[str, int]:
    rows = (f"{item.name} {item.state} {item.reason_code}" for item in _all_arrivals(home))
    return dict(sorted(Counter(rows).items()))


def _all_arrivals(home: Path) -> list[Arrival]:
    ledger = open_ledger(home / "ledger.db")
    try:
        with ledger.read() as connection:
            return arrivals.newest(connection, MOST_ARRIVALS)
    finally:
        ledger.close()


def _names(folder: Path) -> tuple[str, ...]:
    """What lies under a folder, without the numbers in reasons and hidden folders of claims."""
    files = (path for path in folder.rglob("*") if not path.is_dir())
    return tuple(sorted(path.name for path in files if not path.name.endswith(REASON_SUFFIX)))


def _difference(one: object, other: object) -> str:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        one, other = one.items(), other.items()
    surplus = [item for item in one if item not in other]  # type: ignore[attr-defined,operator]
    missing = [item for item in other if item not in one]  # type: ignore[attr-defined,operator]
    return f"surplus {surplus[:5]}, missing {missing[:5]}"
