"""Bytes to words: raster, enhance, orient, read."""
