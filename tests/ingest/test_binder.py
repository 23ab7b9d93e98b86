"""Files bound in children: what goes wrong there costs its document only."""

import numpy as np
import pytest
from PIL import Image

from chartkeeper.ingest.binder import Binders
from chartkeeper.ocr.binding import is_installed
from chartkeeper.ocr.errors import FileTooLarge, IncompleteFile
from chartkeeper.ocr.limits import Limits

pytestmark = pytest.mark.skipif(not is_installed(), reason="img2pdf is not installed")


def noisy(path, seed):
    luck = np.random.default_rng(seed)
    grey = luck.integers(0, 255, (200, 200), np.uint8)
    Image.fromarray(grey).save(path, quality=90, dpi=(100, 100))
    return path


def test_more_bytes_than_a_scan_may_have_are_not_bound(tmp_path):
    parts = [noisy(tmp_path / f"{number}.jpg", number) for number in range(4)]
    size = sum(part.stat().st_size for part in parts)
    binders = Binders(1, tmp_path, Limits(max_file_bytes=size // 2))
    with pytest.raises(FileTooLarge):
        binders.bind(parts, tmp_path / "whole.pdf")
    assert binders.bind(parts[:1], tmp_path / "whole.pdf") == (1,)
    assert not list(tmp_path.glob("*.part"))


def test_after_a_file_that_is_refused_the_next_is_bound(tmp_path):
    good, bad = noisy(tmp_path / "a.jpg", 1), noisy(tmp_path / "b.jpg", 2)
    bad.write_bytes(bad.read_bytes()[:-500])
    binders = Binders(1, tmp_path, Limits())
    with pytest.raises(IncompleteFile):
        binders.bind([good, bad], tmp_path / "one.pdf")
    assert binders.bind([good, good], tmp_path / "two.pdf") == (1, 1)
