"""What holds the whole line although nothing is paused: Luma's wait or silence, lost answers, or a dead engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from django.db.models import Max
from django.utils import timezone

from studio.engine import capacity
from studio.models import ApiAccount, Attempt, Job
from studio.models.alerts.alert import Alert
from studio.models.jobs.timing import Room
from studio.models.sql.frame import LONG_SILENCE
from studio.models.state.api_account import LONGEST_PAUSE
from studio.pauses import IS_TRIED, WAITS

MINUTE = timedelta(seconds=60)
# Short waits that follow each other are told of after so long without a request that Luma took.
AGAIN_AFTER = timedelta(minutes=2)
# Refusals further apart are not of one kind of wait; Luma's longest wait and a try lie between two that are.
APART, MOST_REFUSALS = LONGEST_PAUSE + MINUTE, 200


@dataclass(frozen=True, slots=True)
class PlacesHeld:
    """How many places at Luma are held by requests whose answers got lost, until when, and whether none is free."""

    lost: int
    until: datetime | None
    are_all_taken: bool
    # When the latest of them got lost.
    lost_since: datetime | None = None
    # When the account's requests of this minute are used up: from when on the next one may leave.
    next_request: datetime | None = None
    # When the last request left, while Luma answers none.
    silent_since: datetime | None = None
    # Requests that may still leave in this minute.
    left: int = 0

    @classmethod
    def now(cls, room: Room, *, now: datetime) -> PlacesHeld:
        are_all_taken = room.lost > 0 and not room.free
        until = lost_since = None
        if are_all_taken:
            times = Job.objects.holding_lost_places(now).aggregate(until=Max("place_until"), since=Max("finished_at"))
            until, lost_since = times["until"], times["since"]
        return cls(
            room.lost,
            until,
            are_all_taken,
            lost_since,
            next_request=None if room.left else _next_request(room.per_minute, now),
            silent_since=capacity.silent_since(now) if room.free and room.left else None,
            left=room.left,
        )


def _next_request(per_minute: int, now: datetime) -> datetime | None:
    """The window slides (luma-api.md section 8.1): the oldest of a full minute makes room for the next."""
    sent = Attempt.objects.filter(sent_at__gt=now - MINUTE, sent_at__lte=now).order_by("-sent_at")
    oldest = sent.values_list("sent_at", flat=True)[per_minute - 1 : per_minute].first()
    return oldest + MINUTE if oldest else None


def stamp(account: ApiAccount, held: PlacesHeld, *, now: datetime) -> str:
    """Name what holds the whole line, "" for nothing: when it is another, waiting cards say something else."""
    facts = {
        "paused": account.is_paused(now),
        "lost": held.are_all_taken and held.until,
        "minute": held.next_request,
        "silent": held.silent_since,
    }
    return next((name for name, is_so in facts.items() if is_so), "")


@dataclass(frozen=True, slots=True)
class LineWait:
    """What holds the whole line for a while although nothing is paused."""

    name: str  # of its row in studio.pauses.WAITS
    since: datetime | None
    until: datetime | None
    # Whether an admin has said that one job is to be tried, and its answer has not come.
    is_tried: bool

    @classmethod
    def now(cls, *, now: datetime) -> LineWait | None:
        """Return the one there is; None where the line moves, or stands for moments only."""
        if alert := Alert.of_silent_conductor():
            return cls("engine", alert.at, None, False)
        account = ApiAccount.current()
        if account.is_paused_long(now):
            since, is_tried = refused_since(now) or account.paused_at, account.is_to_try(now) or _is_probed(account)
            return cls("paused", since, account.paused_until, is_tried)
        if since := _refused_again(account, now):
            return cls("again", since, None, account.is_to_try(now))
        if account.is_paused(now):
            return None
        if not Job.objects.waiting().due(now).exists():
            return None
        held = PlacesHeld.now(Room.of(account, now), now=now)
        if held.are_all_taken and held.until:
            return cls("lost", held.lost_since, held.until, account.is_to_try(now))
        if held.silent_since and held.silent_since <= now - LONG_SILENCE:
            until = held.silent_since + capacity.LONGEST_ANSWER
            return cls("silent", held.silent_since, until, account.is_to_try(now))
        return None

    @property
    def icon(self) -> str:
        return WAITS[self.name].icon

    @property
    def sentence(self) -> str:
        return WAITS[self.name].sentence

    @property
    def advice(self) -> str:
        since, until = (clock(at) if at else "" for at in (self.since, self.until))
        return IS_TRIED if self.is_tried else WAITS[self.name].advice.format(since=since, until=until)

    @property
    def mark(self) -> str:
        """Which wait a page shows: a button pressed there is about no other."""
        end = self.until or self.since
        return f"{self.name}:{end.timestamp() if end else 0:.6f}"

    @property
    def may_be_tried(self) -> bool:
        return self.until is not None and not self.is_tried


def refused_since(now: datetime) -> datetime | None:
    """Return since when Luma has answered every request with "too many"; None when it took the last one."""
    latest = Attempt.objects.filter(sent_at__gt=now - timedelta(hours=1), sent_at__lte=now).order_by("-sent_at")
    since: datetime | None = None
    for sent_at, outcome, status in latest.values_list("sent_at", "outcome", "status")[:MOST_REFUSALS]:
        if outcome in Attempt.ARRIVED or (since or now) - sent_at > APART:
            break
        if (outcome, status) == (Attempt.Outcome.HELD, HTTPStatus.TOO_MANY_REQUESTS):
            since = sent_at
    return since


def _refused_again(account: ApiAccount, now: datetime) -> datetime | None:
    """Return since when short waits have held the line, if that is long: each alone is over in a moment."""
    full_at, until = account.slots_learnt_at, account.paused_until
    is_asked = until is not None and now - MINUTE < until <= now + LONGEST_PAUSE
    is_full = full_at is not None and now - MINUTE < full_at <= now
    if not is_asked and not is_full:
        return None
    since = refused_since(now)
    if since is None or since > now - AGAIN_AFTER or not Job.objects.waiting().exists():
        return None
    # Places that our own jobs hold are freed by them.
    return since if is_asked or not Job.objects.in_progress().filter(state=Job.State.RUNNING).exists() else None


def _is_probed(account: ApiAccount) -> bool:
    """Whether a request is on its way that left after Luma asked to wait."""
    on_wire = Job.objects.in_progress().filter(state=Job.State.SENDING)
    return account.paused_at is not None and on_wire.filter(sent_at__gt=account.paused_at).exists()


def clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M:%S}"
