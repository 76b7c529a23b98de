"""Cards of what ended badly, and what each offers to whom."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from studio.models import Job, User
from studio.models.jobs.failure import Failure
from studio.views.jobs import actions as job_actions
from tests.people import LUMA_FAILED, REFUSED, make_job, make_picture
from tests.views.one_card import card_of, told, words

TOO_LARGE = Failure(
    cause="bad_input",
    sentence="The picture is larger than the 50 MB Luma takes. Shrink it and retry.",
    code="image_too_large",
    charge="refunded",
    remedy={"0": {"side": 1024, "bytes": 2_000_000, "plain": False, "fault": "size"}},
)
BUSY = Failure(cause="busy", sentence="Luma was too busy to make this.", code="rate_limited", charge="maybe")
GONE = Failure(cause="lost", sentence="Luma no longer knows this job. Ask its support with the request id.")
UNSAVED = Failure(
    cause="unsaved",
    sentence="The picture is made, but its download was cut short. Studio fetches it again for free.",
    charge="charged",
)
MISTAKE = Failure(
    cause="mistake", sentence="Luma rejected the request. This is probably a bug in Studio: tell an admin."
)


def test_refused_asks_for_another_prompt(alice: User) -> None:
    card = card_of(make_job(alice, state="failed", failure=REFUSED))
    assert told(card) == ("failed", "shield-alert", "Refused")
    assert card.why == REFUSED.sentence
    assert words(card) == ["Edit prompt", "Details"]
    assert job_actions.buttons(card)[0].url == f"/?edit={card.job.code}"


@pytest.mark.parametrize("failure", [LUMA_FAILED, BUSY])
def test_a_stumble_may_be_tried_again_at_its_price(alice: User, failure: Failure) -> None:
    card = card_of(make_job(alice, state="failed", failure=failure))
    assert told(card) == ("failed", "circle-alert", "Failed")
    assert card.why == failure.sentence
    assert words(card) == ["Try again · $0.04", "Details"]


def test_a_bad_picture_is_shrunk(alice: User) -> None:
    card = card_of(make_job(alice, state="failed", failure=TOO_LARGE))
    assert told(card) == ("failed", "file-warning", "Picture not accepted")
    assert card.why == TOO_LARGE.sentence
    assert words(card) == ["Shrink and retry · $0.04", "Details"]
    assert "Send the source with at most 1024 px a side · $0.04" in [act.word for act in job_actions.menu(card)]
    assert "Details" in [act.word for act in job_actions.menu(card)]


def test_what_would_fail_again_offers_its_settings(alice: User) -> None:
    card = card_of(make_job(alice, state="failed", failure=MISTAKE))
    assert told(card) == ("failed", "circle-alert", "Failed")
    assert words(card) == ["Reuse settings", "Details"]


def test_what_was_paid_for_is_fetched_again_for_nothing(alice: User, ada: User) -> None:
    job = make_job(alice, state="failed", failure=UNSAVED)
    card = card_of(job)
    assert told(card) == ("unknown", "hard-drive-download", "Made, not saved")
    assert card.why == UNSAVED.sentence
    assert words(card) == ["Fetch again · free", "Give up"]
    assert "Give up" in [act.word for act in job_actions.menu(card)], "a narrow card has room for one button"
    assert job_actions.decisions(card) == []
    assert job.write_off(by=ada, now=timezone.now())
    assert words(card_of(job)) == ["Fetch again · free"]
    assert [act.word for act in job_actions.decisions(card_of(job))] == ["Pay again"]


@pytest.mark.parametrize(("seconds", "next_try"), [(20, "Next try in a moment."), (240, "Next try: Today 12:04.")])
def test_a_made_picture_that_is_not_saved_yet_says_why_and_when_it_is_tried(
    alice: User, seconds: int, next_try: str
) -> None:
    now = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0)
    job = make_job(alice, state="saving", now=now)
    assert job.put_off(UNSAVED, until=now + timedelta(seconds=seconds), release=True)
    card = card_of(job, now=now)
    assert told(card) == ("saving", "hard-drive-download", "Made")
    assert card.more == "not saved yet"
    assert card.why == f"{UNSAVED.sentence} {next_try}"
    assert words(card) == ["Fetch again · free", "Give up"]


def test_what_is_missing_for_a_day_is_asked_for_free_before_it_is_paid_again(alice: User) -> None:
    card = card_of(make_job(alice, state="failed", failure=GONE))
    assert told(card) == ("failed", "search", "Missing at Luma")
    assert words(card) == ["Ask again · free", "Pay again · $0.04"]


def test_what_nobody_waits_for_may_still_come_and_is_not_paid_again(alice: User) -> None:
    now = timezone.now()
    job = make_job(alice, state="making", now=now, took=timedelta(seconds=301))
    assert job.stop_waiting(by=alice, now=now)
    card = card_of(job, now=now)
    assert told(card) == ("unknown", "timer", "Not waited for")
    assert "if the picture comes, it appears here" in card.why
    assert words(card) == ["Ask again · free", "Details"]
    assert job_actions.decisions(card) == []


def test_a_price_that_is_not_published_is_not_invented(alice: User) -> None:
    job = make_job(alice, state="failed", failure=LUMA_FAILED, type="layering", source=make_picture(alice))
    assert words(card_of(job))[0] == "Try again · price per layer"


def test_an_unknown_outcome_offers_only_its_details(alice: User) -> None:
    card = card_of(make_job(alice, state="unknown"))
    assert told(card) == ("unknown", "circle-help", "Outcome unknown")
    assert card.why == "Luma's answer got lost, so this may have been charged. Send it again or ask an admin."
    assert (words(card), card.facts[-1]) == (["Details"], "$0.04 held")


def test_cancelled_keeps_its_settings(alice: User) -> None:
    card = card_of(make_job(alice, state="cancelled"))
    assert told(card) == ("cancelled", "ban", "Cancelled")
    assert words(card) == ["Reuse settings"]


def test_what_has_ended_tells_when_instead_of_what_it_would_cost(alice: User) -> None:
    assert card_of(make_job(alice, state="failed", failure=LUMA_FAILED)).facts[-1].startswith("Today ")


def test_a_stranger_sees_whose_it_is_and_may_only_look(alice: User, bob: User) -> None:
    waiting = card_of(make_job(alice), viewer=bob)
    assert (waiting.facts[-1], words(waiting)) == ("Alice", [])
    failed = card_of(make_job(alice, state="failed", failure=LUMA_FAILED), viewer=bob)
    assert words(failed) == ["Details"]
    assert [act.word for act in job_actions.menu(failed)] == ["Details", "Reuse settings", "Prompt only"]


def test_an_admin_may_act_for_anybody_and_let_a_job_go_first(alice: User, ada: User) -> None:
    card = card_of(make_job(alice), viewer=ada)
    assert words(card) == ["Cancel", "Edit"]
    assert [act.word for act in job_actions.menu(card)] == ["Details", "Move to the front"]
    card.job.prioritize()
    assert "Move to the front" not in [act.word for act in job_actions.menu(card_of(card.job, viewer=ada))]


@pytest.mark.parametrize("state", ["failed", "unknown", "cancelled"])
def test_what_ended_badly_can_be_dismissed(alice: User, state: str) -> None:
    acts = [act.word for act in job_actions.menu(card_of(make_job(alice, state=state)))]
    assert [acts[0], acts[-1]] == ["Details", "Dismiss"]


def test_the_settings_and_the_words_of_what_ended_badly_can_be_used_again(alice: User) -> None:
    def offered(job: Job) -> list[tuple[str, str]]:
        acts = [*job_actions.buttons(card_of(job)), *job_actions.menu(card_of(job))]
        return [(act.word, act.url) for act in acts if act.slug in {"edit", "words"}]

    failed = make_job(alice, state="failed", failure=LUMA_FAILED)
    words = f"/?words={failed.submission.code}"
    assert offered(failed) == [("Reuse settings", f"/?edit={failed.code}"), ("Prompt only", words)]
    refused = make_job(alice, state="failed", failure=REFUSED)
    assert [word for word, _ in offered(refused)] == ["Edit prompt", "Prompt only"], "one action stands once"
    split = make_job(alice, state="failed", failure=GONE, type="layering", prompt="", source=make_picture(alice))
    assert [word for word, _ in offered(split)] == ["Reuse settings"]
