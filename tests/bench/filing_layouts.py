"""How senders lay out letterheads and who the patient is; each layout draws labelled fields.

A layout takes a sheet, the fields (label and value, already as written), the sender and where to
begin, and returns where it ended. All places are points.
"""

from collections.abc import Callable, Sequence

from filing_senders import Sender
from filing_sheet import WIDTH, Mark, Sheet, width_of

Field = tuple[str, str]
Fields = Sequence[Field]
LEFT, RIGHT = 48.0, WIDTH - 48.0
TOP, BOTTOM = 60.0, 712.0
FOOT = 752.0
GAP = 4.0


def put(
    sheet: Sheet, x: float, y: float, text: str, font: str, size: float, *, block: int = 0
) -> float:
    """Write text and return where it ends; nothing for empty text."""
    if not text:
        return x
    mark = Mark(x, y, text, size, font, block)
    sheet.marks.append(mark)
    return mark.right


def pair(sheet: Sheet, x: float, y: float, field: Field, sender: Sender, block: int = 0) -> float:
    """A label in bold and its value after it; returns where the value ends."""
    label, value = field
    size = sender.size
    end = put(sheet, x, y, label, f"{sender.font}-bold", size, block=block)
    return put(sheet, end + (GAP if label else 0), y, value, sender.font, size, block=block)


def letterhead(sheet: Sheet, sender: Sender, *, centred: bool) -> float:
    """The sender's name and address at the top; returns the next base line."""
    bold = f"{sender.font}-bold"
    lines = ((sender.name, bold, 15.0), (address_of(sender), sender.font, 8.5))
    y = TOP - 8
    for text, font, size in lines:
        x = (WIDTH - width_of(text, font, size)) / 2 if centred else LEFT
        put(sheet, x, y, text, font, size)
        y += size + 3
    if sender.layout in ("table", "boxed", "columns"):
        sheet.rules.append((LEFT, y - 6, RIGHT, y - 6))
    return y + 12


def address_of(sender: Sender) -> str:
    """Street, telephone and fax of a sender, invented from its name."""
    number = sum(map(ord, sender.name)) % 900 + 10
    phone = f"Tel 555-01{number % 90 + 10}   Fax 555-0141"
    return f"{number} Placeholder Avenue, Sampleton, ZZ 00000   {phone}"


def table(sheet: Sheet, fields: Fields, sender: Sender, y: float) -> float:
    """A ruled grid of two fields a row, label and value side by side."""
    return _grid(sheet, fields, sender, y, columns=2)


def _grid(sheet: Sheet, fields: Fields, sender: Sender, y: float, columns: int) -> float:
    wide, high = (RIGHT - LEFT) / columns, sender.size + 9
    for number, field in enumerate(fields):
        row, column = divmod(number, columns)
        left, top = LEFT + column * wide, y + row * high
        sheet.box(left, top, left + wide, top + high)
        pair(sheet, left + 4, top + high - 6, field, sender)
    return y + (len(fields) + columns - 1) // columns * high + 16


def columns(sheet: Sheet, fields: Fields, sender: Sender, y: float) -> float:
    """Two columns, the values on a tab stop."""
    half = (len(fields) + 1) // 2
    high = sender.size + 4
    for side, part in enumerate((fields[:half], fields[half:])):
        left = LEFT + side * (RIGHT - LEFT) / 2
        labels = [width_of(label, f"{sender.font}-bold", sender.size) for label, _ in part]
        tab = max([60.0, *labels]) + 10
        for row, (label, value) in enumerate(part):
            line = y + row * high
            put(sheet, left, line, label, f"{sender.font}-bold", sender.size, block=side)
            put(sheet, left + tab, line, value, sender.font, sender.size, block=side)
    return y + half * high + 12


def boxed(sheet: Sheet, fields: Fields, sender: Sender, y: float) -> float:
    """Boxes with a small label in the upper corner and the value beneath."""
    wide, high = (RIGHT - LEFT) / 3, 27.0
    for number, (label, value) in enumerate(fields):
        row, column = divmod(number, 3)
        left, top = LEFT + column * wide, y + row * high
        sheet.box(left, top, left + wide, top + high)
        put(sheet, left + 3, top + 8, label, sender.font, 6.5, block=column)
        put(sheet, left + 5, top + 21, value, f"{sender.font}-bold", sender.size, block=column)
    return y + (len(fields) + 2) // 3 * high + 16


