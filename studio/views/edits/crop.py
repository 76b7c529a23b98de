"""Turn and cut a picture of the tray before it is used."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from studio.forms.create import draft
from studio.forms.edits.crop import TURNS, CropForm
from studio.forms.files.uploads import Refusal
from studio.models import Draft, Picture, User
from studio.views.permissions import makers_only
from studio.views.request import HtmxRequest, viewer

# What is chosen most, as width and height; the script adds the shape of the picture itself.
RATIOS = ((1, 1), (4, 3), (3, 4), (3, 2), (2, 3), (16, 9), (9, 16))


@require_http_methods(["GET", "HEAD", "POST"])
@makers_only
def crop(request: HtmxRequest, code: uuid.UUID) -> HttpResponse:
    """Show the editor, or make the cut: it takes the place of the picture in the tray, and that stays as it is."""
    person = viewer(request)
    picture = get_object_or_404(Picture.objects.visible_to(person).for_tiles(), code=code)
    role = "source" if request.POST.get("as", request.GET.get("as")) == "source" else "reference"
    if request.method != "POST":
        return _editor(request, CropForm(picture=picture), role)
    form = CropForm(request.POST, picture=picture)
    if not form.is_valid():
        return _editor(request, form, role, status=422)
    made = picture if form.is_whole else form.store(person, timezone.now())
    if isinstance(made, Refusal):
        form.add_error(None, made.sentence)
        return _editor(request, form, role, status=503 if made.is_busy else 422)
    if request.htmx:
        context = {"picture": made, "role": role, "before": picture, "number": request.POST.get("number", "")[:2]}
        return render(request, "edits/crop.html#cut", context)
    return redirect(_put_into_draft(person, picture, made, role))


def _editor(request: HtmxRequest, form: CropForm, role: str, status: int = 200) -> HttpResponse:
    context = {"form": form, "picture": form.picture, "role": role, "turns": TURNS, "ratios": RATIOS}
    part = "#editor" if request.htmx else ""
    answer = render(request, f"edits/crop.html{part}", context, status=status)
    if request.htmx and status != 200:
        # What the form asked to be replaced was the tile.
        answer["HX-Retarget"], answer["HX-Reswap"] = "#crop-dialog", "innerHTML"
    return answer


def _put_into_draft(person: User, before: Picture, made: Picture, role: str) -> str:
    """Put the cut where the picture was in the person's draft; return the address that shows it in the tray."""
    address = reverse("studio:create")
    known = Draft.objects.filter(person=person).first()
    content = draft.cleaned(known.content) if known else None
    old, new = str(before.code), str(made.code)
    if known and content and old in {content["source"], *content["references"]}:
        content["source"] = new if content["source"] == old else content["source"]
        references = [new if code == old else code for code in content["references"]]
        content["references"] = list(dict.fromkeys(references))
        Draft.keep(person, content, seen=known.number, edited_at=timezone.now())
        return address
    return f"{address}?{role}={new}"
