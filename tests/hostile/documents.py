"""PDF files: broken ones, bombs, ones that ask for things, and rare ones that are sound."""

import struct
import zlib
from io import BytesIO

from pdfs import HELVETICA, _file, _stream, fax_picture, jpeg_picture
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from hostile.kinds import accepted, encoded, refused, sheet

LETTER = b"/MediaBox[0 0 612 792]"
SAYS = b"BT /F 24 Tf 72 700 Td (PROGRESS NOTE harmless sample) Tj ET\n"
FILL = b"q 612 0 0 232 0 400 cm /I Do Q"


def pdf(*more, content=SAYS, page=LETTER, catalog=b"", resources=b"", entries=b""):
    """One page; objects 1 catalog, 2 pages, 3 page, 4 content, `more` from 5 on."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog,
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F %s>>%s>>%s>>"
        % (HELVETICA, resources, page),
        _stream(entries, content),
        *more,
    ]
    return _file(objects)


def image_page(entries, data):
    return pdf(_stream(entries, data), content=FILL, resources=b"/XObject<</I 5 0 R>>")


def form(content, resources=b""):
    entries = b"/Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources<<%s>>" % resources
    return _stream(entries, content)


def locked(user):
    out = BytesIO()
    canvas = Canvas(
        out, pagesize=(612, 792), encrypt=StandardEncryption(user, "owner", strength=128)
    )
    canvas.drawString(100, 700, "PROGRESS NOTE harmless sample")
    canvas.save()
    return out.getvalue()


def pages(count, kids=b""):
    """Empty pages; with `kids` only those, whatever the count says."""
    listed = kids or b" ".join(b"%d 0 R" % (number + 3) for number in range(count))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (count, listed),
        *[b"<</Type/Page/Parent 2 0 R%s>>" % LETTER] * (1 if kids else count),
    ]
    return _file(objects)


def tree_in_a_circle():
    return _file(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Count 3/Kids[3 0 R]>>",
            b"<</Type/Pages/Parent 2 0 R/Count 3/Kids[2 0 R 3 0 R]>>",
        ]
    )


def without_places():
    """The table of places left out; a reader must look for the objects."""
    whole = pdf()
    return whole[: whole.find(b"xref\n")] + b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n0\n%%EOF\n"


def table_in_a_circle():
    whole = pdf()
    place = whole.find(b"xref\n")
    return whole.replace(b"/Root 1 0 R>>", b"/Root 1 0 R/Prev %d>>" % place)


def updated():
    """A second version appended behind the first one."""
    whole = pdf()
    start = len(whole)
    extra = b"4 0 obj\n%s\nendobj\n" % _stream(b"", SAYS)
    table = (
        b"xref\n4 1\n%010d 00000 n \ntrailer<</Size 5/Root 1 0 R/Prev %d>>\n"
        b"startxref\n%d\n%%%%EOF\n"
    )
    return whole + extra + table % (start, whole.find(b"xref\n"), start + len(extra))


def forms_upon_forms(depth=12, width=8):
    """Each form draws the next one several times: 8 to the power of 12 pictures in the end."""
    objects = [
        form(b"/G Do " * width, b"/XObject<</G %d 0 R>>" % (number + 6)) for number in range(depth)
    ]
    objects.append(form(b"0 0 612 792 re f"))
    return pdf(*objects, content=b"/G Do", resources=b"/XObject<</G 5 0 R>>")


def font_of_itself():
    """A letter of a drawn font that writes itself."""
    font = (
        b"<</Type/Font/Subtype/Type3/FontBBox[0 0 1000 1000]/FontMatrix[.001 0 0 .001 0 0]"
        b"/CharProcs<</a 6 0 R>>/Encoding<</Type/Encoding/Differences[97/a]>>/FirstChar 97"
        b"/LastChar 97/Widths[1000]/Resources<</Font<</T 5 0 R>>>>>>"
    )
    letter = _stream(b"", b"1000 0 0 0 1000 1000 d1 BT /T 900 Tf (a) Tj ET")
    page = LETTER + b"/Resources<</Font<</T 5 0 R/F %s>>>>" % HELVETICA
    return pdf(font, letter, content=SAYS + b"BT /T 40 Tf 72 500 Td (aaaa) Tj ET", page=page)


def endless_pattern():
    """A tile that is repeated every hundredth of a point."""
    tile = _stream(
        b"/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]/XStep .01/YStep .01"
        b"/Resources<<>>",
        b"0 0 1 1 re f",
    )
    content = b"/Pattern cs /P scn 0 0 612 792 re f"
    return pdf(tile, content=content, resources=b"/Pattern<</P 5 0 R>>")


def object_stream_bomb():
    """Objects packed in a stream that unpacks to 100 million bytes."""
    packed = zlib.compress(b" " * 100_000_000, 6)
    return pdf(_stream(b"/Type/ObjStm/N 1000000/First 10/Filter/FlateDecode", packed))


def content_bomb():
    return pdf(content=zlib.compress(b"q Q " * 40_000_000, 6), entries=b"/Filter/FlateDecode")


def many_filters():
    data = b" "
    for _ in range(200):
        data = zlib.compress(data)
    return pdf(content=data, entries=b"/Filter[%s]" % (b"/FlateDecode" * 200))


def picture_bomb(side=60_000, stored=100_000_000):
    """A picture of far more pixels than any page has, most of which are missing."""
    entries = b"/Type/XObject/Subtype/Image/Width %d/Height %d" % (side, side)
    entries += b"/BitsPerComponent 8/ColorSpace/DeviceGray/Filter/FlateDecode"
    return image_page(entries, zlib.compress(b"\xff" * stored, 6))


def inline_bomb():
    return pdf(
        content=b"q 612 0 0 792 0 0 cm BI /W 60000 /H 60000 /CS /G /BPC 8 /F /Fl ID "
        + zlib.compress(b"\xff" * 1_000_000, 9)
        + b" EI Q"
    )


def jbig2(image):
    """A JBIG2 picture of one region in MMR code (ITU-T T.88, 7.2, 7.4.6 and 7.4.8)."""
    _, fax = fax_picture(image)
    width, height = image.size
    page = struct.pack(">IIIIBH", width, height, 0, 0, 0, 0)
    region = struct.pack(">IIIIBB", width, height, 0, 0, 0, 1) + fax
    data = b"".join(
        struct.pack(">IBBBI", number, kind, 0, 1, len(body)) + body
        for number, kind, body in ((0, 48, page), (1, 38, region))
    )
    return jbig2_entries(image.size), data


def jbig2_entries(size):
    return (
        b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 1/ColorSpace/DeviceGray"
        b"/Filter/JBIG2Decode" % size
    )


def jpeg2000(data=None, size=None):
    image = sheet()
    entries = b"/Type/XObject/Subtype/Image/Width %d/Height %d/Filter/JPXDecode" % (
        size or image.size
    )
    return entries, encoded(image, "JPEG2000") if data is None else data


def fax_noise():
    entries, data = fax_picture(sheet().convert("1"))
    middle = len(data) // 2
    return entries, data[:middle] + bytes(byte ^ 0x5A for byte in data[middle : middle + 60])


def half_jpeg():
    entries, data = jpeg_picture(sheet())
    return entries, data[: len(data) // 2]


def garbage_text():
    shown = b"BT /F 9 Tf 10 780 Td " + b"(\x80\x81\x82\xff\x01) Tj 0 -11 Td " * 60 + b"ET"
    return pdf(content=shown)


def action(entries):
    return pdf(catalog=b"/OpenAction<</Type/Action%s>>" % entries)


def embedded_file():
    names = b"/Names<</EmbeddedFiles<</Names[(a.exe)5 0 R]>>>>"
    spec = b"<</Type/Filespec/F(a.exe)/EF<</F 6 0 R>>>>"
    return pdf(spec, _stream(b"/Type/EmbeddedFile", b"MZ" + b"\0" * 100), catalog=names)


def xfa():
    packet = b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'><template/></xdp:xdp>"
    form_ = b"/AcroForm<</Fields[]/XFA 5 0 R>>"
    return pdf(_stream(b"", packet), catalog=form_)


def outside_stream(path=b"/etc/passwd"):
    """A page whose content is said to lie in another file (ISO 32000-1, 7.3.8.2)."""
    return pdf(content=b"", entries=b"/F(%s)/FFilter[]" % path)


def endless(what):
    return pdf(catalog=b"/X " + what * 200_000)


def box(numbers):
    return pdf(page=b"/MediaBox[%s]" % numbers)


def zip_of(*names):
    import zipfile  # noqa: PLC0415 - here only

    out = BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name in names:
            packed.writestr(name, b"harmless")
    return out.getvalue()


def broken_kinds():
    whole = pdf()
    linear = b"%PDF-1.4\n1 0 obj<</Linearized 1/L 90000/H[1 2]>>endobj\n%%EOF\n" + b"x" * 500
    return [
        accepted("pdf.pdf", whole),
        refused("pdf magic only.pdf", b"%PDF-1.7\n", "incomplete_file"),
        refused("pdf cut at a tenth.pdf", whole[: len(whole) // 10], "incomplete_file"),
        refused("pdf cut at the half.pdf", whole[: len(whole) // 2], "incomplete_file"),
        refused("pdf cut at the end.pdf", whole[:-8], "incomplete_file"),
        refused("pdf linearized cut off.pdf", linear, "incomplete_file"),
        refused("pdf without objects.pdf", b"%PDF-1.4\nnothing\n%%EOF\n", "damaged_file"),
        refused("pdf of no pages.pdf", pages(0, b" "), "damaged_file"),
        refused("pdf of 5000 pages.pdf", pages(5000), "too_many_pages"),
        refused("pdf of 2 billion pages.pdf", pages(2_000_000_000, b"3 0 R"), "damaged_file"),
        accepted("pdf of 40 pages.pdf", pages(40), pages=40),
        refused("pdf says 5 has 1.pdf", pages(5, b"3 0 R"), "damaged_file"),
        accepted("pdf pages in a circle.pdf", tree_in_a_circle(), pages=3, failed=range(1, 4)),
        accepted("pdf without places.pdf", without_places()),
        accepted("pdf places in a circle.pdf", table_in_a_circle()),
        accepted("pdf updated.pdf", updated()),
        refused("pdf update cut off.pdf", updated()[:-8], "incomplete_file"),
        refused("pdf locked.pdf", locked("secret"), "encrypted_file"),
        accepted("pdf locked for changes.pdf", locked("")),
        accepted("pdf and zip.pdf", whole + zip_of("a.txt")),
        accepted("pdf behind a script.pdf", b"#!/bin/sh\nexit 1\n" + whole),
        accepted("jpeg and pdf.pdf", encoded(sheet(), "JPEG", comment=b"x") + whole),
        accepted("pdf garbage text.pdf", garbage_text()),
        accepted("pdf of brackets.pdf", endless(b"[")),
        accepted("pdf of dictionaries.pdf", endless(b"<</A ")),
        accepted("pdf length of itself.pdf", pdf(content=SAYS, entries=b"/Length 4 0 R")),
    ]


def page_kinds():
    return [
        accepted("pdf page of a point.pdf", box(b"0 0 1 1")),
        accepted("pdf page of 200 inches.pdf", box(b"0 0 14400 14400")),
        accepted("pdf page of a mile.pdf", box(b"0 0 4500000 4500000"), failed=[1]),
        accepted("pdf page of nan.pdf", box(b"0 0 nan inf")),
        accepted("pdf page of less than nothing.pdf", box(b"0 0 -612 -792")),
        accepted("pdf page of nothing.pdf", box(b"5 5 5 5")),
        accepted("pdf page without a box.pdf", pdf(page=b"")),
        accepted("pdf turned by 45.pdf", pdf(page=LETTER + b"/Rotate 45")),
        accepted("pdf unit of a million.pdf", pdf(page=LETTER + b"/UserUnit 1000000")),
        accepted("pdf jbig2.pdf", image_page(*jbig2(sheet().convert("1")))),
        accepted(
            "pdf jbig2 noise.pdf",
            image_page(jbig2_entries((420, 160)), b"\x97JB2" * 99),
            failed=[1],
        ),
        accepted("pdf jpeg 2000.pdf", image_page(*jpeg2000())),
        accepted(
            "pdf jpeg 2000 noise.pdf", image_page(*jpeg2000(b"\xff\x4f\xff\x51" * 99)), failed=[1]
        ),
        accepted("pdf fax noise.pdf", image_page(*fax_noise())),
        accepted("pdf half a jpeg.pdf", image_page(*half_jpeg())),
        accepted(
            "pdf form of itself.pdf",
            pdf(
                form(b"/I Do", b"/XObject<</I 5 0 R>>"),
                content=SAYS + b"/I Do",
                resources=b"/XObject<</I 5 0 R>>",
            ),
        ),
        accepted("pdf font of itself.pdf", font_of_itself()),
    ]


def bomb_kinds():
    return [
        accepted("pdf forms upon forms.pdf", forms_upon_forms(), failed=[1], slow=True),
        accepted("pdf endless pattern.pdf", endless_pattern(), failed=[1], slow=True),
        accepted("pdf object stream bomb.pdf", object_stream_bomb()),
        accepted("pdf content bomb.pdf", content_bomb(), failed=[1], slow=True),
        accepted("pdf of 200 filters.pdf", many_filters()),
        accepted("pdf picture bomb.pdf", picture_bomb(), failed=[1], slow=True),
        accepted("pdf inline bomb.pdf", inline_bomb(), failed=[1], slow=True),
    ]


def asking_kinds():
    script = b"/S/JavaScript/JS(app.launchURL\\('http://127.0.0.1:9/'\\);)"
    field = b"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/Rect[9 9 99 99]/AA<</F<<%s>>>>>>" % script
    return [
        accepted("pdf javascript.pdf", action(script)),
        accepted("pdf launch.pdf", action(b"/S/Launch/F(/bin/sh)/Win<</F(cmd.exe)>>")),
        accepted("pdf goes elsewhere.pdf", action(b"/S/GoToR/F(//127.0.0.1/share/a.pdf)/D[0/Fit]")),
        accepted("pdf link.pdf", action(b"/S/URI/URI(http://127.0.0.1:9/)")),
        accepted("pdf sends a form.pdf", action(b"/S/SubmitForm/F(http://127.0.0.1:9/)")),
        accepted(
            "pdf script in a field.pdf",
            pdf(field, page=LETTER + b"/Annots[5 0 R]", catalog=b"/AcroForm<</Fields[5 0 R]>>"),
        ),
        accepted("pdf embedded file.pdf", embedded_file()),
        accepted("pdf xfa.pdf", xfa()),
        accepted("pdf stream elsewhere.pdf", outside_stream(), failed=[1]),
    ]


def kinds():
    return [*broken_kinds(), *page_kinds(), *bomb_kinds(), *asking_kinds()]
