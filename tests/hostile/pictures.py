"""JPEG and PNG files."""

import struct
import zlib
from io import BytesIO

import numpy as np
from PIL import Image, PngImagePlugin

from hostile.kinds import accepted, encoded, refused, sheet

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"


def segment(marker, body):
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def jpeg(**options):
    return encoded(sheet(), "JPEG", **options)


def with_segments(whole, segments):
    return whole[:2] + segments + whole[2:]


def many_scans(count=4000):
    """A progressive picture whose last refinement comes again and again."""
    whole = encoded(sheet(1600, 1600), "JPEG", progressive=True, quality=90)
    at = whole.rfind(b"\xff\xda")
    return whole[:-2] + whole[at:-2] * count + b"\xff\xd9"


def reframed(whole, marker, change):
    """The frame header with another process, or changed by `change` (precision, height, width)."""
    at = next(at for at in (whole.find(bytes([0xFF, code])) for code in (0xC0, 0xC2)) if at >= 0)
    precision, height, width = struct.unpack(">BHH", whole[at + 4 : at + 9])
    body = struct.pack(">BHH", *change(precision, height, width))
    return whole[:at] + bytes([0xFF, marker]) + whole[at + 2 : at + 4] + body + whole[at + 9 :]


def cut_then_ended(whole):
    """Half of the picture data, and then an end as if that were all."""
    start = whole.find(b"\xff\xda")
    return whole[: start + (len(whole) - start) // 2] + b"\xff\xd9"


def cmyk():
    image = Image.fromarray(255 - np.asarray(sheet().convert("CMYK")), "CMYK")
    return encoded(image, "JPEG")


def rotated():
    exif = Image.Exif()
    exif[274] = 6
    return encoded(sheet().rotate(90, expand=True, fillcolor=255), "JPEG", exif=exif)


def exif_loop():
    ring = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<HHHII", 1, 34665, 4, 1, 8)
    return with_segments(jpeg(), segment(0xE1, ring + struct.pack("<I", 8)))


def chunk(kind, body, crc=None):
    crc = zlib.crc32(kind + body) if crc is None else crc
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc)


def png_header(width, height, bits=8, colour=0, interlaced=0):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, interlaced))


def png(*chunks):
    return PNG_MAGIC + b"".join(chunks) + chunk(b"IEND", b"")


def rows(pixels):
    return b"".join(b"\0" + row.tobytes() for row in pixels)


def interlaced():
    """Adam7: seven passes, each a coarser grid (PNG specification, section 8.2)."""
    pixels = np.asarray(sheet())
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2)]
    passes.append((1, 0, 2, 1))
    data = b"".join(rows(pixels[top::down, left::across]) for top, left, down, across in passes)
    header = png_header(pixels.shape[1], pixels.shape[0], interlaced=1)
    return png(header, chunk(b"IDAT", zlib.compress(data)))


def small_png(*more, data=None, crc=None):
    pixels = np.asarray(sheet())
    packed = zlib.compress(rows(pixels)) if data is None else data
    header = png_header(pixels.shape[1], pixels.shape[0])
    return png(header, *more, chunk(b"IDAT", packed, crc))


def animated():
    frames = [sheet(), sheet(), sheet()]
    return encoded(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=40)


def text_bomb():
    return chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * 100_000_000, 6))


def profile_bomb():
    return chunk(b"iCCP", b"x\0\0" + zlib.compress(b"\0" * 100_000_000, 6))


def texts():
    facts = PngImagePlugin.PngInfo()
    facts.add_text("Software", "<script>alert(1)</script>")
    return encoded(sheet(), "PNG", pnginfo=facts)


def sixteen_bit():
    out = BytesIO()
    Image.fromarray(np.asarray(sheet()).astype(np.uint16) * 257).save(out, "PNG")
    return out.getvalue()


