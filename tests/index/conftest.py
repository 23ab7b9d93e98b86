import datetime as dt

import pytest

from chartkeeper.index.entry import PageEntry
from chartkeeper.index.language import parse
from chartkeeper.index.search import open_searcher
from chartkeeper.index.store import create_index, open_writer


class Backend:
    """The doors of an index; another engine joins the contract tests by offering the same."""

    create = staticmethod(create_index)
    writer = staticmethod(open_writer)
    searcher = staticmethod(open_searcher)


@pytest.fixture
def backend():
    return Backend


@pytest.fixture
def folder(tmp_path, backend):
    folder = tmp_path / "index"
    backend.create(folder)
    return folder


@pytest.fixture
def writer(folder, backend):
    with backend.writer(folder) as writer:
        yield writer


@pytest.fixture
def searcher(folder, backend):
    return backend.searcher(folder)


@pytest.fixture
def page():
    def make(key, text="chest pain visit", **fields):
        known = {"type": "", "mrn": "", "patient": "", "service_date": None}
        return PageEntry(key=key, text=text, **(known | fields))

    return make


@pytest.fixture
def find(searcher):
    """Keys that a typed query finds, sorted, each as often as it is found."""

    def keys(text, using=None, **options):
        hits = (using or searcher).search(parse(text), 1000, **options)
        assert hits.total == len(hits.hits)
        return sorted(hit.key for hit in hits.hits)

    return keys


@pytest.fixture
def day():
    return dt.date.fromisoformat
