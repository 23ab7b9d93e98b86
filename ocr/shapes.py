"""The objects of a PDF page as pdfium hands them out, and whether one picture is all there is."""

import ctypes
from dataclasses import dataclass
from functools import cache
from typing import Any

MAX_OBJECTS = 20_000
MAX_DEPTH = 6
MAX_ANNOTATIONS = 1_000
MAX_CLIP_POINTS = 16
# Scanners round pages to whole points, on each side of the picture.
EDGE_POINTS = 2.0
# ISO 32000-1, table 106: 3 draws nothing, 4 to 7 clip what follows.
_INVISIBLE = 3
# Kinds of annotation that show nothing of their own (table 169): links and their pop-ups.
_UNSEEN_ANNOTATIONS = frozenset({2, 16})


@cache
def library() -> Any:  # noqa: ANN401 - bindings made from C headers have no types
    """The functions of pdfium itself, loaded with the first call."""
    import pypdfium2.raw  # noqa: PLC0415 - an extra

    return pypdfium2.raw


@dataclass(frozen=True, slots=True)
class Shape:
    """An object of a page: its kind, place in the order of painting, and if in a form XObject."""

    handle: Any
    kind: int
    place: int
    nested: bool


def shapes_of(page: Any) -> list[Shape] | None:  # noqa: ANN401
    """All objects in the order in which they are painted, those of form XObjects in their place.

    None with too many of them, or with an annotation that shows.
    """
    c = library()
    annotations = c.FPDFPage_GetAnnotCount(page)
    if annotations > MAX_ANNOTATIONS or not all(
        _is_unseen_annotation(page, at) for at in range(annotations)
    ):
        return None
    found: list[Shape] = []
    whole = _gather(found, page, c.FPDFPage_CountObjects, c.FPDFPage_GetObject, 0)
    return found if whole else None


def _gather(found: list[Shape], holder: Any, count: Any, get: Any, depth: int) -> bool:  # noqa: ANN401
    c = library()
    for at in range(max(0, count(holder))):
        handle = get(holder, at)
        if not handle or len(found) >= MAX_OBJECTS or depth >= MAX_DEPTH:
            return False
        kind = c.FPDFPageObj_GetType(handle)
        if kind != c.FPDF_PAGEOBJ_FORM:
            found.append(Shape(handle, kind, len(found), depth > 0))
        elif not _gather(
            found, handle, c.FPDFFormObj_CountObjects, c.FPDFFormObj_GetObject, depth + 1
        ):
            return False
    return True


def _is_unseen_annotation(page: Any, at: int) -> bool:  # noqa: ANN401
    c = library()
    annotation = c.FPDFPage_GetAnnot(page, at)
    if not annotation:
        return False
    try:
        return c.FPDFAnnot_GetSubtype(annotation) in _UNSEEN_ANNOTATIONS
    finally:
        c.FPDFPage_CloseAnnot(annotation)


def pictures_among(shapes: list[Shape]) -> list[Shape]:
    """Those that are pictures."""
    return [shape for shape in shapes if shape.kind == library().FPDF_PAGEOBJ_IMAGE]


def shows(shape: Shape) -> bool:
    """Whether it paints anything: not so text set invisible and paths without ink."""
    c = library()
    if shape.kind == c.FPDF_PAGEOBJ_TEXT:
        return bool(c.FPDFTextObj_GetTextRenderMode(shape.handle) != _INVISIBLE)
    if shape.kind == c.FPDF_PAGEOBJ_PATH:
        fill, stroke = ctypes.c_int(), c.FPDF_BOOL()
        known = c.FPDFPath_GetDrawMode(shape.handle, fill, stroke)
        return not known or bool(fill.value) or bool(stroke.value)
    return True


