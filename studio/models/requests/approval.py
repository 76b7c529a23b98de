"""Requests that cost more than their person may ask for alone: an admin approves or declines them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from studio.luma.pricing import price
from studio.models.account.notification import Notification
from studio.models.account.rights import NeedsApproval, dollars
from studio.models.alerts.webhook import WebhookEvent, tell_approval
from studio.models.budget import OverBudget
from studio.models.not_placed import NotPlaced
from studio.models.people import User
from studio.models.requests.approval_queries import ApprovalQueries
from studio.models.requests.approval_words import ASKED_MEANWHILE, NOTED_MEANWHILE, SaidMeanwhile, why_it_waits
from studio.models.requests.batch import Batch
from studio.models.requests.packed_request import packed, unpacked
from studio.models.requests.request_spec import RequestSpec
from studio.models.revision import Revision
from studio.models.submission import Submission
from studio.models.trail import TrailEntry
from studio.text.names import cut, isolated
from studio.text.plurals import counted

LONGEST = 500  # characters of a note, a question, a reason
MOST_SHOWN = 50  # waiting requests, and decided ones
NO_ACCESS = "{name} can't make pictures any more. Decline it, or give the role back first."
OWN = "Another admin has to approve your own request."


class PriceChanged(Exception):
    """The price is not what the admin saw: `total` is what it costs now, in dollars."""

    def __init__(self, total: Decimal) -> None:
        super().__init__(str(total))
        self.total = total


class ApprovalQuerySet(ApprovalQueries["Approval"]):
    """Its queries are in approval_queries."""


class Approval(models.Model):
    """A request that waits for an admin, with all that it asks for. Nothing is reserved before the answer.

        waiting ──> approved (placed under its owner, once)
           ├──────> declined (with a reason that the person reads)
           └──────> cancelled (by the person)

    Each arrow is one compare-and-set: False means that somebody was first.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        APPROVED = "approved", "Approved"
        DECLINED = "declined", "Declined"
        CANCELLED = "cancelled", "Cancelled"

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="approvals", db_index=False)
    # Of the form that asked: with it the request is placed, so it is placed once.
    token = models.UUIDField()
    # Of a group (Batch.Kind), "" for a single request.
    kind = models.CharField(max_length=12, blank=True)
    title = models.TextField(blank=True)
    # What is asked for, one entry for each submission (`studio.models.requests.packed_request`).
    requests = models.JSONField()
    number = models.PositiveIntegerField()
    # In dollars: what it costs, at the price of the day it was asked or approved, and the limit that it is above.
    total = models.DecimalField(max_digits=10, decimal_places=4)
    above = models.DecimalField(max_digits=10, decimal_places=4)
    # Of what passes a budget: which one, as a phrase (`daily budget of $5.00`); `above` is then what was left of it.
    budget = models.CharField(max_length=80, blank=True)
    # Only its person reads it and sees its pictures.
    is_private = models.BooleanField(default=False)
    # Words of the person for the admin; what an admin asked, and who.
    note = models.CharField(max_length=LONGEST, blank=True)
    question = models.CharField(max_length=LONGEST, blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now)

    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    reason = models.CharField(max_length=LONGEST, blank=True)

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "token"], name="one_approval_for_each_token")]
        indexes = [
            # What waits: of everybody, oldest first, and of a person.
            models.Index(fields=["created_at", "id"], name="approvals_waiting", condition=Q(decided_at__isnull=True)),
            models.Index(fields=["person"], name="approvals_of_a_person", condition=Q(decided_at__isnull=True)),
            # What was decided lately.
            models.Index(fields=["-decided_at", "-id"], name="approvals_decided"),
        ]

    def __str__(self) -> str:
        return f"{self.what} of {self.person_id}"

    def get_absolute_url(self) -> str:
        return reverse("studio:approval", args=[self.code])

    # ---- What it is

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    @property
    def what(self) -> str:
        """What is asked for in a few words: `120 pictures`, `1 picture into layers`."""
        pictures = counted(self.number, "picture")
        is_split = any(one["type"] == Submission.Type.LAYERS for one in self.requests)
        return f"{pictures} into layers" if is_split else pictures

    def placed(self) -> Batch | Submission | None:
        """What was made of it, once it was approved."""
        if self.state != self.State.APPROVED:
            return None
        if self.kind:
            return Batch.known(self.person, self.token)
        return Submission.objects.filter(person=self.person_id, token=self.token).first()

    def asks_for(self, spec: RequestSpec) -> bool:
        """Whether this is what `spec` asks for: a request with the same token may say something else by now."""
        return bool(self.requests == [packed(spec)])

    def specs(self) -> list[RequestSpec]:
        """What is asked for. Raises NotPlaced where a picture of it is gone or not to be seen any more."""
        return [unpacked(one, self.person) for one in self.requests]

    def total_today(self) -> Decimal:
        """What it costs now, in dollars, as far as prices are known."""
        each = ((price(one["type"], one["model"], one["inputs"]), one["count"]) for one in self.requests)
        return sum((cost * count for cost, count in each if cost is not None), Decimal(0))

    # ---- Verbs

    @classmethod
    def ask(cls, needed: NeedsApproval, *, now: datetime) -> tuple[Approval, bool]:
        """Keep a request until an admin decides, and tell the admins; return it and whether it is new.

        The same token finds the first one, however that was decided.
        """
        person, specs = needed.person, needed.specs
        try:
            with transaction.atomic():
                approval = cls.objects.create(
                    person=person,
                    token=needed.token,
                    kind=needed.kind,
                    title=needed.title,
                    requests=[packed(spec) for spec in specs],
                    number=sum(spec.count for spec in specs),
                    total=needed.total,
                    above=needed.above,
                    budget=needed.budget,
                    is_private=any(spec.will_be_private for spec in specs),
                    created_at=now,
                )
                Revision.bump()
                over = f", over the {approval.budget}" if approval.budget else ""
                text = f"asks for {approval.what}, {dollars(approval.total)}{over}."
                for admin in User.objects.admins():
                    approval._tell(admin, text, by=person)
                approval._tell_webhooks(WebhookEvent.NEEDS_APPROVAL, why_it_waits(approval))
        except IntegrityError:
            return cls.objects.get(person=person, token=needed.token), False
        return approval, True

    def approve(self, *, by: User, seen: Decimal, now: datetime, may_pass: bool = False) -> bool:
        """Place it under its person, once, as `by` allows. False: somebody was first.

        `seen` is the price that the admin saw, in dollars; `may_pass`: the admin saw that it passes a budget, and lets
        this one. Raises PriceChanged where it costs something else now, NotPlaced where it can't be placed; it waits on.
        """
        if by.pk == self.person_id:
            raise NotPlaced(OWN)
        with transaction.atomic():
            if not self._decide(self.State.APPROVED, by=by, now=now):
                return False
            specs, total = self.specs(), self.total_today()
            if total != seen:
                raise PriceChanged(total)
            person = User.objects.get(pk=self.person_id)
            if not (person.is_active and person.can_make):
                raise NotPlaced(NO_ACCESS.format(name=isolated(person.name)))
            Approval.objects.filter(pk=self.pk).update(total=total)
            self._place(person, specs, now, may_pass=may_pass)
            self._log(by, f"approved{', over the budget' if may_pass else ''}, {dollars(total)}")
            self._tell(person, f"approved {self.what}, {dollars(total)}.", by=by)
        return True

    def decline(self, *, by: User, reason: str, now: datetime) -> bool:
        """Refuse it with a reason that its person reads. False: somebody was first."""
        with transaction.atomic():
            if not self._decide(self.State.DECLINED, by=by, now=now, reason=reason[:LONGEST]):
                return False
            self._log(by, f"declined, {dollars(self.total)}")
            self._tell_webhooks(WebhookEvent.FAILED, f"An admin declined it: {reason}")
            self._tell(self.person, f"declined {self.what}: “{isolated(cut(reason, 160))}”", by=by)
        return True

    def cancel(self, *, now: datetime) -> bool:
        """Take it back, by its person. False: an admin was first."""
        with transaction.atomic():
            return self._decide(self.State.CANCELLED, by=self.person, now=now)

    def ask_about(self, *, by: User, question: str, was: str | None = None) -> bool:
        """Ask its person something about it. False: it is decided already.

        `was`: the question that the page showed. Raises SaidMeanwhile where another one was asked since.
        """
        question = question[:LONGEST]
        with transaction.atomic():
            Revision.bump()  # one after another: what is compared here holds until it is saved
            now = self._rows().waiting().select_related("asked_by").first()
            if now is None:
                return False
            if was is not None and now.question not in {was, question}:
                who = "You" if now.asked_by == by else isolated(now.asked_by.name) if now.asked_by else "Another admin"
                raise SaidMeanwhile(ASKED_MEANWHILE.format(who=who))
            self._rows().update(question=question, asked_by=by)
            self._tell(self.person, f"asks about your {self.what}: “{isolated(cut(question, 160))}”", by=by)
        return True

    def take_note(self, *, note: str, was: str | None = None) -> bool:
        """Keep what its person says about it, and tell whoever asked. False: it is decided already.

        `was`: the note that the page showed. Raises SaidMeanwhile where another one was saved since.
        """
        note = note[:LONGEST]
        with transaction.atomic():
            Revision.bump()
            now = self._rows().waiting().select_related("asked_by").first()
            if now is None:
                return False
            if was is not None and now.note not in {was, note}:
                raise SaidMeanwhile(NOTED_MEANWHILE)
            self._rows().update(note=note)
            if now.asked_by and note:
                self._tell(now.asked_by, f"says about {self.what}: “{isolated(cut(note, 160))}”", by=self.person)
        return True

    def _place(self, person: User, specs: Sequence[RequestSpec], now: datetime, *, may_pass: bool) -> None:
        try:
            how: dict[str, Any] = {"is_approved": True, "may_pass": may_pass}
            if self.kind:
                Batch.place(person, self.token, specs, kind=self.kind, title=self.title, now=now, **how)
            else:
                made, _ = Submission.place(person, self.token, specs[0], now=now, **how)
                # Whoever asked for it knows this code and no other.
                Submission.objects.filter(pk=made.pk).update(code=self.code)
        except OverBudget as over:
            over.is_own = False  # an admin reads it
            raise

    def _tell_webhooks(self, event: WebhookEvent, text: str) -> None:
        key, asked = f"{self.kind or 'approval'}:{self.code}:{event}", self.requests[0]
        tell_approval(event, self.person_id, key, text, self.get_absolute_url(), asked)

    def _rows(self) -> ApprovalQuerySet:
        return Approval.objects.filter(pk=self.pk)

    def _decide(self, state: str, *, by: User, now: datetime, **fields: str) -> bool:
        if not self._rows().waiting().update(state=state, decided_at=now, decided_by=by, **fields):
            return False
        Revision.bump()
        return True

    def _log(self, by: User, text: str) -> None:
        thing = f"{self.what} of {isolated(self.person.name)}"
        TrailEntry.log(TrailEntry.Verb.APPROVAL, by=by, thing=thing, address=self.get_absolute_url(), text=text)

    def _tell(self, person: User, text: str, *, by: User) -> None:
        address = self.get_absolute_url()
        Notification.tell(person, Notification.Kind.APPROVAL, text, address, actor=by, key=f"approval:{self.code}")
