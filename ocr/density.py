"""How many pixels an inch a stored page has: tags in doubt, faxes that say nothing."""

from math import isfinite, log

from PIL import Image

# Resolutions outside these are slips of the writing program.
MIN_DPI, MAX_DPI = 50, 2400
# ITU-T T.4: pixels a line on A4/letter, B4 and A3 at 204 dpi; lines an inch in its three modes.
FAX_WIDTHS = frozenset({1728, 2048, 2432})
FAX_DPI = 204
FAX_LINES_PER_INCH = (98, 196, 391)
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
    if min(x_dpi, y_dpi) >= 90 and 150 <= x_dpi <= 450 and y_dpi <= 450:
        return x_dpi, y_dpi
    modes = FAX_LINES_PER_INCH
    if x_dpi and y_dpi and not 0.9 < x_dpi / y_dpi < 1.1:
        return FAX_DPI, min(modes, key=lambda lines: abs(log(FAX_DPI / lines * y_dpi / x_dpi)))
    return FAX_DPI, min(modes, key=lambda lines: abs(log(height / lines / PAPER_INCHES)))
