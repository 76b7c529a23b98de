"""Send an email of text, if a mail server is configured (STUDIO_EMAIL_URL)."""

from __future__ import annotations

import logging
import smtplib
import socket
from collections.abc import Sequence
from smtplib import SMTPException
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from studio.network import cut_off

log = logging.getLogger(__name__)


def send(to: str, subject: str, text: str) -> bool:
    """Send it and return whether the server took it. A server that does not answer within EMAIL_TIMEOUT did not."""
    try:
        return EmailMessage(subject, text, to=[to]).send() == 1
    except (OSError, SMTPException, ValueError) as error:
        # Neither the address nor the text, which has a link in it.
        log.warning("An email could not be sent: %s", type(error).__name__)
        return False


class Backend(EmailBackend):
    """Django's way to a mail server with one end for everything (studio.network.cut_off)."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Raises SMTPException or OSError where the server has not taken them in twice the timeout."""
        with cut_off.after(2 * (self.timeout or 0)):
            return super().send_messages(email_messages) or 0

    @property
    def connection_class(self) -> Any:
        return _OverTLS if self.use_ssl else _Plain


class _Plain(smtplib.SMTP):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        opened: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        return cut_off.note(opened)


class _OverTLS(smtplib.SMTP_SSL, _Plain):
    """In this order, so that the handle is there before the handshake."""
