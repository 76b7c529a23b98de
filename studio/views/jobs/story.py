"""The story of one job, as its page tells it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from studio.models import CaseNote, Job
from studio.models.job import FREE_TO_ASK
from studio.text.names import isolated
from studio.views.jobs import actions as job_actions
from studio.views.jobs.card_builder import CardBuilder
from studio.views.request import HtmxRequest, viewer


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a job's story."""

    at: datetime
    word: str
    detail: str = ""


def timeline(request: HtmxRequest, found: Job) -> dict[str, object]:
    card = CardBuilder(viewer(request), timezone.now()).card(found)
    attempts = list(found.attempts_made.select_related("asked_by", "look_by"))
    return {
        "card": card,
        "job": found,
        "submission": found.submission,
        "story": list(story(found)),
        "attempts": attempts,
        "notes": CaseNote.seen_by(viewer(request), found),
        "buttons": job_actions.buttons(card),
        "decisions": job_actions.decisions(card),
        "menu": job_actions.menu(card),
        "may_look_up": card.viewer is not None and card.viewer.is_admin and found.state == Job.State.UNKNOWN,
        "may_look_again": card.may_act
        and found.state == Job.State.UNKNOWN
        and bool(attempts and attempts[-1].possible_ids),
        "lookup": next((one for one in reversed(attempts) if one.possible_ids), None),
    }


def story(found: Job) -> Iterator[Event]:
    """The times that are known, in order."""
    moments = (
        (found.created_at, "Requested", f"by {isolated(found.person.name)}"),
        (found.sent_at, "Sent to Luma", ""),
        (found.accepted_at, "Accepted by Luma", f"as {found.remote_id}" if found.remote_id else ""),
        (found.making_at, "Started", ""),
        (found.made_at, "Made", ""),
        (found.finished_at, found.get_state_display(), found.sentence),
        (found.asked_at, _again_word(found), f"by {isolated(found.asked_by.name)}" if found.asked_by else ""),
        (
            found.acknowledged_at,
            "Acknowledged",
            f"by {isolated(found.acknowledged_by.name)}" if found.acknowledged_by else "",
        ),
        (found.settled_at, _settled_word(found), f"by {isolated(found.settled_by.name)}" if found.settled_by else ""),
    )
    known = (Event(at, word, detail) for at, word, detail in moments if at)
    yield from sorted(known, key=lambda event: event.at)


def _again_word(found: Job) -> str:
    if found.asked_cause in FREE_TO_ASK:
        return "Asked again"
    return "Sent again" if found.asked_by_id in {found.person_id, None} else "Retried"


def _settled_word(found: Job) -> str:
    return "Resolved" if found.settled_as else "Settled"
