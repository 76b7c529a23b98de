"""What the frame of every page shows. Each value is asked for only by the template that uses it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import Count, Value
from django.http import HttpRequest
from django.utils import timezone

from studio import imaging
from studio.engine.line import LineWait
from studio.models import Job, Notification, SendingPause, User
from studio.models.sql.compiled_query import CompiledQuery
from studio.models.sql.frame import Frame
from studio.pauses import PAUSES

# While something holds the line, every beat of every open page asks.
_WAITING: CompiledQuery[Job] = CompiledQuery(
    lambda: Job.objects.waiting().order_by().values(every=Value(1)).annotate(n=Count("*")).values_list("n", flat=True)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseNotice:
    """Why nothing is sent, in a sentence, and how many jobs wait for it."""

    reason: str
    icon: str
    tone: str
    sentence: str
    advice: str
    waiting: int
    paused_at: datetime | None
    probe_at: datetime | None = None
    detail: str = ""
    request_id: str = ""
    # Of a wait that ends by itself: which one it is, and whether an admin may have a job tried before.
    mark: str = ""
    may_try: bool = False

    @property
    def is_wait(self) -> bool:
        return bool(self.mark)


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
    shown: dict[str, Any] = {
        "simulated": settings.SIMULATED,
        "theme": person.theme,
        "most_bytes": imaging.MAX_BYTES,
        "revision": lambda: frame().revision,
        "slots": lambda: frame().slots,
        "slots_used": lambda: frame().slots_used,
        # Nothing for those who cannot open Review.
        "open_cases": lambda: frame().open_cases if person.is_admin else 0,
        "approvals_waiting": lambda: frame().approvals if person.is_admin else 0,
        "pauses": cache(lambda: sending_pauses() if frame().sending_pauses else []),
        # The pauses, or what else holds the whole line.
        "holds": cache(lambda: shown["pauses"]() or (waits() if frame().may_be_held else [])),
        "in_progress": lambda: frame().in_progress,
        "unread": lambda: frame().unread,
        "used_this_month": lambda: frame().used,
        "budget_left": lambda: frame().left,
        "ended": lambda: frame().ended,
        # What the page says by desktop notice or sound, for those who chose that.
        "notice": cache(lambda: Notification.objects.newest_wanted(person) if frame().unread else None),
    }
    return shown


def revision(request: HttpRequest) -> int:
    """Return the number up to which a page knows of changes. Ask first: what comes while it is read is new to it."""
    known: int = shell(request)["revision"]()
    return known


def sending_pauses() -> list[PauseNotice]:
    pauses = list(SendingPause.objects.order_by("paused_at"))
    waiting = _WAITING.first() if pauses else 0
    return [_notice(pause, waiting) for pause in pauses]


def waits() -> list[PauseNotice]:
    """Return what holds the whole line although nothing is paused: none or one."""
    wait = LineWait.now(now=timezone.now())
    if wait is None:
        return []
    waiting = _WAITING.first()
    return [
        PauseNotice(
            reason="wait",
            icon=wait.icon,
            tone="warning",
            sentence=wait.sentence,
            advice=wait.advice,
            waiting=waiting,
            paused_at=wait.since,
            mark=wait.mark,
            may_try=bool(waiting) and wait.may_be_tried,
        )
    ]


def _notice(pause: SendingPause, waiting: int) -> PauseNotice:
    row = PAUSES[pause.reason]
    return PauseNotice(
        reason=pause.reason,
        icon=row.icon,
        tone=row.tone,
        sentence=row.sentence,
        advice=row.advice,
        waiting=waiting,
        paused_at=pause.paused_at,
        probe_at=pause.probe_at,
        detail=pause.detail,
        request_id=pause.request_id,
    )
