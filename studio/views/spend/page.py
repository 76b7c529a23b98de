"""Spend: what a month cost and for whom, the budgets, and the prices. For admins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from studio.forms.amounts import plain
from studio.forms.files.fields import problems
from studio.forms.spend.spend import BudgetForm, Faster, PriceForm, seen_of
from studio.luma import pricing
from studio.luma.pricing import INPUT, LAYER, PICTURE, PUBLISHED, UNIT
from studio.models import Price, TeamBudget, User
from studio.models.budget import Limit
from studio.models.jobs.count import in_dollars
from studio.models.pictures.gallery_month import Month
from studio.models.sql.compiled_query import CompiledQuery
from studio.ratios import share_class
from studio.views import left_out
from studio.views.permissions import admin_only
from studio.views.request import read_number, viewer
from studio.views.spend import ratio_rows
from studio.views.spend.month import SpendMonth, month_of, months_around, this_month
from studio.views.spend.plot import Plot
from studio.views.spend.rows import TABLES

NEARLY = 90  # per cent of a limit
DAYS = ("plot", "table")  # how the days of a month are shown
MONTHS = 12  # in the list of months
OF_PERSON = {"per_day": "A day", "per_month": "A month"}
OF_TEAM = {"each_per_day": "Each person a day", "each_per_month": "Each person a month"}
FOR = {PICTURE: "Picture or edit", INPUT: "Each source or reference", LAYER: "Each layer"}


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """A row of the budgets: whose, for when, what is used of it."""

    name: str
    period: str
    limit: Limit | None
    most: Decimal | None = None
    person: User | None = None

    @property
    def used(self) -> Decimal | None:
        return self.limit.used.dollars if self.limit else None

    @property
    def held(self) -> Decimal:
        """What of it is not charged yet, or may not be."""
        return in_dollars(self.limit.used.reserved + self.limit.used.unknown) if self.limit else Decimal(0)

    @property
    def share(self) -> str:
        return share_class(self.limit.share / 100) if self.limit else ""

    @property
    def tone(self) -> str:
        if self.limit is None or self.limit.share < NEARLY:
            return ""
        return "danger" if self.limit.left < 0 else "warning"

    @property
    def left(self) -> Decimal:
        return in_dollars(abs(self.limit.left)) if self.limit else Decimal(0)

    @property
    def change(self) -> str:
        return str(self.person.pk) if self.person else "team"


@dataclass(frozen=True, slots=True)
class PriceLine:
    """A row of the prices: when it holds, and who added it."""

    model: str
    per: str
    amount: Decimal
    first_day: date
    by: str
    until: date | None
    in_days: int

    @property
    def is_past(self) -> bool:
        return self.until is not None

    @property
    def is_replaced(self) -> bool:
        """Another price of the same first day was added later."""
        return self.until is not None and self.until < self.first_day

    @property
    def is_next(self) -> bool:
        return self.in_days > 0 and not self.is_replaced


@require_safe
@admin_only
def spend(request: HttpRequest) -> HttpResponse:
    """Show a month, this one unless `month` names another; `show=table` its days as rows, `all` a table unfolded."""
    return page(request)


def page(request: HttpRequest, *, status: int = 200, **forms: Any) -> HttpResponse:
    person, today = viewer(request), timezone.localdate()
    asked = request.GET.get("month", "")
    month = month_of(asked) if asked else this_month()
    unfolded = request.GET.get("all", "")
    found = SpendMonth(month, person, today=today, unfolded=unfolded if unfolded in TABLES else "")
    before, after = months_around(month, today)
    limit = found.day_limit
    plot = Plot(found.days, month_days=found.last.day, today=today, limit=in_dollars(limit.most) if limit else None)
    context = {
        "month": month,
        "found": found,
        "before": before,
        "after": after,
        "plot": plot,
        "as_table": request.GET.get("show") == "table",
        "left_out": left_out.choices(request.GET, {"show": ("Show", DAYS)}),
        "budgets": list(_budgets(found, today)),
        "over": [one for one in found.limits if one.left < 0],
        "people": _without_budget().only("name").order_by("name"),
        "prices": price_lines(today),
        "today": today,
        "change": _change(request, found),
        "adds_price": request.GET.get("add") == "price" or "new_price" in forms,
        "models": sorted(pricing.tariffs()),
        **ratio_rows.context(request, today, forms),
        "months": list(_latest_months(this_month())),
        "per": Price.Per.choices,
        **forms,
    }
    return render(request, "spend/spend.html", context, status=status)


def _latest_months(month: Month) -> Iterator[Month]:
    for _ in range(MONTHS):
        yield month
        month = months_around(month, timezone.localdate())[0]


def _budgets(found: SpendMonth, today: date) -> Iterator[BudgetRow]:
    for limit in sorted(found.limits, key=lambda one: not one.is_month):
        yield BudgetRow("Team", limit.period.capitalize(), limit)
    capped = User.objects.filter(is_active=True).exclude(cap_per_day=None, cap_per_month=None).order_by("name")
    budget = found.budget
    for person in capped:
        for limit in sorted(budget.limits(person, today), key=lambda one: not one.is_month):
            own = person.cap_per_month if limit.is_month else person.cap_per_day
            if own is not None:
                yield BudgetRow(person.name, limit.period.capitalize(), limit, person=person)
    for most, period in ((budget.each_per_month, "Each, per month"), (budget.each_per_day, "Each, per day")):
        if most is not None:
            yield BudgetRow("Everybody else" if capped else "Everybody", period, None, most=most)


def _change(request: HttpRequest, found: SpendMonth) -> dict[str, Any] | None:
    """Whose budget the form on the page changes: `budget=team` or the key of a person."""
    asked = request.GET.get("budget", "")
    if asked == "new" and _without_budget().exists():
        return _fields(None, {}, is_new=True)
    if asked == "team":
        return _fields(None, {name: plain(getattr(found.budget, name)) for name in (*OF_PERSON, *OF_TEAM)})
    person = User.objects.filter(pk=key, is_active=True).first() if (key := read_number(asked)) else None
    if person is None:
        return None
    return _fields(person, {"per_day": plain(person.cap_per_day), "per_month": plain(person.cap_per_month)})


def _without_budget() -> QuerySet[User]:
    """Whom a budget can be added for; a row of the table changes that of the others."""
    return User.objects.filter(is_active=True, cap_per_day=None, cap_per_month=None)


def _fields(person: User | None, values: Any, *, is_new: bool = False) -> dict[str, Any]:
    names = OF_PERSON if person or is_new else OF_PERSON | OF_TEAM
    fields = [(name, label, values.get(name, "")) for name, label in names.items()]
    # Of somebody who is chosen in the form, nothing is set yet.
    seen = "- -" if is_new else seen_of(person or TeamBudget.current())
    return {"person": person, "is_new": is_new, "fields": fields, "seen": seen}


_ADDED = CompiledQuery(lambda: Price.objects.select_related("added_by").order_by("pk"))


def price_lines(today: date) -> list[PriceLine]:
    """Every price, by model; of each the newest first."""
    rows = [(row.model, row.per, row.units * UNIT, row.first_day, "Luma's list") for row in PUBLISHED]
    added = _ADDED()
    rows += [(p.model, p.per, p.amount, p.first_day, p.added_by.name if p.added_by else "") for p in added]
    order = {PICTURE: 0, INPUT: 1, LAYER: 2}
    groups: dict[tuple[int, str], list[tuple[str, str, Decimal, date, str]]] = {}
    for one in sorted(rows, key=lambda row: row[3]):
        groups.setdefault((order[one[1]], one[0]), []).append(one)
    lines: list[PriceLine] = []
    for _, group in sorted(groups.items()):
        begun: list[PriceLine] = []
        for number, (model, per, amount, first_day, by) in enumerate(group):
            following = group[number + 1][3] if number + 1 < len(group) else None
            is_past = following is not None and (following <= today or following == first_day)
            begun.append(
                PriceLine(
                    model=model or ("Layers" if per == LAYER else "All models"),
                    per=FOR[per],
                    amount=amount,
                    first_day=first_day,
                    by=by,
                    until=following - date.resolution if is_past and following else None,
                    in_days=max(0, (first_day - today).days),
                )
            )
        lines += reversed(begun)
    return lines


@require_POST
@admin_only
def set_budget(request: HttpRequest) -> HttpResponse:
    """Set the team's limits, or with `person` those of one."""
    form = BudgetForm(request.POST)
    if not form.is_valid():
        sent = _fields(form.cleaned_data.get("person"), request.POST)
        return page(request, status=422, change=sent, problems=problems(form))
    try:
        form.save(viewer(request))
    except Faster as faster:
        sent = _fields(form.cleaned_data["person"], request.POST)
        return page(request, status=409, change=sent, problems=[str(faster)])
    messages.success(request, "Saved.")
    return redirect(f"{reverse('studio:spend')}#budgets")


@require_POST
@admin_only
def add_price(request: HttpRequest) -> HttpResponse:
    """Add a price from a day on; every page knows it within a second."""
    form = PriceForm(request.POST)
    if not form.is_valid():
        return page(request, status=422, new_price=request.POST, price_problems=problems(form))
    price = form.add(viewer(request))
    messages.success(request, f"Added: {price}, from {price.first_day:%-d %B %Y}.")
    return redirect(f"{reverse('studio:spend')}#prices")
