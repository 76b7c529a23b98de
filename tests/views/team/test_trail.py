"""The trail: what is written down, who reads what of it, and how it is searched."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio.models import Board, Picture, ProofLink, TrailEntry, User
from studio.views.team import trail
from tests import people

Verb = TrailEntry.Verb


def said(client: Client, query: str = "") -> str:
    response = client.get(f"/trail/?{query}")
    assert response.status_code == 200
    return response.content.decode()


def entries(client: Client, query: str = "") -> list[str]:
    """The things of the rows that a page shows, in its order."""
    return [row.thing for _, rows in client.get(f"/trail/?{query}").context["days"] for row in rows]


def test_an_empty_trail_says_what_will_be_in_it(as_ada: Client) -> None:
    assert "Nothing yet." in said(as_ada)


def test_the_newest_come_first_page_by_page(as_ada: Client, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "PAGE", 2)
    for number in range(5):
        TrailEntry.log(Verb.ROLE, by=ada, thing=f"T{number}")
    seen, query = [], ""
    while True:
        page = as_ada.get(f"/trail/?{query}")
        seen.append([row.thing for _, rows in page.context["days"] for row in rows])
        if not (query := page.context["more"]):
            break
    assert seen == [["T4", "T3"], ["T2", "T1"], ["T0"]]


def test_filters_narrow_it_down(as_ada: Client, ada: User, bob: User) -> None:
    TrailEntry.log(Verb.ROLE, by=ada, thing="Bob")
    TrailEntry.log(Verb.SHARED, by=bob, thing="Harbour link", text="link made")
    TrailEntry.log(Verb.SIGN_IN_REFUSED, by=None, name="Ｍallory", thing="")
    old = TrailEntry.log(Verb.SHARED, by=ada, thing="Old link")
    TrailEntry.objects.filter(pk=old.pk)._raw_delete(using="default")
    old.pk, old._state.adding, old.at = None, True, timezone.now() - timedelta(days=40)
    old.save()
    today = timezone.localdate().isoformat()
    assert entries(as_ada, f"person={bob.pk}") == ["Harbour link"]
    assert entries(as_ada, "kind=shared") == ["Harbour link", "Old link"]
    assert entries(as_ada, f"kind=shared&person={ada.pk}") == ["Old link"]
    assert entries(as_ada, f"from={today}&to={today}&kind=shared") == ["Harbour link"]
    assert entries(as_ada, f"to={timezone.localdate() - timedelta(days=2)}") == ["Old link"]
    assert entries(as_ada, "q=HARBOUR+made") == ["Harbour link"]
    assert entries(as_ada, "q=mallory") == [""]
    assert "Nothing like that" in said(as_ada, "q=zeppelin")


def test_words_are_looked_for_some_way_back_at_a_time(
    as_ada: Client, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "MOST_READ", 3)
    TrailEntry.log(Verb.ROLE, by=ada, thing="Needle")
    for _ in range(4):
        TrailEntry.log(Verb.ROLE, by=ada, thing="Hay")
    page = as_ada.get("/trail/?q=needle")
    assert "Nothing among" in page.content.decode()
    assert "Look further back" in page.content.decode()
    assert entries(as_ada, page.context["more"]) == ["Needle"]


@pytest.mark.parametrize(
    "query",
    [
        "person=x&kind=nothing&from=never&to=31-31&q=%00",
        "after=nonsense&person=99999999999999999999",
        f"person={'9' * 18}",
        "person=%D9%A3&q=%F0%9F%92%A9&q=b&kind=role&kind=shared",
        f"q={'x' * 5000}",
        "after=00000000-0000-0000-0000-000000000000",
    ],
)
def test_what_an_address_asks_for_wrongly_breaks_nothing(as_ada: Client, ada: User, query: str) -> None:
    TrailEntry.log(Verb.ROLE, by=ada, thing="Bob")
    assert as_ada.get(f"/trail/?{query}").status_code == 200


def test_private_work_is_named_to_its_owner_alone(ada: User, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(role=User.Role.ADMIN)
    TrailEntry.log(
        Verb.DELETED, by=alice, thing="Zephyrine", text="zephyr words", address="/gallery/", private_to=alice
    )
    for client, sees in ((people.signed_in(ada), False), (people.signed_in(alice), True)):
        for query in ("", "q=deleted"):
            assert ("Zephyrine" in said(client, query)) is sees
            assert ("zephyr words" in said(client, query)) is sees
        assert (entries(client, "q=zephyr") != []) is sees
        table = b"".join(client.post("/trail/export/").streaming_content).decode()  # type: ignore[attr-defined]
        assert ("ephyr" in table) is sees


def test_what_became_private_is_named_to_its_owner_alone(ada: User, alice: User, bob: User) -> None:
    User.objects.filter(pk=alice.pk).update(role=User.Role.ADMIN)
    picture = people.make_job(alice, state="done", prompt="Zephyrine").pictures.get()
    job, board = picture.job, Board.make(alice, name="Zephyrine", now=timezone.now())
    link = ProofLink.objects.create(
        person=alice, board=board, title="Zephyrine", token_hash="x", expires_at=timezone.now() + timedelta(days=1)
    )
    at = f"/proofs/?whose=all#link-{link.code}"
    pages = [one.get_absolute_url() for one in (picture, job, board)]
    for address in (*pages, f"/groups/{job.submission.code}/", at):
        TrailEntry.log(Verb.EXPORTED, by=bob, thing="Zephyrine", text="zephyr words", address=address)
    TrailEntry.log(Verb.EXPORTED, by=bob, thing="Gone", address=f"/pictures/{uuid.uuid4()}/")

    def told(person: User) -> list[int]:
        client = people.signed_in(person)
        table = b"".join(client.post("/trail/export/").streaming_content).decode()  # type: ignore[attr-defined]
        listed = client.get(reverse("admin:studio_trailentry_changelist")).content.decode()
        one = client.get(reverse("admin:studio_trailentry_change", args=[TrailEntry.objects.earliest("pk").pk]))
        pages = (said(client), said(client, "q=zephyr"), table, listed, one.content.decode())
        assert "Gone" in pages[0]
        return [page.count("ephyr") for page in pages]

    before = told(ada)
    assert min(before) > 0
    assert job.submission.set_privacy(True)
    Board.objects.filter(pk=board.pk).update(visibility="private")
    assert sum(told(ada)) - told(ada)[1] == 0
    # The search itself stands on the page.
    assert "Zephyr" not in said(people.signed_in(ada), "q=zephyr")
    assert told(alice) == before


def test_only_pages_of_the_studio_are_linked(as_ada: Client, ada: User) -> None:
    for address in ("/people/", "https://elsewhere.example/", "javascript:alert(1)", "//elsewhere.example"):
        TrailEntry.log(Verb.ROLE, by=ada, thing="Thing", address=address)
    page = said(as_ada)
    assert page.count('class="link" href="/people/"') == 1
    assert "elsewhere" not in page
    assert "javascript:" not in page


HOSTILE = ("=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "\tx", "two\r\nlines", "<script>alert(1)</script>", "“ü” 東京")


def test_the_table_holds_no_formula_and_one_line_an_entry(as_ada: Client, ada: User) -> None:
    for thing in HOSTILE:
        TrailEntry.log(Verb.SHARED, by=ada, thing=thing, text=thing)
    assert "<script>alert" not in said(as_ada)
    response = as_ada.post("/trail/export/", {"kind": "shared"})
    assert response.headers["Content-Disposition"].startswith('attachment; filename="studio-trail-')
    content = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(content)))
    assert len(content.splitlines()) == len(rows) == 1 + len(HOSTILE)
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]
    assert entries(as_ada, "kind=exported") == ["The trail"]


def test_the_table_goes_on_beyond_one_reading(as_ada: Client, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "MOST_READ", 2)
    for number in range(5):
        TrailEntry.log(Verb.ROLE, by=ada, thing=f"T{number}")
    response = as_ada.post("/trail/export/", {"kind": "role"})
    assert len(b"".join(response.streaming_content).splitlines()) == 6  # type: ignore[attr-defined]


# ---- What is written down


def logged(verb: str) -> list[tuple[str, str, str]]:
    rows = TrailEntry.objects.filter(verb=verb).order_by("pk")
    return [(one.name, one.thing, one.text) for one in rows]


def test_pausing_and_resuming(as_ada: Client) -> None:
    for state in ("paused", "paused", "resumed", "resumed"):
        as_ada.post("/review/pauses/admin/", {"state": state})
    assert logged("pause") == [("Ada Admin", "Sending", "paused"), ("Ada Admin", "Sending", "resumed")]


def test_sharing_and_revoking(as_alice: Client, as_ada: Client, alice: User) -> None:
    picture = people.make_job(alice, state="done").pictures.get()
    form = {"act": "make", "picture": str(picture.code), "title": "Harbour", "ends": "14", "downloads": "off"}
    form |= {"may_comment": "on", "may_decide": "on"}
    page = as_alice.post("/proofs/new/", form)
    assert page.status_code == 200
    link = ProofLink.objects.get()
    as_ada.post(f"/proofs/{link.code}/revocation/")
    as_ada.post(f"/proofs/{link.code}/revocation/")
    told = logged("shared")
    assert [(who, thing) for who, thing, _ in told] == [("Alice Moreau", "Harbour"), ("Ada Admin", "Harbour")]
    token = page.context["address"].rstrip("/").rpartition("/")[2]
    assert token not in str(list(TrailEntry.objects.values()))


def test_a_link_of_a_board_that_is_not_the_teams_is_named_to_its_maker(alice: User, as_ada: Client) -> None:
    board = Board.make(alice, name="Secret harbour", visibility="private", now=timezone.now())
    link = ProofLink.objects.create(
        person=alice, board=board, title="Secret harbour", token_hash="x", expires_at=timezone.now() + timedelta(days=1)
    )
    people.signed_in(alice).post(f"/proofs/{link.code}/revocation/")
    assert TrailEntry.objects.get(verb="shared").private_to == alice
    assert "Secret harbour" not in said(as_ada)


def test_deleting_for_good(as_alice: Client, alice: User) -> None:
    keys = [people.make_job(alice, state="done", prompt=f"Boat {number}").pictures.get() for number in range(3)]
    for one in keys:
        as_alice.post(f"/pictures/{one.code}/trash/")
    as_alice.post(f"/pictures/{keys[0].code}/deletion/")
    as_alice.post("/trash/emptying/")
    as_alice.post("/trash/emptying/")
    assert [row[1:] for row in logged("deleted")] == [
        ("Boat 0", "deleted for good"),
        ("2 pictures", "deleted for good"),
    ]
    private = people.make_job(alice, state="done", prompt="Mine", is_private=True).pictures.get()
    as_alice.post(f"/pictures/{private.code}/trash/")
    as_alice.post(f"/pictures/{private.code}/deletion/")
    assert TrailEntry.objects.filter(verb="deleted").latest("pk").private_to == alice
    assert Picture.objects.filter(pk=private.pk).exists()


def test_a_zip(as_alice: Client, alice: User) -> None:
    picture = people.make_job(alice, state="done").pictures.get()
    address = as_alice.post("/archives/", {"picture": str(picture.code)}).headers["Location"]
    for _ in range(2):
        as_alice.post(address, {"size": "original"})
    assert logged("exported") == [("Alice Moreau", "Zip of 1 picture", "")]
