"""The table of failures: one line each, whatever was written, and nothing in it that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio.engine.archives.lists import safe_cell
from studio.models import CaseNote, TrailEntry, User
from studio.models.jobs.failure import Failure
from studio.views.review import failures_csv
from tests.people import LUMA_FAILED, make_job

HOSTILE = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "\u200b=1",
    "\ufeff=1",
    "\n=1",
    "\x1f\u2028=1",
    "\u3000\u2003=1",
    "\u202e\u2060\u00ad=1",
    "\uff1d=1",
    "\uff0b=1",
    "\ufe63=1",
    "\u3000\uff20SUM(A1)",
    "a\nb\r\nc",
    "a\u2028b",
    "x\x00y",
]


def table(client: Client, query: str = "") -> list[dict[str, str]]:
    response = client.get(f"{reverse('studio:failures_csv')}?{query}")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[arg-type]
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_cell_is_one_line_and_no_formula(text: str) -> None:
    safe = safe_cell(text)
    assert len(safe.splitlines()) == 1
    assert ("=1" in text or "SUM" in text or text in {"+1", "-1"}) == safe.startswith("'")


def test_the_table_has_what_is_filtered_newest_first(
    as_ada: Client, alice: User, bob: User, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures_csv, "CHUNK", 2)
    now = timezone.now()
    for number in range(5):
        make_job(
            alice, state="failed", prompt=f"=Boat {number}", failure=LUMA_FAILED, now=now - timedelta(minutes=number)
        )
    said = Failure(cause="mistake", sentence='Luma said: "@no\r\n"', detail="-x\r\ny", status=400)
    job = make_job(bob, state="failed", failure=said, prompt="Harbour\nat dusk")
    CaseNote.write(job, "+ an outage", by=ada, now=now)
    rows = table(as_ada)
    assert len(rows) == 6
    assert [row["Prompt"] for row in table(as_ada, "cause=luma_failed")] == [f"'=Boat {number}" for number in range(5)]
    (row,) = table(as_ada, f"person={bob.pk}")
    assert (row["Cause"], row["Status"], row["Person"], row["HTTP status"]) == (
        "Bad request",
        "Open",
        "Bob Stranger",
        "400",
    )
    assert (row["Prompt"], row["Detail"]) == ("Harbour at dusk", "'-x  y")
    assert row["Notes"] == "Ada Admin: + an outage"
    assert table(as_ada, "q=nothing like it") == []


def test_the_trail_says_who_took_the_table_and_what_was_filtered(as_ada: Client, ada: User) -> None:
    table(as_ada, "cause=mistake")
    entry = TrailEntry.objects.get(verb=TrailEntry.Verb.EXPORTED)
    assert (entry.actor, entry.thing, entry.address) == (ada, "Failures", f"{reverse('studio:review')}?cause=mistake")
