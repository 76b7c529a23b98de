"""Stars, ratings, decisions and tags: of one picture, and of many that are chosen in the gallery."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, When
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST, require_safe

from studio.codes import read_code
from studio.models import Decision, Picture, PictureTag, Rating, Star, Tag, User
from studio.models.opinions.opinion import BEST
from studio.models.opinions.tag import COMMAS, TagsRefused
from studio.models.sql.compiled_query import KEY, CompiledQuery
from studio.text.search_text import LONGEST_WORD
from studio.views import typed as kept
from studio.views.gallery.tiles import TileLinks
from studio.views.permissions import makers_only, onward
from studio.views.request import HtmxRequest, viewer

LONGEST_TYPED = 2_000  # characters of a field for tags
MOST_OFFERED = 8
FORM = "tags {}"
VERDICTS = (
    (Decision.Verdict.CANDIDATE, "Candidate", "circle-dashed", ""),
    (Decision.Verdict.APPROVED, "Approve", "check", "y"),
    (Decision.Verdict.REJECTED, "Reject", "ban", "u"),
)


STARS = CompiledQuery(
    lambda picture, person: (
        Star.objects.filter(picture=picture)
        .select_related("person")
        .order_by(Case(When(person=person, then=0), default=1), "pk")[: MOST_OFFERED + 1]
    ),
    KEY,
    KEY,
)
TAGS = CompiledQuery(
    lambda picture: PictureTag.objects.filter(picture=picture).select_related("tag", "person").order_by("pk"), KEY
)


def of(picture: Picture, person: User) -> dict[str, Any]:
    """What the section of a picture shows. A fixed number of queries."""
    stars = STARS(picture.pk, person.pk)
    others = [star.person.name for star in stars if star.person_id != person.pk]
    return {
        "is_starred": len(others) < len(stars),
        "starred_by": others[:MOST_OFFERED],
        "rating": Rating.newest(picture),
        "values": range(1, BEST + 1),
        "decision": Decision.newest(picture) if picture.decision else None,
        "verdicts": VERDICTS,
        "tags": TAGS(picture.pk),
    }


def update(request: HttpRequest) -> str:
    """Return what others think of the picture by now, for the pulse of its page; "" where it is gone."""
    code = read_code(request.GET.get("code", ""))
    if code is None:
        return ""
    picture = Picture.objects.visible_to(viewer(request)).filter(code=code).first()
    if picture is None:
        return ""
    context = {"picture": picture, "opinions": of(picture, viewer(request))}
    return render_to_string("pictures/_opinions.html#now", context, request)


@require_POST
def star(request: HtmxRequest, code: uuid.UUID) -> HttpResponse:
    """Star a picture for oneself, or take the star away (state=off)."""
    picture = _picture(request, code)
    change = Star.take if request.POST.get("state") == "off" else Star.put
    change(picture, viewer(request))
    if request.htmx and "tile" in request.GET:
        Star.load([picture], viewer(request))
        return render(request, "gallery/_star.html", {"print": TileLinks.of(picture, picture.person.name)})
    return _answer(request, picture)


@require_POST
@makers_only
def rate(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Rate a picture 1 to 5; 0 takes the rating back."""
    picture, value = _picture(request, code), request.POST.get("value", "")
    if value not in {str(one) for one in range(BEST + 1)}:
        return HttpResponseBadRequest(f"Rate from 0 to {BEST}.")
    Rating.give(picture, int(value), by=viewer(request), seen=request.POST.get("seen"))
    return _answer(request, picture)


@require_POST
def decide(request: HtmxRequest, code: uuid.UUID) -> HttpResponse:
    """Decide on a picture; an empty verdict takes the decision back."""
    picture, person, verdict = _picture(request, code), viewer(request), request.POST.get("verdict")
    if not person.can_decide:
        raise PermissionDenied
    if verdict not in Decision.Verdict.values:
        return HttpResponseBadRequest("Decide on candidate, approved or rejected.")
    Decision.make(picture, verdict, by=person, seen=request.POST.get("seen"))
    if request.htmx and request.htmx.target == f"verdict-of-{picture.code}":
        return render(request, "pictures/_compare_verdict.html", {"picture": picture, "verdicts": VERDICTS[1:]})
    return _answer(request, picture)


@require_POST
@makers_only
def tag_picture(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Put tags on a picture, with commas between them, or take one off (state=off)."""
    picture, name = _picture(request, code), request.POST.get("tag", "")
    if request.POST.get("state") == "off":
        Tag.take(picture, name)
        return _answer(request, picture)
    try:
        Tag.put_all(picture, name, by=viewer(request))
    except TagsRefused as sorry:
        return _answer(request, picture, sentence=sorry.messages[0], typed=sorry.left.replace("\0", ""))
    return _answer(request, picture)


@require_safe
def offer_tags(request: HtmxRequest) -> HttpResponse:
    """Offer the tags that begin as what is typed behind the last comma does, the most used first."""
    typed = request.GET.get("tag", "").replace("\0", "")[:LONGEST_TYPED]
    begins = max((one.end() for one in COMMAS.finditer(typed)), default=0)
    before, last = typed[:begins], typed[begins:]
    found = Tag.offered(viewer(request), Tag.key_of(last)[:LONGEST_WORD], MOST_OFFERED)
    # The browser offers what begins as all that is typed.
    before += last[: len(last) - len(last.lstrip())] if before else ""
    return render(request, "pictures/_opinions.html#offered", {"offered": found, "before": before})


def _picture(request: HttpRequest, code: uuid.UUID) -> Picture:
    return get_object_or_404(
        Picture.objects.visible_to(viewer(request)).select_related("job__submission", "person"), code=code
    )


def _answer(request: HttpRequest, picture: Picture, *, sentence: str = "", typed: str = "") -> HttpResponse:
    """Show the section again, or lead back to the picture where no script asks."""
    if not cast("HtmxRequest", request).htmx:
        if sentence:
            kept.keep(request, FORM.format(picture.code), tag=typed)
            messages.error(request, sentence)
        return redirect(onward(request, picture.get_absolute_url()))
    context = {"picture": picture, "opinions": of(picture, viewer(request)), "is_part": True}
    return render(request, "pictures/_opinions.html", context | {"sentence": sentence, "typed": typed})
