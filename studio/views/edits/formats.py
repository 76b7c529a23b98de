"""One picture as a set of ratios: new pictures (paid) and cuts (free) side by side, and named sets of ratios."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from studio import tasks
from studio.codes import read_code
from studio.forms.create.formats import NONE_CHOSEN, FormatsForm, cut
from studio.forms.create.shapes import ratio_classes
from studio.forms.files.at_hand import Trouble
from studio.luma import ratios as luma_ratios
from studio.models import Batch, FormatSet, Picture, User
from studio.models.requests.format_set import MOST_SETS
from studio.models.review import others_work
from studio.models.submission import NotPlaced
from studio.text import combinations, names
from studio.text.names import isolated
from studio.views import formatting
from studio.views.permissions import makers_only
from studio.views.request import read_number, viewer
from studio.views.team.approvals import may_ask_first
from studio.views.updates import MADE_ALREADY

USUAL = ("16:9", "1:1", "9:16")
NO_NAME = "Give the set a name."
LONG_NAME = "Shorten the name of the set to {most} characters."
TOO_MANY = f"There are {MOST_SETS} sets already. Remove one first."
SAVED, REPLACED = "“{name}” is saved.", "“{name}” has these ratios now, in place of those saved before."
LONGEST_NAME = 60
# What a page holds beside the ratios, and where it waits in the session for the next page.
TYPED = ("prompt", "model", "focus")
KEPT = "formats"


@require_http_methods(["GET", "HEAD", "POST"])
@makers_only
@may_ask_first
def formats(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Show the ratios with both prices; then make new pictures as one group, or cut this one."""
    person = viewer(request)
    picture = get_object_or_404(Picture.objects.visible_to(person).for_tiles(), code=code)
    if picture.is_split:
        messages.info(request, "A split into layers has no single picture to make formats of.")
        return redirect("studio:layers", code=picture.job.code if picture.job else picture.code)
    prompt = combinations.escaped(picture.job.submission.prompt) if picture.job else ""
    initial = {"prompt": prompt, "ratios": _ratios_of(request, person)}
    if request.method != "POST":
        initial |= _take_typed(request, picture)
    if request.method != "POST":
        return _page(request, FormatsForm(picture=picture, person=person, initial=initial), 200)
    form = FormatsForm(request.POST, picture=picture, person=person, initial=initial)
    if not form.is_valid():
        return _page(request, form, 422)
    return _make(request, form) if form.cleaned_data["way"] == "make" else _cut(request, form)


def _ratios_of(request: HttpRequest, person: User) -> list[str]:
    """The ratios of the set that the address names, else the usual ones."""
    number = read_number(request.GET.get("set", ""))
    chosen = FormatSet.objects.visible_to(person).filter(pk=number).first() if number else None
    return list(chosen.ratios) if chosen else list(USUAL)


def _keep_typed(request: HttpRequest, picture: Picture) -> None:
    """Remember what was typed on the page of a picture, for the page that follows the answer."""
    fields = {name: request.POST[name] for name in TYPED if name in request.POST}
    request.session[KEPT] = {"picture": str(picture.code), **fields, "ratios": request.POST.getlist("ratios")}


def _take_typed(request: HttpRequest, picture: Picture) -> dict[str, Any]:
    kept = request.session.pop(KEPT, None) if KEPT in request.session else None
    if not kept or kept.pop("picture") != str(picture.code):
        return {}
    return kept  # type: ignore[no-any-return]


def _make(request: HttpRequest, form: FormatsForm) -> HttpResponse:
    try:
        batch, is_new = form.place(timezone.now())
    except NotPlaced:
        return _page(request, form, 422)
    if not is_new:
        messages.info(request, MADE_ALREADY)
    tasks.wake_conductor()
    return redirect(batch)


def _cut(request: HttpRequest, form: FormatsForm) -> HttpResponse:
    picture, data = form.picture, form.cleaned_data
    try:
        made = cut(picture, data["ratios"], data["focus"], form.person, timezone.now())
    except Trouble as trouble:
        form.add_error(None, trouble.sentence)
        return _page(request, form, trouble.status)
    messages.success(request, f"{formatting.counted(len(made), 'cut')} saved, free.")
    _keep_typed(request, picture)
    return redirect("studio:formats", code=picture.code)


def _page(request: HttpRequest, form: FormatsForm, status: int) -> HttpResponse:
    picture = form.picture
    context: dict[str, Any] = {
        "form": form,
        "picture": picture,
        "ratios": [(name, css, name in form.chosen) for name, css in ratio_classes().items()],
        "sets": [
            (one, one.may_change(form.person)) for one in FormatSet.objects.visible_to(form.person)[: 2 * MOST_SETS]
        ],
        "cuts": Picture.objects.visible_to(form.person)
        .filter(kept_from=picture, origin=Picture.Origin.KEPT)
        .for_tiles()
        .order_by("-pk")[:MOST_SETS],
        "kind": Batch.Kind.FORMATS,
        "page": "other",
    }
    return render(request, "edits/formats.html", context, status=status)


# ---- Named sets


@require_POST
@makers_only
def save_format_set(request: HttpRequest) -> HttpResponse:
    """Keep the checked ratios under a name, for oneself or the team; the same name again changes that set."""
    person = viewer(request)
    picture = get_object_or_404(Picture.objects.visible_to(person), code=read_code(request.POST.get("picture", "")))
    here = reverse("studio:formats", args=[picture.code])
    name = names.one_line(request.POST.get("name", ""))
    ratios = [ratio for ratio in luma_ratios.slugs() if ratio in request.POST.getlist("ratios")]
    _keep_typed(request, picture)
    known = FormatSet.objects.filter(person=person, name=name).first()
    sentence = _refusal(person, name, ratios, is_new=known is None)
    if sentence:
        request.session[KEPT] |= {"name": name, "is_team": request.POST.get("is_team") == "on"}
        messages.error(request, sentence)
        return redirect(here)
    # What the team has is never taken away by saving it again: that is what removing is for.
    is_team = request.POST.get("is_team") == "on" or (known is not None and known.is_team)
    changed = {"ratios": ratios, "is_team": is_team}
    found, _ = FormatSet.objects.update_or_create(person=person, name=name, defaults=changed)
    said = SAVED if known is None or list(known.ratios) == ratios else REPLACED
    messages.success(request, said.format(name=isolated(found.name)))
    return redirect(f"{here}?set={found.pk}")


def _refusal(person: User, name: str, ratios: list[str], *, is_new: bool) -> str:
    if not name:
        return NO_NAME
    if len(name) > LONGEST_NAME:
        return LONG_NAME.format(most=LONGEST_NAME)
    if not ratios:
        return NONE_CHOSEN
    return TOO_MANY if is_new and person.format_sets.count() >= MOST_SETS else ""


@require_POST
@makers_only
def remove_format_set(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a set; pictures made with it stay."""
    person = viewer(request)
    found = get_object_or_404(FormatSet.objects.visible_to(person), pk=pk)
    if not found.may_change(person):
        raise PermissionDenied
    with transaction.atomic():
        found.delete()
        others_work.tell(found.person, "removed your set of formats", found.name, reverse("studio:gallery"), by=person)
    code = read_code(request.POST.get("picture", ""))
    return redirect("studio:formats", code=code) if code else redirect("studio:gallery")
