"""What a file is, by its first bytes."""

from enum import StrEnum

# ISO 32000-1, Annex H 3.4.1: readers look for the header within the first 1,024 bytes.
PDF_HEADER_WITHIN_BYTES = 1024
HEAD_BYTES = PDF_HEADER_WITHIN_BYTES + len(b"%PDF-")


class Format(StrEnum):
    """The formats that scanners and fax servers deliver."""

    PDF = "pdf"
    TIFF = "tiff"
    JPEG = "jpeg"
    PNG = "png"


# Classic TIFF and BigTIFF, both byte orders; JPEG's SOI and the next marker; PNG's signature.
_MAGIC = {
    b"II*\0": Format.TIFF,
    b"MM\0*": Format.TIFF,
    b"II+\0": Format.TIFF,
    b"MM\0+": Format.TIFF,
    b"\xff\xd8\xff": Format.JPEG,
    b"\x89PNG\r\n\x1a\n": Format.PNG,
}


def detect(head: bytes) -> Format | None:
    """The format of a file from its first `HEAD_BYTES` bytes (fewer for a short file), or None."""
    for magic, format_ in _MAGIC.items():
        if head.startswith(magic):
            return format_
    return Format.PDF if b"%PDF-" in head[:HEAD_BYTES] else None
