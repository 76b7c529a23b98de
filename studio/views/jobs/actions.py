"""The next steps of a job: the buttons of its card and the menu behind the three dots."""

from __future__ import annotations

from dataclasses import dataclass

from studio import failures
from studio.models import Job
from studio.models.jobs import remedy
from studio.views import addresses
from studio.views.jobs.cards import Card
from studio.views.jobs.decisions import mark

FREE = "free"
DISMISSABLE = frozenset({Job.State.FAILED, Job.State.UNKNOWN, Job.State.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing a person may do with a card: a form that posts, or a link."""

    slug: str
    word: str
    url: str
    icon: str = ""
    price: str = ""
    posts: bool = False
    quiet: bool = False

    @property
    def is_paid(self) -> bool:
        """Whether pressing it sends a request that costs."""
        return self.posts and self.price not in {"", FREE}


def buttons(card: Card) -> list[Action]:
    """The buttons of a card, the useful one first. A stranger may only look."""
    if not card.may_act:
        return [details(card)] if card.face.state in {"failed", "unknown"} else []
    if card.may_stop_waiting:
        return [_post(card, "stop", "Stop waiting", "studio:stop_waiting", icon="x")]
    match card.status:
        case "saving" if card.job.is_unsaved:
            return [_fetch(card, "Fetch again"), _give_up(card)]
        case "waiting":
            return [_cancel(card), _edit(card, "Edit", quiet=True)]
        case "cancelled":
            return [_edit(card, "Reuse settings", icon="undo-2")]
        case _ if card.job.state in {Job.State.FAILED, Job.State.UNKNOWN}:
            return _next_step(card)
        case _:
            return []


def _next_step(card: Card) -> list[Action]:
    """The one action of the cause, and what may stand beside it."""
    match failures.cause(card.job.cause).action:
        case "fetch":
            return [_fetch(card, "Fetch again"), *([] if card.job.settled_at else [_give_up(card)])]
        case "ask" if card.job.remote_id:
            other = _pay_again(card, quiet=True) if card.job.may_be_paid_again else details(card, quiet=True)
            return [_fetch(card, "Ask again"), other]
        case "reuse" | "ask":
            return [_edit(card, "Reuse settings", icon="undo-2"), details(card, quiet=True)]
        case "edit":
            word, icon = ("Edit prompt", "pencil") if card.submission.prompt else ("Reuse settings", "undo-2")
            return [_edit(card, word, icon=icon), details(card, quiet=True)]
        case "resend" if card.job.remedy:
            return [_retry(card, resend_word(card.job)), details(card, quiet=True)]
        case "resend":
            return [_edit(card, "Reuse settings", icon="undo-2"), details(card, quiet=True)]
        case "send_again":
            return [details(card)]
        case _:
            return [_retry(card, "Try again"), details(card, quiet=True)]


def resend_word(job: Job) -> str:
    """What one more try does with the pictures that Luma did not take; its sentence says to what."""
    return "Convert and retry" if remedy.is_conversion(job.remedy) else "Shrink and retry"


def menu(card: Card) -> list[Action]:
    """What else may be done; details are always there, because a phone has no room for their button."""
    acts = [details(card)]
    if group := card.submission.batch_id or (card.submission.count > 1 and card.submission.code):
        acts.append(Action(slug="group", word="Open the group", url=addresses.of("studio:group", group), icon="layers"))
    if card.may_act and card.job.remedy and card.job.state == Job.State.FAILED:
        acts.insert(0, _retry(card, f"{remedy.words(card.job.remedy)} · {card.price}"))
    if card.may_act and card.status == "budget":
        acts.insert(0, _cancel(card))
    # A narrow card has no room for a second button.
    if card.may_act and (card.job.is_unsaved or (card.status == "unsaved" and not card.job.settled_at)):
        acts.append(_give_up(card))
    if card.may_act and card.status == "lost" and card.job.may_be_paid_again:
        acts.append(_pay_again(card))
    if card.viewer and card.viewer.is_admin and card.job.state == Job.State.WAITING and not card.job.prioritized:
        acts.append(_post(card, "lift", "Move to the front", "studio:prioritize_job", icon="chevron-up"))
    if card.job.state in DISMISSABLE:
        acts += _begin_again(card)
    if card.may_act and card.job.state in DISMISSABLE:
        acts.append(_post(card, "dismiss", "Dismiss", "studio:dismiss_job", icon="x"))
    return acts


def decisions(card: Card) -> list[Action]:
    """What the page of the job offers besides: how an unknown outcome is settled, what is left after giving up."""
    if card.may_act and card.job.may_be_paid_again and card.status != "lost":
        return [_pay_again(card)]
    if not card.may_act or card.job.state != Job.State.UNKNOWN or card.job.settled_at:
        return []
    again = _decision(card, "studio:send_job_again")
    return [
        Action(slug="again", word="Send again", url=again, icon="rotate-cw", price=card.price),
        Action(
            slug="write-off",
            word="Write off",
            url=_decision(card, "studio:write_off_job"),
            icon="ban",
            posts=True,
            quiet=True,
        ),
    ]


def details(card: Card, *, quiet: bool = False) -> Action:
    return Action(slug="details", word="Details", url=addresses.of("studio:job", card.job.code), quiet=quiet)


def _cancel(card: Card) -> Action:
    return _post(card, "cancel", "Cancel", "studio:cancel_job", icon="x")


def _edit(card: Card, word: str, *, icon: str = "", quiet: bool = False) -> Action:
    url = f"{addresses.fixed('studio:create')}?edit={card.job.code}"
    return Action(slug="edit", word=word, url=url, icon=icon, quiet=quiet)


def _begin_again(card: Card) -> list[Action]:
    """What brings its settings or its words back into the dock, also somebody else's; never what a button does already."""
    is_offered = any(act.slug == "edit" for act in buttons(card))
    words = f"{addresses.fixed('studio:create')}?words={card.submission.code}"
    return [
        *([] if is_offered else [_edit(card, "Reuse settings", icon="undo-2")]),
        *([Action(slug="words", word="Prompt only", url=words, icon="pencil")] if card.submission.prompt else []),
    ]


def _decision(card: Card, name: str) -> str:
    """An address that names the attempt which the page shows: what came after it is not decided by it."""
    return f"{addresses.of(name, card.job.code)}?seen={mark(card.job)}"


def _retry(card: Card, word: str) -> Action:
    url = _decision(card, "studio:retry_job")
    return Action(slug="retry", word=word, url=url, icon="rotate-cw", price=card.price, posts=True)


def _fetch(card: Card, word: str) -> Action:
    """Ask Luma once more for a picture that it took: never a new request, so never a price."""
    url = addresses.of("studio:retry_job", card.job.code)
    return Action(slug="retry", word=word, url=url, icon="rotate-cw", price=FREE, posts=True)


def _give_up(card: Card) -> Action:
    return _post(card, "give-up", "Give up", "studio:write_off_job", icon="ban", quiet=True)


def _pay_again(card: Card, *, quiet: bool = False) -> Action:
    """A second payment: the page behind it asks first and says so."""
    url = _decision(card, "studio:send_job_again")
    return Action(slug="pay-again", word="Pay again", url=url, icon="rotate-cw", price=card.price, quiet=quiet)


def _post(card: Card, slug: str, word: str, name: str, *, icon: str, quiet: bool = False) -> Action:
    return Action(slug=slug, word=word, url=addresses.of(name, card.job.code), icon=icon, posts=True, quiet=quiet)
