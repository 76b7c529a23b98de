from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from studio.engine import integrity
from studio.models import GalleryDay, GalleryMonth, Picture, User
from studio.models.pictures import trash
from studio.models.pictures.gallery_month import Day, Month
from tests import people

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


def numbers(person: User) -> dict[str, int]:
    return {str(month): number for month, number in GalleryMonth.newest_first(person)}


def test_a_picture_of_the_gallery_counts_and_an_upload_or_a_layer_behind_does_not(alice: User) -> None:
    people.make_job(alice, state="done", now=NOON)
    people.make_picture(alice, shown_at=NOON)
    people.make_split(alice, [(people.Image.new("RGBA", (8, 8)), None)] * 3)
    assert sum(numbers(alice).values()) == Picture.objects.made().count() == 2
    assert list(GalleryMonth.wrong()) == []


def test_one_that_leaves_is_counted_out(alice: User) -> None:
    job = people.make_job(alice, state="done", now=NOON)
    people.delete_pictures(job)
    assert numbers(alice) == {}


def test_integrity_finds_a_wrong_number_and_counts_anew(alice: User) -> None:
    people.make_job(alice, state="done", now=NOON)
    GalleryMonth.objects.update(number=7)
    GalleryMonth.objects.create(month="2020-01", number=3, zone="UTC")
    found = [one for one in integrity.check(timezone.now()) if one.invariant == "months-are-counted"]
    assert [one.sentence for one in found] == [
        "2020-01 has 0 pictures, counted as 3.",
        "2026-11 has 1 picture, counted as 7.",
    ]
    assert integrity.repair(found[0], now=timezone.now())
    assert numbers(alice) == {"2026-11": 1}
    assert list(GalleryMonth.wrong()) == []


def test_what_is_private_counts_for_its_owner_alone(alice: User, bob: User) -> None:
    jobs = [people.make_job(alice, state="done", now=NOON, is_private=number > 0) for number in range(3)]
    people.make_job(bob, state="done", now=NOON.replace(month=10), is_private=True)
    assert (numbers(alice), numbers(bob)) == ({"2026-11": 3}, {"2026-11": 1, "2026-10": 1})
    # Both kinds go at once, and come back.
    keys = [job.pictures.get().pk for job in reversed(jobs)]
    trash.move(keys, by=alice, now=NOON)
    assert (numbers(alice), numbers(bob), list(GalleryMonth.wrong())) == ({}, {"2026-10": 1}, [])
    trash.restore(keys, by=alice, now=NOON)
    assert (numbers(alice), numbers(bob), list(GalleryMonth.wrong())) == (
        {"2026-11": 3},
        {"2026-11": 1, "2026-10": 1},
        [],
    )
    GalleryMonth.objects.filter(month="2026-11").update(private_numbers={})
    assert list(GalleryMonth.wrong()) == [f"2026-11 has 2 private pictures of person {alice.pk}, counted as 0."]
    GalleryMonth.recount()
    assert list(GalleryMonth.wrong()) == []


def test_an_upgrade_counts_what_is_private_already(alice: User) -> None:
    people.make_job(alice, state="done", now=NOON)
    for month in (10, 11):
        people.make_job(alice, state="done", now=NOON.replace(month=month), is_private=True)
    GalleryMonth.objects.filter(month="2026-10").delete()
    GalleryMonth.objects.update(private_numbers={})
    import_module("studio.migrations.0007_private_months").count_private(apps, None)
    assert list(GalleryMonth.wrong()) == []
    assert numbers(alice) == {"2026-11": 2, "2026-10": 1}


def test_another_time_zone_is_counted_anew_at_the_next_start(alice: User, settings: Any) -> None:
    people.make_job(alice, state="done", now=datetime(2026, 10, 31, 12, tzinfo=UTC))
    GalleryMonth.keep_to_zone()
    assert numbers(alice) == {"2026-10": 1}
    settings.TIME_ZONE = "Pacific/Auckland"
    with timezone.override("Pacific/Auckland"):
        GalleryMonth.keep_to_zone()
    assert numbers(alice) == {"2026-11": 1}


@pytest.mark.parametrize("text", ["2026-11", "1999-01", "2999-12"])
def test_a_month_is_read_as_it_is_written(text: str) -> None:
    assert str(Month.parse(text)) == text
    assert Month.parse(text).begins_at < Month.parse(text).following.begins_at


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "3000-01", "1899-12", "2026-011", " 2026-11"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no month"):
        Month.parse(text)


def test_months_in_which_nothing_was_made_have_no_number(alice: User) -> None:
    for month in (7, 11):
        people.make_job(alice, state="done", now=NOON.replace(month=month))
    GalleryMonth.recount()
    assert numbers(alice) == {"2026-11": 1, "2026-07": 1}


def test_days_are_counted_as_months_are(alice: User, bob: User) -> None:
    days = [Day(2026, 11, number) for number in (9, 10, 11)]
    jobs = [people.make_job(alice, state="done", now=NOON, is_private=number > 1) for number in range(3)]
    people.make_job(alice, state="done", now=NOON.replace(day=11))
    assert GalleryDay.numbers(days, alice) == {"2026-11-10": 3, "2026-11-11": 1}
    assert GalleryDay.numbers(days, bob) == {"2026-11-10": 2, "2026-11-11": 1}
    trash.move([job.pictures.get().pk for job in jobs], by=alice, now=NOON)
    assert (GalleryDay.numbers(days, alice), list(GalleryMonth.wrong())) == ({"2026-11-11": 1}, [])
    GalleryDay.objects.update(number=7)
    assert "2026-11-11 has 1 picture, counted as 7." in list(GalleryMonth.wrong())
    GalleryMonth.recount()
    assert list(GalleryMonth.wrong()) == []


def test_an_upgrade_counts_the_days_of_what_is_there(alice: User) -> None:
    for is_private in (True, False, False):
        people.make_job(alice, state="done", now=NOON, is_private=is_private)
    GalleryDay.objects.all().delete()
    import_module("studio.migrations.0009_gallery_days").count_days(apps, None)
    assert list(GalleryMonth.wrong()) == []
    assert GalleryDay.numbers([Day.of(NOON)], alice) == {"2026-11-10": 3}


@pytest.mark.parametrize("zone", ["America/Havana", "Africa/Cairo", "Pacific/Apia"])
def test_a_day_follows_the_one_before_where_clocks_change_at_midnight(zone: str, settings: Any) -> None:
    settings.TIME_ZONE = zone
    with timezone.override(zone):
        day = Day(2026, 1, 1)
        while day.year == 2026:
            assert (Day.of(day.begins_at), day.begins_at < day.following.begins_at) == (day, True)
            day = day.following
