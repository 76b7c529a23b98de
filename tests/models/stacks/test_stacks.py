"""Stacks: who stands for one, what happens when that one goes, and that nothing private comes to the team."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from studio.models import GalleryMonth, Notification, Picture, StackChange, User
from studio.models.pictures import archived, trash
from studio.models.stacks import stacks
from tests import people

NOW = timezone.now()


@pytest.fixture
def made(alice: User) -> list[Picture]:
    """Five pictures, the newest first."""
    return [
        people.make_job(alice, state="done", now=NOW - timedelta(minutes=number)).pictures.get() for number in range(5)
    ]


def wall(person: User) -> list[int]:
    return list(Picture.objects.visible_to(person).on_wall().newest_first().values_list("pk", flat=True))


def put(made: list[Picture], *numbers: int, by: User | None = None) -> StackChange:
    change = stacks.stack([made[number].pk for number in numbers], by=by or made[0].person, now=NOW)
    assert change
    return change


def of(picture: Picture, person: User) -> list[int]:
    return [one.pk for one in stacks.of(Picture.objects.get(pk=picture.pk), person)]


def fresh(picture: Picture) -> Picture:
    return Picture.objects.select_related("job__submission", "person").get(pk=picture.pk)


def test_one_stands_for_all_and_undo_brings_each_back(alice: User, bob: User, made: list[Picture]) -> None:
    keys = [one.pk for one in made]
    change = put(made, 2, 0, 4, by=bob)
    assert wall(alice) == [keys[1], keys[2], keys[3]]
    assert of(made[4], alice) == [keys[2], keys[0], keys[4]]
    assert fresh(made[4]).stacked_by == bob
    assert Notification.objects.get(person=alice, kind="change").text.startswith("stacked 2 of your pictures under “")
    assert stacks.stack([keys[0], keys[2], keys[4]], by=bob, now=NOW) is None
    # The months count pictures, and not tiles.
    assert sum(number for _, number in GalleryMonth.newest_first(alice)) == 5
    assert list(GalleryMonth.wrong()) == []
    assert stacks.take_back(change) == 2
    assert wall(alice) == keys
    assert of(made[2], alice) == []
    assert not StackChange.objects.exists()


def test_more_come_under_the_cover_that_is_there_and_leave_their_old_stack(alice: User, made: list[Picture]) -> None:
    keys = [one.pk for one in made]
    put(made, 1, 2, 3)
    put(made, 4, 1)
    assert of(made[4], alice) == [keys[1], keys[2], keys[3], keys[4]]
    # Of two stacks the first one's cover stays, and what is left of the other stays together.
    change = put(made, 0, 1)
    assert of(made[0], alice) == [keys[1], keys[0], keys[2], keys[3], keys[4]]
    stacks.take_back(change)
    change = put(made, 0, 2)
    assert of(made[0], alice) == [keys[0], keys[2]]
    assert of(made[1], alice) == [keys[1], keys[3], keys[4]]
    assert stacks.take_back(change) == 1
    assert of(made[1], alice) == [keys[1], keys[2], keys[3], keys[4]]
    assert wall(alice) == [keys[0], keys[1]]


def test_the_cover_is_chosen_taken_out_and_all_unstacked(alice: User, bob: User, made: list[Picture]) -> None:
    keys = [one.pk for one in made]
    put(made, 1, 2, 3)
    assert stacks.choose_cover(fresh(made[3]), by=bob, now=NOW)
    assert of(made[1], alice) == [keys[3], keys[1], keys[2]]
    assert stacks.choose_cover(fresh(made[3]), by=bob, now=NOW) is None
    assert stacks.choose_cover(fresh(made[0]), by=bob, now=NOW) is None
    change = stacks.take_out(fresh(made[3]), by=bob, now=NOW)
    assert change
    assert of(made[1], alice) == [keys[1], keys[2]]
    assert stacks.take_back(change) == 2
    assert of(made[1], alice) == [keys[3], keys[1], keys[2]]
    stacks.take_out(fresh(made[3]), by=bob, now=NOW)
    stacks.take_out(fresh(made[2]), by=bob, now=NOW)
    assert wall(alice) == keys
    assert not Picture.objects.exclude(cover=None).exists()
    put(made, 1, 2, 3)
    change = stacks.unstack(fresh(made[2]), by=bob, now=NOW)
    assert wall(alice) == keys
    assert change
    assert stacks.take_back(change) == 2
    assert of(made[1], alice) == [keys[1], keys[2], keys[3]]
    # Nothing is taken back where somebody has stacked them otherwise since.
    change = put(made, 0, 4)
    stacks.unstack(fresh(made[0]), by=bob, now=NOW)
    assert stacks.take_back(change) == 0


def test_what_turned_private_since_comes_back_to_no_stack_of_the_team(alice: User, made: list[Picture]) -> None:
    put(made, 0, 1)
    change = stacks.unstack(fresh(made[0]), by=alice, now=NOW)
    assert change
    assert made[1].job
    made[1].job.submission.set_privacy(True)
    assert stacks.take_back(change) == 0
    assert not Picture.objects.exclude(cover=None).exists()


def test_nobody_stacks_by_undo_what_is_private_to_somebody_else_by_now(alice: User, bob: User) -> None:
    for person, back in ((bob, 0), (alice, 1)):
        one, two = (people.make_job(alice, state="done").pictures.get() for _ in range(2))
        stacks.stack([one.pk, two.pk], by=alice, now=NOW)
        change = stacks.unstack(one, by=person, now=NOW)
        for picture in (one, two):
            picture.job.submission.set_privacy(True)  # type: ignore[union-attr]
        assert change
        assert stacks.take_back(change) == back
        assert Picture.objects.filter(cover=one).count() == back


def test_undo_puts_nothing_behind_a_cover_that_lies_behind_another_by_now(alice: User, made: list[Picture]) -> None:
    put(made, 0, 1)
    change = stacks.unstack(fresh(made[0]), by=alice, now=NOW)
    assert change
    put(made, 2, 0)
    assert stacks.take_back(change) == 0
    assert wall(alice) == [made[number].pk for number in (1, 2, 3, 4)]


@pytest.mark.parametrize("way", ["trash", "archive"])
def test_another_one_stands_in_for_a_cover_that_goes(alice: User, made: list[Picture], way: str) -> None:
    keys = [one.pk for one in made]
    go, back = {
        "trash": (trash.move, trash.restore),
        "archive": (archived.archive, lambda keys, by, now: archived.unarchive(keys, by=by)),
    }[way]
    put(made, 2, 3, 4)
    go([keys[2]], by=alice, now=NOW)
    assert wall(alice) == [keys[0], keys[1], keys[3]]
    assert of(made[3], alice)[0] == keys[3]
    back([keys[2]], by=alice, now=NOW)
    assert of(made[3], alice) == [keys[2], keys[3], keys[4]]
    assert wall(alice) == keys[:3]
    # All of it goes, and one of it comes back.
    go(keys[2:], by=alice, now=NOW)
    assert wall(alice) == keys[:2]
    back([keys[4]], by=alice, now=NOW)
    assert wall(alice) == [*keys[:2], keys[4]]
    back(keys[2:4], by=alice, now=NOW)
    assert wall(alice) == keys[:3]
    assert list(GalleryMonth.wrong()) == []


def test_private_pictures_are_never_stacked_with_the_teams(alice: User, bob: User, made: list[Picture]) -> None:
    own = [people.make_job(alice, state="done", is_private=True).pictures.get() for _ in range(2)]
    theirs = people.make_job(bob, state="done", is_private=True).pictures.get()
    with pytest.raises(ValidationError, match="can't be stacked with the team's"):
        stacks.stack([made[0].pk, own[0].pk], by=alice, now=NOW)
    # What one doesn't see is not meant.
    with pytest.raises(ValidationError, match="at least two"):
        stacks.stack([own[0].pk, theirs.pk], by=alice, now=NOW)
    assert stacks.stack([one.pk for one in own], by=alice, now=NOW)
    assert of(own[0], bob) == []
    assert own[1].pk not in wall(alice)
    # Shown to the team, it leaves what stays private.
    assert own[0].job
    own[0].job.submission.set_privacy(False)
    assert {own[0].pk, own[1].pk} <= set(wall(alice))
    assert not Picture.objects.exclude(cover=None).exists()
    # The cover of a stack of the team turns private: another stands for the rest.
    put(made, 1, 2, 3)
    assert made[1].job
    made[1].job.submission.set_privacy(True)
    assert of(made[2], bob) == [made[2].pk, made[3].pk]
    assert of(made[1], alice) == []


def test_all_of_a_request_stays_a_stack_when_it_turns_private(alice: User, bob: User) -> None:
    submission = people.make_submission(alice, count=3)
    made = [people.make_job(alice, state="done", submission=submission).pictures.get()]
    made += [job.pictures.get() for job in submission.jobs.filter(state="done").exclude(pk=made[0].job_id)]
    if len(made) < 2:
        made.append(people.make_picture(alice, job=made[0].job, position=1))
    change = stacks.stack([one.pk for one in made], by=alice, now=NOW)
    submission.set_privacy(True)
    assert len(of(made[0], alice)) == len(made)
    assert of(made[0], bob) == []
    assert change


def test_the_largest_stack(alice: User, made: list[Picture], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacks, "MOST", 3)
    with pytest.raises(ValidationError, match="A stack has up to"):
        stacks.stack([one.pk for one in made], by=alice, now=NOW)


def test_old_changes_are_forgotten(alice: User, made: list[Picture]) -> None:
    put(made, 0, 1)
    StackChange.objects.update(at=NOW - timedelta(days=8))
    put(made, 2, 3)
    assert StackChange.objects.count() == 1
    assert str(StackChange.objects.get()).startswith("1 stacked")


def test_what_a_page_reads_of_stacks_is_one_query(
    alice: User, made: list[Picture], django_assert_num_queries: Any
) -> None:
    put(made, 0, 1, 2)
    pictures = list(Picture.objects.on_wall().newest_first())
    with django_assert_num_queries(1):
        stacks.load(pictures, alice, is_wall=True)
    assert [one.stacked for one in pictures] == [3, 0, 0]
    assert pictures[0].stacked_codes == f"{made[1].code} {made[2].code}"
    stacks.load([], alice, is_wall=True)


def test_a_cover_that_joins_another_stack_leaves_its_own_to_the_rest(alice: User, made: list[Picture]) -> None:
    put(made, 0, 1, 2)
    put(made, 1, 3)
    assert of(made[1], alice) == [made[1].pk, made[3].pk]
    assert of(made[0], alice) == [made[0].pk, made[2].pk]
