"""What is done about all cases of a cause at once, and what its cases have in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Any

from django.db.models import Count, Q

from studio.luma import pricing
from studio.models import Input, Picture
from studio.models.picture import load_sizes
from studio.models.review import case_act
from studio.models.review.failure_search import NEWEST, FailureSearch
from studio.models.sql.compiled_query import KEY, TEXT, CompiledQuery
from studio.views import formatting
from studio.views.jobs.actions import FREE, resend_word
from studio.views.review.failure_groups import NOTHING, TO_RUN, ForAll, Group, Shared

# Of pictures that Luma did not accept: how many are looked at for what one more try can send otherwise.
MOST_COUNTED = 500
# Of very many failures: how many of the newest are counted at the prices of today, once there is more than one list.
MOST_PRICED = 2_000
# Refused jobs among which a picture in common is looked for, and the fewest people that make it worth saying.
MOST_COMPARED, FEWEST_PEOPLE, MOST_SHARED = 120, 2, 3


def offer(groups: Iterable[Group], search: FailureSearch) -> None:
    """Give each group its one button for all, and the pictures that several people's cases have in common."""
    if search.show == "settled":
        return
    for group in groups:
        if group.count:
            _price_today(group, search)
            group.for_all = _for_all(group, search)
        if group.cause.action in {"edit", "resend"} and group.people_count >= FEWEST_PEOPLE:
            group.shared = _shared(group.name, search)


def _price_today(group: Group, search: FailureSearch) -> None:
    """Say what sending each once more costs today: kept sums are of the prices of their days."""
    if group.cause.action != "retry" or not pricing.table().version:
        return
    newest = _of(group.name, search).jobs().order_by(*NEWEST).only(*case_act.PRICED)[:MOST_PRICED]
    group.total += sum(((job.price_again or NOTHING) - (job.price or NOTHING) for job in newest), NOTHING)
    if group.money_word == TO_RUN:
        group.money = group.total


def _for_all(group: Group, search: FailureSearch) -> ForAll | None:
    count = f"{group.count:,}"
    match group.cause.action:
        case "retry":
            price = formatting.price(group.total)
            if any(case.job.price is None for case in group.cases):
                price += f" and {formatting.PRICE_PER_LAYER}"
            word = f"Resume {count}" if group.name == "budget" else f"Retry all {count}"
            return ForAll("retry", word, "rotate-cw", price)
        case "resend":
            return _resend(group.name, search)
        case "fetch":
            return ForAll("retry", f"Fetch all {count}", "hard-drive-download", FREE)
        case "ask":
            return ForAll("retry", f"Ask again for all {count}", "rotate-cw", FREE)
        case _:
            return None


def _of(name: str, search: FailureSearch) -> FailureSearch:
    return replace(search.bounded()[0] if search.is_narrow else search, cause=name)


def _resend(name: str, search: FailureSearch) -> ForAll | None:
    """Those that can be sent otherwise than they were; of very many, the newest."""
    newest = _of(name, search).jobs().order_by(*NEWEST).only(*case_act.PRICED)[:MOST_COUNTED]
    jobs = [job for job in newest if not job.is_beyond_remedy]
    if not jobs:
        return None
    words = {resend_word(job) for job in jobs if job.remedy}
    word = words.pop() if len(words) == 1 else "Retry" if not words else "Shrink or convert and retry"
    total = sum((job.price_again or NOTHING for job in jobs), NOTHING)
    return ForAll("retry", f"{word} all {len(jobs):,}", "wrench", formatting.price(total))


def _used(search: FailureSearch, viewer: Any) -> Any:
    compared = search.jobs().order_by(*NEWEST).values("submission")[:MOST_COMPARED]
    return (
        Input.objects.filter(submission__in=compared)
        .filter(Q(submission__is_private=False) | Q(submission__person=viewer))
        .values("picture")
        .annotate(people=Count("submission__person", distinct=True), jobs=Count("submission", distinct=True))
        .filter(people__gte=FEWEST_PEOPLE)
        .order_by("-people", "-jobs", "picture")[:MOST_SHARED]
    )


@cache
def _used_of_all(show: str) -> CompiledQuery[Input]:
    return CompiledQuery(
        lambda cause, viewer: _used(FailureSearch.of_all(show, cause), viewer), TEXT, KEY, is_steady=True
    )


def _shared(name: str, search: FailureSearch) -> list[Shared]:
    """The pictures that the newest cases of several people use, most people first; none of others' private work."""
    is_narrow, viewer = search.is_narrow or search.codes, search.viewer.pk
    found = _used(_of(name, search), viewer) if is_narrow else _used_of_all(search.show)(name, viewer)
    rows = {row["picture"]: row for row in found}
    if not rows:
        return []
    pictures = Picture.objects.visible_to(search.viewer).select_related("job__submission", "flagged_by").in_bulk(rows)
    load_sizes(pictures.values())
    return [Shared(pictures[pk], row["people"], row["jobs"]) for pk, row in rows.items() if pk in pictures]
