"""Webhooks: which addresses hear how a person's requests for pictures end, and what is on its way there.

The rows are written inside the transaction of what happened; the queue sends them (studio/engine/deliveries/webhooks.py).
"""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Self

from django.apps import apps
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django_q.tasks import async_task

from studio.models.account.token import ApiToken
from studio.models.alerts.delivery import Delivery, Receiver, signing_key
from studio.models.clearing import delete_some
from studio.models.people import User

MOST = 20  # webhooks of one person on the account page
# Deliveries of one person that wait: an address that hangs must not fill the table.
MOST_WAITING = 200
# Of one round: tries in all, and those of one person.
A_ROUND, OF_ONE_PERSON = 20, 5
KEPT = timedelta(days=30)
FULL = f"{MOST_WAITING} deliveries of yours wait already, so this one was not even tried."


class WebhookEvent(models.TextChoices):
    FINISHED = "finished", "Finished"
    FAILED = "failed", "Failed"
    UNKNOWN = "unknown", "Outcome unknown"
    NEEDS_APPROVAL = "needs_approval", "Needs approval"
    TEST = "test", "Test"


EVENTS = tuple(event for event in WebhookEvent if event != WebhookEvent.TEST)


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def listed(self) -> WebhookQuerySet:
        """Those of the account page; the others came along with a request."""
        return self.filter(is_listed=True)

    def hearing(self, person: int, token: int | None, own: int | None = None) -> WebhookQuerySet:
        """Those that hear of what this person asked for, with this token: by keys; `own` came along with it."""
        of_token = Q(token=None) | Q(token=token) if token else Q(token=None)
        return self.filter(Q(of_token, is_listed=True, person=person) | Q(pk=own), is_on=True)


class Webhook(Receiver):
    """An address that hears of a person's requests, or of those that one token made."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="webhooks", db_index=False)
    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, null=True, related_name="webhooks")
    # False: it came along with a request of the token.
    is_listed = models.BooleanField(default=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["token", "address"], name="one_webhook_of_requests", condition=Q(is_listed=False)
            )
        ]
        indexes = [models.Index(fields=["person", "is_listed", "id"], name="webhooks_of_a_person")]

    @property
    def signing_key(self) -> str:
        """One for all that a token asked for, because an address that comes with a request has no page."""
        return self.token.signing_key if self.token else signing_key("webhook", self.code)

    @property
    def heard(self) -> list[str]:
        """What it hears of, as people read it."""
        return [str(event.label) for event in EVENTS if event.value in self.events]

    def may_send(self, now: datetime) -> bool:
        """Whether its person still has access, and its token works."""
        return self.is_on and self.person.is_active and (self.token is None or self.token.is_live(now))

    @classmethod
    def of_requests(cls, token: ApiToken, address: str, *, site: str) -> Webhook:
        """Return the row of an address that comes along with a token's request."""
        fields = {"person": token.person, "site": site[:200], "events": [event.value for event in EVENTS]}
        return cls.objects.get_or_create(token=token, address=address, is_listed=False, defaults=fields)[0]


