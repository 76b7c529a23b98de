"""What is said about a picture: whose words are taken, who hears of them, and what search knows of them."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from studio.models import Comment, Notification, Picture, SearchDocument, User
from studio.models.opinions.comment import LONGEST
from studio.models.proof.link import ProofClient, ProofLink
from tests.people import make_job, make_person, make_picture, tokens_of

NOW = timezone.now()


@pytest.fixture
def picture(alice: User) -> Picture:
    return make_job(alice, state="done").pictures.get()


@pytest.fixture(autouse=True)
def nothing_new(picture: Picture) -> None:
    Notification.objects.all().delete()  # that of the finished job


def say(picture: Picture, by: User, text: str = "Keep this one", **more: object) -> Comment:
    return Comment.objects.say(picture, text, by=by, **more)  # type: ignore[arg-type]


def heard() -> list[tuple[str, str, str]]:
    """Who was told what, in the order of the names."""
    rows = Notification.objects.order_by("person__name", "pk").select_related("person")
    return [(one.person.name.split()[0], one.kind, one.text) for one in rows]


# ---- Saying


def test_the_owner_hears_of_a_comment_and_nobody_of_their_own(picture: Picture, alice: User, bob: User) -> None:
    said = say(picture, bob)
    assert heard() == [("Alice", "comment", "commented: “Keep this one”")]
    assert Notification.objects.get().address == f"/pictures/{picture.code}/#comment-{said.code}"
    say(picture, alice)
    assert len(heard()) == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Write something first."),
        (" \n\t ", "Write something first."),
        ("\u200b\u202e", "Write something first."),
        ("\x00\x07", "Write something first."),
        ("x" * (LONGEST + 1), "Shorten the comment to 2,000 characters: it has 2,001."),
    ],
)
def test_words_that_are_none_or_too_many_are_refused(picture: Picture, bob: User, text: str, sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        say(picture, bob, text)
    assert not Comment.objects.exists()


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("a\x00b\r\nc", "ab\nc"),
        ("  <b>x</b>  ", "<b>x</b>"),
        ("\ud800x", "x"),
        ("Z\u0341\u0342\u0343" * 400, "Z\u0341\u0342\u0343" * 400),
        ("x" * LONGEST, "x" * LONGEST),
    ],
)
def test_odd_words_are_stored_as_they_are(picture: Picture, bob: User, text: str, stored: str) -> None:
    assert Comment.objects.get(pk=say(picture, bob, text).pk).text == stored


@pytest.mark.parametrize(
    ("x", "y"), [(-0.1, 5), (5, 100.1), (float("nan"), 5), (float("inf"), 5), (5, None), (None, 5)]
)
def test_a_spot_beside_the_picture_is_refused(picture: Picture, bob: User, x: float | None, y: float | None) -> None:
    with pytest.raises(ValidationError, match="between 0 and 100 per cent"):
        say(picture, bob, x=x, y=y)


def test_spots_are_numbered_for_each_picture(picture: Picture, alice: User, bob: User) -> None:
    say(picture, bob)
    pins = [say(picture, bob, x=x, y=100 - x) for x in (0, 33.3333, 100)]
    assert [(one.pin, one.x, one.y) for one in pins] == [(1, 0, 100), (2, 33.33, 66.67), (3, 100, 0)]
    pins[1].delete_by(bob, now=NOW)
    assert say(picture, alice, x=1, y=1).pin == 4
    assert say(make_picture(alice), bob, x=1, y=1).pin == 1


def test_a_comment_is_by_a_person_or_by_a_client(picture: Picture) -> None:
    with pytest.raises(ValueError, match="by a person or by a client"):
        Comment.objects.say(picture, "Who?")


def test_a_reply_joins_its_thread_and_opens_it_again(picture: Picture, alice: User, bob: User) -> None:
    first = say(picture, bob, x=1, y=1)
    assert first.resolve(alice, now=NOW)
    assert not first.resolve(alice, now=NOW)
    second = say(picture, alice, "Done?", reply_to=first, x=5, y=5)
    third = say(picture, bob, "Yes", reply_to=second)
    assert {second.thread, third.thread} == {first}
    assert second.pin is None
    assert not Comment.objects.get(pk=first.pk).is_resolved
    with pytest.raises(ValidationError, match="isn't on this picture"):
        say(make_picture(alice), bob, reply_to=first)


# ---- Who hears of it


def test_each_person_is_told_once_whatever_concerns_them(picture: Picture, alice: User, bob: User, ada: User) -> None:
    first = say(picture, ada, "Look at the lantern")
    say(picture, bob, "I do", reply_to=first)
    Notification.objects.all().delete()
    say(picture, ada, "Dimmer, @Alice Moreau and @bob stranger", reply_to=first)
    say(picture, bob, "Fine", reply_to=first)
    assert heard() == [
        ("Ada", "comment", "replied: “Fine”"),
        ("Alice", "mention", "mentioned you: “Dimmer, @Alice Moreau and @bob stranger”"),
        ("Alice", "comment", "commented: “Fine”"),
        ("Bob", "mention", "mentioned you: “Dimmer, @Alice Moreau and @bob stranger”"),
    ]


def test_comments_that_nobody_read_are_one_row_of_each_person(
    picture: Picture, alice: User, bob: User, ada: User
) -> None:
    for number in range(3):
        say(picture, bob, f"Number {number}")
    say(picture, ada, "Another")
    link = ProofLink.objects.create(person=alice, title="Round 2", token_hash="0" * 64, expires_at=NOW)
    namesake = ProofClient.objects.create(link=link, name=ada.name)
    for words in ("Warmer", "Cooler"):
        Comment.objects.say(picture, words, client=namesake)
    rows = [(row.number, row.text, row.who, bool(row.client)) for row in Notification.objects.order_by("pk")]
    assert rows == [
        (3, "commented: “Number 2”", "Bob Stranger", False),
        (1, "commented: “Another”", "Ada Admin", False),
        (2, "commented: “Cooler”", "Ada Admin", True),
    ]


def test_the_longest_name_is_the_one_that_is_meant(picture: Picture, bob: User) -> None:
    mira, twin = make_person("Mira"), make_person("Mira Sato")
    said = say(picture, bob, "@Mira Sato and @Mira, not a@Mira or @Miranda")
    assert [(said.text[start:end], person) for start, end, person in said.named] == [
        ("@Mira Sato", twin.pk),
        ("@Mira", mira.pk),
    ]


def test_who_does_not_see_the_picture_is_neither_named_nor_told(picture: Picture, bob: User) -> None:
    gone = make_person("Gone Away")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    assert say(picture, bob, "Ask @Gone Away").named == []
    assert not Notification.objects.filter(person=gone).exists()


def test_words_that_change_tell_only_who_is_named_now(picture: Picture, bob: User, ada: User, alice: User) -> None:
    said = say(picture, bob, "Ask @Ada Admin")
    Notification.objects.all().delete()
    said.edit("Ask @Ada Admin or @Alice Moreau", now=NOW)
    assert heard() == [("Alice", "mention", "mentioned you: “Ask @Ada Admin or @Alice Moreau”")]
    assert Comment.objects.get().changed_at == NOW
    with pytest.raises(ValidationError):
        said.edit(" ", now=NOW)


# ---- Taking back


def test_words_for_what_was_deleted_meanwhile_are_refused_and_nobody_hears_of_them(
    picture: Picture, alice: User
) -> None:
    make_person("Ben Okafor")
    said = say(picture, alice)
    Comment.objects.get(pk=said.pk).delete_by(alice, now=NOW)
    with pytest.raises(ValidationError, match="deleted meanwhile"):
        said.edit("@Ben Okafor, look", now=NOW)
    assert Comment.objects.get(pk=said.pk).text == "Keep this one"
    assert heard() == []


def test_who_may_change_delete_and_bring_back(picture: Picture, alice: User, bob: User, ada: User) -> None:
    said = say(picture, bob)
    assert [said.may_edit(one) for one in (alice, bob, ada)] == [False, True, False]
    assert [said.may_delete(one) for one in (alice, bob, ada)] == [False, True, True]
    assert said.delete_by(ada, now=NOW)
    assert not said.delete_by(bob, now=NOW)
    assert [said.may_restore(one) for one in (alice, bob, ada)] == [False, True, True]
    # What quoted it is gone, and who said it knows.
    assert heard() == [("Bob", "change", "deleted your comment: “Keep this one”")]
    said.restore()
    assert Comment.objects.standing().get() == said
    # It is there again for everybody whom it concerns, and nothing says that it was deleted.
    assert heard() == [("Alice", "comment", "commented: “Keep this one”")]


def test_who_said_it_hears_that_it_is_resolved(picture: Picture, alice: User, bob: User) -> None:
    said = say(picture, bob)
    said.resolve(alice, now=NOW)
    assert ("Bob", "comment", "resolved your comment: “Keep this one”") in heard()


# ---- Search


def test_search_knows_the_words_that_stand_and_that_there_are_any(picture: Picture, bob: User) -> None:
    assert "=comments" not in tokens_of(picture)
    said = say(picture, bob, "A dimmer lantern")
    assert {"dimmer", "lantern", "=comments"} <= set(tokens_of(picture))
    said.edit("A brighter one", now=NOW)
    assert "dimmer" not in tokens_of(picture)
    said.delete_by(bob, now=NOW)
    assert not {"brighter", "=comments"} & set(tokens_of(picture))
    said.restore()
    assert "brighter" in tokens_of(picture)
    say(make_picture(bob), bob)  # an upload is in no gallery
    assert SearchDocument.objects.count() == 1


# ---- Ends of one's own jobs, and old rows


def test_a_group_is_told_once_when_its_last_picture_has_come(alice: User) -> None:
    first = make_job(alice, state="done", count=2, prompt="Green hills")
    assert heard() == []
    make_job(alice, state="done", submission=first.submission)
    assert heard() == [("Alice", "done", "2 of 2 finished: Green hills")]
    assert Notification.objects.get().address == f"/groups/{first.submission.code}/"


def test_what_failed_or_is_unknown_is_told_with_the_rest(alice: User) -> None:
    first = make_job(alice, state="done", count=3, prompt="Portrait")
    make_job(alice, state="failed", submission=first.submission)
    make_job(alice, state="unknown", submission=first.submission)
    assert heard() == [("Alice", "failed", "1 of 3 finished, 1 failed, 1 with an unknown outcome: Portrait")]


def test_cancelled_ones_are_not_told(alice: User) -> None:
    make_job(alice, state="cancelled")
    assert heard() == []


def test_rows_that_were_read_three_months_ago_go(alice: User) -> None:
    for days in (1, 89, 91, None):
        read_at = NOW - timedelta(days=days) if days else None
        Notification.objects.create(person=alice, kind="done", text=str(days), address="/", read_at=read_at)
    assert Notification.objects.clear_old(now=NOW) == 1
    assert set(Notification.objects.values_list("text", flat=True)) == {"1", "89", "None"}


def test_the_same_words_again_change_nothing(picture: Picture, bob: User) -> None:
    said = say(picture, bob)
    rev = said.rev
    said.edit("  Keep this one ", now=NOW)
    said.refresh_from_db()
    assert (said.rev, said.changed_at) == (rev, None)


def test_a_thread_can_be_opened_again_without_a_reply(picture: Picture, alice: User, bob: User) -> None:
    said = say(picture, bob)
    said.resolve(alice, now=NOW)
    said.reopen()
    said.refresh_from_db()
    assert (said.is_resolved, said.resolved_by) == (False, None)


def test_nobody_is_told_of_what_becomes_of_a_clients_comment(picture: Picture, alice: User) -> None:
    link = ProofLink.objects.create(person=alice, title="Harbour", token_hash="x" * 64, expires_at=NOW)
    client = ProofClient.objects.create(link=link, name="Ingrid Holm")
    for end in ("resolve", "delete_by"):
        said = Comment.objects.say(picture, "Warmer", client=client)
        assert getattr(said, end)(alice, now=NOW)
    assert [one for _, _, one in heard() if one.startswith(("resolved", "deleted"))] == []


def test_a_name_is_meant_however_its_accents_are_typed(picture: Picture, bob: User) -> None:
    jose = make_person("José Ñandú")
    for text in ("Ask @José Ñandú", "@JOSÉ ÑANDÚ too"):
        said = say(picture, bob, unicodedata.normalize("NFD", text))
        assert [one.person for one in said.find_named()] == [jose.pk]
        assert unicodedata.normalize("NFC", said.text) == text
        assert unicodedata.normalize("NFC", said.text[said.find_named()[0].start :]).upper().startswith("@JOSÉ")
    make_person("Rene")
    assert not say(picture, bob, unicodedata.normalize("NFD", "@René")).find_named()
    minji = make_person("김민지")
    assert [one.person for one in say(picture, bob, unicodedata.normalize("NFD", "@김민지 ok")).find_named()] == [
        minji.pk
    ]
