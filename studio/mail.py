"""Send an e-mail of text, if a mail server is configured (STUDIO_EMAIL_URL)."""

from __future__ import annotations

import logging
import smtplib
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from contextvars import ContextVar
from smtplib import SMTPException
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

log = logging.getLogger(__name__)


def send(to: str, subject: str, text: str) -> bool:
    """Send it and return whether the server took it. A server that does not answer within EMAIL_TIMEOUT did not."""
    try:
        return EmailMessage(subject, text, to=[to]).send() == 1
    except (OSError, SMTPException, ValueError) as error:
        # Neither the address nor the text, which has a link in it.
        log.warning("An e-mail could not be sent: %s", type(error).__name__)
        return False


# Second handles of the connections that are open for the messages being sent: TLS takes the first ones away.
_handles: ContextVar[list[socket.socket] | None] = ContextVar("handles", default=None)


class Backend(EmailBackend):
    """Django's way to a mail server with one end for everything: EMAIL_TIMEOUT alone begins anew with each byte, and a
    server that sends one at a time would hold a page, or the queue, for as long as it likes.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Raises SMTPException or OSError where the server has not taken them in twice the timeout."""
        handles: list[socket.socket] = []
        token = _handles.set(handles)
        end = threading.Timer(2 * (self.timeout or 0), _cut, [handles])
        end.daemon = True
        end.start()
        try:
            return super().send_messages(email_messages) or 0
        finally:
            end.cancel()
            _handles.reset(token)
            for one in handles:
                one.close()

    @property
    def connection_class(self) -> Any:
        return _OverTLS if self.use_ssl else _Plain


class _Plain(smtplib.SMTP):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        opened: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        if (handles := _handles.get()) is not None:
            handles.append(opened.dup())
        return opened


class _OverTLS(smtplib.SMTP_SSL, _Plain):
    """In this order, so that the handle is there before the handshake."""


def _cut(handles: list[socket.socket]) -> None:
    for one in handles:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
