from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from studio.models import budget
from studio.models.account.rights import Asked, NeedsApproval, check
from studio.models.jobs.count import JobCount, in_parts
from studio.models.people import User
from studio.models.requests.request_spec import RequestSpec
from studio.models.revision import Revision
from studio.models.submission import Submission

# Pictures of one list of combinations, and pictures that one instruction edits.
MOST_COMBINATIONS = 60
MOST_EDITED = 100


class Batch(models.Model):
    """Submissions that a person asked for at once: they are sent one by one, and seen, kept and cancelled together."""

    class Kind(models.TextChoices):
        COMBINATIONS = "combinations", "Combinations"
        EDIT = "edit", "One edit"
        FORMATS = "formats", "Formats"

    code = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="batches", db_index=False
    )
    # Made with the form, as that of a submission.
    token = models.UUIDField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    # The prompt as it was typed.
    title = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "token"], name="one_batch_for_each_token")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.code}"

    def get_absolute_url(self) -> str:
        return reverse("studio:group", args=[self.code])

    @classmethod
    def known(cls, person: User, token: uuid.UUID) -> Batch | None:
        return cls.objects.filter(person=person, token=token).first()

    @classmethod
    def place(
        cls,
        person: User,
        token: uuid.UUID,
        specs: Sequence[RequestSpec],
        *,
        kind: str,
        title: str,
        now: datetime,
        is_approved: bool = False,
        may_pass: bool = False,
        asks_over: bool = False,
    ) -> tuple[Batch, bool]:
        """Store all that is asked for, in one transaction; return it and whether it is new. One token stores once.

        Raises NotPlaced (OverBudget among them) or NeedsApproval, and then nothing is stored (studio.models.account.rights).
        `may_pass` and `asks_over` as in Submission.place.
        """
        if found := cls.known(person, token):
            return found, False
        try:
            with transaction.atomic():
                rev = Revision.bump()  # whoever else asks at this moment is counted before or after
                if found := cls.known(person, token):
                    return found, False
                check(person, [Asked.by(spec) for spec in specs], now=now, is_approved=is_approved)
                batch = cls.objects.create(person=person, token=token, kind=kind, title=title, created_at=now)
                batch._add(specs, rev, now, may_pass=may_pass)
                return batch, True
        except budget.OverBudget as over:
            if not asks_over:
                raise
            raise over.to_ask().about(person, token, specs, kind, title) from None
        except NeedsApproval as needed:
            raise needed.about(person, token, specs, kind, title) from None

    def _add(self, specs: Iterable[RequestSpec], rev: int, now: datetime, *, may_pass: bool) -> None:
        counted: Counter[tuple[Decimal | None, bool]] = Counter()
        parts = 0
        for number, spec in enumerate(specs, start=1):
            # The same token of the form never makes the same submission twice, however it comes.
            token = uuid.uuid5(self.token, str(number))
            made = Submission.store(self.person, token, spec, now, batch=self, batch_number=number, rev=rev)
            counted[made.unit_price, made.is_private] += spec.count
            parts += in_parts(made.unit_price) * spec.count
        for (cost, is_private), count in counted.items():
            JobCount.add_waiting(self.person, count, cost, is_private=is_private)
        budget.take(self.person, parts, day=timezone.localdate(now), may_pass=may_pass)