def dense(sheet: Sheet, fields: Fields, sender: Sender, y: float) -> float:
    """Four narrow columns of labels, the values beneath, as electronic records print."""
    wide, high = (RIGHT - LEFT) / 4, 2 * sender.size + 7
    for number, (label, value) in enumerate(fields):
        row, column = divmod(number, 4)
        left, top = LEFT + column * wide, y + row * high
        put(sheet, left, top, label, f"{sender.font}-bold", sender.size - 1, block=column)
        put(sheet, left, top + sender.size + 1, value, sender.font, sender.size, block=column)
    return y + (len(fields) + 3) // 4 * high + 8


def sticker(sheet: Sheet, fields: Fields, sender: Sender, y: float) -> float:
    """An adhesive label at the upper right: the name without a label, then numbers, small."""
    return max(y, label_at(sheet, fields, sender, (RIGHT - 210, 30.0)) + 24)


def label_at(
    sheet: Sheet, fields: Fields, sender: Sender, corner: tuple[float, float], block: int = 7
) -> float:
    """An adhesive label with its upper left corner there; returns its lower edge."""
    left, top = corner
    (_, name), *rest = fields
    y = put_line(sheet, left, top + 13, name, f"{sender.font}-bold", 10.5, block=block)
    for at in range(0, len(rest), 2):
        text = "   ".join(f"{label} {value}".strip() for label, value in rest[at : at + 2])
        y = put_line(sheet, left, y, text, sender.font, 9, block=block)
    sheet.box(left - 6, top, left + 210, y - 4)
    return y


def put_line(
    sheet: Sheet, x: float, y: float, text: str, font: str, size: float, *, block: int = 0
) -> float:
    """Write a line and return the next base line."""
    put(sheet, x, y, text, font, size, block=block)
    return y + size + 3


def banner(sheet: Sheet, fields: Fields, sender: Sender, y: float) -> float:
    """Everything on one or two lines, separated by bars."""
    (_, name), *rest = fields
    parts = [name, *(f"{label}: {value}".replace("::", ":") for label, value in rest)]
    line, x = y, LEFT
    for number, part in enumerate(parts):
        text = part if number == 0 else f"| {part}"
        font = f"{sender.font}-bold" if number == 0 else sender.font
        if x + width_of(text, font, sender.size) > RIGHT:
            line, x = line + sender.size + 4, LEFT
        x = put(sheet, x, line, text, font, sender.size) + 7
    sheet.rules.append((LEFT, line + 4, RIGHT, line + 4))
    return line + sender.size + 14


def footer(sheet: Sheet, fields: Fields, sender: Sender, y: float) -> float:
    """At the foot of the page only, in two small lines."""
    half = (len(fields) + 1) // 2
    for row, part in enumerate((fields[:half], fields[half:])):
        x = LEFT
        for field in part:
            x = pair(sheet, x, FOOT - 22 + row * 12, field, sender, 9) + 22
    return y


def letter(sheet: Sheet, fields: Fields, sender: Sender, y: float) -> float:
    """A block of lines as beneath the address of a letter."""
    for field in fields:
        pair(sheet, LEFT + 28, y, field, sender)
        y += sender.size + 4
    return y + 12


def typewriter(sheet: Sheet, fields: Fields, sender: Sender, y: float) -> float:
    """Labels with dots up to a colon, two a row, as old printers wrote."""
    for at in range(0, len(fields), 2):
        for side, (label, value) in enumerate(fields[at : at + 2]):
            text = f"{label[:22].rstrip(':'):.<14}: {value}"
            put(sheet, LEFT + side * 275, y, text, sender.font, sender.size)
        y += sender.size + 3
    return y + 10


def form(sheet: Sheet, fields: Fields, sender: Sender, y: float) -> float:
    """Labels and values written on ruled lines, as many as fit on a line."""
    x = LEFT
    for label, value in fields:
        need = width_of(f"{label} {value}", f"{sender.font}-bold", sender.size) + 60
        if x > LEFT and x + need > RIGHT:
            x, y = LEFT, y + sender.size + 10
        end = put(sheet, x, y, f"{label}:".replace("::", ":"), sender.font, sender.size)
        put(sheet, end + 12, y, value, sender.font, sender.size + 1)
        x = min(x + need, RIGHT)
        sheet.rules.append((end + 2, y + 2, x - 8, y + 2))
    return y + sender.size + 18


LAYOUTS: dict[str, Callable[[Sheet, Fields, Sender, float], float]] = {
    "table": table,
    "columns": columns,
    "boxed": boxed,
    "dense": dense,
    "sticker": sticker,
    "banner": banner,
    "footer": footer,
    "letter": letter,
    "typewriter": typewriter,
    "form": form,
}
