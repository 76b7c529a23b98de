"""How an alert leaves: as an e-mail, to a chat, or signed to a webhook. One try each; nothing is repeated here."""

from __future__ import annotations

import asyncio
import contextvars
import json
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from studio import ip
from studio.base_path import under
from studio.engine.signed_post import MOST_BYTES, PRIVATE, WALL, NotDelivered, Post, post
from studio.models.alert import AlertChannel, AlertDelivery

log = logging.getLogger(__name__)

# Services whose addresses apprise reads (https://appriseit.com/services/); not those that run programs or speak to
# this machine.
CHATS = {
    *("slack", "discord", "msteams", "workflow", "workflows", "tgram", "mmost", "mmosts", "rocket", "rockets"),
    *("matrix", "matrixs", "gchat", "wxteams", "zulip", "ntfy", "ntfys", "gotify", "gotifys", "nctalk", "nctalks"),
    *("ryver", "guilded", "twist", "flock", "pover", "lark", "feishu", "dingtalk", "signal", "signals"),
}


def deliver(delivery: AlertDelivery, now_stamp: int) -> str:
    """Make one try and return how it went. Raises NotDelivered."""
    channel = delivery.channel
    if channel.kind == AlertChannel.Kind.EMAIL:
        return _mail(delivery)
    if channel.kind == AlertChannel.Kind.CHAT:
        return _chat(delivery)
    return _post(delivery, now_stamp)


def link(delivery: AlertDelivery) -> str:
    path = delivery.alert.address
    return f"{delivery.channel.site}{under(path)}" if path and delivery.channel.site else ""


# ---- E-mail


def has_mail() -> bool:
    """Whether a way to send e-mails is set up."""
    return bool(settings.STUDIO_EMAIL)


def _mail(delivery: AlertDelivery) -> str:
    if not has_mail():
        raise NotDelivered("No e-mail is set up: set STUDIO_EMAIL_URL.")
    alert = delivery.alert
    body = "\n\n".join(part for part in (alert.text, link(delivery)) if part)
    headers = {"Message-ID": f"<{delivery.code}@studio>", "Auto-Submitted": "auto-generated"}
    message = EmailMessage(
        f"Studio: {alert.get_event_display()}", f"{body}\n", to=[delivery.channel.address], headers=headers
    )
    try:
        message.connection = get_connection(timeout=WALL)
        message.send()
    except (SMTPException, OSError, ValueError) as problem:
        raise NotDelivered(f"The mail server did not take it ({type(problem).__name__}).") from None
    return "Taken by the mail server."


# ---- Chat, by apprise


def _chat(delivery: AlertDelivery) -> str:
    import apprise

    alert = delivery.alert
    service = apprise.Apprise.instantiate(delivery.channel.address)
    if service is None or not is_chat(delivery.channel.address):
        raise NotDelivered("This address is of no chat that Studio knows.")
    service.redirects = False
    body = "\n".join(part for part in (alert.text, link(delivery)) if part)
    with guarded() as refused:
        is_taken = service.notify(body=body, title=f"Studio: {alert.get_event_display()}")
    if refused:
        raise NotDelivered(refused[0])
    if not is_taken:
        raise NotDelivered("The chat did not take it.")
    return "Taken by the chat."


def is_chat(given: str) -> bool:
    """Whether an address is of a chat, by its scheme."""
    return given.partition("://")[0].lower() in CHATS


# Set while a chat is spoken to: sockets of urllib3 then go to public addresses only.
_refused: contextvars.ContextVar[list[str] | None] = contextvars.ContextVar("refused", default=None)


@contextmanager
def guarded() -> Iterator[list[str]]:
    """Within this block urllib3 connects only where an alert may go; yield what was refused.

    The name is resolved once and the address that was judged is the one that is connected to.
    """
    _guard_urllib3()
    refused: list[str] = []
    token = _refused.set(refused)
    try:
        yield refused
    finally:
        _refused.reset(token)


def _guard_urllib3() -> None:
    from urllib3.util import connection

    known: Any = connection.create_connection
    if getattr(known, "is_guarded", False):
        return

    def create_connection(place: tuple[str, int], *args: Any, **kwargs: Any) -> socket.socket:
        refused = _refused.get()
        if refused is None:
            found: socket.socket = known(place, *args, **kwargs)
            return found
        host, port = place
        entries = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
        judged = [ip.read(str(entry[4][0])) for entry in entries]
        if not settings.STUDIO_WEBHOOKS_PRIVATE and not all(one is not None and ip.is_public(one) for one in judged):
            refused.append(PRIVATE)
            raise OSError(PRIVATE)
        opened: socket.socket = known((str(entries[0][4][0]), port), *args, **kwargs)
        return opened

    create_connection.is_guarded = True  # type: ignore[attr-defined]
    connection.create_connection = create_connection  # type: ignore[assignment]


# ---- Webhook


def body_of(delivery: AlertDelivery) -> bytes:
    """Return the JSON of a delivery, with the same id in every try."""
    alert = delivery.alert
    facts = {
        "id": str(delivery.code),
        "alert": str(alert.code),
        "event": alert.event,
        "title": alert.get_event_display(),
        "text": alert.text,
        "number": alert.number,
        "at": alert.at.isoformat(),
        "url": link(delivery),
    }
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")[:MOST_BYTES]


def _post(delivery: AlertDelivery, stamp: int) -> str:
    channel, is_free = delivery.channel, settings.STUDIO_WEBHOOKS_PRIVATE
    what = Post(channel.address, channel.signing_key, str(delivery.code), delivery.alert.event, body_of(delivery))
    return asyncio.run(post(what, stamp, allow_private=is_free))
