"""Stars, ratings, decisions and tags: each verb twice, what search finds, and who is told."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from studio.models import (
    Board,
    BoardPicture,
    Decision,
    Notification,
    Picture,
    PictureTag,
    Rating,
    Revision,
    Star,
    Tag,
    User,
)
from studio.models.opinions.tag import FULL, LONG_TAG, MOST_TAGS, NO_TAG
from studio.models.proof.link import ProofClient, ProofLink
from studio.models.search.clauses import Clause
from studio.models.search.query import SearchQuery
from studio.text.search_text import fact
from tests.people import make_job, make_picture, tokens_of


@pytest.fixture
def picture(alice: User) -> Picture:
    return make_job(alice, state="done", prompt="A paper boat").pictures.get()


def found(token: str) -> int:
    return SearchQuery((Clause.of(token),)).count(9)


def told() -> list[tuple[str, str]]:
    return list(Notification.objects.exclude(kind="done").order_by("pk").values_list("person__name", "text"))


def test_everybody_has_their_own_star(picture: Picture, alice: User, bob: User) -> None:
    before = Revision.current()
    assert [Star.put(picture, alice), Star.put(picture, alice), Star.put(picture, bob)] == [True, False, True]
    assert Revision.current() == before + 2
    assert [found(fact("f", one.pk)) for one in (alice, bob)] == [1, 1]
    assert [Star.take(picture, alice), Star.take(picture, alice)] == [True, False]
    assert [found(fact("f", one.pk)) for one in (alice, bob)] == [0, 1]


def test_one_rating_counts_and_all_are_kept(picture: Picture, alice: User, bob: User) -> None:
    assert Rating.give(picture, 0, by=alice) is None
    assert Rating.give(picture, 4, by=alice)
    assert Rating.give(picture, 4, by=bob) is None
    assert Rating.give(picture, 2, by=bob)
    assert picture.rating == Picture.objects.get(pk=picture.pk).rating == 2
    newest = Rating.newest(picture)
    assert newest
    assert newest.person == bob
    assert [found(fact("n", value)) for value in (4, 2)] == [0, 1]
    Rating.give(picture, 0, by=bob)
    assert Rating.newest(picture) is None
    assert found(fact("n", 2)) == 0
    assert list(Rating.objects.order_by("pk").values_list("value", flat=True)) == [4, 2, 0]
    for odd in (-1, 6):
        with pytest.raises(ValueError, match=str(odd)):
            Rating.give(picture, odd, by=bob)


def test_a_decision_says_who_and_tells_the_owner_and_who_decided_before(
    picture: Picture, alice: User, bob: User, ada: User
) -> None:
    assert found(fact("d", "none")) == 1
    assert Decision.make(picture, "approved", by=alice)
    assert told() == []
    assert Decision.make(picture, "approved", by=bob) is None
    assert Decision.make(picture, "candidate", by=bob)
    assert told() == [("Alice Moreau", "made a candidate of “A paper boat”")]
    assert Decision.make(picture, "rejected", by=ada)
    assert told()[1:] == [("Alice Moreau", "rejected “A paper boat”"), ("Bob Stranger", "rejected “A paper boat”")]
    assert [found(fact("d", one)) for one in ("none", "approved", "rejected")] == [0, 0, 1]
    assert found(fact("e", ada.pk)) == 1
    assert Decision.make(picture, "", by=ada)
    assert Decision.make(picture, "", by=ada) is None
    assert picture.decision == ""
    assert Decision.objects.count() == 4
    with pytest.raises(ValueError, match="maybe"):
        Decision.make(picture, "maybe", by=ada)


def test_tags_are_one_however_they_are_typed(picture: Picture, alice: User, bob: User) -> None:
    tag = Tag.put(picture, " #Quay\u202e  Dusk ", by=alice)
    assert tag
    assert (tag.name, tag.key) == ("Quay Dusk", "quay dusk")
    assert Tag.put(picture, "QUAY DUSK", by=bob) is None
    other = make_job(alice, state="done").pictures.get()
    assert Tag.put(other, "quay dusk", by=bob) == tag
    assert Tag.objects.get().number == 2
    assert [found(token) for token in (fact("g", tag.pk), "quay")] == [2, 2]
    assert Tag.take(other, "quay DUSK") == tag
    assert Tag.take(other, "quay dusk") is None
    assert Tag.objects.get().number == 1
    assert [found(token) for token in (fact("g", tag.pk), "quay")] == [1, 1]


def test_a_tag_that_cannot_be_is_refused_with_a_sentence(picture: Picture, alice: User) -> None:
    for name, sentence in (("", NO_TAG), ("\0\u200b #", NO_TAG), ("x" * 51, LONG_TAG)):
        with pytest.raises(ValidationError, match=sentence[:12]):
            Tag.put(picture, name, by=alice)
    for number in range(MOST_TAGS):
        assert Tag.put(picture, f"t{number}", by=alice)
    with pytest.raises(ValidationError, match=FULL[:12]):
        Tag.put(picture, "one more", by=alice)
    assert PictureTag.objects.count() == Tag.objects.count() == MOST_TAGS


def test_completion_begins_with_the_most_used(alice: User) -> None:
    pictures = [make_job(alice, state="done").pictures.get() for _ in range(2)]
    for name, number in (("harp", 1), ("harbour", 2), ("sea", 1)):
        for one in pictures[:number]:
            Tag.put(one, name, by=alice)
    Tag.objects.create(name="hard", key="hard")
    assert [tag.name for tag in Tag.offered(alice, "har", 9)] == ["harbour", "harp"]
    assert Tag.offered(alice, "", 1)[0].name == "harbour"


def test_opinions_of_an_upload_make_nothing_of_it_in_the_gallery(alice: User) -> None:
    upload = make_picture(alice)
    assert Star.put(upload, alice)
    assert found("=a") == 0


def test_a_clients_own_word_is_kept_where_the_team_decided_the_same(picture: Picture, alice: User) -> None:
    now = timezone.now()
    link = ProofLink.objects.create(person=alice, title="Harbour", token_hash="x" * 64, expires_at=now)
    client = ProofClient.objects.create(link=link, name="Ingrid Holm")
    Decision.make(picture, "approved", by=alice)
    made = Decision.make(picture, "approved", client=client)
    assert made
    assert made.who == "Ingrid Holm"
    assert Decision.make(picture, "approved", client=client) is None
    assert told() == [("Alice Moreau", "approved “A paper boat”")]
    assert found(fact("e", "client")) == 1
    assert Decision.make(picture, "", client=client)
    assert picture.decision == ""


def test_undo_brings_back_a_decision_as_whose_it_was(picture: Picture, alice: User, bob: User) -> None:
    now, board = timezone.now(), Board.make(alice, now=timezone.now(), name="Harbour")
    BoardPicture.add(board, [picture.pk], by=alice, now=now)
    link = ProofLink.objects.create(person=alice, title="Harbour", token_hash="x" * 64, expires_at=now)
    client = ProofClient.objects.create(link=link, name="Ingrid Holm")
    for decider in ({"by": alice}, {"client": client}):
        first = Decision.make(picture, "approved", **decider)  # type: ignore[arg-type]
        assert first
        rejected = Decision.make(picture, "rejected", by=bob)
        assert rejected
        assert rejected.take_back(by=bob)
        newest = Decision.newest(picture)
        assert newest
        assert (newest.verdict, newest.who, newest.at) == ("approved", first.who, first.at)
        assert Picture.objects.get(pk=picture.pk).decision == "approved"
        assert (found(fact("d", "approved")), found(fact("d", "rejected"))) == (1, 0)
        board.refresh_from_db()
        assert (board.decided_for(bob, "approved"), board.decided_for(bob, "rejected")) == (1, 0)
        assert not rejected.take_back(by=bob)
    assert found(fact("e", "client")) == 1
    said = set(Notification.objects.filter(actor=bob, person=alice).values_list("text", flat=True))
    assert said == {"rejected “A paper boat”", "took back the decision on “A paper boat”"}


def test_no_rating_is_taken_for_an_owner_nor_a_person_for_a_board(alice: User) -> None:
    private = make_job(alice, state="done", is_private=True, prompt="A paper boat").pictures.get()
    for value in range(1, 6):
        Rating.give(private, value, by=alice)
        assert not {fact("v", key) for key in range(1, 6) if key != alice.pk} & set(tokens_of(private))
    Decision.make(private, "approved", by=alice)
    assert fact("b", alice.pk) not in tokens_of(private)
