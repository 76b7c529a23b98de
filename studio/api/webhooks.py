"""Webhooks of requests: the address that comes along with one, the key of its signatures, a test."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Status

from studio.api.answering import answers, needs, token_of
from studio.api.door import Refused
from studio.api.schemas import DeliveryOut, WebhookIn, WebhookKey
from studio.forms.account.webhook import fault
from studio.models import ApiToken, Webhook, WebhookDelivery
from studio.models.alerts.webhook import WebhookEvent, new_key, tell

router = Router(tags=["Webhooks"])

TEST_TEXT = "This is a test of a webhook. Nothing has happened."


def hook_of(request: HttpRequest, token: ApiToken, address: str) -> Webhook:
    """Return the webhook of an address that comes with a request. Raises Refused (422) where it may not be called."""
    address = address.strip()
    if said := fault(address):
        raise Refused(422, "invalid", said, {"webhook": [said]})
    return Webhook.of_requests(token, address, site=request.build_absolute_uri("/").rstrip("/"))


@router.get("/webhooks/key", response=answers(200, WebhookKey), auth=needs["make"], url_name="webhook_key")
def key(request: HttpRequest) -> dict[str, Any]:
    """Get the key that signs what the webhooks of this token hear."""
    return {"signing_key": token_of(request).signing_key}


@router.post("/webhooks/test", response=answers(202, DeliveryOut), auth=needs["make"], url_name="test_webhook")
def test(request: HttpRequest, asked: WebhookIn) -> Status[Any]:
    """Send a test to an address; look at the delivery to see how it went."""
    hook, once = hook_of(request, token_of(request), asked.address), new_key()
    tell([hook], WebhookEvent.TEST, once, TEST_TEXT)
    return Status(202, WebhookDelivery.objects.get(hook=hook, key=once))


@router.get(
    "/webhooks/deliveries/{uuid:code}", response=answers(200, DeliveryOut), auth=needs["make"], url_name="get_delivery"
)
def get_delivery(request: HttpRequest, code: uuid.UUID) -> Any:
    """Get one delivery of this token's: how often it was tried, and how the last try went."""
    return get_object_or_404(WebhookDelivery, code=code, hook__token=token_of(request))
