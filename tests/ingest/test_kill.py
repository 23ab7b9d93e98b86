"""The plug is pulled in the middle of the work, again and again; all is there, once."""

import pytest
from crash import kills


def test_everything_survives_kills_at_random_moments(tmp_path):
    report = kills.run(tmp_path, 20, 3, longest_life_seconds=4.0)
    assert report.kills == 3
    assert sum(report.hit.values()) > report.hit["nothing"], "no kill met any work"
    assert report.outcomes.keys() == {"accepted", "duplicate", "refused"}
    assert report.problems == []


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_thousand_files_survive_two_hundred_kills(tmp_path):
    report = kills.run(tmp_path, 1000, 200)
    assert report.kills == 200
    assert report.problems == []
