"""How an alert leaves: as an email, to a chat, or signed to a webhook. One try each; nothing is repeated here."""

from __future__ import annotations

import asyncio
import contextvars
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from studio.configuration.base_path import under
from studio.engine.deliveries.signed_post import MOST_BYTES, PRIVATE, WALL, NotDelivered, Post, post
from studio.models.alerts.alert import AlertChannel, AlertDelivery
from studio.network import ip

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


# ---- Email


def has_mail() -> bool:
    """Whether a way to send emails is set up."""
    return bool(settings.STUDIO_EMAIL)


def _mail(delivery: AlertDelivery) -> str:
    if not has_mail():
        raise NotDelivered("No email is set up: set STUDIO_EMAIL_URL.")
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
    with guarded() as guard:
        is_taken = service.notify(body=body, title=f"Studio: {alert.get_event_display()}")
    if guard.refused:
        raise NotDelivered(guard.refused)
    if guard.is_over:
        raise NotDelivered(f"No answer within {WALL:g} seconds.")
    if not is_taken:
        raise NotDelivered("The chat did not take it.")
    return "Taken by the chat."


def is_chat(given: str) -> bool:
    """Whether an address is of a chat, by its scheme."""
    return given.partition("://")[0].lower() in CHATS


@dataclass(slots=True)
class Guard:
    """What becomes of the connections while a chat is spoken to."""

    refused: str = ""
    is_over: bool = False
    # A second handle of each connection: TLS takes the first one away from whoever opened it.
    handles: list[socket.socket] = field(default_factory=list)

    def hold(self, opened: socket.socket) -> None:
        """Keep a handle of a connection; one that is opened when the time is over is cut at once."""
        self.handles.append(opened.dup())
        if self.is_over:
            self.end()

    def end(self) -> None:
        """Cut every connection. The waits of a library begin anew with each byte, and a server may send one at a time."""
        self.is_over = True
        for one in self.handles:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


# Set while a chat is spoken to: sockets of urllib3 then go to public addresses only, and end with WALL.
_guard: contextvars.ContextVar[Guard | None] = contextvars.ContextVar("guard", default=None)


@contextmanager
def guarded() -> Iterator[Guard]:
    """Within this block urllib3 connects only where an alert may go, for WALL seconds in all; yield what came of it.

    The name is resolved once and the address that was judged is the one that is connected to.
    """
    _guard_urllib3()
    guard = Guard()
    token, wall = _guard.set(guard), threading.Timer(WALL, guard.end)
    wall.daemon = True
    wall.start()
    try:
        yield guard
    finally:
        wall.cancel()
        _guard.reset(token)
        for one in guard.handles:
            one.close()


def _guard_urllib3() -> None:
    from urllib3.util import connection

    known: Any = connection.create_connection
    if getattr(known, "is_guarded", False):
        return

    def create_connection(place: tuple[str, int], *args: Any, **kwargs: Any) -> socket.socket:
        guard = _guard.get()
        if guard is None:
            found: socket.socket = known(place, *args, **kwargs)
            return found
        host, port = place
        entries = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
        judged = [ip.read(str(entry[4][0])) for entry in entries]
        if not settings.STUDIO_WEBHOOKS_PRIVATE and not all(one is not None and ip.is_public(one) for one in judged):
            guard.refused = PRIVATE
            raise OSError(PRIVATE)
        opened: socket.socket = known((str(entries[0][4][0]), port), *args, **kwargs)
        guard.hold(opened)
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
