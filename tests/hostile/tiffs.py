"""TIFF files that lie about themselves, and rare ones that do not."""

import struct
import zlib

import numpy as np
from PIL import Image

from hostile.kinds import accepted, encoded, refused, sheet

SHORT, LONG, LONG8 = 3, 4, 16
SIZES = {1: 1, 2: 1, SHORT: 2, LONG: 4, 5: 8, LONG8: 8}


def entry(order, big, tag, kind, count, value):
    """A directory entry; a number is laid out as its kind, bytes as they are."""
    room = 8 if big else 4
    code = {SHORT: "H", LONG: "I", LONG8: "Q"}.get(kind, "I")
    cell = value if isinstance(value, bytes) else struct.pack(order + code, value)
    head = struct.pack(order + ("HHQ" if big else "HHI"), tag, kind, count)
    return head + cell.ljust(room, b"\0")[:room]


def directory(order, big, entries, following):
    count = struct.pack(order + ("Q" if big else "H"), len(entries))
    body = b"".join(entry(order, big, *item) for item in sorted(entries))
    return count + body + struct.pack(order + ("Q" if big else "I"), following)


def header(order, big, first):
    mark = {"<": b"II", ">": b"MM"}[order]
    if big:
        return mark + struct.pack(order + "HHHQ", 43, 8, 0, first)
    return mark + struct.pack(order + "HI", 42, first)


def tiff(data, entries, order="<", *, big=False, following=0):
    """One page: header, data, then its directory with the place and size of the data added."""
    start = 16 if big else 8
    own = [(273, LONG, 1, start), (279, LONG, 1, len(data))]
    given = {item[0] for item in entries}
    entries = [*entries, *(item for item in own if item[0] not in given)]
    entries = [item for item in entries if item[1]]
    return header(order, big, start + len(data)) + data + directory(order, big, entries, following)


def described(width, height, bits=8, photometric=1, compression=1, samples=1):
    return [
        (256, LONG, 1, width),
        (257, LONG, 1, height),
        (258, SHORT, 1, bits),
        (259, SHORT, 1, compression),
        (262, SHORT, 1, photometric),
        (277, SHORT, 1, samples),
        (278, LONG, 1, height),
    ]


def grey(**more):
    page = sheet()
    return tiff(page.tobytes(), described(*page.size), **more)


def chain(nexts):
    """Directories one behind the other that share a picture; `nexts` says where each leads."""
    page = sheet()
    data, size = page.tobytes(), 2 + 9 * 12 + 4
    start = 8 + len(data)
    entries = [*described(*page.size), (273, LONG, 1, 8), (279, LONG, 1, len(data))]
    out = [header("<", False, start), data]
    for following in nexts:
        place = 0 if following is None else start + following * size
        out.append(directory("<", False, entries, place))
    return b"".join(out)


def group4():
    return encoded(sheet().convert("1"), "TIFF", compression="group4")


