"""The pages of a client who has a proof link: the pictures, one of them, and what is answered there."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio.codes import read_code
from studio.forms.proof import CommentForm, NameForm
from studio.models import Picture
from studio.models.proof import answers
from studio.models.proof.link import Place
from studio.text.names import isolated
from studio.views.proof.door import (
    Visit,
    ask_password,
    count_visit,
    proof_door,
    proof_page,
    refused,
    remember_client,
    try_password,
)
from studio.views.proof.items import PAGE, item_of, pins_of, progress_of
from studio.views.request import HtmxRequest

CLOSED = "Decisions are closed here."
UNDECIDED = "This picture isn't part of this link any more, so nothing was decided. Your name is kept."
FLOODED = "That's a lot at once. Try again in an hour, or write to {name}."


@require_safe
@proof_page
def proof(request: HtmxRequest, visit: Visit) -> HttpResponse:
    """Show the pictures of a link, from the one after `after` on."""
    places, start = visit.link.places, _start(visit.link.places, request.GET.get("after", ""))
    shown = places[start : start + PAGE]
    keys = [place.pk for place in shown]
    context, said = _context(visit), answers.comment_counts(visit.link, keys)
    decided = context["progress"].verdicts
    pictures = {picture.pk: picture for picture in visit.link.load(shown)}
    items = [
        item_of(visit, one, pictures[one.pk], verdict=decided.get(one.pk, ""), comments=said.get(one.pk, 0))
        for one in shown
        if one.pk in pictures
    ]
    rest = start + PAGE < len(places)
    context |= {
        "items": [item.row for item in items],
        "after": shown[-1].code if shown and rest else None,
        "before": places[start - PAGE - 1].code if start > PAGE else "",
        "has_before": start > 0,
        "where": "list",
        "on_picture": False,
    }
    response = render(request, "proof/proof.html", context)
    if request.method == "GET":
        count_visit(request, response, visit)
    return response


@require_safe
@proof_page
def proof_picture(request: HtmxRequest, visit: Visit, code: uuid.UUID) -> HttpResponse:
    """Show one picture with what was said about it."""
    return _picture_page(request, visit, *visit.find(code))


@require_http_methods(["GET", "HEAD", "POST"])
@proof_door
def proof_password(request: HtmxRequest, visit: Visit) -> HttpResponse:
    """Ask for the password, once in a browser."""
    if not visit.link.password:
        return redirect(visit.address())
    return try_password(request, visit) if request.method == "POST" else ask_password(request, visit)


@require_http_methods(["GET", "HEAD", "POST"])
@proof_page
def proof_name(request: HtmxRequest, visit: Visit) -> HttpResponse:
    """Ask who answers; what they were about to decide (`picture`, `verdict`) is done then."""
    data = request.POST if request.method == "POST" else request.GET
    wanted = {name: data.get(name, "") for name in ("picture", "verdict", "where")}
    form = NameForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = _context(visit) | {
            "form": form,
            "wanted": wanted,
            "name": data.get("name") or (visit.client.name if visit.client else ""),
        }
        return render(request, "proof/proof_name.html", context, status=422 if form.errors else 200)
    try:
        client = answers.name_client(visit.link, form.cleaned_data["name"])
        where = visit.address()
        if wanted["picture"]:
            try:
                place, picture = visit.find(read_code(wanted["picture"]))
            except Http404:
                response = refused(request, visit, UNDECIDED, 404)
                remember_client(response, visit, client)
                return response
            if visit.link.may_decide and wanted["verdict"] in answers.VERDICTS:
                answers.decide(client, picture, wanted["verdict"])
            where = _back(visit, wanted["where"], place.code)
    except answers.Flooded:
        return _flooded(request, visit)
    response = redirect(where)
    remember_client(response, visit, client)
    return response


@require_POST
@proof_page
def proof_decision(request: HtmxRequest, visit: Visit, code: uuid.UUID) -> HttpResponse:
    """Approve a picture, ask for changes, or take that back (`verdict`)."""
    verdict, where = request.POST.get("verdict", ""), request.POST.get("where", "")
    place, picture = visit.find(code)
    if not visit.link.may_decide or verdict not in answers.VERDICTS:
        return refused(request, visit, CLOSED, 403 if not visit.link.may_decide else 400)
    if visit.client is None:
        address = f"{visit.address('proof_name')}?picture={code}&verdict={verdict}&where={_where(where)}"
        if request.htmx:
            return HttpResponse(status=204, headers={"HX-Redirect": address})
        return redirect(address)
    try:
        answers.decide(visit.client, picture, verdict, seen=request.POST.get("seen"))
    except answers.Flooded:
        return _flooded(request, visit)
    if not request.htmx:
        return redirect(_back(visit, where, code))
    decided = answers.verdicts(visit.link, [picture.pk]).get(picture.pk)
    at = place.number if _where(where) == "picture" else 0
    context = _context(visit, at) | {
        "item": item_of(visit, place, picture, decision=decided),
        "where": _where(where),
        "on_picture": _where(where) == "picture",
        "is_part": True,
    }
    return render(request, "proof/proof.html#decided", context)


@require_POST
@proof_page
def proof_comment(request: HtmxRequest, visit: Visit, code: uuid.UUID) -> HttpResponse:
    """Say something about a picture, or about a spot of it."""
    place, picture = visit.find(code)
    if not visit.link.may_comment:
        return refused(request, visit, "Comments are closed here.", 403)
    form = CommentForm(request.POST, is_named=visit.client is not None)
    if not form.is_valid():
        return _picture_page(request, visit, place, picture, form=form, status=422)
    text, once = form.cleaned_data["text"], form.cleaned_data["once"]
    try:
        client, made = visit.client, answers.sent_before(visit.link, picture, text, form.spot, once)
        if made is None:
            client = client or answers.name_client(visit.link, form.cleaned_data["name"])
            made = answers.say(client, picture, text, *form.spot, once=once)
    except answers.Flooded:
        return _flooded(request, visit)
    response = redirect(f"{visit.address('proof_picture', code)}#c-{made.code}")
    # Who only sends again what another client has said, whose codes all of them see, is not taken for that client.
    if client:
        remember_client(response, visit, client)
    return response


@require_POST
@proof_page
def proof_done(request: HtmxRequest, visit: Visit) -> HttpResponse:
    """Tell the maker of the link that everything is decided."""
    if not visit.link.may_decide:
        return refused(request, visit, CLOSED, 403)
    if visit.client is None:
        return redirect(visit.address("proof_name"))
    answers.finish(visit.client)
    return redirect(f"{visit.address()}?told=on#told")


# ---- Parts of the pages


def _picture_page(
    request: HtmxRequest,
    visit: Visit,
    place: Place,
    picture: Picture,
    *,
    form: CommentForm | None = None,
    status: int = 200,
) -> HttpResponse:
    places, at = visit.link.places, place.number - 1
    said = answers.comments(visit.link, picture)
    decided = answers.verdicts(visit.link, [picture.pk]).get(picture.pk)
    item = item_of(visit, place, picture, decision=decided, comments=len(said))
    context = _context(visit, place.number) | {
        "item": item,
        "pins": pins_of(said),
        "form": form or CommentForm(is_named=visit.client is not None),
        "previous": places[at - 1] if at else None,
        "next": places[at + 1] if at + 1 < len(places) else None,
        "start": _first_after(visit, place.number),
        "where": "picture",
        "on_picture": True,
    }
    return render(request, "proof/proof_picture.html", context, status=status)


def _context(visit: Visit, at: int = 0) -> dict[str, Any]:
    return {"visit": visit, "link": visit.link, "client": visit.client, "progress": progress_of(visit, at)}


def _start(places: list[Place], after: str) -> int:
    return next((place.number for place in places if str(place.code) == after), 0)


def _where(text: str) -> str:
    return "picture" if text == "picture" else "list"


def _back(visit: Visit, where: str, code: uuid.UUID) -> str:
    """Return the address of the page that something was decided on, at that picture."""
    if _where(where) == "picture":
        return visit.address("proof_picture", code)
    number = next((place.number for place in visit.link.places if place.code == code), 1)
    after = _first_after(visit, number)
    return f"{visit.address()}{f'?after={after}' if after else ''}#p-{code}"


def _first_after(visit: Visit, number: int) -> str:
    """Return the code that the page of the list with this picture begins after, "" for the first page."""
    start = (number - 1) // PAGE * PAGE
    return str(visit.link.places[start - 1].code) if start else ""


def _flooded(request: HtmxRequest, visit: Visit) -> HttpResponse:
    return refused(request, visit, FLOODED.format(name=isolated(visit.link.person.name)), 429)
