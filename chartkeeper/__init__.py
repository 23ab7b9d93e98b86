"""The front door: command line, settings, version."""

from importlib.metadata import version

__version__ = version("chartkeeper")
