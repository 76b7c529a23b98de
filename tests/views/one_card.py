"""The card of a job for a person, and its words."""

from __future__ import annotations

from django.utils import timezone

from studio.models import Job, User
from studio.views.jobs import actions as job_actions
from studio.views.jobs.cards import Card


def card_of(job: Job, *, viewer: User | None = None, **facts: object) -> Card:
    return Card(job, now=facts.pop("now", timezone.now()), viewer=viewer or job.person, **facts)  # type: ignore[arg-type]


def told(card: Card) -> tuple[str, str, str]:
    return card.face.state, card.face.icon, card.face.word


def words(card: Card) -> list[str]:
    return [f"{act.word} · {act.price}" if act.price else act.word for act in job_actions.buttons(card)]
