"""What a waiting job waits for, in words: a free place, the rate, lost answers, or a network that is down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max
from django.utils import timezone

from studio.models import ApiAccount, Job


@dataclass(frozen=True, slots=True)
class PlacesHeld:
    """How many places at Luma are held by requests whose answers got lost, until when, and whether none is free."""

    lost: int
    until: datetime | None
    are_all_taken: bool

    @classmethod
    def now(cls, account: ApiAccount, *, now: datetime) -> PlacesHeld:
        lost = Job.objects.holding_lost_places(now)
        until = lost.aggregate(until=Max("place_until"))["until"]
        if until is None:
            return cls(0, None, False)
        taken = Job.objects.occupying(now).exclude(state=Job.State.WAITING).weight()
        return cls(lost.weight(), until, taken >= account.slots)


def of(job: Job, account: ApiAccount, held: PlacesHeld, *, now: datetime) -> str:
    """Return the sentence for a job that nothing stops for everybody; "" when it is only in line."""
    if account.paused_until and account.is_paused(now):
        return f"Luma takes only so many requests a minute. Studio goes on at {_clock(account.paused_until)}."
    if held.are_all_taken and held.until:
        return (
            f"{held.lost} of {account.slots} places at Luma may be held by requests whose answers got lost, "
            f"at most until {_clock(held.until)}."
        )
    is_put_off = job.due_at is not None and job.due_at > now
    if job.hold_reason == Job.HoldReason.CAPACITY:
        return "Luma had no free place. It's sent as soon as one of ours is free."
    if job.hold_reason == Job.HoldReason.FILES:
        return "Its pictures are on their way to Luma. It's sent as soon as Luma has checked them."
    if job.hold_reason == Job.HoldReason.UNREACHABLE and is_put_off and job.due_at:
        return f"Luma could not be reached, so nothing was sent. Studio tries again at {_clock(job.due_at)}."
    return ""


def _clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M:%S}"
