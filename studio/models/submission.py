from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.functional import cached_property

from studio.luma import ratios
from studio.luma.capabilities import MAX_PROMPT
from studio.luma.pricing import price
from studio.models import budget
from studio.models.account.rights import Asked, NeedsApproval, TooManyWaiting, check
from studio.models.jobs.count import JobCount
from studio.models.lineage.hidden_inputs import HiddenInputs
from studio.models.looks.look import LookVersion
from studio.models.not_placed import NotPlaced
from studio.models.people import User
from studio.models.picture import Picture
from studio.models.pictures.candidates import Candidates
from studio.models.pictures.privacy import Privacy, publish_inputs
from studio.models.requests.input import Input
from studio.models.requests.request_spec import CHOICES, RequestSpec
from studio.models.requests.submission_query import FLAGS, SubmissionQuerySet
from studio.models.revision import Revision
from studio.models.sql.loading import QuickLoad
from studio.ratios import ratio_class
from studio.text import mentions

MOST_AT_ONCE = 20
__all__ = ["JustMade", "NotPlaced", "Submission", "TooManyWaiting"]
# Luma draws this shape best (luma-api.md section 3.3); that it picks it most when asked for none is our guess.
LIKELY = "16:9"
# The same again within this time of the last may be one intention: it is asked about.
SAME_AGAIN = timedelta(seconds=2)


class JustMade(Exception):
    """The person asked for the very same a moment ago, and did not say that it is meant twice."""


