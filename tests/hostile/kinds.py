"""What a hostile file is, and the outcome that it must end in."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from sheets import draw

WORDS = ("PROGRESS NOTE", "harmless sample")


@dataclass(frozen=True)
class Kind:
    """A kind of file: its name in the inbox, how to make it, and its stated outcome.

    `make` gives its bytes, or puts it at the path by itself and gives None. `refused` is the code
    of the refusal, empty if it is accepted with so many `pages`, of which those in `failed` cannot
    be read and say so. A `slow` one is meant to use up the time of a page.
    """

    name: str
    make: Callable[[Path], bytes | None]
    refused: str = ""
    pages: int = 1
    failed: tuple[int, ...] = ()
    slow: bool = False

    def put(self, folder: Path) -> Path:
        path = folder / self.name
        content = self.make(path)
        if content is not None:
            path.write_bytes(content)
        return path


def accepted(name, content, pages=1, failed=(), **more):
    """A kind that is taken in."""
    return Kind(name, _maker(content), pages=pages, failed=tuple(failed), **more)


def refused(name, content, code, **more):
    """A kind that is refused with a code."""
    return Kind(name, _maker(content), refused=code, pages=0, **more)


def _maker(content):
    if isinstance(content, bytes):
        return lambda _path: content
    return content if callable(content) else None


def sheet(width=420, height=160):
    """A small page with some words."""
    return draw(WORDS, width, height, 26)


def encoded(image, form, **options):
    out = BytesIO()
    image.save(out, form, **options)
    return out.getvalue()
