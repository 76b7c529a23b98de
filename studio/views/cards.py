"""What a job looks like: the state in words, the reason, the facts, the next step (design.md section 5)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from types import MappingProxyType

from studio.models import Job, Picture, SendingPause, Submission, User
from studio.models.timing import Usual, Wait
from studio.views import formatting, time_ruler
from studio.views.layers import Stack, stack

CANNOT_STOP = "Cannot be stopped once sent"
SOON = timedelta(minutes=1)
SAID_ALREADY = "Picture not accepted: "
ASK_AN_ADMIN, SETTLE_IT = "Send it again or ask an admin.", "Settle it in Review."


@dataclass(frozen=True, slots=True)
class Look:
    """The fixed part of a face: `state` is the style sheet's name for it."""

    state: str
    icon: str
    word: str
    why: str = ""
    turns: bool = False


LOOKS: Mapping[str, Look] = MappingProxyType(
    {
        "waiting": Look("waiting", "clock", "Waiting"),
        "budget": Look(
            "budget", "wallet", "Waiting for budget", "Nothing is lost. It starts when an admin adds funds."
        ),
        "sending": Look("sending", "send", "Sending"),
        "queued": Look("queued", "list-ordered", "Queued at Luma"),
        "making": Look("making", "loader-circle", "Making", turns=True),
        "late": Look("late", "timer", "Making"),
        "saving": Look("saving", "hard-drive-download", "Made"),
        "done": Look("done", "", "Done"),
        "refused": Look("failed", "circle-alert", "Refused"),
        "bad_input": Look("failed", "file-warning", "Picture not accepted"),
        "unsaved": Look("unknown", "hard-drive-download", "Made, not saved"),
        "stopped": Look("unknown", "timer", "Not waited for"),
        "lost": Look("failed", "search", "Missing at Luma"),
        "failed": Look("failed", "circle-alert", "Failed", "Luma couldn't finish this one."),
        "unknown": Look("unknown", "circle-help", "Outcome unknown"),
        "cancelled": Look("cancelled", "ban", "Cancelled"),
    }
)
# Why nothing is sent although it is one's turn; out of funds has a face of its own.
PAUSE_SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        SendingPause.Reason.KEY: "Luma refuses Studio's key. Nothing is lost; an admin knows.",
        SendingPause.Reason.API: "Luma does not answer. Nothing is sent until it does.",
        SendingPause.Reason.LOST: "Luma's answers get lost. One request at a time is tried; an admin can resume in Review.",
        SendingPause.Reason.DISK: "The disk is almost full. Nothing is lost.",
        SendingPause.Reason.ADMIN: "Paused by an admin. Nothing is lost.",
    }
)
# Ends with a face of their own; every other one just failed.
FACES_OF_CAUSES = frozenset({"refused", "bad_input", "unsaved", "stopped", "lost"})
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

    # ---- Who and what

    @property
    def id(self) -> str:
        return f"job-{self.job.code}"

    @property
    def is_own(self) -> bool:
        return self.viewer is not None and self.job.person_id == self.viewer.pk

    @property
    def may_act(self) -> bool:
        return self.is_own or (self.viewer is not None and self.viewer.is_admin)

    @property
    def may_stop_waiting(self) -> bool:
        """Whether Luma has had longer than any picture takes."""
        return self.may_act and self.job.is_late(self.now)

    @property
    def is_gone(self) -> bool:
        """Whether somebody took it off the feed."""
        return self.job.dismissed_at is not None

    @cached_property
    def picture(self) -> Picture | None:
        """The finished picture; of layers the front one."""
        return next(iter(self.pictures), None)

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
    def face(self) -> str:
        """The row of the table of states that it shows now."""
        state = Job.State
        match self.job.state:
            case state.WAITING:
                return "budget" if SendingPause.Reason.FUNDS in self.pauses else "waiting"
            case state.RUNNING:
                return self._running()
            case state.FAILED:
                return self.job.cause if self.job.cause in FACES_OF_CAUSES else "failed"
            case known:
                return str(known)

    def _running(self) -> str:
        if self.job.is_late(self.now):
            return "late"
        if self.job.making_at is None:
            return "queued"
        return "late" if self.usual and self.elapsed > self.usual.high else "making"

    @property
    def look(self) -> Look:
        return LOOKS[self.face]

    @property
    def label(self) -> str:
        return f"{self.look.word}: {self.prompt}"

    @cached_property
    def elapsed(self) -> float:
        """Seconds since it was sent; once it is made, how long that took."""
        until = self.job.made_at or self.now
        return max(0.0, (until - self.job.sent_at).total_seconds()) if self.job.sent_at else 0.0

    @property
    def ticks(self) -> bool:
        return self.face in {"queued", "making", "late"}

    @property
    def late_after(self) -> str:
        """The second from which the page itself says that it takes longer than usual; "" for never."""
        if self.face != "making":
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
        if self.face == "waiting" and self.place:
            return formatting.place(self.place)
        if self.face == "saving":
            return "not saved yet" if self.job.is_unsaved else "saving…"
        return ""

    @property
    def wait_told(self) -> str:
        """How long it usually takes from its place in line; "" when nobody can know."""
        return formatting.wait(self.wait if self.face == "waiting" else None)

    @property
    def why(self) -> str:
        if self.face == "waiting":
            return next((PAUSE_SENTENCES[name] for name in PAUSE_SENTENCES if name in self.pauses), self.wait_reason)
        if self.job.state in {Job.State.RUNNING, Job.State.SAVING}:
            return f"{self.job.sentence} {self._next_try}".strip()
        if self.job.state == Job.State.UNKNOWN:
            is_admin = self.viewer is not None and self.viewer.is_admin
            told = self.job.sentence
            return told.replace(ASK_AN_ADMIN, SETTLE_IT) if is_admin else told
        if self.job.state != Job.State.FAILED:
            return self.look.why
        told = self.job.sentence or self.look.why
        if self.face == "bad_input" and told.startswith(SAID_ALREADY):
            told = told.removeprefix(SAID_ALREADY)
            told = told[:1].upper() + told[1:]
        return told

    @property
    def _next_try(self) -> str:
        """When a made picture is fetched once more."""
        if not self.job.is_unsaved or self.job.due_at is None:
            return ""
        is_soon = self.job.due_at < self.now + SOON
        return "Next try in a moment." if is_soon else f"Next try: {formatting.moment(self.job.due_at, self.now)}."

    @property
    def facts(self) -> list[str]:
        asked = self.submission
        facts = [asked.get_type_display()] if asked.type != Submission.Type.IMAGE else []
        if asked.aspect_ratio:
            facts.append(asked.aspect_ratio)
        facts.append(asked.model)
        if references := len(asked.references):
            facts.append(formatting.counted(references, "reference"))
        if self.face in PRICE_MATTERS:
            facts.append(formatting.price(self.job.price))
        elif self.face == "unknown":
            facts.append(f"{formatting.price(self.job.price)} held")
        else:
            facts.append(formatting.moment(self.job.finished_at, self.now))
        return facts if self.is_own else [*facts, self.job.person.get_short_name()]

    @cached_property
    def ruler(self) -> time_ruler.TimeRuler | None:
        match self.face:
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

    # ---- What may be done (studio.views.job_actions)

    @property
    def menu_note(self) -> str:
        if self.may_stop_waiting:
            return ""
        return CANNOT_STOP if self.job.state in {Job.State.SENDING, Job.State.RUNNING} else ""

    @property
    def price(self) -> str:
        """What one more request costs."""
        return formatting.price(self.job.price)
