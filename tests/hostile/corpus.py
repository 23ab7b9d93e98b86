"""Every kind of hostile file in one list."""

from functools import cache

from hostile import documents, others, pictures, tiffs


@cache
def corpus():
    """All kinds that are files, each once; the bytes are made at the first call."""
    made = [*tiffs.kinds(), *pictures.kinds(), *documents.kinds(), *others.kinds()]
    assert len({kind.name for kind in made}) == len(made)
    return tuple(made)
