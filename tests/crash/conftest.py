import pytest

from crash.harness import made_home
from crash.shim import COMPILER, compiled


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    """The shim, where there is a compiler."""
    if COMPILER is None:
        pytest.skip("there is no C compiler on this machine")
    return compiled(tmp_path_factory.mktemp("shim"))


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """A home with patients and an empty inbox."""
    return made_home(tmp_path_factory.mktemp("made"))
