"""What needs an admin's approval is kept under the code that its pictures will have, at the JSON API and for agents."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from studio.api import making
from studio.models import Approval, Board, Job, Submission, User, WebhookDelivery
from studio.models.not_placed import NotPlaced
from tests import people
from tests.api.calling import Caller, caller, make_token

HOOK = "https://hooks.example/made"
KEY = {"Idempotency-Key": "a"}
ASKED = {"prompt": "A tree", "count": 3, "webhook": HOOK}


@pytest.fixture
def mine(alice: User) -> Caller:
    User.objects.filter(pk=alice.pk).update(asks_above=Decimal("0.10"))
    return caller(alice)


def ask(mine: Caller, **more: Any) -> dict[str, Any]:
    answer = mine.post("/submissions", {**ASKED, **more}, **KEY)
    assert answer.status_code == 202, answer.content
    found: dict[str, Any] = answer.json()
    return found


def approve(ada: User) -> bool:
    kept = Approval.objects.get()
    return kept.approve(by=ada, seen=kept.total_today(), now=timezone.now())


def events() -> list[tuple[str, str | None]]:
    return [(one.event, one.facts()["submission"]) for one in WebhookDelivery.objects.order_by("pk")]


def test_it_is_kept_listed_and_made_under_the_same_code(mine: Caller, alice: User, ada: User) -> None:
    board, picture = Board.make(alice, name="Trees", now=timezone.now()), people.make_picture(alice)
    told = ask(mine, board=str(board.code), references=[str(picture.code)])
    code = told["code"]
    assert (told["state"], told["is_over"], told["jobs"], told["price"]) == ("needs_approval", False, [], "0.1302")
    assert told["sentence"].startswith("It costs $0.13, which is above $0.10")
    assert (told["board"], told["references"]) == (str(board.code), [str(picture.code)])
    assert mine.get(f"/submissions/{code}").json() == told
    assert mine.get(f"/submissions/{code}/wait?seconds=0").json() == told
    assert mine.get("/approvals").json() == {"items": [told], "next": None}
    assert mine.get("/submissions").json()["items"] == []
    # It is nobody else's, and the same key finds it.
    for other in (caller(ada), caller(people.make_person("Bob"))):
        assert other.get(f"/submissions/{code}").status_code == 404
        assert other.get("/approvals").json()["items"] == []
    body = {**ASKED, "board": str(board.code), "references": [str(picture.code)]}
    assert mine.post("/submissions", body, **KEY).json() == told
    assert mine.post("/submissions", ASKED, **KEY).json()["code"] == "key-used"
    assert approve(ada)
    made = mine.get(f"/submissions/{code}").json()
    assert (made["state"], len(made["jobs"]), made["board"]) == ("active", 3, str(board.code))
    assert (mine.post("/submissions", body, **KEY).status_code, Submission.objects.count()) == (200, 1)
    assert mine.get("/approvals").json()["items"] == []
    Job.objects.update(state="done", due_at=None, finished_at=timezone.now())
    assert mine.get(f"/submissions/{code}/wait").json()["is_over"]
    assert events() == [("needs_approval", code)]
    assert Submission.objects.get().webhook_id == WebhookDelivery.objects.get().hook_id


def test_a_refusal_is_over_and_is_told(mine: Caller, ada: User) -> None:
    code = ask(mine)["code"]
    Approval.objects.get().decline(by=ada, reason="Two are enough.", now=timezone.now())
    told = mine.get(f"/submissions/{code}/wait").json()
    assert (told["state"], told["is_over"], told["sentence"]) == ("declined", True, "Two are enough.")
    # The key stands for what was declined.
    assert mine.post("/submissions", ASKED, **KEY).json() == told
    assert events() == [("needs_approval", code), ("failed", code)]
    assert not Submission.objects.exists()


def test_it_can_be_taken_back(mine: Caller, ada: User) -> None:
    code = ask(mine)["code"]
    told = mine.post(f"/submissions/{code}/cancel").json()
    assert (told["state"], told["is_over"], told["jobs"]) == ("cancelled", True, [])
    assert not approve(ada)


def test_a_list_of_them_goes_on_page_by_page(mine: Caller) -> None:
    codes = [mine.post("/submissions", {"prompt": f"Tree {n}", "count": 3}).json()["code"] for n in range(3)]
    first = mine.get("/approvals?limit=2").json()
    rest = mine.get(f"/approvals?limit=2&after={first['next']}").json()
    assert ([one["code"] for one in first["items"] + rest["items"]], rest["next"]) == (codes[::-1], None)


def test_a_tokens_cap_holds_before_and_at_the_approval(alice: User, ada: User) -> None:
    User.objects.filter(pk=alice.pk).update(asks_above=0)
    token, secret = make_token(alice, cap_per_day=Decimal("0.05"))
    capped = Caller(secret)
    assert capped.post("/submissions", {"prompt": "A tree", "count": 2}).json()["code"] == "over-cap"
    assert not Approval.objects.exists()
    ask(capped, count=1)
    token.revoke(by=alice, now=timezone.now())
    with pytest.raises(NotPlaced, match="does not work any more"):
        approve(ada)
    assert Approval.objects.get().is_waiting


def test_out_of_budget_one_may_ask(alice: User, ada: User) -> None:
    User.objects.filter(pk=alice.pk).update(cap_per_day=Decimal("0.01"))
    mine = caller(alice)
    assert mine.post("/submissions", {"prompt": "A tree"}).json()["code"] == "over-budget"
    told = ask(mine, asks_over_budget=True)
    assert (told["state"], "passes the daily budget" in told["sentence"]) == ("needs_approval", True)


def test_nobody_floods_the_admins(mine: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "MOST_APPROVALS", 1)
    ask(mine)
    full = mine.post("/submissions", {"prompt": "Another", "count": 3})
    assert (full.status_code, full.json()["code"], full.headers["Retry-After"]) == (429, "too-many-waiting", "60")


def test_the_drop_ins_refuse_it(mine: Caller, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(asks_above=0)
    told = ask(mine, count=1, webhook=None)
    mine.base = "/v1"
    for key in (KEY, {}):
        answer = mine.post("/generations", {"prompt": "A tree"}, **key)
        assert (answer.status_code, "approv" in answer.json()["detail"]) == (403, True)
    assert [str(one.code) for one in Approval.objects.all()] == [told["code"]]
