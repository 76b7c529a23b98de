from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import F, Prefetch, Q, Sum

from studio.models.jobs.attempt import Attempt
from studio.models.people import User
from studio.models.picture import Picture
from studio.models.pictures.queries import SHOWN
from studio.models.requests.input import Input
from studio.models.sql.compiled_query import KEYS, CompiledQuery

J = TypeVar("J", bound=models.Model)  # the Job, whose module imports this one

MOST_AT_ONCE = 500  # rows that one statement names
# Luma counts a job for at most an hour, however it ends (luma-api.md section 8.1).
SLOT_LIFE = timedelta(hours=1)
# No lease is longer (three minutes) and nothing is put off for longer (five): a time further ahead was written by a
# clock that has since been set back, and nobody must wait for it. What such a claim takes is fenced by its epoch.
LONGEST_LEASE = timedelta(minutes=4)
LONGEST_WAIT = timedelta(minutes=6)


def _leased(now: datetime) -> Q:
    return Q(lease_until__gte=now, lease_until__lte=now + LONGEST_LEASE)


def _holding(now: datetime) -> Q:
    return Q(is_failure=True, place_until__gt=now, place_until__lte=now + SLOT_LIFE)


# What the card of a job does not show.
UNSEEN = (
    *("charge", "is_under_way", "is_failure", "state_at", "lease_owner", "lease_until", "lease_epoch"),
    *("weight", "place_until", "resends", "request_id", "provider", "created_at", "accepted_at", "fetches"),
    *("bad_files", "fit", "failure_code", "status", "detail"),
    *(
        f"submission__{name}"
        for name in ("person", "token", "created_at", "style", "output_format", "web_search", "layering_resolution")
    ),
    *(f"submission__{name}" for name in ("unit_price", "has_active", "has_failed", "has_done", "is_at_rest")),
)


# What a row of Review shows.
ON_REVIEW = (
    *(
        "code",
        "submission",
        "kind",
        "input_count",
        "person",
        "is_private",
        "price",
        "charge",
        "state",
        "due_at",
        "request_id",
        "remote_id",
        "made_at",
        "making_at",
        "sent_at",
        "rev",
    ),
    *(
        "finished_at",
        "cause",
        "remedy",
        "failure_code",
        "status",
        "sentence",
        "detail",
        "settled_at",
        "settled_by",
        "settled_as",
        "acknowledged_at",
        "acknowledged_by",
        "state_at",
        "asked_at",
        "asked_by",
        "asked_cause",
        "attempts",
    ),
)


def inputs() -> Prefetch[Any]:
    """The pictures that each submission looks at, as its `used`."""
    return Prefetch("submission__inputs", Input.objects.prefetch_related("picture"), "used")


def outputs() -> Prefetch[Any]:
    """The pictures of each job, as its `outputs`."""
    shown = Picture.objects.of_luma().only(*SHOWN, "position", "layer")
    return Prefetch("pictures", shown.order_by("position"), "outputs")


def load_outputs(jobs: Iterable[Any]) -> list[Picture]:
    """Fill in the `outputs` of each job, in one query; return the pictures."""
    by_key = {job.pk: job for job in jobs}
    for job in by_key.values():
        job.outputs = []
    pictures = _OUTPUTS(list(by_key)) if by_key else []
    for picture in pictures:
        picture.job = by_key[picture.job_id]
        by_key[picture.job_id].outputs.append(picture)
    return pictures


def introduce(jobs: Iterable[Any], known: dict[int, User]) -> None:
    """Give each job its people: one object for all of a person's, by key in `known`, which grows; one query at most."""
    people = ("person", "settled_by", "asked_by", "acknowledged_by")
    named = {pk for job in jobs for name in people if (pk := getattr(job, f"{name}_id"))}
    if others := named - known.keys():
        known |= named_people(others)
    for job in jobs:
        for name in people:
            if person := known.get(getattr(job, f"{name}_id")):
                setattr(job, name, person)


def tries_of(jobs: Iterable[Any], known: dict[int, User]) -> dict[int, list[Attempt]]:
    """Return the attempts of each job by its key, in one query, and one more for people who are not `known`."""
    by_key: dict[int, list[Attempt]] = {job.pk: [] for job in jobs}
    made = _TRIES(list(by_key)) if by_key else []
    if others := {attempt.asked_by_id for attempt in made if attempt.asked_by_id} - known.keys():
        known |= named_people(others)
    for attempt in made:
        if attempt.asked_by_id:
            attempt.asked_by = known[attempt.asked_by_id]
        by_key[attempt.job_id].append(attempt)
    return by_key


def named_people(keys: Collection[int]) -> dict[int, User]:
    """Return these people, with nothing but their names."""
    return {one.pk: one for one in _NAMED(list(keys))}


_OUTPUTS = CompiledQuery(
    lambda keys: Picture.objects.of_luma().filter(job_id__in=keys).only(*SHOWN, "layer").order_by("position"), KEYS
)
_TRIES = CompiledQuery(
    lambda keys: Attempt.objects.filter(job_id__in=keys).only(
        "job_id", "number", "sent_at", "ended_at", "outcome", "status", "asked_by_id"
    ),
    KEYS,
)
_NAMED = CompiledQuery(lambda keys: User.objects.filter(pk__in=keys).only("name"), KEYS)


