"""One picture: large, with what it came from, what came of it, and what it cost."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from studio.models import Board, Input, Job, Picture, Submission, User
from studio.models.lineage.lineage import Edge, Lineage
from studio.models.picture import PictureQuerySet, load_sizes
from studio.models.pictures.archived import may_archive
from studio.models.pictures.layers import Stack, stack
from studio.models.pictures.trash import may_trash
from studio.models.sql.compiled_query import CODE, KEY, PERSON, CompiledQuery
from studio.models.stacks import stacks
from studio.ratios import ratio_words
from studio.views import typed
from studio.views.gallery.tiles import TileLinks, gallery_widths, srcset
from studio.views.pictures import comments, compare, flags, gone_meanwhile, gone_picture, opinions, picture_lists
from studio.views.pictures.list_place import Place
from studio.views.request import viewer

MOST_BOARDS = 12
MOST_KIN = 12  # the strip scrolls; a longer one is a gallery
MOST_BESIDE = 10  # of the filmstrip, on each side
STRIP = "filmstrip"  # cookies that static/js/pictures/picture.js sets
FOLDED = "panel"
KINSHIP = {Submission.Type.EDIT: "Edit", Submission.Type.LAYERS: "Layers"}
# What few pictures have, such as who archived it, is not joined: reading its columns costs more than a query.
SHOWN = CompiledQuery(
    lambda person, code: (
        Picture.objects.visible_to(person).for_tiles().select_related("job__submission", "person").filter(code=code)[:1]
    ),
    PERSON,
    CODE,
)
INPUTS = CompiledQuery(
    lambda submission: (
        Input.objects.filter(submission=submission)
        .select_related("picture__job__submission")
        .prefetch_related("picture__renditions")
    ),
    KEY,
)
BOARDS = CompiledQuery(
    lambda picture, person: Board.objects.of_picture(picture, person)[:MOST_BOARDS],
    KEY,
    PERSON,
)


@dataclass(frozen=True, slots=True)
class Kin:
    """A picture in the family strip and how it is related."""

    picture: Picture
    word: str

    @property
    def url(self) -> str:
        return TileLinks.of(self.picture).url


@require_safe
def picture(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Show a picture or an upload, with its neighbours in the list it was opened from."""
    seen = Picture.objects.visible_to(viewer(request))
    shown = SHOWN.first(viewer(request), code)
    if shown is None:
        return gone_picture.page(request, code)
    job = shown.job
    submission = job.submission if job else None
    inputs = _inputs(submission, viewer(request))
    opened_from = picture_lists.opened_from(request, shown)
    stacks.load([shown], viewer(request), is_wall=False)
    became, is_cut = children(shown, viewer(request))
    layers = _stack(job) if job and submission and submission.type == Submission.Type.LAYERS else None
    shape = layers if layers and shown.is_split else shown
    context: dict[str, Any] = {
        "picture": shown,
        "job": job,
        "submission": submission,
        "source": next((i.picture for i in inputs if i.role == Input.Role.SOURCE), None),
        "references": [i for i in inputs if i.role == Input.Role.REFERENCE],
        "marked": next((i.picture for i in inputs if i.picture.origin == Picture.Origin.MARKED), None),
        "took": took(job) if job else None,
        "shape": shape,
        "ratio": ratio_words(shape.width, shape.height),
        "parents": [
            *(Kin(i.picture, "Made from") for i in inputs if i.role == Input.Role.SOURCE),
            *_edit_of(shown, seen),
        ],
        "children": became,
        "is_cut": is_cut,
        "stack": layers,
        "layer_source": _layer_of(shown, inputs, seen),
        "opinions": opinions.of(shown, viewer(request)),
        "token": uuid.uuid4(),
        "compared": _compared(shown, inputs),
        "folded": request.COOKIES.get(FOLDED) == "folded",
        "strip": request.COOKIES.get(STRIP) == "shown",
        "boards": BOARDS(shown.pk, viewer(request)),
        "page": "picture",
        **gone_meanwhile.ask(shown),
        "list": opened_from,
        "place": opened_from.place(shown),
        **comments.beside(shown, viewer(request)),
        "may_trash": may_trash(shown, viewer(request)),
        "may_archive": may_archive(shown, viewer(request)),
    }
    context["near"] = _near(context["place"])
    hidden = submission.has_hidden_source + submission.hidden_references if submission else 0
    context["relatives"] = hidden + sum(len(context[name]) for name in ("parents", "references", "children"))
    context["flagging"] = typed.take(request, flags.FORM.format(shown.code))
    context["typed"] = typed.take(request, opinions.FORM.format(shown.code)).get("tag", "")
    return render(request, "pictures/picture.html", context)


