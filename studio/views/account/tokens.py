"""Tokens for scripts and agents: one's own, made and revoked here; an admin sees and revokes everybody's."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from studio.forms.account.token import MADE_ALREADY, MadeAlready, TokenForm
from studio.models import ApiToken, Notification, keyset
from studio.text.names import isolated
from studio.views import left_out
from studio.views.gallery.page import Cursor
from studio.views.request import viewer

PAGE = 50
WHOSE = ("mine", "all")
REVOKED = "“{name}” no longer works."
ENDED_ALREADY = "“{name}” had stopped working already."


@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """Show the tokens and a form for another one; POST makes it and shows its secret, this once."""
    person, now = viewer(request), timezone.now()
    if request.method != "POST":
        return _page(request, TokenForm(person))
    form = TokenForm.sent(person, request.POST, now)
    if form.errors:
        return _page(request, form, status=422)
    try:
        made, secret = form.make(now)
    except MadeAlready:
        messages.info(request, MADE_ALREADY)
        return redirect("studio:tokens")
    # Not kept in the session, which is a row too: a reload asks the browser before it sends the form again.
    return _page(request, TokenForm(person), made=made, secret=secret)


@require_POST
def revoke_token(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """End a token: one's own, or as an admin anybody's; its person is told."""
    person = viewer(request)
    mine = ApiToken.objects.all() if person.is_admin else ApiToken.objects.filter(person=person)
    token = get_object_or_404(mine.select_related("person"), code=code)
    with transaction.atomic():
        is_ended = token.revoke(by=person, now=timezone.now())
        if is_ended:
            words, address = f"revoked your token “{isolated(token.name)}”", reverse("studio:tokens")
            Notification.tell(token.person, Notification.Kind.CHANGE, words, address, actor=person)
    if is_ended:
        messages.success(request, REVOKED.format(name=isolated(token.name)))
    else:
        messages.info(request, ENDED_ALREADY.format(name=isolated(token.name)))
    everybody = "?whose=all" if token.person_id != person.pk else ""
    return redirect(f"{reverse('studio:tokens')}{everybody}")


def _page(request: HttpRequest, form: TokenForm, *, status: int = 200, **made: Any) -> HttpResponse:
    person, now = viewer(request), timezone.now()
    everybody = person.is_admin and request.GET.get("whose") == "all"
    rows = ApiToken.objects.all() if everybody else ApiToken.objects.filter(person=person)
    if after := Cursor.parse(request.GET.get("after", "")):
        rows = keyset.below(rows, "created_at", after.shown_at, after.pk)
    page = list(rows.select_related("person", "revoked_by").newest_first()[: PAGE + 1])
    last = page[PAGE - 1] if len(page) > PAGE else None
    context = {
        "rows": [(token, token.is_live(now)) for token in page[:PAGE]],
        "more": str(Cursor(last.created_at, last.pk)) if last else "",
        "everybody": everybody,
        "form": form,
        "left_out": left_out.choices(request.GET, {"whose": ("Whose", WHOSE)}),
        "page": "other",
        **made,
    }
    return render(request, "account/tokens.html", context, status=status)
