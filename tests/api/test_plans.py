"""No call reads a table that grows from end to end."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from studio.models import User
from tests.api.calling import Caller, make_token
from tests.people import make_job
from tests.views.plans import believe_in_a_million, walks

LISTS = (
    "/pictures",
    "/pictures?q=boat",
    "/pictures?filters=ratio%3D1:1",
    "/pictures?filters=archived%3Don",
    "/submissions",
    "/approvals",
    "/boards",
    "/tokens",
    "/me",
    "/pictures/{picture}",
    "/pictures/{picture}/comments",
    "/submissions/{submission}",
    "/jobs/{job}",
)


@pytest.mark.parametrize("path", LISTS)
def test_no_call_walks_through_the_history(alice: User, ada: User, path: str) -> None:
    jobs = [make_job(alice, state="done", prompt="A paper boat") for _ in range(3)]
    codes = {"picture": jobs[0].pictures.get().code, "submission": jobs[0].submission.code, "job": jobs[0].code}
    asks = Caller(make_token(ada)[1])
    believe_in_a_million()
    first = path.format(**codes)
    with walks() as found:
        answer = asks.get(first)
        assert answer.status_code == 200, answer.content
        if "{" not in path and "q=" not in path:
            page = asks.get(f"{first}{'&' if '?' in first else '?'}limit=1").json()
            following = page.get("next")
            if following:
                assert asks.get(f"{first}{'&' if '?' in first else '?'}after={quote(following)}").status_code == 200
    assert not found, "\n\n".join(found)


@pytest.mark.parametrize("path", ["/generations/{job}", "/files", "/models"])
def test_no_call_of_others_walks_through_the_history(alice: User, path: str) -> None:
    job = make_job(alice, state="done", prompt="A paper boat")
    asks = Caller(make_token(alice)[1], base="/v1")
    believe_in_a_million()
    with walks() as found:
        assert asks.get(path.format(job=job.code)).status_code == 200
    assert not found, "\n\n".join(found)
