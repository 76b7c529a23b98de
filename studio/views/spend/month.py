"""What a month cost: six figures, its days, what it paid for, and the four tables. Read from SpentDay alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.http import Http404
from django.utils import timezone

from studio.models import Job, Spent, TeamBudget, User
from studio.models.budget import Limit
from studio.models.jobs.count import in_dollars, in_parts
from studio.models.jobs.queries import named_people
from studio.models.pictures.gallery_month import Month
from studio.models.spend.spent import Line
from studio.models.spend.spent_sums import BOARD_NAMES, BY_DAY, IN_PROGRESS, hidden_boards, paid_by
from studio.ratios import share_class
from studio.views.errors import NotThere
from studio.views.formatting import counted
from studio.views.spend.rows import DaySum, Paid, Row, Table

# Rows of a table before the others are one row.
SHOWN = 5
MADE = (Line.PICTURES, Line.EDITS, Line.LAYERS)
UNSEEN = "Boards that only others see"
NOT_YET, NO_COSTS = (
    "{month} hasn't come yet.",
    "A month has costs from its first day on. Look at this one on the Spend page.",
)
# The tone and the icon of money that brought no picture.
ALARM = ("danger", "circle-alert")


class SpendMonth:
    """Reads a fixed number of queries, each over the sums of one month."""

    def __init__(self, month: Month, viewer: User, *, today: date, unfolded: str = "") -> None:
        self.month, self.viewer, self.today, self.unfolded = month, viewer, today, unfolded
        self.first = month.as_date
        self.last = month.following.as_date - timedelta(days=1)

    @cached_property
    def _lines(self) -> list[dict[str, Any]]:
        """A row for each day and line."""
        return BY_DAY(self.first, self.last)

    def _sum(self, name: str, *lines: str) -> int:
        return sum(int(row[f"all_{name}"]) for row in self._lines if row["line"] in lines)

    # ---- Figures

    @property
    def is_current(self) -> bool:
        return self.first <= self.today <= self.last

    @property
    def name(self) -> str:
        return f"{self.first:%B %Y}"

    @property
    def short(self) -> str:
        return f"{self.first:%B}"

    @property
    def parts(self) -> int:
        return self._sum("parts", *MADE, Line.FAILED)

    @property
    def spent(self) -> Decimal:
        return in_dollars(self.parts)

    @property
    def pictures(self) -> int:
        return self._sum("jobs", *MADE)

    @property
    def paid_jobs(self) -> int:
        return self._sum("jobs", *MADE, Line.FAILED)

    @property
    def each(self) -> Decimal:
        """What a picture cost on average, failures included."""
        return self.spent / self.pictures if self.pictures else Decimal(0)

    @property
    def failed(self) -> tuple[Decimal, int]:
        return in_dollars(self._sum("parts", Line.FAILED)), self._sum("jobs", Line.FAILED)

    @property
    def unknown(self) -> tuple[Decimal, int]:
        return in_dollars(self._sum("parts", Line.UNKNOWN)), self._sum("jobs", Line.UNKNOWN)

    @cached_property
    def running(self) -> tuple[Decimal, int]:
        """What the jobs under way hold, of all months, and how many they are: what is made already is spent."""
        found = IN_PROGRESS.first()
        made = [in_parts(one) for one in Job.objects.being_saved().values_list("price", flat=True)]
        return in_dollars((found["all_price"] or 0) - sum(made)), int(found["all_number"] or 0) - len(made)

    @cached_property
    def limits(self) -> list[Limit]:
        """The team's limits, of today and of this month."""
        return self.budget.limits(None, self.today)

    @cached_property
    def budget(self) -> TeamBudget:
        return TeamBudget.current()

    @property
    def limit(self) -> Limit | None:
        """The team's limit of the month that is shown."""
        return next((one for one in self.limits if one.is_month), None) if self.is_current else None

    @property
    def day_limit(self) -> Limit | None:
        return next((one for one in self.limits if not one.is_month), None)

    @property
    def today_spent(self) -> Decimal:
        return next((day.spent for day in self.days if day.day == self.today), Decimal(0))

    # ---- Days

    @cached_property
    def days(self) -> list[DaySum]:
        """Every day of the month, the last one today."""
        paid = {name: {row["day"]: 0 for row in self._lines} for name in ("parts", "jobs")}
        for row in self._lines:
            if row["line"] != Line.UNKNOWN:
                for name, sums in paid.items():
                    sums[row["day"]] += int(row[f"all_{name}"])
        number = ((min(self.last, self.today) if self.first <= self.today else self.last) - self.first).days + 1
        days = (self.first + timedelta(days=one) for one in range(number))
        return [DaySum(day, paid["parts"].get(day, 0), paid["jobs"].get(day, 0)) for day in days]

    @property
    def a_day(self) -> Decimal:
        return self.spent / len(self.days)

    # ---- What it paid for

    @property
    def paid(self) -> list[Paid]:
        inputs = self._sum("inputs", Line.PICTURES, Line.EDITS)
        inputs_parts = self._sum("inputs_parts", Line.PICTURES, Line.EDITS)

        def line(name: Line) -> tuple[int, int]:
            # What sources and references add is a line of its own.
            return self._sum("parts", name) - self._sum("inputs_parts", name), self._sum("jobs", name)

        (made, pictures), (edited, edits) = line(Line.PICTURES), line(Line.EDITS)
        split, layers = self._sum("jobs", Line.LAYERS), self._sum("layers", Line.LAYERS)
        layers_parts = self._sum("parts", Line.LAYERS)
        lost, failed = self.failed
        hint = f"{counted(split, 'picture')}, price not published"
        if layers:
            hint = f"{counted(layers, 'layer')} of {counted(split, 'picture')}"
        return [
            Paid("pictures", "Pictures", f"{pictures:,} generated", in_dollars(made)),
            Paid("edits", "Edits", counted(edits, "picture"), in_dollars(edited)),
            Paid("inputs", "References", f"{counted(inputs, 'input picture')}", in_dollars(inputs_parts)),
            Paid("layers", "Layers", hint, in_dollars(layers_parts)),
            Paid(
                "failed", "Failed, charged", f"{counted(failed, 'job')}, no picture", lost, *(ALARM if failed else ())
            ),
        ]

    # ---- Tables

    @cached_property
    def tables(self) -> list[Table]:
        return [self._by_person(), self._by_board(), self._by_client(), self._by_model()]

    def _grouped(self, *names: str) -> list[dict[str, Any]]:
        return paid_by(*names)(self.first, self.last)

    def _table(self, slug: str, rows: Iterable[Row]) -> Table:
        """Order the rows; what is past the first SHOWN, and what is muted, comes last."""
        found = sorted((row for row in rows if row.parts or row.pictures), key=lambda row: -row.parts)
        found.sort(key=lambda row: row.is_muted)
        shown = found
        if len(found) > SHOWN + 1 and self.unfolded != slug:
            rest = found[SHOWN:]
            shown = [*found[:SHOWN], _rest(rest)]
        most = max((row.parts for row in shown), default=0)
        for row in shown:
            row.share = share_class(row.parts / most if most else 0)
        return Table(slug, shown, found)

    def _by_person(self) -> Table:
        rows = self._grouped("person_id")
        people = named_people({row["person_id"] for row in rows})
        named = [(people[row["person_id"]], row) for row in rows]
        return self._table("person", [_row(person.name, row, person=person) for person, row in named])

    def _by_board(self) -> Table:
        rows = self._grouped("board_key")
        seen = dict(BOARD_NAMES(self.viewer, [row["board_key"] for row in rows]))
        # A board that was deleted or is not the viewer's to see has no name here.
        none, unseen = Row("No board", 0, 0, is_muted=True), Row(UNSEEN, 0, 0, is_muted=True)
        named = []
        for row in rows:
            if row["board_key"] in seen:
                named.append(_row(seen[row["board_key"]], row))
                continue
            into = unseen if row["board_key"] else none
            into.parts += int(row["all_parts"])
            into.pictures += int(row["all_pictures"])
        return self._table("board", [*named, unseen, none])

    def _by_client(self) -> Table:
        hidden = hidden_boards(self.viewer)
        found: dict[tuple[str, str], Row] = {}
        unseen = Row(UNSEEN, 0, 0, is_muted=True)
        for row in self._grouped("client", "job_number", "board_key"):
            client, number = row["client"], row["job_number"]
            is_known = bool(client or number)
            into = (
                unseen
                if is_known and row["board_key"] in hidden
                else found.setdefault(
                    (client, number),
                    Row(client or number or "No client", 0, 0, hint=number if client else "", is_muted=not is_known),
                )
            )
            into.parts += int(row["all_parts"])
            into.pictures += int(row["all_pictures"])
        return self._table("client", [*found.values(), unseen])

    def _by_model(self) -> Table:
        found: dict[str, Row] = {}
        layers = self._sum("layers", Line.LAYERS)
        for row in self._grouped("model", "line"):
            is_split = row["line"] == Line.LAYERS
            name = "Layers" if is_split else row["model"]
            one = found.setdefault(name, Row(name, 0, 0, hint=counted(layers, "layer") if is_split and layers else ""))
            one.parts += int(row["all_parts"])
            one.pictures += int(row["all_pictures"])
        return self._table("model", found.values())

    # ---- The line of sums

    @cached_property
    def kept(self) -> int:
        """What the team's budget of the month has counted: a sum that nothing here is computed from."""
        found = Spent.objects.filter(pk=Spent.keys(None, self.first)[1]).first()
        return found.spent if found else 0

    @property
    def differing(self) -> str:
        """Which sums are not the same, in words; "" when all are."""
        sums: dict[str, int] = {f"By {table.slug}": table.parts for table in self.tables}
        sums |= {"By day": sum(day.parts for day in self.days), "The budget": self.kept}
        wrong = [f"{name} {in_dollars(parts):,.2f}" for name, parts in sums.items() if parts != self.parts]
        return ", ".join(wrong)


def _row(name: str, row: dict[str, Any], **more: Any) -> Row:
    return Row(name, int(row["all_parts"]), int(row["all_pictures"]), **more)


def _rest(rows: list[Row]) -> Row:
    muted = [row.name[:1].lower() + row.name[1:] for row in rows if row.is_muted]
    others = len(rows) - len(muted)
    words = " and ".join([*([f"{others} other{'s' * (others != 1)}"] if others else []), *muted])
    return Row(words, sum(row.parts for row in rows), sum(row.pictures for row in rows), is_rest=True)


def months_around(month: Month, today: date) -> tuple[Month, Month | None]:
    """The month before, and the next one unless it is still to come."""
    before = Month(month.year - (month.month == 1), (month.month - 2) % 12 + 1)
    this = Month(today.year, today.month)
    return before, month.following if month < this else None


def month_of(text: str) -> Month:
    """Read a month that has come. Raises Http404 for any other."""
    try:
        month = Month.parse(text)
    except ValueError:
        raise Http404 from None
    if month > this_month():
        raise NotThere(NOT_YET.format(month=f"{month.as_date:%B %Y}"), NO_COSTS)
    return month


def this_month() -> Month:
    return Month.of(timezone.now())
