"""The numbers around every page, read with one statement: seven queries of the ORM cost more than the page itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from studio.models.account.notification import MOST_COUNTED
from studio.models.jobs.count import in_dollars
from studio.models.jobs.queries import LONGEST_LEASE, SLOT_LIFE
from studio.models.people import User
from studio.models.spend.spent import Spent
from studio.models.sql import prepared_statements
from studio.models.sql.compiled_query import KEY
from studio.models.state.api_account import LONGEST_PAUSE, SKEW, WINDOW, ApiAccount

# From when on everybody is told that Luma answers nothing.
LONG_SILENCE = timedelta(seconds=30)

# The same rows as JobQuerySet.occupying, in_progress and JobCount.open_cases; tests/models/sql/test_frame.py compares them.
FACTS = f"""
SELECT
  (SELECT number FROM studio_revision WHERE name = 'studio'),
  (SELECT slots FROM studio_apiaccount WHERE name = 'luma'),
  (SELECT COALESCE(SUM(busy.weight), 0) FROM "studio_job" busy WHERE busy.is_under_way AND (
     busy.state = 'sending'
     OR (busy.state = 'waiting' AND busy.lease_until >= %(now)s AND busy.lease_until <= %(longest_lease)s)
     OR (busy.state = 'running' AND busy.sent_at > %(slot_life_ago)s))),
  (SELECT COALESCE(SUM(lost.weight), 0) FROM "studio_job" lost
     WHERE lost.is_failure AND lost.place_until > %(now)s AND lost.place_until <= %(slot_life)s),
  (SELECT COUNT(*) FROM "studio_job" own WHERE own.is_under_way AND own.person_id = %(person)s),
  (SELECT COALESCE(SUM(number), 0) FROM studio_jobcount WHERE "group" = 'failed' AND NOT settled),
  (SELECT COUNT(*) FROM studio_sendingpause),
  (SELECT COUNT(*) FROM studio_apiaccount
     WHERE name = 'luma' AND paused_until > %(now)s AND paused_until <= %(longest_pause)s),
  (SELECT COUNT(*) FROM "studio_job" silent
     WHERE silent.is_under_way AND silent.state = 'sending' AND silent.sent_at <= %(long_silent)s),
  (SELECT COUNT(*) FROM studio_alert WHERE event = 'silent' AND ended_at IS NULL),
  (SELECT COUNT(*) FROM (SELECT 1 FROM studio_notification
     WHERE person_id = %(person)s AND read_at IS NULL LIMIT {MOST_COUNTED}) AS unread),
  (SELECT COUNT(*) FROM (SELECT 1 FROM studio_notification
     WHERE person_id = %(person)s AND read_at IS NULL AND kind IN ('done', 'failed') LIMIT {MOST_COUNTED}) AS ended),
  (SELECT COUNT(*) FROM studio_approval WHERE decided_at IS NULL),
  (SELECT reserved + spent + unknown FROM studio_spent WHERE key = %(own_month)s),
  (SELECT reserved + spent + unknown FROM studio_spent WHERE key = %(team_month)s),
  (SELECT reserved + spent + unknown FROM studio_spent WHERE key = %(team_day)s),
  (SELECT per_month FROM studio_teambudget WHERE id = 1),
  (SELECT per_day FROM studio_teambudget WHERE id = 1)
"""  # noqa: S608 - our own number


def moments(now: datetime) -> dict[str, Any]:
    """The times that statements of our own name, as the database writes them."""
    named = {
        "now": now,
        "longest_lease": now + LONGEST_LEASE,
        "slot_life": now + SLOT_LIFE,
        "slot_life_ago": now - SLOT_LIFE,
        "longest_pause": now + LONGEST_PAUSE,
        "long_silent": now - LONG_SILENCE,
        "minute_ago": now - WINDOW,
        "soon": now + SKEW,
    }
    return {name: connection.ops.adapt_datetimefield_value(moment) for name, moment in named.items()}


@dataclass(frozen=True, slots=True)
class Frame:
    """What the frame of a page says about the studio.

    `slots` and `slots_used` are in weight units; `in_progress` counts the person's own jobs, `open_cases` everybody's.
    `unread` counts the person's new notifications, up to MOST_COUNTED, and `ended` those of their own jobs;
    `approvals` counts the requests that wait for an admin.
    """

    revision: int
    slots: int
    slots_used: int
    in_progress: int
    open_cases: int
    sending_pauses: int
    # Whether something may hold the whole line: Luma's wait or silence, lost requests, or a dead engine.
    may_be_held: bool
    unread: int
    ended: int
    approvals: int
    # Dollars: what the person has used of this month, and what is left of the team's budget, None without one.
    used: Decimal
    left: Decimal | None

    @classmethod
    def read(cls, person: User, *, now: datetime) -> Frame:
        values = {**moments(now), **_keys(person, now), "person": KEY.get_db_prep_value(person.pk, connection)}
        # What is under way, new or held is little whatever the times are: one plan is good for all.
        ((revision, slots, busy, held, in_progress, open_cases, *more),) = prepared_statements.rows(
            connection, FACTS, values
        )
        pauses, asked_to_wait, silent, alerts, unread, ended, approvals, *money = more
        return cls(
            revision=revision or 0,
            slots=slots or ApiAccount.current().slots,
            slots_used=int(busy + held),
            in_progress=in_progress,
            open_cases=int(open_cases),
            sending_pauses=pauses,
            may_be_held=bool(asked_to_wait or silent or alerts or (held and busy + held >= (slots or 0))),
            unread=unread,
            ended=ended,
            approvals=approvals,
            used=in_dollars(money[0]),
            left=_left(*money[1:]),
        )


def _keys(person: User, now: datetime) -> dict[str, str]:
    """The rows of Spent that the frame reads."""
    day = timezone.localdate(now)
    team_day, team_month = Spent.keys(None, day)
    return {"own_month": Spent.keys(person.pk, day)[1], "team_month": team_month, "team_day": team_day}


def _left(month: int | None, day: int | None, per_month: Any, per_day: Any) -> Decimal | None:
    """The least that is left of the team's limits: of amounts in ten-thousandths, and limits as the database has them."""
    limits = [(per_month, month), (per_day, day)]
    left = [Decimal(str(most)) - in_dollars(used) for most, used in limits if most is not None]
    return max(Decimal(0), min(left)) if left else None
