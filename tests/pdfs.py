"""PDF files written by hand, where every byte of a page must be known."""

import zlib
from io import BytesIO

from PIL import Image

FILL_PAGE = b"q 612 0 0 792 0 0 cm /I Do Q"


def picture(image, **options):
    """`image` (mode 1, L or RGB) as a Flate picture: the entries of its dictionary and its data."""
    colours = b"/DeviceRGB" if image.mode == "RGB" else b"/DeviceGray"
    bits = 1 if image.mode == "1" else 8
    entries = b"/BitsPerComponent %d/ColorSpace%s/Filter/FlateDecode" % (bits, colours)
    return _sized(image) + entries + options.get("more", b""), zlib.compress(image.tobytes())


def jpeg_picture(image, more=b""):
    """`image` (mode L or RGB) as a JPEG picture."""
    out = BytesIO()
    image.save(out, "JPEG", quality=90)
    colours = b"/DeviceRGB" if image.mode == "RGB" else b"/DeviceGray"
    entries = b"/BitsPerComponent 8/ColorSpace%s/Filter/DCTDecode" % colours
    return _sized(image) + entries + more, out.getvalue()


def fax_picture(image):
    """`image` (mode 1) as a Group 4 picture."""
    out = BytesIO()
    image.save(out, "TIFF", compression="group4", strip_size=1 << 30)
    with Image.open(out) as tiff:
        start, length = tiff.tag_v2[273][0], tiff.tag_v2[279][0]
        black_is_one = b"false" if tiff.tag_v2[262] == 0 else b"true"
    parameters = b"<</K -1/Columns %d/Rows %d/BlackIs1 %s>>" % (*image.size, black_is_one)
    entries = (
        b"/BitsPerComponent 1/ColorSpace/DeviceGray/Filter/CCITTFaxDecode/DecodeParms" + parameters
    )
    return _sized(image) + entries, out.getvalue()[start : start + length]


def _sized(image):
    return b"/Type/XObject/Subtype/Image/Width %d/Height %d" % image.size


def write_pdf(path, pictures, content=FILL_PAGE, page=b"/MediaBox[0 0 612 792]", more=()):
    """A PDF at `path` with one page for each of `pictures`, drawn by `content` as /I.

    `page` adds entries to each page; `more` are further objects (entries, data or None), numbered
    from 3.
    """
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"", *(_stream(*other) for other in more)]
    kids = []
    for entries, data in pictures:
        number = len(objects) + 1
        kids.append(b"%d 0 R" % number)
        resources = b"/Resources<</XObject<</I %d 0 R>>/Font<</F %s>>>>" % (number + 2, HELVETICA)
        objects.append(
            b"<</Type/Page/Parent 2 0 R/Contents %d 0 R%s%s>>" % (number + 1, resources, page)
        )
        objects += [_stream(b"", content), _stream(entries, data)]
    objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(kids))
    path.write_bytes(_file(objects))
    return path


HELVETICA = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


def _stream(entries, data):
    if data is None:
        return b"<<%s>>" % entries
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(data), data)


def _file(objects):
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, written in enumerate(objects, 1):
        places.append(b"%010d 00000 n \n" % len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, written)
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(places) + 1, b"".join(places))
    trailer = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return bytes(out + table + trailer % (len(places) + 1, len(out)))
