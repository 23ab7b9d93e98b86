import pytest

from chartkeeper.ocr.formats import Format, detect


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"%PDF-1.7\n", Format.PDF),
        (b"\r\n" * 400 + b"%PDF-1.4", Format.PDF),
        (b" " * 1024 + b"%PDF-1.4", Format.PDF),
        (b" " * 1025 + b"%PDF-1.4", None),
        (b"II*\0\x08\0\0\0", Format.TIFF),
        (b"MM\0*\0\0\0\x08", Format.TIFF),
        (b"II+\0\x08\0\0\0", Format.TIFF),
        (b"MM\0+\0\x08\0\0", Format.TIFF),
        (b"\xff\xd8\xff\xe0", Format.JPEG),
        (b"\x89PNG\r\n\x1a\n", Format.PNG),
        (b"\x89PNG\n\x1a\n", None),
        (b"GIF89a", None),
        (b"PK\x03\x04", None),
        (b"", None),
    ],
)
def test_the_first_bytes_decide(head, expected):
    assert detect(head) is expected
