"""Requests that a client without keys sends again: after a lost answer it finds the first, after a refusal there is none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.core.cache import cache
from django.utils import timezone

from studio.api.door import Refused
from studio.models import ApiToken, Submission
from studio.models.requests.packed_request import packed
from studio.models.requests.request_spec import RequestSpec

# How far back the first is looked for, and among how many.
REPEATS, MOST_REPEATS = timedelta(minutes=15), 20
# What their clients send again by themselves; seconds after which none of them does.
TRIED_AGAIN, TRIED_WITHIN = frozenset({429, 503}), 120


def first_of(token: ApiToken, spec: RequestSpec) -> Submission | None:
    """Return the token's last submission that asks for the very same, for a client that says it tries again.

    None where the try before was refused here (`refusals_noted`): an older one would be another request.
    """
    if _take_note(token, spec):
        return None
    since = timezone.now() - REPEATS
    newest = Submission.objects.filter(api_token=token, created_at__gt=since).order_by("-created_at", "-pk")
    return next((one for one in newest[:MOST_REPEATS] if one.asks_for(spec)), None)


@contextmanager
def refusals_noted(token: ApiToken, spec: RequestSpec) -> Iterator[None]:
    """Remember a refusal after which the client tries again: nothing was made. This web process alone knows it; where
    another gets the next try, that finds the older request, which costs nothing."""
    try:
        yield
    except Refused as why:
        if why.status in TRIED_AGAIN:
            cache.add(_key(token, spec), 0, timeout=TRIED_WITHIN)
            _count(token, spec, 1)
        raise


def _take_note(token: ApiToken, spec: RequestSpec) -> bool:
    if not cache.get(_key(token, spec)):
        return False
    _count(token, spec, -1)
    return True


def _count(token: ApiToken, spec: RequestSpec, by: int) -> None:
    try:
        cache.incr(_key(token, spec), by)
    except ValueError:  # a full cache has thrown it out
        return


def _key(token: ApiToken, spec: RequestSpec) -> str:
    asked = json.dumps(packed(spec), sort_keys=True)
    return f"api-refused:{token.pk}:{hashlib.sha256(asked.encode()).hexdigest()}"
