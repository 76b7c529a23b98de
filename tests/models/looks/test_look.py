"""Looks in versions: what a job keeps, who sees and changes one, and what is sent."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from studio.engine import wire_order
from studio.models import Input, Look, LookReference, LookVersion, Submission, User
from studio.models.looks.spec import LookChanged, LookSpec, TagTaken
from studio.models.requests.request_spec import RequestSpec
from studio.models.submission import JustMade
from tests.people import make_look, make_picture

WORDS = "low sun as in @2, [weather]"


def version_of(look: Look) -> LookVersion:
    assert look.current
    return LookVersion.objects.with_references().get(pk=look.current.pk)


def change(look: Look, by: User, *, seen: int = 1, spec: LookSpec | None = None, **fields: Any) -> LookVersion:
    facts = {"name": look.name, "tag": look.tag, "is_team": look.is_team, **fields}
    return look.change(by=by, seen=seen, spec=spec or version_of(look).spec, now=timezone.now(), **facts)


def place(person: User, look: LookVersion | None, **fields: Any) -> Submission:
    facts = {"type": "image", "prompt": "A ferry", "model": "uni-1", "look": look, **fields}
    spec = RequestSpec(**facts)
    return Submission.place(person, uuid.uuid4(), spec, now=timezone.now())[0]


# ---- Versions


def test_a_change_makes_the_next_version_and_a_job_keeps_its_own(alice: User) -> None:
    look = make_look(alice, words="film grain")
    submission = place(alice, version_of(look), count=3)
    second = change(look, alice, spec=LookSpec(words="no grain at all"))
    submission.refresh_from_db()
    assert (submission.look and submission.look.number, second.number) == (1, 2)
    assert submission.full_prompt == "A ferry\nfilm grain"
    assert [one.used for one in look.versions.order_by("number")] == [3, 0]


def test_saving_what_was_there_makes_no_version(alice: User) -> None:
    look = make_look(alice, words="film grain", references=[(make_picture(alice), "style")])
    assert change(look, alice, name="Night", tag="night", is_team=True).number == 1
    look.refresh_from_db()
    assert (look.name, look.tag, look.is_team, look.versions.count()) == ("Night", "night", True, 1)


def test_an_editor_that_is_behind_overwrites_nothing(alice: User) -> None:
    look = make_look(alice)
    change(look, alice, spec=LookSpec(words="one"))
    with pytest.raises(LookChanged):
        change(look, alice, seen=1, spec=LookSpec(words="two"))
    look.delete_for_now(now=timezone.now())
    with pytest.raises(LookChanged):
        change(look, alice, seen=2, spec=LookSpec(words="three"))
    assert [one.words for one in look.versions.order_by("number")] == ["", "one"]


def test_a_tag_means_one_look_to_each_person(alice: User, bob: User) -> None:
    own, team = make_look(alice), make_look(bob, is_team=True)
    assert Look.objects.named("harbour-dusk", alice) == own
    assert Look.objects.named("harbour-dusk", bob) == team
    for is_team in (True, False):
        with pytest.raises(TagTaken):
            make_look(bob, is_team=is_team)
    with pytest.raises(TagTaken):
        change(own, alice, is_team=True)
    assert Look.objects.known_tags(["x", "harbour-dusk"], alice) == ["harbour-dusk"]


def test_two_at_once_get_one_tag(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    make_look(alice)
    monkeypatch.setattr("studio.models.looks.look._refuse_taken", lambda *args, **kwargs: None)
    with pytest.raises(TagTaken):
        make_look(alice)
    other = make_look(alice, name="Other")
    with pytest.raises(TagTaken):
        change(other, alice, tag="harbour-dusk")


def test_a_deleted_look_stays_with_its_jobs_and_comes_back(alice: User, bob: User) -> None:
    look = make_look(alice)
    used, unused = version_of(look), change(look, alice, spec=LookSpec(words="later"))
    place(alice, used)
    now = timezone.now()
    assert look.delete_for_now(now=now)
    assert not look.delete_for_now(now=now)
    assert not Look.objects.visible_to(alice).exists()
    # Reuse settings of the job: by its owner, and of a look of the team by anybody, as jobs are the team's.
    assert (list(LookVersion.objects.usable_by(alice)), list(LookVersion.objects.usable_by(bob))) == ([used], [])
    Look.objects.update(is_team=True)
    assert list(LookVersion.objects.usable_by(bob)) == [used]
    Look.objects.update(is_team=False)
    make_look(alice)
    assert look.restore()
    assert (look.tag, Look.objects.visible_to(alice).count()) == ("harbour-dusk-2", 2)
    assert not look.restore()
    assert unused in LookVersion.objects.usable_by(alice)
    assert not LookVersion.objects.usable_by(bob)


def test_who_may_see_change_and_delete(alice: User, bob: User, ada: User) -> None:
    own, team = make_look(alice, name="Own"), make_look(alice, name="Team", is_team=True)
    rights = [
        (look.may_change(person), look.may_delete(person)) for look in (own, team) for person in (alice, bob, ada)
    ]
    assert rights == [(True, True), (False, False), (False, False), (True, True), (False, False), (False, True)]
    assert list(Look.objects.visible_to(bob)) == [team]
    bob.is_active = False
    assert not Look.objects.visible_to(bob)


# ---- What is sent


@pytest.fixture
def spec(alice: User) -> Callable[..., RequestSpec]:
    pictures = [make_picture(alice) for _ in range(2)]
    look = make_look(
        alice,
        words=WORDS,
        avoid=["people", "lettering"],
        references=list(zip(pictures, ("colour", "style"), strict=True)),
    )

    def build(**fields: Any) -> RequestSpec:
        usual = {"type": "image", "prompt": "A ferry #harbour-dusk, @1", "model": "uni-1", "look": version_of(look)}
        return RequestSpec(**{**usual, "blanks": ["rain"], **fields})

    return build


def test_a_look_adds_its_words_and_its_references_after_the_persons(
    alice: User, spec: Callable[..., RequestSpec]
) -> None:
    own = make_picture(alice)
    asked = spec(references=[own])
    assert asked.full_prompt == (
        "low sun as in @3, rain\nA ferry, @1\nUse the colours of @2 and the style of @3.\nNo people or lettering."
    )
    submission = Submission.place(alice, uuid.uuid4(), asked, now=timezone.now())[0]
    assert [(one.position, one.is_from_look) for one in submission.references] == [(1, False), (2, True), (3, True)]
    assert [one.picture for one in submission.own_references] == [own]
    assert submission.prompt == "A ferry #harbour-dusk, @1"
    assert str(submission.unit_price) == "0.0494"


def test_a_reference_that_the_person_has_too_is_sent_once(spec: Callable[..., RequestSpec]) -> None:
    look = spec().look
    assert look
    asked = spec(references=[look.pictures[1]])
    assert asked.all_references == [look.pictures[1], look.pictures[0]]
    assert "low sun as in @1" in asked.full_prompt
    assert "the colours of @2 and the style of @1" in asked.full_prompt


def test_a_picture_of_the_look_that_is_edited_is_sent_once(spec: Callable[..., RequestSpec]) -> None:
    look = spec().look
    assert look
    asked = spec(type="image_edit", source=look.pictures[0])
    assert asked.all_references == [look.pictures[1]]
    assert "the colours of the source image and the style of @1" in asked.full_prompt
    submission = Submission.place(look.saved_by, uuid.uuid4(), asked, now=timezone.now())[0]
    assert [(one.role, one.position) for one in submission.inputs.all()] == [("source", 0), ("reference", 1)]


def test_a_picture_that_is_gone_keeps_its_place(alice: User) -> None:
    gone, left = make_picture(alice), make_picture(alice)
    look = make_look(alice, references=[(gone, "colour"), (left, "style")], words="as @1 and @2")
    gone.renditions.all().delete()
    gone.delete()
    version = version_of(look)
    assert (version.missing, version.pictures) == ([1], [left])
    assert version.additions([]).all == ["as and @1", "Use the style of @1."]
    assert LookReference.objects.count() == 2


def test_an_edit_counts_beside_its_source(alice: User, spec: Callable[..., RequestSpec]) -> None:
    asked = spec(type="image_edit", source=make_picture(alice))
    submission = Submission.place(alice, uuid.uuid4(), asked, now=timezone.now())[0]
    rows = [(one.role, one.position, one.is_from_look) for one in submission.inputs.all()]
    assert rows == [(Input.Role.SOURCE, 0, False), (Input.Role.REFERENCE, 1, True), (Input.Role.REFERENCE, 2, True)]


@pytest.mark.parametrize("type", ["image", "image_edit"])
def test_luma_gets_the_whole_prompt_and_every_reference(
    alice: User, spec: Callable[..., RequestSpec], type: str
) -> None:
    source = make_picture(alice) if type == "image_edit" else None
    submission = Submission.place(alice, uuid.uuid4(), spec(type=type, source=source), now=timezone.now())[0]
    order = wire_order.Order(submission, list(submission.inputs.select_related("picture")), {}, {}, {})

    request = asyncio.run(wire_order.request(order))
    assert len(request.image_refs) == 2
    assert request.prompt.split("\n") == [
        "low sun as in the second reference image, rain",
        "A ferry, the first reference image",
        "Use the colours of the first reference image and the style of the second reference image.",
        "No people or lettering.",
    ]


def test_the_same_with_another_look_is_not_the_same(alice: User, spec: Callable[..., RequestSpec]) -> None:
    now = timezone.now()
    Submission.place(alice, uuid.uuid4(), spec(), now=now, asks_first=True)
    with pytest.raises(JustMade):
        Submission.place(alice, uuid.uuid4(), spec(), now=now, asks_first=True)
    other = replace(spec(), blanks=["sun"])
    assert Submission.place(alice, uuid.uuid4(), other, now=now, asks_first=True)[1]


def test_private_uses_are_counted_for_their_owner_alone(alice: User, bob: User) -> None:
    look = make_look(alice, is_team=True, words="grain")
    version = look.versions.get()

    def known(person: User) -> int:
        return LookVersion.numbers(look.versions.all(), person).get(look.pk, 0)

    place(alice, version, count=2)
    own = place(bob, version, count=3, is_private=True)
    assert (known(alice), known(bob)) == (2, 5)
    own.set_privacy(False)
    assert (known(alice), known(bob)) == (5, 5)
    own.set_privacy(True)
    assert (known(alice), known(bob)) == (2, 5)


def test_a_look_whose_tags_were_all_given_away_stays_deleted(alice: User) -> None:
    look = make_look(alice)
    assert look.delete_for_now(now=timezone.now())
    for number in range(1, 10):
        make_look(alice, name="Harbour dusk" if number == 1 else f"Harbour dusk {number}")
    assert not Look.objects.get(pk=look.pk).restore()
    assert Look.objects.get(pk=look.pk).deleted_at