def full_page_picture(page: Any, shapes: list[Shape]) -> Shape | None:  # noqa: ANN401
    """The only picture, if it fills the page, unclipped and opaque as far as pdfium tells."""
    c = library()
    pictures = pictures_among(shapes)
    if len(pictures) != 1 or pictures[0].nested or any(map(_clips_by_text, shapes)):
        return None
    picture = pictures[0]
    matrix, box = _matrix(picture), _page_box(page)
    if matrix is None or box is None or c.FPDFPageObj_HasTransparency(picture.handle):
        return None
    a, b, across, d, left, bottom = matrix
    corners = [(left + x * a + y * across, bottom + x * b + y * d) for x in (0, 1) for y in (0, 1)]
    edges = _edges(corners)
    fills = all(abs(one - other) <= EDGE_POINTS for one, other in zip(edges, box, strict=True))
    return picture if fills and not _clips(picture, box) else None


def _clips_by_text(shape: Shape) -> bool:
    c = library()
    if shape.kind != c.FPDF_PAGEOBJ_TEXT:
        return False
    return bool(c.FPDFTextObj_GetTextRenderMode(shape.handle) > _INVISIBLE)


def _matrix(picture: Shape) -> tuple[float, float, float, float, float, float] | None:
    c = library()
    found = c.FS_MATRIX()
    if not c.FPDFPageObj_GetMatrix(picture.handle, found):
        return None
    return found.a, found.b, found.c, found.d, found.e, found.f


def _page_box(page: Any) -> tuple[float, float, float, float] | None:  # noqa: ANN401
    c = library()
    found = c.FS_RECTF()
    if not c.FPDF_GetPageBoundingBox(page, found):
        return None
    return found.left, found.bottom, found.right, found.top


def _edges(points: list[tuple[float, float]]) -> tuple[float, float, float, float]:
    across, up = [x for x, _ in points], [y for _, y in points]
    return min(across), min(up), max(across), max(up)


def _clips(picture: Shape, box: tuple[float, float, float, float]) -> bool:
    """Whether the picture's clip path may hide a part of the page."""
    c = library()
    clip = c.FPDFPageObj_GetClipPath(picture.handle)
    paths = c.FPDFClipPath_CountPaths(clip) if clip else 0
    return paths > MAX_CLIP_POINTS or any(
        not _is_frame(_clip_points(clip, at), box) for at in range(max(0, paths))
    )


def _clip_points(clip: Any, at: int) -> list[tuple[float, float]]:  # noqa: ANN401
    c = library()
    points: list[tuple[float, float]] = []
    for number in range(min(MAX_CLIP_POINTS, c.FPDFClipPath_CountPathSegments(clip, at))):
        segment = c.FPDFClipPath_GetPathSegment(clip, at, number)
        x, y = ctypes.c_float(), ctypes.c_float()
        if c.FPDFPathSegment_GetPoint(segment, x, y):
            points.append((x.value, y.value))
    return points


def _is_frame(points: list[tuple[float, float]], box: tuple[float, float, float, float]) -> bool:
    """Whether `points` are those of an upright rectangle around the page."""
    if not 4 <= len(points) <= 5:
        return False
    left, bottom, right, top = _edges(points)
    corners = {(x, y) for x in (left, right) for y in (bottom, top)}
    around = max(left - box[0], bottom - box[1], box[2] - right, box[3] - top) <= EDGE_POINTS
    return corners == set(points) and around


def directions(page: Any, picture: Shape) -> tuple[tuple[int, int], tuple[int, int]]:  # noqa: ANN401
    """Where the picture's rows run and its lines follow on the page as shown, y downwards.

    A picture that stands askew gives directions that nobody has.
    """
    a, b, c, d, *_ = _matrix(picture) or (0, 0, 0, 0)
    rows, lines = _upright(a, -b), _upright(-c, d)
    for _ in range(page.get_rotation() // 90):
        rows, lines = (-rows[1], rows[0]), (-lines[1], lines[0])
    return rows, lines


def _upright(across: float, down: float) -> tuple[int, int]:
    # Less than a point over the length of a page is the writer's rounding.
    x, y = round(across) if abs(across) >= 1 else 0, round(down) if abs(down) >= 1 else 0
    return (x > 0) - (x < 0), (y > 0) - (y < 0)
