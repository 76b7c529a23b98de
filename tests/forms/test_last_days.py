"""Days on which the clocks change at midnight: where they begin, and where the last day of a proof link ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from studio.forms.proof import MOST_DAYS, ProofForm, odd_ends
from studio.models import ApiToken


@pytest.mark.parametrize(
    ("zone", "day", "end"),
    [
        ("Europe/Berlin", date(2026, 12, 24), "2026-12-24 22:59"),
        # From midnight back to 23:00: the second 23:59.
        ("America/Santiago", date(2026, 4, 4), "2026-04-05 03:59"),
        ("Asia/Beirut", date(2026, 10, 24), "2026-10-24 21:59"),
        # From 23:00 on to midnight: its last minute is 22:59.
        ("America/Nuuk", date(2026, 3, 28), "2026-03-29 00:59"),
        # The next day begins at 01:00, or twice.
        ("Africa/Cairo", date(2026, 4, 23), "2026-04-23 21:59"),
        ("America/Havana", date(2026, 10, 31), "2026-11-01 03:59"),
    ],
)
def test_a_link_ends_with_the_last_minute_of_its_day(zone: str, day: date, end: str) -> None:
    with timezone.override(zone):
        form = ProofForm()
        form.cleaned_data = {"ends": "date", "day": day}
        assert f"{form.expires_at.astimezone(UTC):%Y-%m-%d %H:%M}" == end
        assert timezone.localtime(form.expires_at).date() == day


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Nuuk", "America/Santiago", "Africa/Cairo", "Asia/Beirut"])
def test_the_page_knows_of_each_day_when_it_ends(zone: str) -> None:
    with timezone.override(zone):
        odd, form, found = dict(odd_ends()), ProofForm(), set()
        for number in range(MOST_DAYS + 1):
            day = timezone.localdate() + timedelta(days=number)
            form.cleaned_data = {"ends": "date", "day": day}
            end = f"{timezone.localtime(form.expires_at):%H:%M}"
            found.add(end)
            assert odd.get(day, "23:59") == end
        assert found == ({"23:59", "22:59"} if zone == "America/Nuuk" else {"23:59"})


@pytest.mark.parametrize(
    ("zone", "now", "begin"),
    [
        # Midnight comes twice: half an hour after the second one the first still began the day, and the month.
        ("America/Havana", datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 4, tzinfo=UTC)),
        ("Africa/Cairo", datetime(2026, 4, 24, 5, tzinfo=UTC), datetime(2026, 4, 23, 22, tzinfo=UTC)),
    ],
)
def test_the_cap_of_a_day_counts_from_its_first_midnight_on(zone: str, now: datetime, begin: datetime) -> None:
    with timezone.override(zone):
        (_, day, _), (_, month, _) = ApiToken().caps(now)
        assert day.astimezone(UTC) == begin
        assert month == timezone.make_aware(datetime(now.year, now.month, 1))