@require_safe
def filmstrip(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Show what lies beside a picture in the list it was opened from, for its page to take in."""
    shown = get_object_or_404(Picture.objects.visible_to(viewer(request)).select_related("job__submission"), code=code)
    listed = picture_lists.opened_from(request, shown)
    around = listed.around(shown, MOST_BESIDE)
    load_sizes(around)
    return render(request, "pictures/_filmstrip.html", {"picture": shown, "list": listed, "around": around})


def _compared(shown: Picture, inputs: list[Input]) -> str:
    """Return where a picture is compared with what it came from: an edit with its source, a kept version with the edit."""
    if shown.is_kept and shown.kept_from:
        return compare.address([shown.kept_from.code, shown.code])
    source = next((one.picture for one in inputs if one.role == Input.Role.SOURCE), None)
    return compare.address([source.code, shown.code]) if source else ""


def _near(place: Place) -> dict[str, dict[str, str]]:
    """Return the sizes of both neighbours, to be fetched before they are asked for."""
    beside = {"newer": place.newer, "older": place.older}
    load_sizes(one for one in beside.values() if one)
    return {name: {"srcset": srcset(one), "widths": gallery_widths(one)} for name, one in beside.items() if one}


def _edit_of(shown: Picture, seen: PictureQuerySet) -> list[Kin]:
    """Return the edit of which a kept version has parts."""
    return [Kin(edit, "Edit") for edit in seen.for_tiles().filter(kept__pk=shown.pk)] if shown.is_kept else []


def _layer_of(shown: Picture, inputs: list[Input], seen: PictureQuerySet) -> Picture | None:
    """Return the layer that an edit was made of, so that it can be put in its place; a cut of it can't be."""
    source = next((one.picture for one in inputs if one.role == Input.Role.SOURCE), None)
    if source and shown.is_kept and (shown.width, shown.height) != (source.width, source.height):
        return None
    if source is None or source.job is None:
        return seen.filter(contents=source).for_tiles().first() if source and source.layer_of_id else None
    return source if source.job.submission.type == Submission.Type.LAYERS else None


def _inputs(submission: Submission | None, person: User) -> list[Input]:
    if submission is None:
        return []
    return submission.seen_of(INPUTS(submission.pk), person)


def children(shown: Picture, person: User) -> tuple[list[Kin], bool]:
    """Return what was kept of this picture and made from or with it, oldest first, and whether there is more."""
    listed, is_cut = Lineage.children(shown, person, MOST_KIN)
    return [Kin(made, _kinship(made, edge)) for edge, made in listed], is_cut


def _kinship(made: Picture, edge: Edge) -> str:
    if made.is_kept:
        return made.original_name or "Kept"
    if edge.role == Picture.Origin.LAYER or made.job is None:
        return "Cut"
    return "With this" if edge.is_reference else KINSHIP.get(Submission.Type(made.job.submission.type), "")


def _stack(job: Job) -> Stack:
    return stack(
        job.pictures.of_luma().order_by("position").select_related("job__submission").prefetch_related("renditions")
    )


def took(job: Job) -> timedelta | None:
    """Return how long Luma needed, from sending to made."""
    return job.made_at - job.sent_at if job.made_at and job.sent_at else None
