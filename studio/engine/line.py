"""What holds the whole line although nothing is paused: Luma's wait or silence, lost answers, or a dead engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max
from django.utils import timezone

from studio.engine import capacity
from studio.models import ApiAccount, Attempt, Job
from studio.models.alerts.alert import Alert
from studio.models.jobs.timing import Room
from studio.models.sql.frame import LONG_SILENCE
from studio.pauses import IS_TRIED, WAITS

MINUTE = timedelta(seconds=60)


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
        if account.paused_until and account.is_paused(now):
            if not account.is_paused_long(now):
                return None
            return cls("paused", account.paused_at, account.paused_until, account.is_to_try(now) or _is_probed(account))
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
        until = clock(self.until) if self.until else ""
        return IS_TRIED if self.is_tried else WAITS[self.name].advice.format(until=until)

    @property
    def mark(self) -> str:
        """Which wait a page shows: a button pressed there is about no other."""
        end = self.until or self.since
        return f"{self.name}:{end.timestamp() if end else 0:.6f}"

    @property
    def may_be_tried(self) -> bool:
        return self.until is not None and not self.is_tried


def _is_probed(account: ApiAccount) -> bool:
    """Whether a request is on its way that left after Luma asked to wait."""
    on_wire = Job.objects.in_progress().filter(state=Job.State.SENDING)
    return account.paused_at is not None and on_wire.filter(sent_at__gt=account.paused_at).exists()


def clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M:%S}"
