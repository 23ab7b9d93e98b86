"""The documentation says what is so: links lead somewhere, codes and settings are explained."""

import re
import subprocess

import pytest
from checkout import ROOT

from chartkeeper.ingest import claims
from chartkeeper.ocr.errors import UnreadableFile

PAGES = sorted([ROOT / "README.md", ROOT / "samples" / "README.md", *(ROOT / "docs").rglob("*.md")])
# What a repository must not speak of: the place where it was written, and work left undone.
FORBIDDEN = re.compile(
    r"(?<![\w/])/(work|farm|root|tmp/bash_jobs)/|\bTODO\b|\bFIXME\b|NotImplementedError"
)


def kinds(base):
    for kind in base.__subclasses__():
        yield kind
        yield from kinds(kind)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files(page):
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / target).exists(), target


def test_every_reason_for_refusing_a_file_is_explained():
    manual = (ROOT / "docs" / "operate.md").read_text()
    assert claims.LinkRefused in kinds(UnreadableFile)
    for kind in kinds(UnreadableFile):
        assert f"`{kind.code}`" in manual


def test_every_decision_page_is_linked_from_the_readme():
    readme = (ROOT / "README.md").read_text()
    for page in (ROOT / "docs" / "decisions").iterdir():
        assert f"docs/decisions/{page.name}" in readme


def test_nothing_speaks_of_the_place_where_it_was_written():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    names = listed.stdout.splitlines() or [str(page.relative_to(ROOT)) for page in PAGES]
    texts = (".py", ".md", ".toml", ".html", ".css", ".js", ".sh", ".lock", "Makefile", "run")
    for name in names:
        path = ROOT / name
        if name.endswith(texts) and path != ROOT / "tests" / "house" / "test_docs.py":
            found = FORBIDDEN.search(path.read_text())
            assert found is None, f"{name}: {found and found.group()}"
