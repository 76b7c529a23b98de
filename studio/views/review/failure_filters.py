"""The filters of Review in the address: what they mean, what they offer, and the links between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from studio.luma import capabilities
from studio.models import User
from studio.models.review.failure_count import FailureCount
from studio.models.review.failure_search import LONGEST_WORDS, SHOWS, FailureSearch
from studio.models.sql.compiled_query import CompiledQuery
from studio.text import names
from studio.views import left_out
from studio.views.request import read_number

TIMES = {"24h": ("Last 24 hours", 1), "7d": ("Last 7 days", 7), "30d": ("Last 30 days", 30)}
MOST_PEOPLE = 200
_PEOPLE = CompiledQuery(lambda: User.objects.order_by("name", "pk").values_list("pk", "name")[:MOST_PEOPLE])
NAMES = ("show", "cause", "person", "model", "time", "q")
LABELS = {"show": "Status", "person": "Person", "model": "Model", "time": "Time", "trend": "Trend"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the address asks for; nonsense in it asks for nothing, which is said (`left_out`)."""

    show: str = "open"
    cause: str = ""
    person: str = ""
    model: str = ""
    time: str = ""
    q: str = ""
    trend: str = "hour"

    @classmethod
    def of(cls, data: QueryDict) -> Filters:
        person, cause = data.get("person", ""), data.get("cause", "")
        show, model, time = data.get("show", ""), data.get("model", ""), data.get("time", "")
        return cls(
            show=show if show in SHOWS else "open",
            cause="".join(one for one in cause if one.isprintable())[:20],
            person=person if person and _is_person(person) else "",
            model=model if model in capabilities.models() else "",
            time=time if time in TIMES else "",
            q=names.one_line(data.get("q", ""))[:LONGEST_WORDS],
            trend=FailureCount.Span.DAY if data.get("trend") == "day" else FailureCount.Span.HOUR,
        )

    def left_out(self, data: QueryDict) -> list[str]:
        """Say what of these fields is not in what was read of them."""
        given = ((name, data.get(name, "")) for name in LABELS)
        wrong = [(name, value) for name, value in given if value.strip() and value != getattr(self, name)]
        said = left_out.unknown((left_out.shown(LABELS[name], value) for name, value in wrong), where=left_out.FILTERS)
        return said + left_out.long_search(data.get("q", ""), LONGEST_WORDS)

    @property
    def is_on(self) -> bool:
        return bool(self.person or self.model or self.time or self.q)

    def search(self, viewer: User, *, now: datetime) -> FailureSearch:
        return FailureSearch(
            viewer=viewer,
            show=self.show,
            cause=self.cause,
            person=int(self.person) if self.person else None,
            model=self.model,
            words=self.q,
            first=now - timedelta(days=TIMES[self.time][1]) if self.time else None,
        )

    def query(self, **changes: str) -> str:
        """Return the address's query with some of its values changed."""
        values = {name: getattr(self, name) for name in (*NAMES, "trend")} | changes
        plain = {"show": "open", "trend": "hour"}
        return urlencode({name: value for name, value in values.items() if value and value != plain.get(name)})

    def address(self, **changes: str) -> str:
        query = self.query(**changes)
        return reverse("studio:review") + (f"?{query}" if query else "")

    def back(self, cause: str) -> str:
        """Return the address of this page with a cause open and in view."""
        query = self.query()
        return f"{reverse('studio:review')}?{query}{'&' if query else ''}{urlencode({'open': cause})}#cause-{cause}"

    @property
    def fields(self) -> list[tuple[str, str]]:
        """What a form sends along to mean the same."""
        return [(name, value) for name in NAMES if (value := getattr(self, name))]

    @property
    def csv(self) -> str:
        query = self.query(trend="")
        return reverse("studio:failures_csv") + (f"?{query}" if query else "")

    @property
    def shows(self) -> list[tuple[str, str, bool]]:
        """Open, Acknowledged, Resolved: word, address, whether it is this one."""
        words = {"open": "Open", "acknowledged": "Acknowledged", "settled": "Resolved"}
        return [(word, self.address(show=name, cause=""), name == self.show) for name, word in words.items()]

    @property
    def without_cause(self) -> str:
        return self.address(cause="")

    @property
    def by_hour(self) -> str:
        return self.address(trend="hour")

    @property
    def by_day(self) -> str:
        return self.address(trend="day")

    @property
    def people(self) -> list[tuple[str, str]]:
        return [(str(pk), name) for pk, name in _PEOPLE()]

    @property
    def models(self) -> list[str]:
        return list(capabilities.models())

    @property
    def times(self) -> list[tuple[str, str]]:
        return [(name, word) for name, (word, _) in TIMES.items()]


def _is_person(key: str) -> bool:
    number = read_number(key)
    return number is not None and User.objects.filter(pk=number).exists()
