"""A proof link whose pictures are decided by several at once: clients of it, of another link, and the team."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from studio.models import Board, BoardPicture, Comment, Decision, Notification, ProofClient, ProofLink, User
from studio.models.account import hand_over
from studio.models.pictures import trash
from studio.models.proof import answers
from tests.people import HTMX
from tests.views.page_text import text
from tests.views.proof_pages import Round, made


@pytest.fixture
def alice_s(alice: User) -> Round:
    return Round(alice, made(alice), made(alice))


def press(client: Any, page: Any, name: str) -> Any:
    """Press Approve ("yes") or Ask for changes ("no") of the first picture, as this page shows it."""
    first = client.pictures[0]
    form = re.search(rf'<form class="decide" id="decide-{first.code}".*?</form>', page.content.decode(), re.DOTALL)
    assert form
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[0]))
    value = re.search(rf'id="{name}-{first.code}"[^>]*?value="([^"]*)"', form[0], re.DOTALL)
    assert value
    fields.pop("csrfmiddlewaretoken", None)
    return client.post(first.code, "decision", **fields, verdict=value[1])


def test_a_client_takes_back_what_the_page_shows_and_not_what_another_said_meanwhile(alice_s: Round) -> None:
    alice_s.name()
    first = alice_s.pictures[0]
    alice_s.post(first.code, "decision", verdict="approved")
    stale = alice_s.get()
    other = answers.name_client(alice_s.link, "Jon Berg")
    answers.decide(other, first, "rejected")
    press(alice_s, stale, "yes")
    assert Decision.newest(first).verdict == "rejected"  # type: ignore[union-attr]
    # On a page that shows it, it can be taken back.
    press(alice_s, alice_s.get(), "no")
    assert Decision.newest(first).verdict == ""  # type: ignore[union-attr]


def test_a_client_who_takes_back_their_word_leaves_the_word_of_another_link(alice: User, alice_s: Round) -> None:
    first = alice_s.pictures[0]
    one = answers.name_client(alice_s.link, "Ingrid Holm")
    two = answers.name_client(Round(alice, first).link, "Jon Berg")
    answers.decide(one, first, "approved")
    answers.decide(two, first, "rejected")
    answers.decide(one, first, "")
    first.refresh_from_db()
    assert first.decision == "rejected"
    assert answers.verdicts(alice_s.link, [first.pk]) == {}
    assert answers.verdicts(two.link, [first.pk])[first.pk].client == two


def test_a_client_can_take_back_what_the_team_took_back_before(alice: User, alice_s: Round) -> None:
    alice_s.name()
    first = alice_s.pictures[0]
    alice_s.post(first.code, "decision", verdict="approved")
    Decision.make(first, "", by=alice)
    press(alice_s, alice_s.get(), "yes")
    assert answers.verdicts(alice_s.link, [first.pk]) == {}
    assert 'aria-pressed="true"' not in alice_s.get().content.decode()


def test_a_comment_that_is_sent_twice_is_said_once(alice_s: Round) -> None:
    first = alice_s.pictures[0]
    shown = re.search(r'name="once" value="([^"]+)"', alice_s.get(first.code).content.decode())
    assert shown
    sent = {"text": "Warmer, please", "name": "Ingrid Holm", "once": shown[1]}
    pages = [alice_s.post(first.code, "comments", **sent).url for _ in range(2)]
    assert pages[0] == pages[1]
    assert (Comment.objects.count(), ProofClient.objects.count()) == (1, 1)
    # Of two requests at once, the second is found out where the first has written.
    said = Comment.objects.get()
    assert said.client
    assert answers.say(said.client, first, said.text, once=uuid.UUID(shown[1])) == said
    # Other words of the same form, after Back, are not lost.
    alice_s.post(first.code, "comments", **sent | {"text": "Or cooler"})
    assert list(Comment.objects.order_by("pk").values_list("text", flat=True)) == ["Warmer, please", "Or cooler"]


def test_nobody_becomes_another_client_by_sending_their_comment_again(alice_s: Round) -> None:
    first = alice_s.pictures[0]
    once = uuid.uuid4()
    said = answers.say(answers.name_client(alice_s.link, "Jon Berg"), first, "Warmer, please", once=once)
    again = alice_s.post(first.code, "comments", text=said.text, name="Ingrid Holm", once=str(once))
    assert again.url.endswith(f"#c-{said.code}")
    alice_s.post(first.code, "comments", text="Or cooler", name="Ingrid Holm")
    assert list(Comment.objects.order_by("pk").values_list("client__name", flat=True)) == ["Jon Berg", "Ingrid Holm"]


def test_a_picture_that_is_gone_leads_back_to_the_others(alice: User, alice_s: Round) -> None:
    first = alice_s.pictures[0]
    trash.move([first.pk], by=alice, now=timezone.now())
    gone = alice_s.post(first.code, "comments", text="Lower", name="Ingrid")
    assert (gone.status_code, "Back to the pictures" in text(gone)) == (404, True)
    assert "Your comment wasn't sent. Copy it from here: Lower" in text(gone)
    assert f'href="{alice_s.address()}"' in gone.content.decode()
    assert "Back to the pictures" not in text(Client().get("/proof/nothing/"))


def test_a_picture_that_is_gone_leaves_the_page_that_decides_on_it(alice: User, alice_s: Round) -> None:
    first = alice_s.pictures[0]
    trash.move([first.pk], by=alice, now=timezone.now())
    late = alice_s.post(first.code, "decision", verdict="approved", headers=HTMX)
    assert (late.status_code, "HX-Refresh" in late.headers, late.headers["HX-Retarget"]) == (404, False, "#toasts")
    assert "This picture isn't part of this link any more. Nothing was saved." in text(late)


def test_no_refusal_loses_a_comment(alice_s: Round, monkeypatch: pytest.MonkeyPatch) -> None:
    first, unsent = alice_s.pictures[0], "Your comment wasn't sent. Copy it from here: Lower"

    def full(*_: Any, **__: Any) -> None:
        raise answers.Flooded

    monkeypatch.setattr(answers, "say", full)
    flooded = alice_s.post(first.code, "comments", text="Lower", name="Ingrid")
    assert (flooded.status_code, unsent in text(flooded)) == (429, True)
    ProofLink.objects.update(may_comment=False)
    closed = alice_s.post(first.code, "comments", text="Lower", name="Ingrid")
    assert (closed.status_code, unsent in text(closed)) == (403, True)
    long = "Lower it. " * 400
    assert long.strip() in text(alice_s.post(first.code, "comments", text=long, name="Ingrid"))


def test_a_form_whose_cookie_is_gone_keeps_a_client_on_the_link(alice_s: Round) -> None:
    first = alice_s.pictures[0]
    alice_s.browser = Client(enforce_csrf_checks=True)
    page = alice_s.post(first.code, "comments", text="Lower", name="Ingrid")
    assert (page.status_code, page.headers["Cache-Control"]) == (403, "private, no-store")
    assert "Your comment wasn't sent. Copy it from here: Lower" in text(page)
    assert f'href="{alice_s.address()}"' in page.content.decode()
    assert "Go to Create" not in text(page)
    beside = alice_s.post(first.code, "decision", verdict="approved", headers=HTMX)
    assert (beside.status_code, beside.headers["HX-Retarget"]) == (403, "#toasts")
    assert "cookie" in text(beside)


def test_a_download_that_was_switched_off_says_so(alice: User) -> None:
    client = Round(alice, made(alice), downloads="web")
    ProofLink.objects.update(downloads="off")
    page = client.get(client.pictures[0].code, "download")
    assert (page.status_code, "Downloads are switched off for this link." in text(page)) == (404, True)


def test_whoever_looks_after_a_link_of_somebody_who_left_hears_of_answers(alice: User, bob: User, ada: User) -> None:
    round_ = Round(bob, made(alice))
    hand_over.hand_over(bob.pk, to=alice.pk, by=ada, also_private=False, now=timezone.now())
    Notification.objects.all().delete()
    round_.name()
    code = round_.pictures[0].code
    round_.post(code, "decision", verdict="approved")
    round_.post(code, "comments", text="A little lower", once=str(uuid.uuid4()))
    told = Notification.objects.values_list("person__name", "text")
    assert set(told) == {(alice.name, "approved a picture in “Round 2”"), (alice.name, "commented: “A little lower”")}


def test_the_owner_of_a_picture_reads_no_title_of_a_link_to_a_board_of_others(
    alice: User, bob: User, as_alice: Client
) -> None:
    now, picture = timezone.now(), made(alice)
    board = Board.make(bob, now=now, name="Merger", visibility="private")
    BoardPicture.add(board, [picture.pk], by=bob, now=now)
    round_ = Round(bob, picture, title="Pitch for a merger")
    ProofLink.objects.update(board=board)
    round_.name()
    round_.post(picture.code, "decision", verdict="approved")
    assert {one.text for one in Notification.objects.of(bob)} == {"approved a picture in “Pitch for a merger”"}
    shown = text(as_alice.get("/notifications/"))
    assert "Ingrid Holm" in shown
    assert "approved a picture in a proof link" in shown
    assert "merger" not in shown.lower()


def test_a_client_who_gives_the_name_of_an_account_is_called_a_client(
    alice_s: Round, alice: User, bob: User, as_alice: Client
) -> None:
    alice.notify = {"proof": ["desktop"]}
    alice.save()
    alice_s.name(bob.name)
    picture = alice_s.pictures[0]
    alice_s.post(picture.code, "decision", verdict="approved")
    page = as_alice.get(picture.get_absolute_url())
    assert "Approved by the client Bob Stranger" in text(page)
    assert 'data-text="Client Bob Stranger approved a picture in “Round 2”"' in page.content.decode()
    alice_s.post(picture.code, "comments", text="A little lower", once=str(uuid.uuid4()))
    assert "Bob Stranger Client" in text(as_alice.get(picture.get_absolute_url()))
    Decision.make(picture, "rejected", by=bob)
    assert "Rejected by Bob Stranger" in text(as_alice.get(picture.get_absolute_url()))


def test_a_name_is_kept_where_the_picture_that_it_was_given_for_is_gone(alice: User, alice_s: Round) -> None:
    first, second = alice_s.pictures
    trash.move([first.pk], by=alice, now=timezone.now())
    gone = alice_s.post("name", name="Ingrid Holm", picture=str(first.code), verdict="approved")
    assert gone.status_code == 404
    assert "so nothing was decided. Your name is kept." in text(gone)
    assert "Deciding as Ingrid Holm" in text(alice_s.get())
    alice_s.post(second.code, "decision", verdict="approved")
    assert ProofClient.objects.count() == 1
    assert Decision.objects.get().who == "Ingrid Holm"
