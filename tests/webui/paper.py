"""Pages drawn with known words at known places, so that no reading is needed to test showing."""

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from chartkeeper.ocr.page import Box, Page, PageKind, TextSource, Word

WIDTH, HEIGHT, DPI = 850, 1100, 100
LEFT, TOP, LINE_HEIGHT, SPACE = 70, 60, 26, 6


def drawn(number, *lines, kind=PageKind.CONTENT):
    """A page with these lines of text, as the reading room would hand it on."""
    words = []
    for row, line in enumerate(lines):
        left, top = LEFT, TOP + row * LINE_HEIGHT
        for text in line.split():
            width = int(font().getlength(text))
            words.append(Word(text, Box(left, top, width, 18), 0.96, row))
            left += width + SPACE
    return Page(number, WIDTH, HEIGHT, DPI, 0, kind, TextSource.OCR, tuple(words))


def picture(page):
    image = Image.new("L", (page.width, page.height), 255)
    pen = ImageDraw.Draw(image)
    for word in page.words:
        pen.text((word.box.left, word.box.top), word.text, font=font(), fill=20)
    return image


def file_of(pages, form):
    """The bytes of a file with these pages: "tiff", "pdf", "png" or "jpeg"."""
    first, *rest = [picture(page) for page in pages]
    out = BytesIO()
    several = {"save_all": True, "append_images": rest} if form in {"tiff", "pdf"} else {}
    first.save(
        out,
        form.upper(),
        dpi=(DPI, DPI),
        **({"resolution": DPI} if form == "pdf" else {}),
        **several,
    )
    return out.getvalue()


def find(page, text):
    """The box of a word on the page."""
    return next(word.box for word in page.words if word.text == text)


def font():
    return ImageFont.load_default(size=17)
