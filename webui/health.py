"""A sign of life for whatever watches the service."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

pages = Blueprint("health", __name__)


@pages.get("/health")
def health() -> ResponseReturnValue:
    """Says that requests are answered; nothing else."""
    return {"status": "ok"}
