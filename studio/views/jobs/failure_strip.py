"""What failed, in one strip below the row of now: what and why in a line, and each job in a row when it is opened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from itertools import groupby
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe

from studio import failures
from studio.models import Job
from studio.models.sql.compiled_query import KEYS, CompiledQuery
from studio.text.names import isolated
from studio.views import addresses, markup
from studio.views.create.feed import Counts, Scope
from studio.views.jobs import actions as job_actions
from studio.views.jobs.card_builder import CardBuilder
from studio.views.jobs.cards import Card

# Rows of an open strip; the rest is one link away.
MOST_ROWS = 30
# Jobs that one "Dismiss all" takes.
MOST_DISMISSED = 200
ID = "failures"


def strip(request: HttpRequest, builder: CardBuilder, scope: Scope, counts: Counts, *, upto: int) -> SafeString:
    """Return the strip, empty and hidden where nothing is to collapse. A fixed number of queries.

    `upto` is the revision that the page has seen: "Dismiss all" takes nothing that failed later.
    """
    field = markup.field_for(request)
    undo = _undo_bar(request, field)
    if not scope.collapses:
        return mark_safe(f'<section class="strip" id="{ID}"{"" if undo else " hidden"}>{undo}</section>')  # noqa: S308
    cards = builder.cards_of(FAILED(scope.read(submissions)))
    said = ", ".join(f"{count} {_in_a_sentence(failures.cause(name).title)}" for name, count in counts.causes)
    parts = [
        f'<section class="strip" id="{ID}" aria-label="{counts.failed} failed">{undo}<failure-strip>',
        '<details class="strip__fold"><summary class="strip__bar" data-act="strip">',
        f'<span class="tone tone--danger">{markup.icon("circle-alert")}<b class="num">{counts.failed} failed</b></span>',
        f'<span class="strip__why num">{escape(said)}</span><span class="strip__show btn btn--s btn--quiet">'
        f'<span class="when-shut">Show</span><span class="when-open">Hide</span>{markup.icon("chevron-down", " icon--s")}'
        "</span></summary>",
        f'<div class="strip__list">{"".join(_sections(cards, scope, field))}',
        _rest(scope, counts.failed - len(cards)),
        "</div></details></failure-strip>",
        _dismiss_all(scope, field, counts.failed_own, upto),
        "</section>",
    ]
    return mark_safe("".join(parts))  # noqa: S308 - every value is escaped where it is put in


def submissions(scope: Scope) -> Any:
    return scope.with_failures().values_list("pk", flat=True)[:MOST_ROWS]


FAILED = CompiledQuery(
    lambda keys: (
        Job.objects.for_feed()
        .failures()
        .on_feed()
        .filter(submission_id__in=keys)
        .order_by("-finished_at", "-pk")[:MOST_ROWS]
    ),
    KEYS,
)


def _in_a_sentence(title: str) -> str:
    """Return a title as it stands within a sentence: Luma keeps its capital."""
    return title[:1].lower() + title[1:] if not title.startswith("Luma") else title


def _sections(cards: list[Card], scope: Scope, field: str) -> Iterator[str]:
    order = {name: place for place, (name, _) in enumerate(_causes_of(cards))}
    for name, same in groupby(sorted(cards, key=lambda card: order[card.job.cause]), key=lambda card: card.job.cause):
        rows = "".join(_row(card, scope, field) for card in same)
        yield f"<section><h3>{escape(failures.cause(name).title)}</h3><ul>{rows}</ul></section>"


def _causes_of(cards: list[Card]) -> list[tuple[str, int]]:
    found: dict[str, int] = {}
    for card in cards:
        found[card.job.cause] = found.get(card.job.cause, 0) + 1
    return sorted(found.items(), key=lambda one: (-one[1], one[0]))


def _row(card: Card, scope: Scope, field: str) -> str:
    facts = card.facts
    if scope.whose == "team" and card.is_own:
        facts = [*facts, isolated(card.job.person.get_short_name())]
    acts = [act for act in job_actions.buttons(card) if act.slug != "details"][:1]
    buttons = [markup.button(act, ID, field) for act in acts] + [
        markup.button(job_actions.details(card, quiet=True), ID, field)
    ]
    if card.may_act:
        url = addresses.of("studio:dismiss_job", card.job.code)
        buttons.append(
            f'<form method="post" action="{url}" hx-post="{url}" hx-ext="live" hx-target="#{ID}" hx-swap="live">{field}'
            f'<button type="submit" class="btn btn--s btn--quiet btn--icon" data-act="dismiss" aria-label="Dismiss: '
            f'{markup.cut(card.prompt, 60)}">{markup.icon("x", " icon--s")}</button></form>'
        )
    return (
        f'<li class="fail" id="fail-{card.job.code}" data-rev="{card.job.rev}" data-state="{card.job.state}">'
        f'<span class="fail__shape">'
        f'<span class="shape {card.submission.ratio_class}" aria-hidden="true"></span></span>'
        f'<span class="fail__prompt"><span class="fail__words" dir="auto">{markup.cut(card.prompt, 200)}</span>'
        f'<span class="fail__why">{escape(card.why)}</span></span>'
        f'<span class="fail__facts num">{escape(" · ".join(facts))}</span>'
        f'<span class="fail__acts">{"".join(buttons)}</span></li>'
    )


def _rest(scope: Scope, count: int) -> str:
    if count <= 0:
        return ""
    address = f"{reverse('studio:create')}?{scope.query(show='failed')}"
    return f'<a class="btn btn--s btn--quiet strip__more" href="{escape(address)}">{count} more failed</a>'


def _dismiss_all(scope: Scope, field: str, own: int, upto: int) -> str:
    """Only one's own: what others have not seen yet stays on their pages."""
    if not own:
        return ""
    url = reverse("studio:dismiss_failures")
    word = "Dismiss all" if scope.whose == "mine" else f"Dismiss my {own}"
    return (
        f'<form class="strip__dismiss" method="post" action="{url}" hx-post="{url}" hx-ext="live" hx-target="#{ID}"'
        f' hx-swap="live">{field}<input type="hidden" name="upto" value="{upto}">'
        f'<input type="hidden" name="next" value="{escape(_here(scope))}">'
        f'<button type="submit" class="btn btn--s btn--quiet" data-act="dismiss-all">{word}</button></form>'
    )


def _here(scope: Scope) -> str:
    return f"{reverse('studio:create')}?{scope.query()}".rstrip("?")


def undo_address(at: float, upto: int) -> str:
    """Where "Undo" posts: what was dismissed at that instant, among what has changed since that revision."""
    return f"{reverse('studio:dismiss_failures')}?{urlencode({'at': f'{at:.6f}', 'upto': str(upto)})}"


def _undo_bar(request: HttpRequest, field: str) -> str:
    """The way back without script: the page after "Dismiss all" has it in place of the strip."""
    at, upto = request.GET.get("dismissed", ""), request.GET.get("upto", "")
    if not (re.fullmatch(r"\d{1,11}(\.\d{1,8})?", at) and re.fullmatch(r"\d{1,18}", upto)):
        return ""
    return (
        f'<form class="strip__bar" method="post" action="{escape(undo_address(float(at), int(upto)))}">{field}'
        '<input type="hidden" name="state" value="off"><span>Dismissed.</span>'
        '<button type="submit" class="btn btn--s">Undo</button></form>'
    )
