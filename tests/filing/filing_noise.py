"""Characters misread as a reader of faxes misreads them; for tests only."""

CONFUSIONS = {
    "0": "O86",
    "1": "l7I",
    "2": "Z7",
    "3": "8",
    "4": "9A",
    "5": "S6",
    "6": "8G",
    "7": "1",
    "8": "3B0",
    "9": "4",
    "a": "o",
    "o": "a0",
    "i": "l1",
    "l": "1I",
    "e": "c",
    "c": "e",
    "n": "h",
    "m": "n",
    "r": "t",
    "/": "17",
    "O": "0",
    "D": "O",
}


def misreader(rng, rate):
    """How a word was read, and how surely; `rate` is the share of wrong characters."""

    def misread(word):
        read = "".join(
            rng.choice(CONFUSIONS[char]) if char in CONFUSIONS and rng.random() < rate else char
            for char in word
        )
        return read, 0.92 if read == word else rng.choice((0.55, 0.8, 0.93))

    return misread