class WebhookDelivery(Delivery):
    """One event on its way to one webhook."""

    hook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    # Whose hook it is: rounds are shared out by people.
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    event = models.CharField(max_length=15, choices=WebhookEvent.choices)
    # What makes two of them the same.
    key = models.CharField(max_length=120)
    at = models.DateTimeField(default=timezone.now)
    submission = models.ForeignKey("Submission", on_delete=models.CASCADE, null=True, related_name="+")
    text = models.CharField(max_length=300, blank=True)
    # The path of the page that shows it.
    path = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hook", "key"], name="one_delivery_of_a_key")]
        indexes = [
            models.Index(fields=["due_at"], name="hook_deliveries_due", condition=Q(ended_at__isnull=True)),
            models.Index(fields=["person"], name="hook_deliveries_of_a_person", condition=Q(ended_at__isnull=True)),
            # What a person's page shows, and what is old enough to be cleared.
            models.Index(fields=["person", "-at", "-id"], name="hook_deliveries_of_late"),
            models.Index(fields=["at"], name="hook_deliveries_by_time"),
        ]

    @property
    def is_wanted(self) -> bool:
        return self.hook.may_send(timezone.now())

    @classmethod
    def due(cls, now: datetime) -> list[Self]:
        """Return the next round: the oldest, and of nobody so many that others wait behind them."""
        counted: dict[int, list[int]] = defaultdict(list)
        for pk, person in cls.overdue(now).values_list("pk", "person")[: MOST_WAITING * A_ROUND]:
            if len(counted[person]) < OF_ONE_PERSON:
                counted[person].append(pk)
        keys = [pk for chosen in counted.values() for pk in chosen]
        rows = cls.overdue(now).filter(pk__in=keys).select_related("hook__person", "hook__token__person", "submission")
        return list(rows[:A_ROUND])

    @classmethod
    def clear_old(cls, *, now: datetime) -> None:
        """Delete some of those of a month ago."""
        delete_some(cls.objects.filter(at__lt=now - KEPT, ended_at__isnull=False).order_by("at"))
        delete_some(Webhook.objects.filter(is_listed=False, created_at__lt=now - KEPT, deliveries=None))

    @property
    def _approval(self) -> str | None:
        """The code of what waits for an approval, which is the code of its submission later on."""
        kind, _, rest = self.key.partition(":")
        return rest.partition(":")[0] if kind == "approval" else None

    def facts(self) -> dict[str, Any]:
        """What a receiver reads: codes and states as they are at this try, and no prompt."""
        site, found = self.hook.site, self.submission
        jobs: Any = apps.get_model("studio", "Job").objects
        rows = jobs.filter(submission=found).order_by("number").prefetch_related("pictures") if found else ()
        return {
            "id": str(self.code),
            "event": self.event,
            "title": self.get_event_display(),
            "text": self.text,
            "at": self.at.isoformat(),
            "url": f"{site}{self.path}" if site and self.path else "",
            "submission": str(found.code) if found else self._approval,
            "jobs": [
                {
                    "code": str(job.code),
                    "state": job.state,
                    "sentence": job.sentence,
                    "pictures": [str(one.code) for one in job.pictures.all() if one.trashed_at is None],
                }
                for job in rows
            ],
        }


# ---- What happens


def tell_end(submission: int) -> None:
    """Tell who wants to hear how a submission ended, once none of its jobs is under way any more.

    Called inside the transaction in which one of its jobs ended.
    """
    rows: Any = apps.get_model("studio", "Submission").objects
    jobs: Any = apps.get_model("studio", "Job").objects
    asked = rows.filter(pk=submission, has_active=False)
    known = asked.values_list("person", "api_token", "webhook", "code").first()
    hooks = list(Webhook.objects.hearing(*known[:3])) if known else []
    if not hooks:
        return
    of_it = jobs.filter(submission=submission)
    states, attempts = Counter[str](), 0
    for state, tries in of_it.values_list("state", "attempts"):
        states[state] += 1
        attempts += tries
    event = next(one for one in ("unknown", "failed", "done") if states[one])
    words = {"done": "finished", "failed": "failed", "unknown": "with an unknown outcome"}
    text = ", ".join(f"{states[one]} {words[one]}" for one in words if states[one])
    path = of_it.order_by("number")[0].get_absolute_url()
    # What is tried again and ends once more is news.
    key = f"{known[3]}:{attempts}:{states['done']}:{states['failed']}:{states['unknown']}"
    tell(
        hooks,
        WebhookEvent.FINISHED if event == "done" else WebhookEvent(event),
        key,
        text,
        path=path,
        submission=submission,
    )


def tell_approval(event: WebhookEvent, person: int, key: str, text: str, path: str, asked: Mapping[str, Any]) -> None:
    """Tell that what a person asks for needs an admin's approval, or was declined; `asked`: a packed request."""
    hooks = Webhook.objects.hearing(person, asked.get("api_token"), asked.get("webhook"))
    tell(hooks, event, key, text, path=path)


def tell(
    hooks: Iterable[Webhook], event: WebhookEvent, key: str, text: str, *, path: str = "", submission: int | None = None
) -> None:
    """Put an event on its way, once for each key, to those that want to hear of it, and wake the queue."""
    now = timezone.now()
    is_due = False
    with transaction.atomic():
        for hook in hooks:
            if event not in hook.events and event != WebhookEvent.TEST:
                continue
            fields: dict[str, Any] = {"event": event, "text": text[:300], "path": path, "due_at": now}
            fields |= {"person_id": hook.person_id, "submission_id": submission}
            waiting = WebhookDelivery.objects.filter(person=hook.person_id, ended_at__isnull=True)
            if waiting.count() >= MOST_WAITING:
                fields |= {"state": Delivery.State.FAILED, "ended_at": now, "result": FULL}
            is_new = WebhookDelivery.objects.get_or_create(hook=hook, key=key[:120], defaults=fields)[1]
            is_due = is_due or (is_new and "ended_at" not in fields)
        if is_due:
            async_task("studio.tasks.send_webhooks", cluster="studio")


def new_key() -> str:
    """A key for what happens each time anew."""
    return uuid.uuid4().hex
