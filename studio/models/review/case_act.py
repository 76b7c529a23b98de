"""What an admin does about failures, one or many: each by compare-and-set, told to its owner and kept in the trail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.urls import reverse

from studio import failures
from studio.models import keyset
from studio.models.account.notification import QUOTED, Notification
from studio.models.job import Job
from studio.models.not_placed import NotPlaced
from studio.models.people import User
from studio.models.review.case import CaseNote, Status
from studio.models.review.failure_search import NEWEST, FailureSearch, from_micros, micros
from studio.models.spend.shown_prices import Priced, has_risen
from studio.models.trail import TrailEntry
from studio.text import plurals
from studio.text.names import cut, isolated

# Jobs of one step: a fifth of a second of the tables' time.
STEP = 40
# What says whether a job is paid for again, and how much.
PRICED = ("kind", "input_count", "state", "cause", "remote_id", "failure_code", "remedy", "settled_at", "price")
ACTS = ("retry", "write_off", "acknowledge", "resolve", "reopen", "note")
# What is told to the person who asked.
TOLD = {
    "retry": "retried what had failed",
    "fetch": "asks Luma for your picture again",
    "send_again": "sent it again",
    "write_off": "wrote it off",
    "resolve": "resolved a failure of yours",
}
VERBS = {
    "retry": TrailEntry.Verb.RETRY,
    "fetch": TrailEntry.Verb.RETRY,
    "send_again": TrailEntry.Verb.RETRY,
    "write_off": TrailEntry.Verb.WRITE_OFF,
}


@dataclass(frozen=True, slots=True)
class Done:
    """How far acting on many has come: how many, what it costs in dollars, and behind which job the rest follows."""

    number: int = 0
    price: Decimal = Decimal(0)
    refused: int = 0
    after: tuple[int, int] | None = None


def act(job: Job, name: str, *, by: User, now: datetime) -> bool:
    """Do one thing about one job. False: somebody was first, or it can't be done, and nothing happened."""
    price = job.price_again
    if name == "retry" and job.is_free_to_get:
        name, price = "fetch", Decimal(0)
    title, why = failures.cause(job.cause).title, job.cause
    with transaction.atomic():
        match name:
            case "retry" | "fetch":
                done = job.retry(by=by, now=now)
            case "send_again":
                done = job.send_again(by=by, now=now)
            case "write_off":
                done = job.write_off(by=by, now=now)
            case _:
                status = {"acknowledge": Status.ACKNOWLEDGED, "resolve": Status.RESOLVED}.get(name, Status.OPEN)
                done = job.set_case_status(status, by=by, now=now)
        if not done:
            return False
        is_own = by.pk == job.person_id
        # A person's own second try is no act of an admin; whether something unknown is paid for twice always counts.
        if not is_own or why == "unknown" or name in {"send_again", "write_off"}:
            _log(job, name, by=by, title=title, price=price)
        if not is_own and name in TOLD:
            _tell(job, name, by=by)
    return True


def _log(job: Job, name: str, *, by: User, title: str, price: Decimal | None) -> None:
    cost = "price per layer" if price is None else f"${price.quantize(Decimal('0.0001'))}"
    said = {
        "fetch": "asked for again, free",
        "acknowledge": "acknowledged",
        "resolve": "resolved",
        "reopen": "reopened",
    }
    what = said.get(name) or f"{name.replace('_', ' ')}, {cost}"
    TrailEntry.log(
        VERBS.get(name, TrailEntry.Verb.SETTLED),
        by=by,
        thing=f"{job.label} of {isolated(job.person.name)}",
        address=job.get_absolute_url(),
        text=f"{title}: {what}",
        private_to=job.person if job.is_private else None,
    )


