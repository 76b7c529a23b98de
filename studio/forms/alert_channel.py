"""What an admin types of a channel for alerts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import QueryDict

from studio.engine.deliveries.alert_wire import is_chat
from studio.engine.deliveries.signed_post import PRIVATE
from studio.luma.address import LONGEST_LABEL, NoSuchName, fits_dns, has_port, is_loopback, read_url
from studio.luma.address import LONGEST_NAME as LONGEST_HOST
from studio.models.alerts.alert import ALARMS, NOTICES, AlertChannel
from studio.models.alerts.delivery import LONGEST_ADDRESS
from studio.network import ip
from studio.text.names import one_line

LONGEST_NAME = 60
NO_NAME = "Give it a name, so that you know it again."
LONG_NAME = f"Shorten the name to {LONGEST_NAME} characters."
NO_KIND = "Choose email, chat or webhook."
NO_EMAIL = "That is no email address. Write one such as team@studio.example."
NO_CHAT = (
    "Studio doesn't know this chat address. Write it as apprise has it, such as slack://… or discord://…: "
    "appriseit.com/services lists them."
)
NO_WEBHOOK = "Write the whole address of the webhook, beginning with https://."
LONG_HOST = (
    f"No host can have this name: each part between the dots has 1 to {LONGEST_LABEL} characters, and all of it at most "
    f"{LONGEST_HOST}. Check the address."
)
NO_EVENT = "Tick at least one thing to tell there."
TOO_LONG = f"The address has more than {LONGEST_ADDRESS} characters."
EVENTS = (*ALARMS, *NOTICES)


@dataclass(frozen=True, slots=True)
class ChannelForm:
    """A channel as it was sent; `errors` by field."""

    values: dict[str, Any]
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def blank(cls) -> Self:
        return cls({"name": "", "kind": "email", "address": "", "events": [event.value for event in ALARMS]})

    @classmethod
    def sent(cls, given: QueryDict) -> Self:
        name = one_line(given.get("name", ""))
        kind, address = given.get("kind", ""), given.get("address", "").strip()
        events = [event.value for event in EVENTS if event.value in given.getlist("events")]
        errors = {
            "name": LONG_NAME if len(name) > LONGEST_NAME else "" if name else NO_NAME,
            "events": "" if events else NO_EVENT,
        }
        errors["kind"] = "" if kind in AlertChannel.Kind else NO_KIND
        errors["address"] = "" if errors["kind"] else fault(kind, address)
        values = {"name": name, "kind": kind, "address": address, "events": events}
        return cls(values, {name: error for name, error in errors.items() if error})


def fault(kind: str, address: str) -> str:
    """Say what is wrong with an address, as far as that shows without asking anybody; "" for nothing."""
    if len(address) > LONGEST_ADDRESS:
        return TOO_LONG
    if kind == AlertChannel.Kind.EMAIL:
        return _email_fault(address)
    if kind == AlertChannel.Kind.CHAT:
        return _chat_fault(address)
    return webhook_fault(address, is_free=settings.STUDIO_WEBHOOKS_PRIVATE)


def _email_fault(address: str) -> str:
    try:
        validate_email(address)
    except ValidationError:
        return NO_EMAIL
    return "" if fits_dns(address.rpartition("@")[2].strip("[]")) else LONG_HOST


def _chat_fault(address: str) -> str:
    if not is_chat(address) or "\0" in address:
        return NO_CHAT
    import apprise

    try:
        return "" if apprise.Apprise.instantiate(address) else NO_CHAT
    except (TypeError, ValueError, AttributeError):
        return NO_CHAT


def webhook_fault(address: str, *, is_free: bool, private: str = PRIVATE) -> str:
    """As `fault`, of a webhook; `is_free`: it may be in a private network and without TLS."""
    if len(address) > LONGEST_ADDRESS:
        return TOO_LONG
    try:
        url = read_url(address)
        parts = urlsplit(address)
    except NoSuchName:
        return LONG_HOST
    except ValueError:
        return NO_WEBHOOK
    if url.scheme not in ({"https", "http"} if is_free else {"https"}) or not url.host or not has_port(url):
        return NO_WEBHOOK
    if url.userinfo or url.fragment or parts.netloc.endswith(":") or any(ord(one) < 33 for one in address):
        return NO_WEBHOOK
    known = ip.read_any(url.host)
    if not is_free and (is_loopback(url.host) or (known is not None and not ip.is_public(known))):
        return private
    return ""
