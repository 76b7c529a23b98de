"""A webhook as its person asks for it: an address, what it hears of, and for which token."""

from __future__ import annotations

from django.conf import settings
from django.http import QueryDict

from studio.codes import read_code
from studio.engine.deliveries.webhooks import PRIVATE
from studio.forms.alert_channel import NO_EVENT, webhook_fault
from studio.models import ApiToken, User, Webhook
from studio.models.alerts.webhook import EVENTS, MOST

TOO_MANY = f"You have {MOST} webhooks already. Remove one first."
GONE = "That token is gone. Choose another, or everything you ask for."


def fault(address: str) -> str:
    """Say what is wrong with an address, as far as that shows without asking anybody; "" for nothing."""
    return webhook_fault(address, is_free=settings.STUDIO_WEBHOOKS_LOCAL, private=PRIVATE)


class WebhookForm:
    """What the page shows, sent or not; `errors` by field."""

    def __init__(self, person: User) -> None:
        self.person = person
        self.address = ""
        self.events = [event.value for event in EVENTS]
        self.token: ApiToken | None = None
        self.errors: dict[str, str] = {}

    @classmethod
    def sent(cls, person: User, fields: QueryDict) -> WebhookForm:
        form = cls(person)
        form.address = fields.get("address", "").strip()
        form.events = [event.value for event in EVENTS if event.value in fields.getlist("events")]
        if said := fields.get("token", ""):
            mine = ApiToken.objects.filter(person=person, revoked_at=None)
            form.token = mine.filter(code=said).first() if read_code(said) else None
        errors = {
            "address": fault(form.address),
            "events": "" if form.events else NO_EVENT,
            "token": GONE if said and form.token is None else "",
        }
        if Webhook.objects.listed().filter(person=person).count() >= MOST:
            errors["address"] = TOO_MANY
        form.errors = {name: error for name, error in errors.items() if error}
        return form

    def known(self) -> Webhook | None:
        """The same webhook where it is there already, as after a second click."""
        same = {"person": self.person, "address": self.address, "token": self.token, "events": self.events}
        return Webhook.objects.listed().filter(**same).first()

    def make(self, site: str) -> Webhook:
        """Make the webhook; call it where there are no errors. `site` is the studio's address as its person has it."""
        fields = {"token": self.token, "events": self.events, "site": site[:200]}
        return Webhook.objects.create(person=self.person, address=self.address, **fields)
