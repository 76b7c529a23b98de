"""Two to four pictures beside or over each other, and what differs in how they were made."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from studio.codes import read_code
from studio.configuration.base_path import within
from studio.models import Comparison, Picture
from studio.models.pictures.layers import Stack, load_stacks
from studio.models.requests.input import load_inputs
from studio.ratios import ratio_class
from studio.text.names import isolated
from studio.views import formatting
from studio.views.boards.board_list import PAGE as BOARD
from studio.views.pictures import gone_meanwhile
from studio.views.pictures.differences import LETTERS, Differences, kind_of
from studio.views.pictures.opinions import VERDICTS
from studio.views.request import page_before, viewer

MOST = len(LETTERS)
WAYS = ("slider", "side", "flip", "difference")
SQUARISH = 1.12  # four pictures narrower than this are larger in one row than in two
SAME_SHAPE = 0.02  # of a ratio: Luma's own pictures of one ratio differ by less


@dataclass(frozen=True, slots=True)
class Side:
    """One of the pictures; A is the oldest."""

    letter: str
    picture: Picture
    word: str

    @property
    def stack(self) -> Stack | None:
        return self.picture.__dict__.get("stack")

    @property
    def who(self) -> str:
        return f"{isolated(self.picture.person.name)}, {formatting.moment(self.picture.created_at)}"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing is compared, and where to go on: a link and its words."""

    sentence: str
    advice: str
    url: str
    word: str
    status: int


@dataclass(frozen=True, slots=True)
class Back:
    url: str
    word: str


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Show the pictures that the address names, or say why they can't be compared."""
    asked = list(dict.fromkeys(request.GET.getlist("picture")))
    keys = {code: key for code in asked if (key := read_code(code))}
    seen = Picture.objects.visible_to(viewer(request)).for_tiles()
    found = seen.select_related("job__submission__look__look", "person").filter(code__in=list(keys.values())[:MOST])
    pictures = sorted(found, key=lambda one: (one.created_at, one.pk)) if 1 <= len(asked) <= MOST else []
    refusal = _refusal(asked, pictures, is_doubled=len(request.GET.getlist("picture")) > len(asked))
    if refusal:
        context = {"refusal": refusal, "back": _back(request, pictures), "page": "picture"}
        return render(request, "pictures/compare.html", context, status=refusal.status)
    load_inputs(one.job.submission for one in pictures if one.job)
    for one in pictures:
        if one.job:
            one.job.submission.leave_out_hidden(viewer(request))
    load_stacks(pictures)
    sides = _sides(pictures)
    is_swapped = request.GET.get("swap") == "on"
    width, height = box_of(pictures)
    way = request.GET.get("way", "")
    codes = [one.code for one in pictures]
    context = {
        "sides": sides[::-1] if is_swapped else sides,
        "differences": Differences.of(pictures, viewer(request)),
        "ways": len(pictures) == 2,
        "way": (way if way in WAYS else "slider") if len(pictures) == 2 else "side",
        "width": width,
        "height": height,
        "ratio_class": ratio_class(width, height),
        "in_a_row": len(pictures) < 4 or width < SQUARISH * height,
        "map": _map(pictures),
        "swap": address(codes, way=way, swap="" if is_swapped else "on"),
        "back": _back(request, pictures),
        "verdicts": VERDICTS[1:],
        "page": "pictures",
        **gone_meanwhile.ask(*pictures),
    }
    return render(request, "pictures/compare.html", context)


def address(codes: Sequence[uuid.UUID | str], **more: str) -> str:
    """Return the address that compares these pictures."""
    query = [("picture", str(code)) for code in codes] + [(name, value) for name, value in more.items() if value]
    return f"{reverse('studio:compare')}?{urlencode(query)}"


def _refusal(asked: Sequence[str], found: Sequence[Picture], *, is_doubled: bool) -> Refusal | None:
    select, word = f"{reverse('studio:gallery')}?select=on", "Choose in the gallery"
    if len(asked) > MOST:
        sentence = f"You chose {len(asked)} pictures; up to four can be compared."
        codes = [code for code in asked if read_code(code)][:MOST]
        first = (address(codes), "Compare the first four") if len(codes) == MOST else (select, word)
        return Refusal(sentence, "Compare fewer at once.", *first, status=400)
    if len(found) < len(asked):
        sentence = (
            "There's no such picture."
            if len(asked) == 1
            else "Some of these pictures don't exist, or you can't see them."
        )
        if len(found) > 1:
            return Refusal(sentence, "", address([one.code for one in found]), "Compare the others", status=404)
        return Refusal(sentence, "Choose two to four others.", select, word, status=404)
    if len(asked) == 1:
        sentence = "You chose the same picture twice." if is_doubled else "You chose one picture."
        return Refusal(sentence, "Comparing takes two to four.", select, word, status=400)
    if not asked:
        return Refusal("Choose two to four pictures to compare.", "", select, word, status=400)
    return None


def _sides(pictures: Sequence[Picture]) -> list[Side]:
    sources = {one.job.submission.source.pk for one in pictures if one.job and one.job.submission.source}
    return [
        Side(letter, one, "Source" if one.pk in sources else kind_of(one, in_layer="Layer"))
        for letter, one in zip(LETTERS, pictures, strict=False)
    ]


def box_of(pictures: Sequence[Picture]) -> tuple[int, int]:
    """Return a width and height that all pictures are fitted into: their own where they have one shape, else between."""
    shapes = [_shape(one) for one in pictures]
    ratios = [width / height for width, height in shapes]
    if max(ratios) / min(ratios) <= 1 + SAME_SHAPE:
        return max(shapes)
    side = max(max(shape) for shape in shapes)
    ratio = min(5.0, max(0.2, sqrt(max(ratios) * min(ratios))))
    return (side, round(side / ratio)) if ratio >= 1 else (round(side * ratio), side)


def _shape(picture: Picture) -> tuple[int, int]:
    stack: Stack | None = picture.__dict__.get("stack")
    return (stack.width, stack.height) if stack else (picture.width, picture.height)


def _map(pictures: Sequence[Picture]) -> str:
    """Return the address of a difference that was worked out for these two, as edit and source; "" where none was."""
    if len(pictures) != 2:
        return ""
    keys = [one.pk for one in pictures]
    known = Comparison.objects.filter(edit__in=keys, source__in=keys).exclude(difference="").select_related("edit")
    lying = known.first()
    if lying is None:
        return ""
    return reverse("studio:comparison_map", args=[lying.edit.code, lying.content[:12], "difference"])


def _back(request: HttpRequest, pictures: Sequence[Picture]) -> Back:
    """Lead back to the page of Studio that asked, else to the newest of the pictures, else to the gallery."""
    page = page_before(request)
    url = f"{page.path}?{page.query}" if page.query else page.path
    if within(page.path).startswith("/pictures/"):
        return Back(url, "Family" if page.path.endswith("/family/") else "Picture")
    if page.path == reverse("studio:gallery"):
        return Back(url, "Gallery")
    if BOARD.fullmatch(within(page.path)):
        return Back(url, "Board")
    if pictures:
        return Back(pictures[-1].get_absolute_url(), "Picture")
    return Back(reverse("studio:gallery"), "Gallery")
