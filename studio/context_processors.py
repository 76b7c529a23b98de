"""What the frame of every page shows. Each value is asked for only by the template that uses it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from studio.models import Gate, Job, User
from studio.models.frame import Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedGate:
    """Why nothing is sent, in a sentence, and how many jobs wait for it."""

    name: str
    icon: str
    tone: str
    sentence: str
    advice: str
    waiting: int
    closed_at: datetime
    probe_at: datetime | None
    detail: str
    request_id: str


# name -> icon, tone, what is so, what happens next
GATES: dict[str, tuple[str, str, str, str]] = {
    Gate.Name.FUNDS: (
        "wallet",
        "info",
        "Studio is out of budget.",
        "Nothing is lost. Jobs start when an admin adds funds at Luma.",
    ),
    Gate.Name.KEY: (
        "key-round",
        "danger",
        "Luma refuses Studio's key.",
        "Nothing is lost. Jobs start when an admin has put a valid key in place.",
    ),
    Gate.Name.API: ("cloud-alert", "warning", "Luma does not answer.", "Nothing is sent until it does."),
    Gate.Name.LOST: (
        "circle-help",
        "warning",
        "Luma's answers get lost.",
        "Each lost one may be paid for, so one request at a time is tried until answers come back.",
    ),
    Gate.Name.DISK: (
        "hard-drive-download",
        "warning",
        "The disk is almost full.",
        "Nothing is sent until there is room.",
    ),
    Gate.Name.PAUSE: ("clock", "info", "An admin has paused sending.", "Jobs wait in line until it is resumed."),
}


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return callables, which a template calls when it meets them; each answers once for a request."""
    known: dict[str, Any] | None = getattr(request, "studio_shell", None)
    if known is None:
        known = _shell(request)
        request.studio_shell = known  # type: ignore[attr-defined]
    return known


def _shell(request: HttpRequest) -> dict[str, Any]:
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return {"simulated": settings.SIMULATED, "theme": User.Theme.SYSTEM}
    frame = cache(lambda: Frame.read(person, now=timezone.now()))
    return {
        "simulated": settings.SIMULATED,
        "theme": person.theme,
        "revision": lambda: frame().revision,
        "slots": lambda: frame().slots,
        "slots_used": lambda: frame().slots_used,
        # Nothing for those who cannot open Review.
        "open_cases": lambda: frame().open_cases if person.is_admin else 0,
        "gates": cache(lambda: closed_gates() if frame().closed_gates else []),
        "in_progress": lambda: frame().in_progress,
    }


def closed_gates() -> list[ClosedGate]:
    gates = list(Gate.objects.order_by("closed_at"))
    waiting = Job.objects.waiting().count() if gates else 0
    return [_told(gate, waiting) for gate in gates]


def _told(gate: Gate, waiting: int) -> ClosedGate:
    icon, tone, sentence, advice = GATES[gate.name]
    return ClosedGate(
        name=gate.name,
        icon=icon,
        tone=tone,
        sentence=sentence,
        advice=advice,
        waiting=waiting,
        closed_at=gate.closed_at,
        probe_at=gate.probe_at,
        detail=gate.detail,
        request_id=gate.request_id,
    )
