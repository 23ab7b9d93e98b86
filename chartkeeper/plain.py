"""Words from outside on a terminal: a name of a file, of a box, of whoever tried to log in."""

_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\\": "\\\\"}


def plain(value: object) -> str:
    r"""A value as part of one line: signs that move the cursor or turn the line are spelt.

    As JSON writes them (`\n`, `\u202e`): a row stays a row, and stays the only one.
    """
    return "".join(map(_written, str(value)))


def _written(sign: str) -> str:
    if sign in _SHORT:
        return _SHORT[sign]
    return sign if sign.isprintable() or sign == "\N{NO-BREAK SPACE}" else f"\\u{ord(sign):04x}"