def damaged_rows(compression):
    """Noise in the middle of the fax data."""
    whole = bytearray(encoded(sheet().convert("1"), "TIFF", compression=compression))
    with Image.open(_file(whole)) as image:
        start, size = image.tag_v2[273][0], image.tag_v2[279][0]
    for at in range(start + size // 3, start + size // 2):
        whole[at] ^= 0x5A
    return bytes(whole)


def _file(content):
    from io import BytesIO  # noqa: PLC0415 - here only

    return BytesIO(bytes(content))


def reversed_bits():
    """Fill order 2: the bits of each byte the other way round."""
    page = sheet().convert("1")
    turned = bytes(int(f"{byte:08b}"[::-1], 2) for byte in page.tobytes())
    return tiff(turned, [*described(*page.size, bits=1), (266, SHORT, 1, 2)])


def tiled():
    page = sheet(480, 160)
    pixels = np.asarray(page)
    tiles = [
        pixels[top : top + 160, left : left + 160].tobytes()
        for left in (0, 160, 320)
        for top in (0,)
    ]
    data = b"".join(tiles)
    places = b"".join(struct.pack("<I", 8 + 160 * 160 * number) for number in range(3))
    sizes = struct.pack("<III", *[160 * 160] * 3)
    tail = 8 + len(data)
    entries = [
        *described(480, 160),
        (322, LONG, 1, 160),
        (323, LONG, 1, 160),
        (324, LONG, 3, tail),
        (325, LONG, 3, tail + 12),
    ]
    whole = data + places + sizes
    return header("<", False, 8 + len(whole)) + whole + directory("<", False, entries, 0)


def old_jpeg():
    """Compression 6, whose picture lies where two tags of its own say."""
    page = encoded(sheet(), "JPEG")
    entries = described(*sheet().size, compression=6, photometric=6)
    return tiff(page, [*entries, (512, SHORT, 1, 1), (513, LONG, 1, 8), (514, LONG, 1, len(page))])


def deep(dtype, bits, sample_format=1):
    pixels = (np.asarray(sheet()).astype(np.float64) / 255 * (1 if bits == 32 else 65535)).astype(
        dtype
    )
    height, width = pixels.shape
    return tiff(pixels.tobytes(), [*described(width, height, bits), (339, SHORT, 1, sample_format)])


def deflate_bomb(side=9000):
    data = zlib.compress(b"\xff" * (side * side), 6)
    return tiff(data, described(side, side, compression=8))


def overflowing_deflate():
    """A small picture whose strip unpacks to 100 million bytes."""
    return tiff(zlib.compress(b"\xff" * 100_000_000, 6), described(400, 160, compression=8))


def lzw_bomb():
    return encoded(Image.new("L", (9000, 9000), 255), "TIFF", compression="tiff_lzw")


def mixed_sizes():
    first, *rest = [sheet(), Image.new("L", (1, 1), 255), sheet(60, 900), sheet(900, 60)]
    return encoded(first, "TIFF", save_all=True, append_images=rest)


def wide_tag():
    """A tag that does not matter, whose value of two gigabytes lies beyond the end."""
    page = sheet()
    return tiff(page.tobytes(), [*described(*page.size), (270, 2, 1 << 31, 8)])


def exif_loop():
    """A directory of photo facts that is the page's own."""
    page = sheet()
    data = page.tobytes()
    return tiff(data, [*described(*page.size), (34665, LONG, 1, 8 + len(data))])


def kinds():
    page, whole = sheet(), group4()
    plain = described(*page.size)
    small = described(1, 1)
    return [
        accepted("tiff group 4.tif", whole),
        refused("tiff cut at a tenth.tif", whole[: len(whole) // 10], "incomplete_file"),
        refused("tiff cut at the half.tif", whole[: len(whole) // 2], "incomplete_file"),
        refused("tiff cut at the end.tif", whole[:-3], "incomplete_file"),
        refused("tiff magic only.tif", b"II*\0", "incomplete_file"),
        refused("tiff leads to itself.tif", chain([0]), "damaged_file"),
        refused("tiff leads in a circle.tif", chain([1, 2, 0]), "damaged_file"),
        refused("tiff leads beyond the end.tif", chain([9]), "incomplete_file"),
        refused("tiff of 65535 pages.tif", chain([*range(1, 65535), None]), "too_many_pages"),
        refused("tiff of 65535 tags.tif", b"II*\0\x08\0\0\0\xff\xff" + b"\0" * 90, "damaged_file"),
        refused("tiff without tags.tif", b"II*\0\x08\0\0\0" + b"\0" * 90, "damaged_file"),
        refused(
            "tiff huge in a few bytes.tif",
            tiff(b"x", described(1 << 31, 1 << 31)),
            "page_too_large",
        ),
        refused("tiff of no width.tif", tiff(b"x", described(0, 9)), "damaged_file"),
        refused(
            "tiff strip beyond the end.tif",
            tiff(b"x", [*small, (273, LONG, 1, 1 << 30)]),
            "incomplete_file",
        ),
        refused(
            "tiff strips without end.tif",
            tiff(b"x", [*small, (273, LONG, 0xFFFF_FFFF, 8)]),
            "damaged_file",
        ),
        refused(
            "tiff width as text.tif", tiff(b"x", [(256, 2, 4, b"aaaa"), *small[1:]]), "damaged_file"
        ),
        accepted("tiff group 4 damaged.tif", damaged_rows("group4")),
        accepted("tiff group 3 damaged.tif", damaged_rows("group3")),
        accepted("tiff fill order.tif", reversed_bits()),
        accepted("tiff jpeg inside.tif", encoded(page.convert("RGB"), "TIFF", compression="jpeg")),
        accepted("tiff old jpeg.tif", old_jpeg(), failed=[1]),
        accepted("tiff tiled.tif", tiled()),
        accepted("tiff 16 bit.tif", deep(np.uint16, 16)),
        accepted("tiff float.tif", deep(np.float32, 32, 3)),
        accepted("tiff cmyk.tif", encoded(page.convert("CMYK"), "TIFF")),
        accepted("tiff palette.tif", encoded(page.convert("P"), "TIFF")),
        accepted("tiff alpha.tif", encoded(page.convert("RGBA"), "TIFF")),
        accepted("tiff lzw bomb.tif", lzw_bomb()),
        accepted("tiff deflate bomb.tif", deflate_bomb()),
        accepted("tiff strip that never ends.tif", overflowing_deflate()),
        accepted("tiff big.tif", grey(big=True)),
        accepted("tiff other byte order.tif", grey(order=">")),
        accepted("tiff mixed sizes.tif", mixed_sizes(), pages=4),
        accepted("tiff tag beyond the end.tif", wide_tag()),
        accepted("tiff facts in a circle.tif", exif_loop()),
        accepted(
            "tiff of 200 colours.tif",
            tiff(page.tobytes(), [*plain[:5], (277, SHORT, 1, 200), plain[6]]),
            failed=[1],
        ),
        accepted(
            "tiff unknown packing.tif",
            tiff(page.tobytes(), described(*page.size, compression=34999)),
            failed=[1],
        ),
        accepted(
            "tiff 64 bit.tif", tiff(page.tobytes(), described(*page.size, bits=64)), failed=[1]
        ),
    ]
