"""Who a token is, what it may and what it spent; for admins, everybody's tokens."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from ninja import Router

from studio.api import answers as tell
from studio.api.answering import After, Limit, answers, asker, needs, newest, token_of
from studio.api.schemas import Me, TokenOut, TokenPage
from studio.models import ApiToken, Notification
from studio.text.names import isolated

router = Router(tags=["You"])


@router.get("/me", response=answers(200, Me), url_name="me")
def me(request: HttpRequest) -> dict[str, Any]:
    """Who this token is, what it may, and what it spent today and this month."""
    token = token_of(request)
    person = token.person
    caps = {
        period: {"cap": cap, "spent": token.spent_since(since)} for cap, since, period in token.caps(timezone.now())
    }
    rights = {name: getattr(person, name) for name in ("models_allowed", "may_search_web", "may_split")}
    may = [one for one in ApiToken.Scope.values if token.may(one)]
    return {"name": person.name, "role": person.role, "token": tell.token(token), "may": may, **caps, **rights}


@router.get("/tokens", response=answers(200, TokenPage), auth=needs["admin"], url_name="tokens")
def list_tokens(request: HttpRequest, after: After, limit: Limit) -> dict[str, Any]:
    """List everybody's tokens, the newest first: an admin's work."""
    page, following = newest(ApiToken.objects.select_related("person"), after, limit)
    return {"items": [tell.token(one) for one in page], "next": following}


@router.post(
    "/tokens/{uuid:code}/revoke", response=answers(200, TokenOut), auth=needs["admin"], url_name="revoke_token"
)
def revoke_token(request: HttpRequest, code: uuid.UUID) -> dict[str, Any]:
    """End anybody's token at once; its person is told."""
    person = asker(request)
    with transaction.atomic():
        token = get_object_or_404(ApiToken.objects.select_related("person"), code=code)
        if token.revoke(by=person, now=timezone.now()):
            words = f"revoked your token “{isolated(token.name)}”"
            Notification.tell(token.person, Notification.Kind.CHANGE, words, reverse("studio:tokens"), actor=person)
    token.refresh_from_db()
    return tell.token(token)
