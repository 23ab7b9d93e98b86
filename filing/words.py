"""Lists of words, written as running text so that they stay readable."""

# What whoever signs says first, as forms and readers write it: a stroke is read for the letter.
FIRST_PERSON = frozenset({"I,", "|,"})


def word_set(text: str) -> frozenset[str]:
    """The words of `text`, parted by spaces."""
    return frozenset(text.split())
