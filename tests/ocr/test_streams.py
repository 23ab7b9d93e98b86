import base64
import zlib
from io import BytesIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pdfs import fax_picture, jpeg_picture
from PIL import Image

from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.streams import Encoded, is_whole

SIZE = (200, 300)
LIMITS = Limits()
NOISE = Image.effect_noise(SIZE, 80)
ROWS = NOISE.tobytes()


def jpeg_2000():
    out = BytesIO()
    NOISE.save(out, "JPEG2000", no_jp2=True)
    return out.getvalue()


STORED = {
    ("FlateDecode",): zlib.compress(ROWS),
    (): ROWS,
    ("DCTDecode",): jpeg_picture(NOISE)[1],
    ("CCITTFaxDecode",): fax_picture(NOISE.convert("1"))[1],
    ("JPXDecode",): jpeg_2000(),
    ("ASCII85Decode", "FlateDecode"): base64.a85encode(zlib.compress(ROWS)) + b"~>",
    ("FlateDecode", "DCTDecode"): zlib.compress(jpeg_picture(NOISE)[1]),
}


@pytest.mark.parametrize("filters", STORED)
def test_what_goes_to_its_end_is_whole(filters):
    assert is_whole(Encoded(STORED[filters], filters, SIZE, 200), LIMITS)
    assert is_whole(Encoded(STORED[filters] + b"\r\n", filters, SIZE, 200), LIMITS)


@pytest.mark.parametrize("filters", STORED)
@pytest.mark.parametrize("part", [0, 0.01, 0.5, 0.99])
def test_what_is_cut_is_not_whole(filters, part):
    content = STORED[filters]
    cut = content[: int(part * len(content))]
    assert not is_whole(Encoded(cut, filters, SIZE, 200), LIMITS)


def test_a_fax_of_either_group_ends_with_its_end_of_block():
    def fax(bits):
        bits += "0" * (-len(bits) % 8)
        content = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))
        return is_whole(Encoded(content, ("CCITTFaxDecode",), SIZE, 25), LIMITS)

    end_of_line = "0" * 11 + "1"
    assert fax("1011" + end_of_line * 2)
    assert fax("10110" + end_of_line * 6)
    assert fax("101100" + (end_of_line + "1") * 6)
    assert not fax("1011" + end_of_line)
    assert fax("1011" + end_of_line * 2 + "0011" * 40)
    assert not fax("1011" * 40)


def test_a_jpeg_of_another_size_than_said_is_in_doubt():
    filters = ("DCTDecode",)
    assert not is_whole(Encoded(STORED[filters], filters, (200, 400), 200), LIMITS)


def test_a_bomb_is_not_blown_up():
    bomb = zlib.compress(bytes(300 << 20), 1)
    assert is_whole(Encoded(bomb, ("FlateDecode",), SIZE, 200), LIMITS)
    assert not is_whole(Encoded(bomb, ("FlateDecode", ""), SIZE, 200), LIMITS)


@given(st.binary(max_size=300), st.sampled_from(sorted(STORED)))
@example(b"\xff\xd9", ("JPXDecode",))
def test_noise_is_no_picture(content, filters):
    if filters:
        # Eleven zeros in a row end a fax; noise may hold them, pictures do not.
        content = bytes(byte | 0x80 for byte in content)
        assert not is_whole(Encoded(content, filters, SIZE, 200), LIMITS)
