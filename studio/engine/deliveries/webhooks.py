"""Sends what people's webhooks hear: rounds of a few tries at once, beside the queue's own work."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time

from django.conf import settings
from django.db import connection
from django.utils import timezone

from studio.engine.deliveries import signed_post
from studio.engine.deliveries.signed_post import NotDelivered, Post
from studio.models.alerts.delivery import MOST_TRIES
from studio.models.alerts.webhook import WebhookDelivery

log = logging.getLogger(__name__)

# Seconds after which it ends, whatever is still due: the next minute begins another.
LONGEST = 45.0
PRIVATE = "The address leads into a private network, where Studio calls nobody. Use a public one."
_busy = threading.Lock()


def send_soon() -> bool:
    """Send what is due in a thread, so that no address keeps the queue waiting; False where one does it already.

    A worker that ends takes the thread along: its deliveries stay leased for two minutes, then another makes them.
    """
    if not _busy.acquire(blocking=False):
        return False
    try:
        threading.Thread(target=_send, name="webhooks", daemon=True).start()
    except RuntimeError:
        _busy.release()
        raise
    return True


def _send() -> None:
    try:
        until = time.monotonic() + LONGEST
        while send_due() and time.monotonic() < until:
            pass
    except Exception:
        log.exception("Webhooks could not be sent")
    finally:
        _busy.release()
        connection.close()


def send_due() -> int:
    """Make a try of each delivery of a round, all at once; return how many that was."""
    now = timezone.now()
    claimed = [one for one in WebhookDelivery.due(now) if one.claim(now=now)]
    given_up = [one for one in claimed if one.attempts > MOST_TRIES or not one.is_wanted]
    tried = [one for one in claimed if one not in given_up]
    for one in given_up:
        is_over = one.attempts > MOST_TRIES
        one.put_off("Studio was ended in the middle of each try." if is_over else "It is wanted no more.", now=now)
    if tried:
        posts = [_post_of(one) for one in tried]
        for one, (is_well, result) in zip(tried, asyncio.run(_try_all(posts, int(now.timestamp()))), strict=True):
            one.end_try(one.hook, is_well=is_well, result=result)
    return len(claimed)


def _post_of(one: WebhookDelivery) -> Post:
    body = json.dumps(one.facts(), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Post(one.hook.address, one.hook.signing_key, str(one.code), one.event, body)


async def _try_all(posts: list[Post], stamp: int) -> list[tuple[bool, str]]:
    return await asyncio.gather(*(_try(one, stamp) for one in posts))


async def _try(what: Post, stamp: int) -> tuple[bool, str]:
    is_free = settings.STUDIO_WEBHOOKS_LOCAL
    try:
        return True, await signed_post.post(what, stamp, allow_private=is_free)
    except NotDelivered as problem:
        said = str(problem)
        return False, PRIVATE if said == signed_post.PRIVATE else said
    except Exception as problem:  # noqa: BLE001 - one address must not keep others from being told
        return False, f"Something went wrong ({type(problem).__name__})."
