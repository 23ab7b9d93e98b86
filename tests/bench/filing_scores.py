"""What filing got right: decisions held against the truth, counted by scan kind and by trap."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from filing_cases import NAME
from filing_files import File, Paper
from filing_run import Filed
from filing_senders import TYPES

from chartkeeper.records.model import DocumentStatus, Filing

RULE_OF_THREE = 3
SHOWN_CANDIDATES = 3


@dataclass(frozen=True)
class Result:
    """A document with what became of it: the filings that share pages with it, the main one first.

    `links` are the numbers of the patients those were linked to, None where to nobody.
    """

    file: File
    paper: Paper
    filings: tuple[Filing, ...]
    links: tuple[str | None, ...]
    candidates: tuple[str, ...]

    @property
    def main(self) -> Filing:
        """The filing that has most of its pages."""
        return self.filings[0]

    @property
    def linked(self) -> bool:
        """Whether anybody at all was decided on."""
        return any(self.links)

    @property
    def wrong(self) -> bool:
        """Whether any page was linked to somebody it does not belong to."""
        return any(
            link not in owners
            for one, link in zip(self.filings, self.links, strict=True)
            for page, owners in self.paper.owners.items()
            if link and one.first_page <= page <= one.last_page
        )

    @property
    def whole(self) -> bool:
        """Whether it became one document of its own, blank backs and separators aside."""
        return (
            len(self.filings) == 1
            and self.main.first_page >= self.paper.first
            and (self.main.last_page <= self.paper.last)
        )

    @property
    def filed(self) -> bool:
        """Whether nobody has to look at it."""
        return self.linked and all(one.status is DocumentStatus.FILED for one in self.filings)


@dataclass
class Tally:
    """Counts behind the figures of some documents."""

    counts: Counter[str] = field(default_factory=Counter)
    types: Counter[tuple[str, str]] = field(default_factory=Counter)
    files: Counter[str] = field(default_factory=Counter)

    def add(self, result: Result) -> None:
        """Count one document."""
        case, counts = result.paper.case, self.counts
        counts["documents"] += 1
        counts["linked"] += result.linked
        counts["wrong"] += result.wrong
        counts["wrong_filed"] += result.wrong and result.filed
        counts["filed"] += result.filed
        if case.linkable:
            counts["linkable"] += 1
            counts["linkable_linked"] += result.linked and not result.wrong
            counts["linkable_filed"] += result.filed and not result.wrong
        if case.truth and not result.linked:
            recalled = case.truth in result.candidates[:SHOWN_CANDIDATES]
            counts["asked"] += 1
            counts["recalled"] += recalled
            # Nothing but a name is printed: of namesakes nobody can tell which.
            counts["asked_by_name"] += case.shown == {NAME}
            counts["recalled_by_name"] += recalled and case.shown == {NAME}
        self._add_type(result)
        self._add_date(result)

    def _add_type(self, result: Result) -> None:
        answer = result.main.type.value or ""
        self.types[result.paper.case.type, answer] += 1

    def _add_date(self, result: Result) -> None:
        case, value = result.paper.case, result.main.service_date.value
        if case.scored_day is None or case.second:
            return
        self.counts["dated"] += 1
        self.counts["date_answers"] += value is not None
        self.counts["date_right"] += value is not None and (
            date.fromisoformat(value) == case.scored_day
        )

    @property
    def figures(self) -> dict[str, object]:
        """What is told: counts and shares (0 to 1, None where nothing was to be counted)."""
        counts = self.counts
        answers = sum(n for (_, said), n in self.types.items() if said)
        right = sum(n for (truth, said), n in self.types.items() if truth == said)
        return {
            "documents": counts["documents"],
            "filed": counts["filed"],
            "wrong_filed": counts["wrong_filed"],
            "upper_bound": upper_bound(counts["wrong_filed"], counts["filed"]),
            "decided": counts["linked"],
            "wrong_decided": counts["wrong"],
            "linkable": counts["linkable"],
            "decided_of_linkable": share(counts["linkable_linked"], counts["linkable"]),
            "filed_of_linkable": share(counts["linkable_filed"], counts["linkable"]),
            "review": share(counts["documents"] - counts["filed"], counts["documents"]),
            "asked": counts["asked"],
            "recall_3": share(counts["recalled"], counts["asked"]),
            "asked_by_name": counts["asked_by_name"],
            "recall_3_by_name": share(counts["recalled_by_name"], counts["asked_by_name"]),
            "type_answered": share(answers, counts["documents"]),
            "type_right": share(right, answers),
            "macro_f1": macro_f1(self.types),
            "date_answered": share(counts["date_answers"], counts["dated"]),
            "date_right": share(counts["date_right"], counts["date_answers"]),
        }


@dataclass
class Boundaries:
    """Starts of documents in files: found, true, both; `asked` those that a clerk is asked about.

    A start that is only suggested to a clerk counts as not found.
    """

    found: int = 0
    true: int = 0
    both: int = 0
    asked: int = 0

    def add(self, file: File, filings: Sequence[Filing]) -> None:
        """Count the starts within one file; its first document starts in any case."""
        true = {paper.first for paper in file.papers[1:]}
        found = {filing.first_page for filing in filings[1:]}
        self.found += len(found)
        self.true += len(true)
        self.both += len(found & true)
        suggested = {one.page for filing in filings for one in filing.suggestions}
        self.asked += len(true & suggested - found)

    @property
    def figures(self) -> dict[str, object]:
        """Precision, recall, and recall with those that a clerk is asked about."""
        return {
            "boundaries": self.true,
            "precision": share(self.both, self.found),
            "recall": share(self.both, self.true),
            "recall_or_asked": share(self.both + self.asked, self.true),
        }


@dataclass
class Scores:
    """Everything counted in a run."""

    all: Tally = field(default_factory=Tally)
    by_kind: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    by_trap: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    by_type: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    boundaries: dict[str, Boundaries] = field(default_factory=lambda: defaultdict(Boundaries))
    seconds: float = 0.0
    slowest: float = 0.0
    stumbled: int = 0

    def add(self, file: File, filed: Filed, results: Iterable[Result]) -> None:
        """Count one file."""
        sheets = "with sheets" if file.separated else "without sheets"
        self.boundaries[sheets].add(file, filed.filings)
        self.boundaries[f"{file.kind}, {sheets}"].add(file, filed.filings)
        self.seconds += filed.seconds
        self.slowest = max(self.slowest, filed.seconds)
        self.stumbled += bool(filed.stumbled)
        for result in results:
            case = result.paper.case
            for tally in (
                self.all,
                self.by_kind[file.kind],
                self.by_trap[case.trap],
                self.by_type[case.type],
            ):
                tally.add(result)


def results_of(file: File, filings: Sequence[Filing], mrns: dict[int, str]) -> list[Result]:
    """The documents of a file, each with what became of its pages."""
    return [_result(file, paper, filings, mrns) for paper in file.papers]


def _result(file: File, paper: Paper, filings: Sequence[Filing], mrns: dict[int, str]) -> Result:
    shared = {
        at: sum(one.first_page <= page <= one.last_page for page in paper.owners)
        for at, one in enumerate(filings)
    }
    order = sorted((at for at in shared if shared[at]), key=lambda at: -shared[at])
    touching = tuple(filings[at] for at in order)
    links = tuple(mrns[int(one.patient.value)] if one.patient.value else None for one in touching)
    candidates = tuple(mrns[one.patient_id] for one in touching[0].candidates)
    return Result(file, paper, touching, links, candidates)


def share(part: int, whole: int) -> float | None:
    """Part of the whole, None of nothing."""
    return round(part / whole, 4) if whole else None


def upper_bound(wrong: int, links: int) -> float | None:
    """95 % upper bound of the rate of wrong links: 3/n for none, else Wilson's."""
    if not links:
        return None
    if not wrong:
        return round(min(1.0, RULE_OF_THREE / links), 6)
    z, rate = 1.645, wrong / links
    spread = z * ((rate * (1 - rate) + z * z / (4 * links)) / links) ** 0.5
    return round((rate + z * z / (2 * links) + spread) / (1 + z * z / links), 6)


def macro_f1(types: Counter[tuple[str, str]]) -> float | None:
    """Mean over the types present of the harmonic mean of precision and recall."""
    scores = []
    for name in TYPES:
        true = sum(n for (truth, _), n in types.items() if truth == name)
        said = sum(n for (_, answer), n in types.items() if answer == name)
        if true:
            scores.append(2 * types[name, name] / (true + said))
    return round(sum(scores) / len(scores), 4) if scores else None
