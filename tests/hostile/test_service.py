"""A service that gets every kind of hostile file at once goes on, and says what became of each."""

import pytest

from hostile.service_run import run


@pytest.mark.soak
def test_every_kind_at_once_ends_as_stated_and_the_service_goes_on(tmp_path):
    report = run(tmp_path)
    assert report.wrong == []
    assert report.good_file == "filed"
    assert report.unsafe == []
    assert report.originals == report.pictures + report.notices > 80
    assert report.after_megabytes < 1.5 * report.idle_megabytes + 50
    assert report.verify == 0
