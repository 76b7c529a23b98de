"""What a waiting job waits for, in words: a place, the rate, lost or late answers, or a network that is down."""

from __future__ import annotations

from datetime import datetime

from studio.engine import capacity
from studio.engine.line import PlacesHeld, clock
from studio.models import ApiAccount, Job
from studio.views.formatting import counted


def of(job: Job, account: ApiAccount, held: PlacesHeld, *, now: datetime) -> str:
    """Return the sentence for a job that nothing stops for everybody; "" when it is only in line."""
    if account.paused_until and account.is_paused(now):
        return f"Luma takes only so many requests a minute. Studio goes on at {clock(account.paused_until)}."
    if held.are_all_taken and held.until:
        return (
            f"{held.lost} of {account.slots} places at Luma may be held by requests whose answers got lost, "
            f"at most until {clock(held.until)}."
        )
    if held.next_request:
        return (
            f"Luma takes {counted(account.per_minute, 'request')} a minute, and that is used up. "
            f"The next one leaves at {clock(held.next_request)}."
        )
    weight = account.weight_of(job.submission.type, job.submission.model)
    if held.left < min(weight, account.per_minute):
        return (
            f"Luma counts this as {counted(weight, 'request')} and takes {account.per_minute} a minute; {held.left} "
            f"{'is' if held.left == 1 else 'are'} left of this minute. It's sent when there is room."
        )
    is_put_off = job.due_at is not None and job.due_at > now
    if job.hold_reason == Job.HoldReason.CAPACITY:
        again = f" Studio asks again at {clock(job.due_at)}." if is_put_off and job.due_at else ""
        return f"Luma had no free place. It's sent as soon as one of ours is free.{again}"
    if job.hold_reason == Job.HoldReason.FILES:
        return "Its pictures are on their way to Luma. It's sent as soon as Luma has checked them."
    if job.hold_reason == Job.HoldReason.UNREACHABLE and is_put_off and job.due_at:
        return f"Luma could not be reached, so nothing was sent. Studio tries again at {clock(job.due_at)}."
    if held.silent_since and not is_put_off:
        return (
            "Luma has not answered what was sent before this. Studio waits for those answers until "
            f"{clock(held.silent_since + capacity.LONGEST_ANSWER)} at most, because each may be paid for."
        )
    return ""