class Submission(Privacy, HiddenInputs, QuickLoad, Candidates):
    """What a person asked for, once. It has 1..n jobs, each one POST to Luma."""

    class Type(models.TextChoices):
        IMAGE = "image", "Generate"
        EDIT = "image_edit", "Edit"
        LAYERS = "layering", "Layers"

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="submissions", db_index=False
    )
    # Made with the form: a double click, Back or a repeated request finds the first submission.
    token = models.UUIDField()
    created_at = models.DateTimeField(default=timezone.now)

    type = models.CharField(max_length=10, choices=Type.choices, default=Type.IMAGE)
    prompt = models.TextField(blank=True)
    model = models.CharField(max_length=20)
    aspect_ratio = models.CharField(max_length=5, blank=True)
    style = models.CharField(max_length=10, default="auto")
    output_format = models.CharField(max_length=5, blank=True)
    web_search = models.BooleanField(default=False)
    layering_resolution = models.CharField(max_length=2, blank=True)
    count = models.PositiveSmallIntegerField(default=1)
    # The version of the look it was made with, and what filled its blanks, in their order.
    look = models.ForeignKey(LookVersion, on_delete=models.PROTECT, null=True, related_name="submissions")
    blanks = models.JSONField(default=list, blank=True)
    # The prompt with all that the look added, as it was then; "" without a look.
    full_prompt = models.TextField(blank=True)
    # For each job, at the price list of that day; None where Luma publishes no price (layers).
    unit_price = models.DecimalField(max_digits=8, decimal_places=4, null=True)
    pictures = models.ManyToManyField(Picture, through=Input, related_name="submissions")
    # Of a request that came with a token.
    api_token = models.ForeignKey(
        "ApiToken", on_delete=models.SET_NULL, null=True, related_name="submissions", db_index=False
    )
    # What hears how it ends, if its request said so.
    webhook = models.ForeignKey(
        "Webhook", on_delete=models.SET_NULL, null=True, related_name="submissions", db_index=False
    )
    # Its pictures go there as they come.
    board = models.ForeignKey("Board", on_delete=models.SET_NULL, null=True, related_name="submissions", db_index=False)
    # Where it belongs on the Create page, kept with every change of its jobs: under way; failed or unknown and not
    # dismissed; with a picture not dismissed; ended, with something to show beside what failed.
    has_active = models.BooleanField(default=False)
    has_failed = models.BooleanField(default=False)
    has_done = models.BooleanField(default=False)
    is_at_rest = models.BooleanField(default=False)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "token"], name="one_submission_for_each_token")]
        indexes = [
            # The submissions of a batch, in their order.
            models.Index(
                fields=["batch", "batch_number"], name="submissions_of_a_batch", condition=models.Q(batch__isnull=False)
            ),
            # What a person asked for last.
            models.Index(fields=["person", "-created_at", "-id"], name="submissions_of_a_person"),
            # What a token asked for, newest first, and what it spent.
            models.Index(
                fields=["api_token", "-created_at", "-id"],
                name="submissions_of_a_token",
                condition=models.Q(api_token__isnull=False),
            ),
            # Each view of the feed, of one person and of the team, newest first, and its pages.
            *(
                models.Index(fields=fields, name=f"{flag}{ending}", condition=models.Q((flag, True)))
                for flag in FLAGS
                for ending, fields in (
                    ("_of_a_person", ["person", "-created_at", "-id"]),
                    ("_of_the_team", ["-created_at", "-id", "is_private", "person"]),
                )
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()} × {self.count}"

    @cached_property
    def used(self) -> list[Input]:
        """The pictures it starts from or looks at; a query for many jobs fills it in (JobQuerySet.for_cards)."""
        return list(self.inputs.all())

    @property
    def source(self) -> Picture | None:
        return next((i.picture for i in self.used if i.role == Input.Role.SOURCE), None)

    @property
    def source_type(self) -> str:
        """What the files of its pictures say of AI (Picture.SourceType)."""
        return self.source.source_type_of_edits if self.source else Picture.SourceType.TRAINED

    @property
    def references(self) -> list[Input]:
        return [i for i in self.used if i.role == Input.Role.REFERENCE]

    @property
    def own_references(self) -> list[Input]:
        """Those that the person chose; the look brought the others."""
        return [i for i in self.references if not i.is_from_look]

    def wire_prompt(self, references: int) -> str:
        """Return what Luma reads, beside so many references."""
        return mentions.spelled_out(self.full_prompt or self.prompt, references, MAX_PROMPT)

    @property
    def read_by_luma(self) -> str:
        return self.wire_prompt(len(self.references) + self.hidden_references)

    @property
    def shape(self) -> tuple[int, int]:
        """The width and height to expect, in pixels, before a picture has arrived."""
        source = self.source
        if self.type != self.Type.IMAGE and source:
            return source.width, source.height
        known = ratios.offer().known
        expected = known.get(self.aspect_ratio) or known[LIKELY]
        return expected.width, expected.height

    @property
    def ratio_class(self) -> str:
        return ratio_class(*self.shape)

    @property
    def total(self) -> Decimal | None:
        return None if self.unit_price is None else self.unit_price * self.count

    @classmethod
    def place(
        cls,
        person: User,
        token: uuid.UUID,
        spec: RequestSpec,
        *,
        now: datetime,
        asks_first: bool = False,
        is_approved: bool = False,
        may_pass: bool = False,
        asks_over: bool = False,
    ) -> tuple[Submission, bool]:
        """Store what is asked for and its jobs in one transaction; return it and whether it is new.

        The same person's same token always finds the first submission, whatever else the second request says.
        Raises, and stores nothing: NotPlaced where it is not allowed, too much now or over a budget, NeedsApproval where an admin
        has to approve it first (studio.models.account.rights); JustMade, with `asks_first`, when the person's last submission is
        the same and younger than SAME_AGAIN; OverCap when the token that asks may not spend so much. `is_approved`: an
        admin did; `may_pass`: it may pass the budgets then. `asks_over`: out of budget it needs an approval as well.
        """
        known = cls.objects.filter(person=person, token=token).first()
        if known:
            return known, False
        try:
            with transaction.atomic():
                how: dict[str, Any] = {"asks_first": asks_first, "is_approved": is_approved, "may_pass": may_pass}
                return cls.store(person, token, spec, now, **how), True
        except budget.OverBudget as over:
            if not asks_over:
                raise
            raise over.to_ask().about(person, token, [spec], "", spec.prompt) from None
        except NeedsApproval as needed:
            raise needed.about(person, token, [spec], "", spec.prompt) from None
        except IntegrityError:
            return cls.objects.get(person=person, token=token), False

    @classmethod
    def store(
        cls,
        person: User,
        token: uuid.UUID,
        spec: RequestSpec,
        now: datetime,
        *,
        asks_first: bool = False,
        is_approved: bool = False,
        may_pass: bool = False,
        batch: Any = None,
        batch_number: int = 1,
        rev: int = 0,
    ) -> Submission:
        """Store it and its jobs inside the caller's transaction.

        `batch` is the Batch that it belongs to, which has counted them already, under the revision `rev`.
        """
        chosen: dict[str, Any] = {name: getattr(spec, name) for name in CHOICES} | {"is_private": spec.will_be_private}
        inputs = ([spec.source] if spec.source else []) + spec.all_references
        submission = cls.objects.create(
            person=person,
            token=token,
            created_at=now,
            unit_price=price(spec.type, spec.model, len(inputs)),
            has_active=True,
            batch=batch,
            batch_number=batch_number,
            blanks=list(spec.blanks) if spec.look else [],
            full_prompt=spec.full_prompt if spec.look else "",
            **{name: getattr(spec, name) for name in ("look", "board", "api_token", "webhook")},
            **chosen,
        )
        Input.store(submission, inputs, has_source=spec.source is not None, own=len(spec.references))
        if not submission.is_private:
            publish_inputs(inputs)
        if batch is None:
            rev = Revision.bump()
            # From here to the commit the counter is locked: two clicks at once are counted one after the other.
            if asks_first and submission._repeats_the_last():
                raise JustMade
            check(person, [Asked.by(spec)], now=now, is_approved=is_approved)
            JobCount.add_waiting(person, spec.count, submission.unit_price, is_private=submission.is_private)
        if spec.api_token:
            spec.api_token.reserve(submission.unit_price, spec.count, now=now)
        numbers = range(1, spec.count + 1)
        _, parts = submission.add_jobs(numbers, cost=submission.unit_price, inputs=len(inputs), now=now, rev=rev)
        if batch is None:
            budget.take(person, parts, day=timezone.localdate(now), may_pass=may_pass)
        return submission

    def asks_for(self, spec: RequestSpec) -> bool:
        """Whether this is what `spec` asks for: a request with the same token may say something else by now."""
        asked = {name: getattr(self, name) for name in CHOICES} | {"count": self.count - self.redone}
        wanted = {name: getattr(spec, name) for name in CHOICES} | {"is_private": spec.will_be_private}
        if asked != wanted or self.look != spec.look:
            return False
        inputs = [*([spec.source] if spec.source else []), *spec.all_references]
        return list(self.inputs.values_list("picture", flat=True)) == [picture.pk for picture in inputs]

    def _repeats_the_last(self) -> bool:
        """Whether the person's submission before this one, a moment ago, asks for the same with the same pictures."""
        before = Submission.objects.filter(person=self.person).exclude(pk=self.pk).order_by("-created_at", "-pk")
        last = before.filter(created_at__gt=self.created_at - SAME_AGAIN).first()
        if last is None or any(getattr(last, name) != getattr(self, name) for name in (*CHOICES, "full_prompt")):
            return False
        inputs = Input.objects.order_by("position").values_list("picture", "position")
        return list(inputs.filter(submission=last)) == list(inputs.filter(submission=self))
