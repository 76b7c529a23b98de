"""Keep the rest: an edit beside its source, and the parts of it that are to stay."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from studio import embedding
from studio.forms.edits import keep as keeping
from studio.forms.files.at_hand import Trouble
from studio.models import Comparison, Picture
from studio.views.media import hand_out
from studio.views.permissions import makers_only
from studio.views.pictures import gone_meanwhile
from studio.views.request import HtmxRequest, viewer

AGAIN = "2"  # seconds until a page that could not be worked out asks once more
LEAST_CROP = 48  # pixels around a small region, so that it is recognized
# By where the middle lies, in thirds: down, then across.
PLACES = (("Top left", "Top", "Top right"), ("Left", "Centre", "Right"), ("Bottom left", "Bottom", "Bottom right"))


@dataclass(frozen=True, slots=True)
class RegionRow:
    """A region as the page lists it; `crop` is a square around it, as an SVG viewBox."""

    number: int
    x: int
    y: int
    width: int
    height: int
    place: str
    crop: str
    is_taken: bool


@require_http_methods(["GET", "HEAD", "POST"])
@makers_only
def keep(request: HtmxRequest, code: uuid.UUID) -> HttpResponseBase:
    """Show what an edit changed, or save the kept parts as a new version."""
    edit, source = _pair(request, code)
    try:
        lying = keeping.compared(edit, source)
    except Trouble as trouble:
        return _refused(request, {"edit": edit, "source": source}, trouble)
    take = _posted(request.POST, lying) if request.method == "POST" else _asked(request.GET, lying)
    context = _context(edit, source, lying, take)
    if request.method != "POST":
        return render(request, "edits/keep.html", context)
    if request.POST.get("act") == "preview":
        query = "&".join(["show=preview", *(f"take={number}" for number in take)])
        return redirect(f"{reverse('studio:keep', args=[code])}?{query}")
    wanted = keeping.Wanted(request.FILES.get("mask"), take, request.POST.get("name", ""))
    try:
        kept = keeping.keep(edit, lying, wanted, viewer(request), timezone.now())
    except Trouble as trouble:
        return _refused(request, context | {"name": wanted.name}, trouble)
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": kept.get_absolute_url()})
    return redirect(kept)


@require_safe
def comparison_map(request: HttpRequest, code: uuid.UUID, content: str, which: str) -> HttpResponseBase:
    """Hand out a map of a comparison: "difference", or "numbers", which has the number of its region in each pixel."""
    seen = Picture.objects.visible_to(viewer(request))
    lying = get_object_or_404(Comparison, edit__in=seen.filter(code=code), source__in=seen)
    file = {"difference": lying.difference, "numbers": lying.numbers}.get(which, "")
    if content != lying.content[:12] or not file:
        raise Http404
    return hand_out(request, f"{content}-{which}", file, "image/png")


@require_safe
@makers_only
def preview(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Show what taking some regions gives, for a page without script."""
    edit, source = _pair(request, code)
    try:
        lying = keeping.compared(edit, source)
        take = _asked(request.GET, lying) or list(range(1, len(lying.regions) + 1))
        picture = keeping.preview(edit, lying, take)
    except Trouble as trouble:
        return HttpResponse(trouble.sentence, status=trouble.status, content_type="text/plain; charset=utf-8")
    picture = embedding.laid_into(picture, "webp", embedding.Note(Picture.SourceType.COMPOSITE))
    return HttpResponse(picture, content_type="image/webp", headers={"Cache-Control": "private, max-age=3600"})


def _pair(request: HttpRequest, code: uuid.UUID) -> tuple[Picture, Picture]:
    edit = get_object_or_404(Picture.objects.visible_to(viewer(request)).for_tiles(), code=code)
    source = keeping.source_of(edit, viewer(request))
    if source is None:
        raise Http404
    return edit, source


def _refused(request: HtmxRequest, context: dict[str, Any], trouble: Trouble) -> HttpResponse:
    """Say why not: to the script as plain words, which keeps its mask, else on the page."""
    if request.htmx:
        return HttpResponse(trouble.sentence, status=trouble.status, content_type="text/plain; charset=utf-8")
    answer = render(request, "edits/keep.html", context | {"trouble": trouble.sentence, "page": "pictures"})
    answer.status_code = trouble.status
    if request.method != "POST" and trouble.status == 503:
        answer["Refresh"] = AGAIN
    return answer


def _asked(query: QueryDict, lying: Comparison) -> list[int]:
    """Read which regions an address takes: all of them where it says nothing, none of a change all over."""
    if "take" not in query and "show" not in query:
        return [] if lying.verdict == Comparison.Verdict.EVERYWHERE else list(range(1, len(lying.regions) + 1))
    numbers = {int(text) for text in query.getlist("take") if text.isascii() and text.isdecimal() and len(text) < 4}
    return sorted(number for number in numbers if 1 <= number <= len(lying.regions))


def _posted(form: QueryDict, lying: Comparison) -> list[int]:
    return [number for number in range(1, len(lying.regions) + 1) if form.get(f"region-{number}") == "take"]


def _context(edit: Picture, source: Picture, lying: Comparison, take: Sequence[int]) -> dict[str, Any]:
    return {
        "edit": edit,
        "source": source,
        "lying": lying,
        "content": lying.content[:12],
        "regions": list(_rows(lying, source, take)),
        "take": take,
        "blocked": keeping.blocked(lying),
        "can_keep": not keeping.blocked(lying) and lying.verdict != Comparison.Verdict.SAME,
        "moved": moved_words(lying.dx, lying.dy),
        "lines_up": lying.lining >= keeping.FULL_LINING,
        "is_scaled": (edit.width, edit.height) != (source.width, source.height),
        "page": "pictures",
        **gone_meanwhile.ask(edit, source),
    }


def _rows(lying: Comparison, source: Picture, take: Sequence[int]) -> Iterator[RegionRow]:
    for number, region in enumerate(lying.regions, 1):
        x, y, width, height = (region[key] for key in ("x", "y", "width", "height"))
        side = round(max(width, height, LEAST_CROP) * 1.15)
        left, top = x + (width - side) // 2, y + (height - side) // 2
        down, across = 3 * (2 * y + height) // (2 * source.height), 3 * (2 * x + width) // (2 * source.width)
        everywhere = lying.verdict == Comparison.Verdict.EVERYWHERE
        yield RegionRow(
            number,
            x,
            y,
            width,
            height,
            place="The whole picture" if everywhere else PLACES[min(2, down)][min(2, across)],
            crop=f"{left} {top} {side} {side}",
            is_taken=number in take,
        )


def moved_words(dx: int, dy: int) -> str:
    """Say by how much an edit was moved back: "3 px left, 1 px up"."""
    parts = [f"{abs(by)} px {words[by > 0]}" for by, words in ((dx, ("left", "right")), (dy, ("up", "down"))) if by]
    return ", ".join(parts)
