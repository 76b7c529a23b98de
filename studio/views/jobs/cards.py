"""What a job looks like: the state in words, the reason, the facts, the next step."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from studio import failures
from studio.failures import CAUSES, OTHER
from studio.models import Job, Picture, SendingPause, Submission, User
from studio.models.jobs.timing import Usual, Wait
from studio.models.pictures.layers import Stack, stack
from studio.pauses import PAUSES
from studio.text.names import isolated
from studio.views import formatting
from studio.views.jobs import decisions, time_ruler

CANNOT_STOP = "Cannot be stopped once sent"
SOON = timedelta(minutes=1)


class Face(NamedTuple):
    """How a card looks: `state` is the style sheet's name for it."""

    state: str
    icon: str
    word: str
    turns: bool = False


FACES: Mapping[str, Face] = MappingProxyType(
    {
        "waiting": Face("waiting", "clock", "Waiting"),
        "budget": Face("budget", PAUSES["funds"].icon, "Waiting for budget"),
        "sending": Face("sending", "send", "Sending"),
        "queued": Face("queued", "list-ordered", "Queued at Luma"),
        "making": Face("making", "loader-circle", "Making", turns=True),
        "late": Face("late", "timer", "Making"),
        "saving": Face("saving", "hard-drive-download", "Made"),
        "done": Face("done", "", "Done"),
        "failed": Face("failed", OTHER.icon, OTHER.title),
        "cancelled": Face("cancelled", "ban", "Cancelled"),
        **{name: Face(cause.card, cause.icon, cause.title) for name, cause in CAUSES.items() if cause.card},
    }
)
PRICE_MATTERS = frozenset({"waiting", "budget", "sending", "queued", "making", "late", "saving"})