def jpeg_kinds():
    whole = jpeg()
    huge = b"".join(segment(0xFE, b"x" * 65_000) for _ in range(200))
    return [
        accepted("jpeg.jpg", whole),
        refused("jpeg magic only.jpg", b"\xff\xd8\xff", "incomplete_file"),
        refused("jpeg cut in its head.jpg", whole[:200], "incomplete_file"),
        refused("jpeg cut at the half.jpg", whole[: len(whole) // 2], "incomplete_file"),
        refused("jpeg without an end.jpg", whole[:-2], "incomplete_file"),
        accepted("jpeg half of the data.jpg", cut_then_ended(whole), failed=[1]),
        accepted("jpeg progressive.jpg", jpeg(progressive=True)),
        accepted("jpeg of thousands of scans.jpg", many_scans()),
        accepted("jpeg 12 bit.jpg", reframed(whole, 0xC1, lambda _p, h, w: (12, h, w)), failed=[1]),
        accepted("jpeg lossless.jpg", reframed(whole, 0xC3, lambda p, h, w: (p, h, w)), failed=[1]),
        accepted("jpeg arithmetic.jpg", reframed(whole, 0xC9, lambda p, h, w: (p, h, w))),
        refused(
            "jpeg of no height.jpg",
            reframed(whole, 0xC0, lambda p, _h, w: (p, 0, w)),
            "damaged_file",
        ),
        refused(
            "jpeg huge.jpg",
            reframed(whole, 0xC0, lambda p, _h, _w: (p, 65535, 65535)),
            "page_too_large",
        ),
        accepted("jpeg cmyk.jpg", cmyk()),
        accepted("jpeg turned.jpg", rotated()),
        accepted("jpeg facts in a circle.jpg", exif_loop()),
        accepted("jpeg huge comments.jpg", with_segments(whole, huge)),
        refused(
            "jpeg of 10001 comments.jpg",
            with_segments(whole, segment(0xFE, b"") * 10_001),
            "damaged_file",
        ),
        refused(
            "jpeg segment of no length.jpg", b"\xff\xd8\xff\xe0\0\0" + whole[2:], "damaged_file"
        ),
    ]


def png_kinds():
    whole = small_png()
    bomb = zlib.compress(b"\xff" * 100_000_000, 6)
    return [
        accepted("png.png", whole),
        refused("png magic only.png", PNG_MAGIC, "incomplete_file"),
        refused("png cut at the half.png", whole[: len(whole) // 2], "incomplete_file"),
        refused("png cut at the end.png", whole[:-5], "incomplete_file"),
        refused(
            "png bomb.png", png(png_header(50_000, 50_000), chunk(b"IDAT", bomb)), "page_too_large"
        ),
        accepted(
            "png bomb within limits.png",
            png(
                png_header(12_000, 12_000),
                chunk(b"IDAT", zlib.compress(b"\0" + b"\xff" * 12_000, 9)),
            ),
            failed=[1],
        ),
        accepted("png data that never end.png", small_png(data=bomb), failed=[1]),
        accepted("png text bomb.png", small_png(text_bomb()), failed=[1]),
        accepted("png profile bomb.png", small_png(profile_bomb()), failed=[1]),
        accepted("png wrong checksum.png", small_png(crc=1)),
        accepted("png noise for data.png", small_png(data=b"\x55" * 4000), failed=[1]),
        accepted("png without data.png", png(png_header(300, 100)), failed=[1]),
        refused("png of no width.png", png(png_header(0, 100)), "damaged_file"),
        refused(
            "png chunk of 4 GB.png",
            PNG_MAGIC + png_header(9, 9) + b"\xff\xff\xff\xffIDAT" + b"\0" * 90,
            "damaged_file",
        ),
        refused(
            "png of a million chunks.png",
            PNG_MAGIC + png_header(9, 9) + chunk(b"teXt", b"") * 500_001,
            "damaged_file",
        ),
        accepted("png interlaced.png", interlaced()),
        accepted("png animated.png", animated()),
        accepted("png 16 bit.png", sixteen_bit()),
        accepted("png palette.png", encoded(sheet().convert("P"), "PNG", transparency=0)),
        accepted("png alpha.png", encoded(sheet().convert("LA"), "PNG")),
        accepted("png script in a text.png", texts()),
    ]


def kinds():
    return [*jpeg_kinds(), *png_kinds()]