class JobQuerySet(models.QuerySet[J]):
    def of(self, person: User) -> Self:
        return self.filter(person=person)

    def visible_to(self, person: User) -> Self:
        """The team's, and the person's own private ones."""
        return self.filter(Q(is_private=False) | person.owned()) if person.is_active else self.none()

    def waiting(self) -> Self:
        return self.in_progress().filter(state="waiting")

    def in_progress(self) -> Self:
        return self.filter(is_under_way=True)

    def at_luma(self) -> Self:
        """With an id, and not at their end."""
        return self.in_progress().filter(state__in=["running", "saving"])

    def watched(self) -> Self:
        """Those that somebody stopped waiting for, while a late picture is still looked for."""
        return self.failures().filter(state="failed", cause="stopped", due_at__isnull=False)

    def unsaved(self) -> Self:
        """Made, not saved yet, and still tried."""
        return self.in_progress().filter(state="saving").exclude(cause="")

    def being_saved(self) -> Self:
        """Made and paid for, and not saved yet."""
        return self.in_progress().filter(state="saving")

    def in_custody(self, before: datetime) -> Self:
        """Made and not saved yet, where that has failed once or has taken since `before`."""
        return self.in_progress().filter(~Q(cause="") | Q(made_at__lt=before), state="saving")

    def holding_lost_places(self, now: datetime) -> Self:
        """Unknown ones that may still take a slot."""
        return self.filter(_holding(now))

    def failures(self) -> Self:
        return self.filter(is_failure=True)

    def open_cases(self) -> Self:
        """What an admin has not settled yet."""
        return self.failures().filter(settled_at=None)

    def settled_cases(self) -> Self:
        return self.failures().filter(settled_at__isnull=False)

    def acknowledged_cases(self) -> Self:
        """Open cases that an admin has seen and not settled yet."""
        return self.open_cases().filter(acknowledged_at__isnull=False)

    def asked_again(self) -> Self:
        """Under way because somebody asked for them once more after they had failed."""
        return self.in_progress().exclude(asked_cause="")

    def held_unsaved(self, before: datetime) -> Self:
        """Made before then, and not saved yet."""
        return self.in_progress().filter(state="saving", made_at__lt=before)

    def on_feed(self) -> Self:
        return self.filter(dismissed_at=None)

    def due(self, now: datetime) -> Self:
        return self.filter(Q(due_at__lte=now) | Q(due_at__gt=now + LONGEST_WAIT))

    def unleased(self, now: datetime) -> Self:
        return self.filter(Q(lease_until=None) | ~_leased(now))

    def leased_by(self, owner: str) -> Self:
        """What has ended belongs to nobody."""
        return self.in_progress().filter(lease_owner=owner)

    def changed_since(self, rev: int) -> Self:
        return self.filter(rev__gt=rev)

    def on_the_way(self, now: datetime) -> Self:
        """Admitted, and being prepared for sending."""
        return self.waiting().filter(_leased(now))

    def occupying(self, now: datetime) -> Self:
        """What takes a slot of the account, or is about to. An unknown one may, for as long as its kind usually takes."""
        return self.filter(
            # Each part names the flag of its index; a place is held by unknown ones only.
            Q(_leased(now), is_under_way=True, state="waiting")
            | Q(is_under_way=True, state="sending")
            | Q(is_under_way=True, state="running", sent_at__gt=now - SLOT_LIFE)
            | _holding(now)
        )

    def weight(self) -> int:
        """The slots these jobs take together."""
        return self.aggregate(total=Sum("weight"))["total"] or 0

    def for_cards(self) -> Self:
        """With what a card shows, in a fixed number of queries."""
        return self.select_related("submission", "person").prefetch_related(inputs(), outputs())

    def for_feed(self) -> Self:
        """For dozens of cards: without what none shows, without people, who are few, and pictures (views.card_builder)."""
        return self.select_related("submission").defer(*UNSEEN)

    def for_review(self) -> Self:
        """With what a row of Review shows, and without the rest. Then `introduce`, `tries_of` and `load_inputs`."""
        return self.select_related("submission").only(*ON_REVIEW, "submission__prompt")

    def claim(
        self, owner: str, pks: Iterable[int], *, until: datetime, now: datetime, weight: int | None = None
    ) -> list[J]:
        """Lease the rows that nobody else holds, and return those that became ours."""
        hold = {"lease_owner": owner, "lease_until": until, "lease_epoch": F("lease_epoch") + 1}
        if weight is not None:
            hold["weight"] = weight
        self.filter(pk__in=list(pks)).unleased(now).update(**hold)
        return list(
            self.filter(pk__in=list(pks), lease_owner=owner, lease_until=until).select_related("submission", "person")
        )

    def adopt(self, owner: str, *, beside: set[int], until: datetime, now: datetime) -> list[J]:
        """Claim every job that has an id, or whose late picture is looked for, and nobody to follow it.

        Not those `beside` it: what is still held under a lease that was lost meanwhile would be claimed for nobody.
        """
        claimed: list[J] = []
        for followed in (self.at_luma(), self.watched()):
            free = followed.due(now).unleased(now).exclude(lease_owner=owner)
            pks = [pk for pk in free.values_list("pk", flat=True) if pk not in beside]
            for start in range(0, len(pks), MOST_AT_ONCE):
                claimed += followed.claim(owner, pks[start : start + MOST_AT_ONCE], until=until, now=now)
        return claimed

    def renew(self, owner: str, *, until: datetime, ending_before: datetime | None = None) -> int:
        """Keep what `owner` holds until then; where `ending_before` is given, only what would end before it."""
        ending = self.leased_by(owner).in_progress().filter(lease_until__lt=ending_before or until)
        return ending.update(lease_until=until)

    def release(self, owner: str) -> int:
        """Give back every lease of `owner` except those of requests that are on the wire."""
        return self.leased_by(owner).exclude(state="sending").update(lease_owner="", lease_until=None)
