"""How many pixels an inch a stored page has: tags in doubt, faxes that say nothing."""

from math import isfinite, log

from PIL import Image

# Resolutions outside these are slips of the writing program, such as 1 for a ratio without a unit.
# A choice: what is written in earnest goes from 72 (screens) to 1,200 (scanners), so from 2 to 72
# and from 1,200 on nothing changes. Whether a page would be of a paper's size is asked in enhance.
MIN_DPI, MAX_DPI = 50, 2400
# ITU-T T.4: pixels a line on A4/letter, B4 and A3 at 204 dpi; lines an inch in its three modes.
FAX_WIDTHS = frozenset({1728, 2048, 2432})
FAX_DPI = 204
FAX_LINES_PER_INCH = (98, 196, 391)
# Believable tags of a fax, across and down. ITU-T T.4 has 204 and 408 pixels by 98, 196 or 391
# lines an inch, fax servers also write 200 to 400 by 100 to 400. The room beside is a choice.
FAX_TAGS_ACROSS, FAX_TAGS_DOWN = (150, 450), (90, 450)
# Tags alike across and down tell no mode. The modes' own ratios are 2.08, 1.04 and 0.52: limits
# from 0.53 to 1 and from 1 to 2 part them.
SQUARE_TAGS = (0.9, 1.1)
# Letter paper. The modes are a factor of two apart, so that paper of 7.8 to 15.5 inches (also A4
# and legal) leads to the right one.
PAPER_INCHES = 11
# Of the fax modes 408 x 98 is the least square; tags further apart are slips.
MAX_DPI_RATIO = 4.2


def stored_dpi(image: Image.Image) -> tuple[float, float]:
    """Pixels an inch of a stored page as shown, x and y; 0 where nothing believable is said."""
    x_dpi, y_dpi = _tagged(image)
    if image.getexif().get(274, 1) in (5, 6, 7, 8):
        x_dpi, y_dpi = y_dpi, x_dpi
    # Only bilevel: screens are 1,728 pixels wide too.
    if image.mode == "1" and image.width in FAX_WIDTHS:
        return fax_dpi(image.height, x_dpi, y_dpi)
    lower, higher = sorted((x_dpi, y_dpi))
    if lower < MIN_DPI or higher > MAX_DPI or higher > lower * MAX_DPI_RATIO:
        return 0.0, 0.0
    return x_dpi, y_dpi


def _tagged(image: Image.Image) -> tuple[float, float]:
    try:
        x_dpi, y_dpi = image.info.get("dpi") or image.info.get("resolution") or (0, 0)
        pair = float(x_dpi), float(y_dpi)
    except (TypeError, ValueError, ZeroDivisionError):
        return 0.0, 0.0
    return pair if all(isfinite(dpi) and dpi > 0 for dpi in pair) else (0.0, 0.0)


def fax_dpi(height: int, x_dpi: float, y_dpi: float) -> tuple[float, float]:
    """Pixels an inch of a page of fax width and `height` lines, tags in doubt.

    Believable tags stand; else their ratio says the mode (a centimetre taken for an inch keeps it);
    else the mode whose paper is nearest to 11 inches long.
    """
    if _within(x_dpi, FAX_TAGS_ACROSS) and _within(y_dpi, FAX_TAGS_DOWN):
        return x_dpi, y_dpi
    modes = FAX_LINES_PER_INCH
    if x_dpi and y_dpi and not SQUARE_TAGS[0] < x_dpi / y_dpi < SQUARE_TAGS[1]:
        return FAX_DPI, min(modes, key=lambda lines: abs(log(FAX_DPI / lines * y_dpi / x_dpi)))
    return FAX_DPI, min(modes, key=lambda lines: abs(log(height / lines / PAPER_INCHES)))


def _within(dpi: float, believable: tuple[int, int]) -> bool:
    return believable[0] <= dpi <= believable[1]