class Card:
    """One job as one person sees it at one moment."""

    def __init__(
        self,
        job: Job,
        *,
        now: datetime,
        usual: Usual | None = None,
        place: int | None = None,
        wait: Wait | None = None,
        pauses: Collection[str] = (),
        viewer: User | None = None,
        arriving: bool = False,
        wait_reason: str = "",
    ) -> None:
        self.job = job
        self.submission: Submission = job.submission
        self.now = now
        self.usual = usual
        self.place = place
        self.wait = wait
        self.pauses = pauses
        self.viewer = viewer
        self.arriving = arriving
        self.wait_reason = wait_reason
        # Whether the strip of failures has it (studio.views.jobs.failure_strip).
        self.is_put_away = False

    # ---- Who and what

    @cached_property
    def id(self) -> str:
        return f"job-{self.job.code}"

    @cached_property
    def is_own(self) -> bool:
        return self.viewer is not None and self.viewer.owns(self.job.person_id)

    @cached_property
    def may_act(self) -> bool:
        return self.viewer is not None and self.viewer.can_make and (self.is_own or self.viewer.is_admin)

    @property
    def may_stop_waiting(self) -> bool:
        """Whether Luma has had longer than any picture takes."""
        return self.may_act and self.job.is_late(self.now)

    @property
    def is_folded(self) -> bool:
        """Whether another candidate was chosen as the picture; one that is still to come is shown."""
        return self.submission.chosen_id not in {None, self.job.pk} and self.job.is_finished

    @property
    def is_gone(self) -> bool:
        """Whether somebody took it off the feed, or the strip of failures has it."""
        return self.is_put_away or self.job.dismissed_at is not None

    @cached_property
    def picture(self) -> Picture | None:
        """The finished picture; of layers the front one."""
        return next(iter(self.pictures), None)

    @property
    def maker(self) -> str:
        """Who made it, where that is somebody else than the viewer."""
        return "" if self.viewer is None or self.is_own else self.job.person.name

    @cached_property
    def pictures(self) -> list[Picture]:
        done = self.job.state == Job.State.DONE
        return self.job.outputs if done else []

    @cached_property
    def stack(self) -> Stack | None:
        """The layers of a split, to be shown as the one picture they make."""
        return stack(self.pictures) if self.pictures and self.submission.type == Submission.Type.LAYERS else None

    @cached_property
    def source(self) -> Picture | None:
        return self.submission.source

    @property
    def ratio_class(self) -> str:
        shown = self.stack or self.picture or self.submission
        return shown.ratio_class

    @property
    def prompt(self) -> str:
        return self.submission.prompt or "Layers"

    # ---- The face

    @cached_property
    def status(self) -> str:
        """The row of the table of states that it shows now."""
        state = Job.State
        match self.job.state:
            case state.WAITING:
                return "budget" if SendingPause.Reason.FUNDS in self.pauses else "waiting"
            case state.RUNNING:
                return self._running()
            case state.FAILED:
                return self.job.cause if failures.cause(self.job.cause).card else "failed"
            case known:
                return str(known)

    def _running(self) -> str:
        if self.job.is_late(self.now):
            return "late"
        if self.job.making_at is None:
            return "queued"
        return "late" if self.usual and self.elapsed > self.usual.high else "making"

    @property
    def face(self) -> Face:
        return FACES[self.status]

    @property
    def label(self) -> str:
        return f"{self.face.word}: {self.prompt}"

    @cached_property
    def elapsed(self) -> float:
        """Seconds since it was sent; once it is made, how long that took."""
        until = self.job.made_at or self.now
        return max(0.0, (until - self.job.sent_at).total_seconds()) if self.job.sent_at else 0.0

    @property
    def ticks(self) -> bool:
        return self.status in {"queued", "making", "late"}

    @property
    def late_after(self) -> str:
        """The second from which the page itself says that it takes longer than usual; "" for never."""
        if self.status != "making":
            return ""
        if self.usual:
            return f"{self.usual.high:.0f}"
        sent, deadline = self.job.sent_at, self.job.deadline_at
        return f"{(deadline - sent).total_seconds():.0f}" if sent and deadline else ""

    @property
    def more(self) -> str:
        """The number or word beside the state."""
        if self.ticks:
            return formatting.seconds(self.elapsed)
        if self.status == "waiting" and self.place:
            return formatting.place(self.place)
        if self.status == "saving":
            return "not saved yet" if self.job.is_unsaved else "saving…"
        return ""

    @property
    def usual_wait(self) -> str:
        """How long it usually takes from its place in line; "" when nobody can know."""
        return formatting.wait(self.wait if self.status == "waiting" else None)

    @property
    def why(self) -> str:
        state = Job.State
        match self.job.state:
            case state.WAITING:
                reason = next((PAUSES[name].on_card for name in PAUSES if name in self.pauses), self.wait_reason)
                return f"{self._decided_by_another} {reason}".strip()
            case state.SENDING:
                return self._decided_by_another
            case state.RUNNING | state.SAVING:
                return f"{self._decided_by_another} {self.job.sentence} {self._next_try}".strip()
            case state.FAILED | state.UNKNOWN:
                return self._why_without_picture
            case _:
                return ""

    @property
    def _why_without_picture(self) -> str:
        if self.job.settled_at and self.job.state == Job.State.UNKNOWN:
            return f"{decisions.told(self.job, self.viewer, self.now)} It may have been charged; it isn't sent again."
        if self.viewer is not None and self.viewer.is_admin:
            said = failures.as_an_admin_reads(self.job.sentence)
        else:
            said = self.job.sentence if self.is_own else failures.as_a_colleague_reads(self.job.sentence)
        return f"{self._decided_by_another} {said}".strip()

    @property
    def _decided_by_another(self) -> str:
        """Who else has settled it or sent it again; one's own word needs no telling."""
        by = self.job.settled_by_id if self.job.settled_at else self.job.asked_by_id
        is_own_word = self.viewer is not None and by == self.viewer.pk
        return "" if by is None or is_own_word else decisions.told(self.job, self.viewer, self.now)

    @property
    def _next_try(self) -> str:
        """When a made picture is fetched once more."""
        if not self.job.is_unsaved or self.job.due_at is None:
            return ""
        is_soon = self.job.due_at < self.now + SOON
        return "Next try in a moment." if is_soon else f"Next try: {formatting.moment(self.job.due_at, self.now)}."

    @property
    def cost(self) -> str:
        """What it costs, or may have cost; "" where that is no question any more."""
        if self.status == "unknown":
            return f"{formatting.price(self.job.price)} held"
        return formatting.price(self.job.price) if self.status in PRICE_MATTERS else ""

    @property
    def ended(self) -> str:
        return formatting.moment(self.job.finished_at, self.now)

    @property
    def facts(self) -> list[str]:
        asked = self.submission
        facts = [asked.get_type_display()] if asked.type != Submission.Type.IMAGE else []
        if asked.aspect_ratio:
            facts.append(asked.aspect_ratio)
        facts.append(asked.model)
        if references := len(asked.references):
            facts.append(formatting.counted(references, "reference"))
        facts += [asked.made_of] if asked.made_of else []
        facts.append(self.cost or self.ended)
        return facts if self.is_own else [*facts, isolated(self.job.person.get_short_name())]

    @cached_property
    def ruler(self) -> time_ruler.TimeRuler | None:
        match self.status:
            case "sending" | "queued":
                return time_ruler.OPEN
            case "making":
                return time_ruler.draw("time", self.elapsed, self.usual)
            case "late":
                return time_ruler.draw("late", self.elapsed, self.usual)
            case "saving":
                return time_ruler.draw("full", self.elapsed, self.usual)
            case _:
                return None

    # ---- What may be done (studio.views.jobs.actions)

    @property
    def menu_note(self) -> str:
        if self.may_stop_waiting:
            return ""
        return CANNOT_STOP if self.job.state in {Job.State.SENDING, Job.State.RUNNING} else ""

    @property
    def price(self) -> str:
        """What one more request costs."""
        return formatting.price(self.job.price_again)