def _tell(job: Job, name: str, *, by: User) -> None:
    title = job.label if job.is_private else cut(job.submission.prompt or "Layers", QUOTED)
    Notification.tell(
        job.person,
        Notification.Kind.CHANGE,
        f"{TOLD[name]}: “{isolated(title)}”",
        job.get_absolute_url(),
        actor=by,
        key=f"case:{name}:{by.pk}",
    )


def act_on_all(
    search: FailureSearch,
    name: str,
    *,
    by: User,
    now: datetime,
    text: str = "",
    shown: str = "",
    after: tuple[int, int] | None = None,
    most: int = STEP,
) -> Done:
    """Do one thing about the next `most` jobs of a search, newest first, below `after`: the time and the key of a job.

    The search has to be bounded by its `last`: what failed after the page was drawn is not touched. Run twice, it does
    nothing twice. `shown` names the prices that the page showed (studio.models.spend.shown_prices): what has become dearer
    is left as it is. A note raises ValidationError with a sentence.
    """
    rows = search.jobs()
    if after and (at := from_micros(after[0])):
        rows = keyset.below(rows, "finished_at", at, after[1])
    jobs = list(rows.select_related("submission", "person").order_by(*NEWEST)[:most])
    # Before it is done: what is retried has not ended any more.
    last = (micros(jobs[-1].finished_at) or 0, jobs[-1].pk) if len(jobs) == most else None
    return replace(_each(jobs, name, by=by, now=now, text=text, shown=shown), after=last)


def tell_end(name: str, done: Done, *, to: User) -> None:
    """Notify an admin that acting on many has come to its end."""
    price = f", ${done.price.quantize(Decimal('0.01'))}" if done.price else ""
    left = f" {done.refused} left as they are." if done.refused else ""
    text = f"{name.replace('_', ' ').capitalize()}: done for {plurals.counted(done.number, 'failure')}{price}.{left}"
    with transaction.atomic():
        Notification.tell(to, Notification.Kind.CHANGE, text, reverse("studio:review"))


def priced(search: FailureSearch, *, most: int) -> list[Priced]:
    """Return what retrying the newest `most` jobs of a search pays for, together by their price."""
    newest = search.jobs().order_by(*NEWEST).only(*PRICED)[:most]
    counted = Counter((job.kind, job.input_count) for job in newest if not job.is_free_to_get and may(job, "retry"))
    return [Priced.of_kind(kind, inputs, count) for (kind, inputs), count in counted.items()]


def act_on_held(jobs: Iterable[Job], name: str, *, by: User, now: datetime, text: str = "") -> Done:
    """Do one thing about jobs that are made and still tried (`FailureSearch.held`). A note raises ValidationError."""
    return _each(list(jobs), name, by=by, now=now, text=text)


def _each(jobs: list[Job], name: str, *, by: User, now: datetime, text: str, shown: str = "") -> Done:
    number, price, refused = 0, Decimal(0), 0
    for job in jobs:
        free = job.is_free_to_get
        if name == "note":
            CaseNote.write(job, text, by=by, now=now)
        elif (
            (name == "retry" and not free and has_risen(shown, Priced.of_job(job)))
            or not may(job, name)
            or not _was_placed(job, name, by=by, now=now)
        ):
            refused += 1
            continue
        number += 1
        price += Decimal(0) if free or name != "retry" else job.price or Decimal(0)
    return Done(number, price, refused)


def _was_placed(job: Job, name: str, *, by: User, now: datetime) -> bool:
    """Act; one whose price passes a cap or a budget is left as it is, and the others go on."""
    try:
        return act(job, name, by=by, now=now)
    except NotPlaced:
        return False


def may(job: Job, name: str) -> bool:
    """Whether acting on many includes this job: an unknown one is sent again one by one, and nothing is paid for twice."""
    if name != "retry":
        return True
    if job.is_free_to_get or job.cause in {"lost", "stopped", "unsaved"}:
        return job.is_free_to_get
    return job.state == Job.State.FAILED and not job.is_beyond_remedy and job.cause != "refused"
