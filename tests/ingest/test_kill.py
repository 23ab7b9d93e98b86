"""The plug is pulled in the middle of the work, again and again; all is there, once."""

import random
import time

from service import Service
from sheets import note, spelled

FILES = 30
KILLS = 5
CLEARING_SECONDS = 30


def wait_until_cleared(service):
    end = time.monotonic() + CLEARING_SECONDS
    while list(service.inbox.iterdir()) and time.monotonic() < end:
        time.sleep(0.1)


def test_everything_survives_five_kills_at_random_moments(tmp_path):
    service = Service(tmp_path / "home")
    luck = random.Random(20261123)
    for number in range(FILES):
        note(tmp_path / f"scan-{number:02}.png", f"distinct word {spelled(number)}")
    dropped = 0
    for _ in range(KILLS):
        service.start()
        for number in range(dropped, min(FILES, dropped + FILES // KILLS)):
            service.drop(tmp_path / f"scan-{number:02}.png")
        dropped = min(FILES, dropped + FILES // KILLS)
        time.sleep(luck.uniform(1.0, 5.0))
        service.kill()
    service.start()
    service.wait_idle(FILES)
    # The last claims are cleared after all is found by a search.
    wait_until_cleared(service)
    service.stop()
    documents = service.documents()
    expected = [f"scan-{number:02}.png" for number in range(FILES)]
    assert sorted(str(line["file"]) for line in documents) == expected
    assert {line["status"] for line in documents} == {"review"}
    found = service.search("distinct")
    assert sorted(str(hit["file"]) for hit in found) == expected
    assert service.status_of("verify") == 0
    assert list(service.inbox.iterdir()) == []
    assert list((service.home / "failed").iterdir()) == []
