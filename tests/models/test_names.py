"""How a row is called in logs and in the back office: by its facts, never by what somebody wrote."""

from __future__ import annotations

from datetime import UTC, datetime

from studio.models import (
    ApiAccount,
    Attempt,
    ConductorLease,
    Heartbeat,
    Input,
    Invite,
    JobCount,
    Picture,
    Rendition,
    Revision,
    SendingPause,
    Submission,
    User,
)

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def test_each_row_is_called_by_its_facts() -> None:
    assert str(ApiAccount(slots=10, per_minute=30)) == "10 slots, 30 a minute"
    assert str(Attempt(number=2, outcome=Attempt.Outcome.ACCEPTED)).startswith("attempt 2: ")
    assert str(ConductorLease()) == "conductor: free"
    assert str(Heartbeat(name="io", at=AT)) == "io at 05:06:07"
    assert str(Invite(role="designer", created_at=AT)) == "Designer invite of 2026-03-04"
    assert str(Invite(role="designer", created_at=AT, person=User(pk=1, name="Ada"))) == "New password of 2026-03-04"
    assert str(JobCount(group="done", number=3)) == "3 done"
    assert str(SendingPause(reason="funds")) == "Out of funds"
    assert str(User(name="Ada")) == "Ada"
    assert str(Picture(origin="made", width=20, height=10)) == "Made 20 × 10"
    assert str(Rendition(size=512)) == "512 px"
    assert (str(Input(role="source")), str(Input(role="reference", position=2))) == ("source", "@2")
    assert str(Revision(name="studio", number=7)) == "studio 7"
    assert str(Submission(type="image", count=4)) == "Generate × 4"
