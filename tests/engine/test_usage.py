"""Asking Luma for the usage of a day: an address that is not described, so its answer is kept as it came."""

from __future__ import annotations

from datetime import date

from pytest_django import Settings

from studio import tasks
from studio.models import ProviderUsage, User


def test_an_address_that_luma_does_not_have_is_said(api: str, ada: User) -> None:
    tasks.ask_usage("2026-11-24", ada.pk)
    row = ProviderUsage.last_answer(date(2026, 11, 24))
    assert row
    assert (row.source, row.person, row.pictures) == ("api", ada, None)
    assert row.answer == "Luma has no usage at this address (HTTP 404). Enter the figures of its dashboard."
    assert ProviderUsage.of(row.day) is None


def test_why_luma_did_not_answer_is_kept_as_the_answer(ada: User, settings: Settings) -> None:
    settings.LUMA_BASE_URL = "http://127.0.0.1:9/v1"
    tasks.ask_usage("2026-11-25", None)
    row = ProviderUsage.last_answer(date(2026, 11, 25))
    assert row
    assert (row.source, row.person, row.pictures) == ("api", None, None)
    assert row.answer.startswith("Luma does not answer just now.")
