"""A life of the service is killed at system calls, its power cut, its calls made to fail."""

import pytest

from crash.trials import HOWS, Calls

# So many places are tried in the normal run, each in the next manner; every third one in a soak.
PLACES = 14
STRIDE = 3


@pytest.fixture(scope="module")
def life(library, tmp_path_factory):
    with Calls(tmp_path_factory.mktemp("calls"), library) as calls:
        yield calls


def wrong(life, trials):
    found = {f"{number} {how}": life.problems(number, how) for number, how in trials}
    return {trial: problems for trial, problems in found.items() if problems}


def test_after_a_crash_or_fault_at_any_call_the_result_is_the_same(life):
    numbers = range(life.calls // PLACES, life.calls, life.calls // PLACES)
    trials = [(number, HOWS[at % len(HOWS)]) for at, number in enumerate(numbers)]
    assert len(trials) >= PLACES - 1
    assert wrong(life, trials) == {}


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("how", HOWS)
def test_at_every_third_call(library, tmp_path, how):
    with Calls(tmp_path, library) as life:
        # Each manner begins elsewhere, so that together they come by every call.
        first = 1 + HOWS.index(how) % STRIDE
        trials = [(number, how) for number in range(first, life.calls + 1, STRIDE)]
        assert wrong(life, trials) == {}
