"""Lists of words, written as running text so that they stay readable."""


def word_set(text: str) -> frozenset[str]:
    """The words of `text`, parted by spaces."""
    return frozenset(text.split())
