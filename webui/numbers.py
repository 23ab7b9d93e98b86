"""Numbers out of addresses and forms; what is no number is taken for none."""

from werkzeug.routing import IntegerConverter


class RowNumber(IntegerConverter):
    """A number in an address, as far as the ledger can hold one; beyond, nothing is there."""

    regex = r"\d{1,18}"


def number(text: str | None, otherwise: int = 0) -> int:
    """The whole number that was sent, or `otherwise`."""
    plain = (text or "").strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 16 else otherwise


def optional(text: str | None) -> int | None:
    """The whole number that was sent, or None."""
    return number(text, -1) if number(text, -1) >= 0 else None
