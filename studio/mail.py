"""Send an e-mail of text, if a mail server is configured (STUDIO_EMAIL_URL)."""

from __future__ import annotations

import logging
from smtplib import SMTPException

from django.core.mail import EmailMessage

log = logging.getLogger(__name__)


def send(to: str, subject: str, text: str) -> bool:
    """Send it and return whether the server took it. A server that does not answer within EMAIL_TIMEOUT did not."""
    try:
        return EmailMessage(subject, text, to=[to]).send() == 1
    except (OSError, SMTPException, ValueError) as error:
        # Neither the address nor the text, which has a link in it.
        log.warning("An e-mail could not be sent: %s", type(error).__name__)
        return False
