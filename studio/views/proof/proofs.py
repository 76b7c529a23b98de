"""Proof links, for those who make them: a new one, what was made, and the list of them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio.codes import read_code
from studio.engine.pictures import watermarks
from studio.forms.proof import ENDS, ProofForm, blank, new_password, odd_ends
from studio.models import Board, Notification, Picture, ProofLink, ProofPicture, TrailEntry, User
from studio.models.proof.pictures import MOST_PICTURES
from studio.text.names import isolated
from studio.views import left_out as said_of
from studio.views.gallery.chosen import choosing, chosen
from studio.views.permissions import came_from, makers_only
from studio.views.request import HtmxRequest, read_number, viewer

PAGE = 40
WHOSE = ("mine", "all")
# Of the pictures of a link, so many are shown beside its form.
STRIP = 12
# Where the words stand in a piece of the watermark that the form previews.
SPOTS = ((8, 32), (-116, 84), (132, 84))
NONE_CHOSEN = "Choose at least one picture first."
TOO_MANY = f"A link shows up to {MOST_PICTURES} pictures, and you chose more. Choose fewer."
GONE = "A link can't show these: they are gone, or layers. Choose other pictures."
MADE_ALREADY = "This link was made already. It was shown once: revoke it and make another if you didn't copy it."
UNNAMED = "The link"
REVOKED, REVOKED_BEFORE = "{title} no longer opens.", "{title} had been revoked already."


@require_safe
def proofs(request: HttpRequest) -> HttpResponse:
    """List a person's links, the newest first; an admin may look at everybody's (`whose=all`).

    Also those of a viewer, who made them before: they stay open.
    """
    person = viewer(request)
    everybody = person.is_admin and request.GET.get("whose") == "all"
    rows = ProofLink.objects.visible_to(person) if everybody else ProofLink.objects.filter(person.owned())
    if (before := read_number(request.GET.get("before", ""))) is not None:
        rows = rows.older_than(before)
    page = list(rows.newest_first().select_related("person", "board", "revoked_by")[: PAGE + 1])
    now, hidden = timezone.now(), ProofLink.hidden(page, person)
    context = {
        "links": [(link, link.is_open(now), link.pk not in hidden) for link in page[:PAGE]],
        "next": page[PAGE - 1].pk if len(page) > PAGE else None,
        "everybody": everybody,
        "is_first": not before,
        "left_out": said_of.choices(request.GET, {"whose": ("Whose", WHOSE)}),
    }
    return render(request, "proof/proofs.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@makers_only
@sensitive_post_parameters("password")
@choosing
def new_proof(request: HttpRequest) -> HttpResponse:
    """Show the form of a link to the chosen pictures or a board, and make the link (`act=make`)."""
    person = viewer(request)
    board = _board(person, request.POST.get("board") or request.GET.get("board", ""))
    codes = [] if board else _codes(request)
    if board is None and (not codes or len(codes) > MOST_PICTURES):
        messages.error(request, TOO_MANY if codes else NONE_CHOSEN)
        return redirect(came_from(request))
    pictures = _pictures(person, board, codes)
    if not pictures:
        messages.error(request, GONE)
        return redirect(came_from(request))
    left_out = 0 if board else len(codes) - len(pictures)
    if request.POST.get("act") != "make":
        start = blank(board.name if board else "Pictures for review", board.client if board else "")
        return _form(request, ProofForm(initial=start), board, pictures, left_out)
    form = ProofForm(request.POST)
    if not form.is_valid():
        return _form(request, form, board, pictures, left_out, status=422)
    try:
        with transaction.atomic():
            link, token = ProofLink.make(person, form.spec_for(person), pictures=() if board else pictures, board=board)
            watermarks.make_later(link)
            _log(link, person, f"link made, open until {timezone.localtime(link.expires_at):%d %b %Y}")
    except IntegrityError:
        messages.error(request, MADE_ALREADY)
        return redirect("studio:proofs")
    address = request.build_absolute_uri(reverse("studio:proof", args=[token]))
    # Shown in this answer and nowhere else: a session would keep the token in the database.
    context = {"link": link, "address": address, "password": form.cleaned_data["password"]}
    return render(request, "proof/made_proof.html", context)


@require_POST
def revoke_proof(request: HtmxRequest, code: uuid.UUID) -> HttpResponse:
    """End a link at once: by who made it, or by an admin, of which its maker is told."""
    person = viewer(request)
    link = get_object_or_404(ProofLink.objects.visible_to(person).select_related("person"), code=code)
    with transaction.atomic():
        is_revoked = link.revoke(person, now=timezone.now())
        if is_revoked:
            _log(link, person, "link revoked")
            text, address = (
                f"revoked your link “{isolated(link.title)}”",
                f"{reverse('studio:proofs')}#link-{link.code}",
            )
            Notification.tell(link.person, Notification.Kind.CHANGE, text, address, actor=person)
    words = REVOKED if is_revoked else REVOKED_BEFORE
    is_hidden = bool(ProofLink.hidden([link], person))
    if request.htmx:  # in the settings of its board
        context = {"link": link, "title": UNNAMED if is_hidden else link.title}
        return render(request, "boards/_sheet.html#revoked", context)
    title = UNNAMED if is_hidden else f"“{isolated(link.title)}”"
    messages.success(request, words.format(title=title))
    everybody = "?whose=all" if not person.owns(link.person_id) else ""
    return redirect(f"{reverse('studio:proofs')}{everybody}")


def _log(link: ProofLink, person: User, text: str) -> None:
    """Write down who shared what; a link of a board or of pictures that not everybody sees is named to its maker alone."""
    is_closed = link.board is not None and link.board.visibility != Board.Visibility.TEAM
    is_hidden = is_closed or bool(ProofPicture.private_links([link]))
    address = f"{reverse('studio:proofs')}?whose=all#link-{link.code}"
    private_to = link.person if is_hidden else None
    TrailEntry.log(
        TrailEntry.Verb.SHARED, by=person, thing=link.title, address=address, text=text, private_to=private_to
    )


def _form(
    request: HttpRequest,
    form: ProofForm,
    board: Board | None,
    pictures: Sequence[Picture],
    left_out: int,
    *,
    status: int = 200,
) -> HttpResponse:
    values: dict[str, Any] = dict(form.initial)
    if form.is_bound:
        values = {name: form.data.get(name, "") for name in form.fields}
    context = {
        "form": form,
        "values": values,
        "board": board,
        "pictures": pictures,
        "strip": pictures[:STRIP],
        "number": board.number if board else len(pictures),
        "left_out": left_out,
        "ends": [(str(days), words, ProofForm(initial={"ends": days}).expires_at) for days, words in ENDS],
        "odd_ends": " ".join(f"{day}/{end}" for day, end in odd_ends()),
        "spots": SPOTS,
        "expires_at": form.expires_at,
        "another": new_password(),
    }
    return render(request, "proof/new_proof.html", context, status=status)


def _codes(request: HttpRequest) -> list[str]:
    """Return the codes of the chosen pictures, at most one more than a link may have."""
    if request.method == "POST":
        return chosen(request, MOST_PICTURES)[: MOST_PICTURES + 1]
    return list(dict.fromkeys([*request.GET.getlist("pictures"), *request.GET.getlist("picture")]))[: MOST_PICTURES + 1]


def _pictures(person: User, board: Board | None, codes: Sequence[str]) -> list[Picture]:
    """Return the pictures in the order they were chosen; of a board the first few."""
    seen = Picture.objects.visible_to(person).filter(trashed_at__isnull=True).for_tiles()
    if board:
        seen = seen.without_splits()
        return list(seen.filter(is_private=False, places__board=board).order_by("places__place", "places__pk")[:STRIP])
    wanted = [code for one in codes if (code := read_code(one))]
    found = {one.code: one for one in seen.filter(code__in=wanted)}
    # Of a split the front layer is in the gallery, which alone shows something else.
    return [found[code] for code in dict.fromkeys(wanted) if code in found and not found[code].is_split]


def _board(person: User, text: str) -> Board | None:
    """Return the board of a code. Raises Http404 for one that the person may not see."""
    if not text:
        return None
    return get_object_or_404(Board.objects.visible_to(person), code=read_code(text))
