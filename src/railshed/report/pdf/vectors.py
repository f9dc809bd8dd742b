"""Maps on the pages of a PDF as vectors: a page that matplotlib drew becomes a form on a page that
reportlab set.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from reportlab.platypus import Flowable

from railshed.show.blocks import Picture

#: a line that adds a point or a curve to a path
_STEP = re.compile(rb"^[-\d. ]+ [mlc]$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Placed:
    """A picture, and where its lower left corner lies, in points."""

    picture: Picture = field(repr=False)
    #: of the page that it is put on, from 0
    page_idx: int
    x: float
    y: float
    scale: float


class Space(Flowable):  # type: ignore[misc]
    """The space of a picture; when it is set, its place is added to `placed`."""

    def __init__(self, picture: Picture, scale: float, placed: list[Placed]) -> None:
        super().__init__()
        self.hAlign = "CENTER"
        self.width = picture.width * scale
        self.height = picture.height * scale
        self.picture = picture
        self.scale = scale
        self.placed = placed

    def draw(self) -> None:
        """Note where the picture belongs."""
        canvas: Any = self.canv
        x, y = canvas.absolutePosition(0, 0)
        self.placed.append(Placed(self.picture, canvas.getPageNumber() - 1, x, y, self.scale))


def with_pictures(data: bytes, placed: Sequence[Placed]) -> bytes:
    """Return the PDF with the pictures on its pages; fonts, outline and bytes of all else do not
    change.
    """
    if not placed:
        return data
    from pypdf import PdfWriter

    writer = PdfWriter(clone_from=io.BytesIO(data))
    out = io.BytesIO()
    forms: dict[int, Any] = {}  # a picture on two pages is one form
    for k, one in enumerate(placed):
        if id(one.picture) not in forms:
            forms[id(one.picture)] = writer._add_object(_form_of(writer, one.picture.pdf))
        _put(writer, one, f"/Picture{k}", forms[id(one.picture)])
    writer.write(out)
    return out.getvalue()


def _put(writer: Any, picture: Placed, name: str, form: Any) -> None:
    """Add a picture to its page: its form, and the operators that draw it before what the page
    holds.
    """
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    page = writer.pages[picture.page_idx]
    drawing = DecodedStreamObject()
    place = f"{picture.scale:.6f} 0 0 {picture.scale:.6f} {picture.x:.3f} {picture.y:.3f}"
    drawing.set_data(
        f"q {place} cm {name} Do Q\n".encode("ascii") + page["/Contents"].get_object().get_data()
    )
    page[NameObject("/Contents")] = writer._add_object(drawing.flate_encode())
    resources = page["/Resources"].get_object()
    forms = resources.get("/XObject", DictionaryObject()).get_object()
    # pages share what they draw with: each picture has a name of its own
    forms[NameObject(name)] = form
    resources[NameObject("/XObject")] = forms


def _form_of(writer: Any, pdf: bytes) -> Any:
    """Return the first page of a PDF as a form, its fonts and all else it needs in the writer's
    file.
    """
    from pypdf import PdfReader
    from pypdf.generic import DecodedStreamObject, NameObject, NumberObject

    drawn: Any = PdfReader(io.BytesIO(pdf)).pages[0]
    content = DecodedStreamObject()
    content.set_data(_STEP.sub(_rounded, drawn["/Contents"].get_object().get_data()))
    form = content.flate_encode()
    form[NameObject("/Type")] = NameObject("/XObject")
    form[NameObject("/Subtype")] = NameObject("/Form")
    form[NameObject("/FormType")] = NumberObject(1)
    form[NameObject("/BBox")] = drawn["/MediaBox"].get_object().clone(writer)
    for key in ("/Resources", "/Group"):
        if key in drawn:
            form[NameObject(key)] = drawn[key].get_object().clone(writer)
    return form


def _rounded(step: re.Match[bytes]) -> bytes:
    """Return a step of a path to the hundredth of a point: a third of the bytes less."""
    *numbers, operator = step.group().split()
    return b" ".join([*(b"%g" % round(float(number), 2) for number in numbers), operator])
