"""What travels to an open page: the changed cards, the new ones, and the words for who does not see them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from studio.engine import line
from studio.forms.create import dock_budget, rules
from studio.forms.create.dock_choices import ratio_menu
from studio.forms.spend import prices
from studio.models import Job, SendingPause, Submission, ratio
from studio.models.spend import price
from studio.models.sql.compiled_query import KEY, KEYS, MOMENT, CompiledQuery
from studio.views import formatting, markup
from studio.views.create import feed
from studio.views.create.feed import Counts, Scope
from studio.views.jobs import failure_strip
from studio.views.jobs.card_builder import CardBuilder, Entry
from studio.views.jobs.cards import Card
from studio.views.request import viewer
from studio.views.team import approval_strip

# Cards in one answer; a page that has more to learn asks again at once.
MADE_ALREADY = "This was made already: here is what came of it."
ALREADY_SUBMITTED = "Already submitted."
CHANGED_SINCE = "The first request had arrived. What you changed since isn't in it: press Make again to send that too."
MOST_CARDS = 48
MOST_NEW = 24  # submissions
MOST_PLACES = 200
# The newest submissions, which a page may lack although it has newer ones: two stored at once can be seen in either order.
# Fewer than a page shows at first, so that what is older than the page never comes on top.
SETTLING = 20
# A job that ended longer ago is not announced: its row changed for another reason.
ANNOUNCED_WITHIN = timedelta(minutes=2)
# A picture that came this lately fades in.
ARRIVAL = timedelta(seconds=30)
PROMPT_SPOKEN = 80  # characters


@dataclass(frozen=True, slots=True)
class Link:
    """One of the views of the feed, with its number."""

    name: str
    word: str
    count: int
    url: str
    is_current: bool


def links(scope: Scope, counts: Counts) -> list[Link]:
    """All, In progress, Failed, Done: as links, so that each has an address."""
    named = {
        "all": ("All", counts.all),
        "progress": ("In progress", counts.progress),
        "failed": ("Failed", counts.failed),
        "done": ("Done", counts.done),
    }
    there = reverse("studio:create")
    return [
        Link(name, word, count, f"{there}?{scope.query(show=name)}".rstrip("?"), name == scope.show)
        for name, (word, count) in named.items()
    ]


def submitted(request: HttpRequest, submission: Submission, *, again: str = "") -> str:
    """Return the new cards for the top of the page; a page that has them already leaves them as they are.

    `again`: what to say when the request had come before.
    """
    builder = CardBuilder(viewer(request), timezone.now())
    new = builder.entries(Scope(builder.viewer), [submission.pk])
    left = render_to_string("create/_dock.html#left", {"left": dock_budget.left(builder.viewer)}, request)
    parts = [render_to_string("create/_dock.html#errors", {}, request), left, on_top(new, markup.field_for(request))]
    if again:
        parts.append(toast(request, again, icon="circle-check"))
    return "".join(parts)


def said_again(submission: Submission, *, is_same: bool) -> str:
    """Say that a request came twice, and what of the second one is not in the first."""
    return ALREADY_SUBMITTED if is_same else CHANGED_SINCE


def toast(request: HttpRequest, text: str, *, icon: str = "info", undo: str = "", target: str = "") -> str:
    """Return a sentence for the edge of the page, with a way back if there is one."""
    return render_to_string("_shared.html#toast", {"text": text, "icon": icon, "undo": undo, "target": target}, request)


def on_top(entries: Iterable[Entry], field: str) -> str:
    """Return entries that go to the top of the row of now; those that a page has already are updated where they are."""
    tiles = markup.entries(entries, field)
    return f'<div data-top="now">{tiles}</div>' if tiles else ""


def changed_card(request: HttpRequest, card: Card) -> str:
    return markup.card(card, markup.field_for(request))


def _changed_jobs(scope: Scope, since: int) -> Any:
    found = scope.jobs().changed_since(since).order_by("rev").values_list("pk", "submission_id", "rev")
    return found[: MOST_CARDS + 1]


def _in_line(scope: Scope) -> Any:
    found = scope.jobs().waiting().order_by("-pk")
    return found.values_list("pk", "code", "submission__type", "submission__model")[:MOST_PLACES]


_PUT_AWAY: CompiledQuery[Job] = CompiledQuery(
    lambda keys: Job.objects.failures().on_feed().filter(submission_id__in=keys).values_list("code", "rev"), KEYS
)
_ENDED: CompiledQuery[Job] = CompiledQuery(
    lambda person, keys, since: Job.objects.filter(
        person=person, pk__in=keys, finished_at__gt=since, dismissed_at=None, settled_at=None
    ).values_list("submission_id", flat=True),
    *(KEY, KEYS, MOMENT),
)


class Updates:
    """What the Create page does not know yet: everything newer than the revision it has seen."""

    def __init__(self, request: HttpRequest, *, since: int, born: int, pauses: str, revision: int) -> None:
        price.look_again()  # another process may have added one a moment ago
        ratio.look_again()
        self.request = request
        self.field = markup.field_for(request)
        self.scope = Scope.of(request)
        self.builder = CardBuilder(self.scope.person, timezone.now())
        self.seen = since
        self.since = revision
        self.born = self.seen_born = born
        self.again = False
        self.pauses_changed = set(filter(None, pauses.split(","))) != self.builder.pauses
        self.held = request.GET.get("held", "")
        self.prices_changed = request.GET.get("prices") not in {None, prices.stamp()}
        self.has_changes = False

    def parts(self) -> Iterator[str]:
        """Yield the fragments; `since`, `born` and `again` then say how far they lead."""
        yield from self._prices()
        counts = Counts.of(self.scope)
        self.scope = self.scope.collapsed(counts)
        known = self.born
        # Finished ones too: a page that was hidden or offline has seen nothing of them.
        pks, self.born, self.again = feed.new_submissions(self.scope, known, MOST_NEW)
        if self.again:
            self.since -= 1  # a page that has seen everything hears "nothing new", but this one still lacks submissions
        changed = self._changed(known)
        if pks:
            yield on_top(self.builder.entries(self.scope, pks), self.field)
        yield from self._cards(changed)
        yield from self._places(changed)
        if self.scope.show == "all" and self._may_change_the_strip:
            yield failure_strip.strip(self.request, self.builder, self.scope, counts, upto=self.since)
            yield from self._around_the_strip(changed)
        if self.scope.whose == "mine":
            yield approval_strip.strip(self.request, self.builder.viewer)
        self.active = counts.progress
        yield render_to_string("create/create.html#shows", {"shows": links(self.scope, counts)}, self.request)
        if spoken := self._spoken(changed):
            yield render_to_string("create/create.html#spoken", {"spoken": spoken}, self.request)

    def _prices(self) -> Iterator[str]:
        """The dock's rules and prices, where they are not those of the page any more."""
        if not self.prices_changed:
            return
        new = {"prices": prices.stamp(), "new_rules": json.dumps(rules.table_for(self.builder.viewer))}
        yield render_to_string("create/_dock.html#ratio-menu", {"dock": ratio_menu()})
        yield render_to_string("create/_dock.html#prices", {"form": {"dock": new}})

    def _changed(self, known: int) -> dict[int, int]:
        """The changed jobs of submissions that the page has: pk to submission, the oldest change first."""
        # What the page does not have is left out here: a condition beside the revision would walk over all of it.
        rows = self.scope.read(_changed_jobs, self.seen)
        self.has_changes = bool(rows)
        if len(rows) > MOST_CARDS:
            self.again, self.since = True, min(self.since, rows[MOST_CARDS - 1][2])
        changed = {pk: submission for pk, submission, _ in rows[:MOST_CARDS] if submission <= known}
        if self._is_held_otherwise() or self.pauses_changed:
            waiting = (
                self.scope.jobs()
                .waiting()
                .filter(submission_id__lte=known)
                .order_by("-pk")
                .values_list("pk", "submission_id")
            )
            changed |= dict(waiting[:MOST_CARDS])
        return changed

    def _is_held_otherwise(self) -> bool:
        """Whether something else holds the line by now than what the waiting cards of the page say."""
        known, builder = self.held, self.builder
        in_line = self.scope.read(_in_line)
        self.held = line.stamp(builder.account, builder.places_held, now=builder.now) if in_line else ""
        return self.held != known

    def _cards(self, changed: dict[int, int]) -> Iterator[str]:
        if not changed:
            return
        for entry in self.builder.entries(self.scope, set(changed.values()), everything=True):
            cards = [card for card in entry.cards if card.job.pk in changed]
            for card in cards:
                card.arriving = bool(card.job.finished_at and card.job.finished_at > self.builder.now - ARRIVAL)
            entering = [card for card in cards if self._may_lack(card)]
            if entering:
                yield on_top([Entry(entry.submission, entering)], self.field)
            yield from (markup.card(card, self.field) for card in cards if card not in entering)
            if entry.is_group:
                yield markup.group_count(entry)

    def _may_lack(self, card: Card) -> bool:
        """Whether a page of this scope may not have the card yet, and has a place for it: a job that failed comes to
        the failed ones."""
        is_new = card.submission.pk > self.seen_born - SETTLING
        # In the strip a failed job has no card; tried again it needs one.
        return self.scope.shows(card.job) and (self.scope.show != "all" or is_new or card.job.is_active)

    @property
    def _may_change_the_strip(self) -> bool:
        """Of one's own jobs only a change of one of them, of a pause or of prices: it is much, and most that changes is
        colleagues'."""
        return self.scope.whose == "team" or self.has_changes or self.pauses_changed or self.prices_changed

    def _around_the_strip(self, changed: dict[int, int]) -> Iterator[str]:
        """Cards that a page has from before there was a strip, and the one that is left when there is none any more."""
        pks = self.scope.read(failure_strip.submissions)
        if self.scope.collapses:
            yield from (markup.gone(code, rev) for code, rev in (_PUT_AWAY(pks) if pks else []))
        elif pks and not set(pks) & set(changed.values()):
            yield on_top(self.builder.entries(self.scope, pks), self.field)

    def _places(self, changed: dict[int, int]) -> Iterator[str]:
        """The places in line move with every job that leaves it, without a change of the others' rows."""
        if SendingPause.Reason.FUNDS in self.builder.pauses:
            return
        for pk, code, type, model in self.scope.read(_in_line):
            if pk not in changed and (number := self.builder.places.get(pk)):
                wait = formatting.wait(self.builder.wait(pk, type, model))
                yield markup.place(code, formatting.place(number), wait)

    def _spoken(self, changed: dict[int, int]) -> str:
        """One sentence for each of one's own groups that has come to its end, and for a budget that ran out."""
        mine = Job.objects.of(self.builder.viewer)
        sentences = []
        if self.pauses_changed and SendingPause.Reason.FUNDS in self.builder.pauses and mine.waiting().exists():
            sentences.append("Waiting for budget")
        since = self.builder.now - ANNOUNCED_WITHIN
        ended = _ENDED(self.builder.viewer.pk, list(changed), since) if changed else []
        groups: dict[int, list[Job]] = {}
        if ended:
            for job in mine.filter(submission_id__in=set(ended)).select_related("submission").order_by("pk"):
                groups.setdefault(job.submission_id, []).append(job)
        sentences += [summary(group) for group in groups.values() if all(job.is_finished for job in group)]
        return ". ".join(filter(None, sentences))


def summary(group: list[Job]) -> str:
    """Describe how a group ended: `4 of 4 finished`, `1 of 4 refused: Portrait of the mayor`."""
    prompt = (group[0].submission.prompt or "Layers")[:PROMPT_SPOKEN]
    bad: dict[str, int] = {}
    for job in group:
        if job.state in {Job.State.FAILED, Job.State.UNKNOWN}:
            word = Card(job, now=timezone.now()).face.word.lower()
            bad[word] = bad.get(word, 0) + 1
    if bad:
        return ", ".join(f"{count} of {len(group)} {word}" for word, count in bad.items()) + f": {prompt}"
    done = sum(job.state == Job.State.DONE for job in group)
    return f"{done} of {len(group)} finished: {prompt}" if done else ""
