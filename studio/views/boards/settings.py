"""A board's settings: its name, who sees it, and taking it away."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST

from studio.forms.board import BoardForm
from studio.forms.create import dock_board as dock_choice
from studio.models import Board, Notification, Revision
from studio.models.boards import dock_memory
from studio.text.names import isolated
from studio.views.boards import board as pages
from studio.views.errors import UNCHANGED, NotThere
from studio.views.permissions import NotYours, makers_only, onward
from studio.views.request import HtmxRequest, viewer

SAVED = "Saved."
ARCHIVED, BACK = "“{name}” is in the archive. Its pictures stay in the gallery.", "“{name}” is back in the list."
BROUGHT_BACK = "“{name}” is back."
REMEMBERED = "New pictures go to “{name}” until you pick another board in the dock."
FORGOTTEN = "The dock begins with no board now."
NO_BOARD = "You can't put pictures on this board any more."
NOT_ITS_OWNER = "Only {name}, or an admin for a board of the whole team, can change its settings."


@require_http_methods(["GET", "HEAD", "POST"])
@makers_only
def board_settings(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Show the sheet of settings over the board, and save it (POST)."""
    shown = _settled(request, code)
    person = viewer(request)
    if request.method != "POST":
        return pages.page(request, shown, BoardForm(person, shown))
    with transaction.atomic():
        Revision.bump()  # first, as everywhere: what others save comes before or after, and telling the owner raises it too
        shown = _settled(request, code)
        form = BoardForm.sent(person, request.POST, shown)
        if form.errors:
            transaction.set_rollback(True)
        else:
            form.save(now=timezone.now())
            form.remember()
            _tell_owner(
                request,
                shown,
                f"changed the settings of your board “{isolated(shown.name)}”.",
                shown.get_absolute_url(),
            )
    if form.errors:
        return pages.page(request, shown, form, status=422)
    messages.success(request, SAVED)
    return redirect(shown)


@require_POST
@makers_only
def dock_board(request: HtmxRequest) -> HttpResponse:
    """Have the person's dock begin with a board (`remember`, its code) until they pick another, or with none.

    `board`: the one that the dock shows, which gets the chip as it is now.
    """
    person, code, shown = viewer(request), request.POST.get("remember", ""), request.POST.get("board", "")
    board = dock_choice.find(code, person)
    if code and (board is None or board.archived_at):
        raise NotThere(NO_BOARD, UNCHANGED)
    forgotten, _ = str(person.dock_board), dock_memory.remember(person, board)
    if request.htmx:
        boards = dock_choice.offered(person, "" if shown == forgotten else shown)
        return render(request, "boards/_choice.html", {"boards": boards})
    messages.success(request, REMEMBERED.format(name=isolated(board.name)) if board else FORGOTTEN)
    return redirect(onward(request, board.get_absolute_url() if board else reverse("studio:create")))


@require_POST
@makers_only
def archive_board(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Take a board out of the list (state=on), or back into it (state=off)."""
    shown = _settled(request, code)
    is_on = request.POST.get("state") != "off"
    with transaction.atomic():
        Revision.bump()  # first, as everywhere: telling the owner raises it too
        changed = shown.archive(now=timezone.now()) if is_on else shown.unarchive()
        if changed:
            word = "archived" if is_on else "brought back"
            _tell_owner(request, shown, f"{word} your board “{isolated(shown.name)}”.", shown.get_absolute_url())
    messages.success(request, (ARCHIVED if is_on else BACK).format(name=isolated(shown.name)))
    return redirect(shown)


@require_POST
@makers_only
def delete_board(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Take a board away from everybody (state=on), or bring it back (state=off); pictures stay in the gallery."""
    person = viewer(request)
    shown = get_object_or_404(Board.objects.known_to(person).select_related("person"), code=code)
    if not shown.may_settle(person):
        raise NotYours(NOT_ITS_OWNER.format(name=isolated(shown.person.name)))
    undo = f"{reverse('studio:boards')}?{urlencode({'deleted': str(shown.code)})}"
    if request.POST.get("state") == "off":
        with transaction.atomic():
            Revision.bump()
            if shown.restore():
                _tell_owner(
                    request, shown, f"brought back your board “{isolated(shown.name)}”.", shown.get_absolute_url()
                )
        messages.success(request, BROUGHT_BACK.format(name=isolated(shown.name)))
        return redirect(shown)
    with transaction.atomic():
        Revision.bump()  # first, as everywhere: telling the owner raises it too
        if shown.delete_for_now(now=timezone.now()):
            _tell_owner(request, shown, f"deleted your board “{isolated(shown.name)}”. You can bring it back.", undo)
    return redirect(undo)


def _settled(request: HttpRequest, code: uuid.UUID) -> Board:
    """The board whose settings are meant. Raises NotYours for who may only look or add pictures."""
    found = pages.find(request, code)
    if not found.may_settle(viewer(request)):
        raise NotYours(NOT_ITS_OWNER.format(name=isolated(found.person.name)))
    return found


def _tell_owner(request: HttpRequest, shown: Board, text: str, address: str) -> None:
    Notification.tell(shown.person, Notification.Kind.CHANGE, text, address, actor=viewer(request), board=shown)
