"""The order of the test files names files that are there."""

from schedule import HERE, LONGEST


def test_the_longest_files_are_there_and_named_once():
    assert [name for name in LONGEST if not (HERE / name).is_file()] == []
    assert len(set(LONGEST)) == len(LONGEST)
