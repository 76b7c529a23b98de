"""MCP: what an agent may do with a token, and how it is told what it may not."""

from __future__ import annotations

import base64
import io
import json
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from studio.embedding import read
from studio.models import Decision, Job, Submission, User
from tests import people
from tests.api.calling import Caller, make_token

ACCEPT = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18"}


class Agent:
    def __init__(self, secret: str) -> None:
        self.caller = Caller(secret, base="")

    def say(self, method: str, params: dict[str, Any] | None = None) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params or {}}
        answer = self.caller.post("/mcp", body, **ACCEPT)
        assert answer.status_code == 200, answer.content
        return answer.json()["result"]

    def call(self, tool: str, **asked: Any) -> Any:
        result = self.say("tools/call", {"name": tool, "arguments": asked})
        told = json.loads(result["content"][0]["text"])
        assert result["structuredContent"] == told
        return {**told, "isError": result.get("isError", False), "content": result["content"]}


@pytest.fixture
def agent(alice: User) -> Agent:
    return Agent(make_token(alice)[1])


def test_an_agent_is_told_what_there_is(agent: Agent) -> None:
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    assert "costs money" in agent.say("initialize", hello)["instructions"]
    tools = agent.say("tools/list")["tools"]
    assert [one["name"] for one in tools] == ["make", "edit", "look", "search", "wait", "decide"]


def test_an_agent_makes_waits_looks_and_decides(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    made = agent.call("make", prompt="A boat", aspect_ratio="3:2", key="1")
    assert agent.call("make", prompt="A boat", aspect_ratio="3:2", key="1")["code"] == made["code"]
    job = Job.objects.get()
    picture = people.make_picture(job.person, job=job)
    Job.objects.update(state="done", due_at=None, finished_at=timezone.now())
    over = agent.call("wait", submission=made["code"], seconds=1)
    assert over["is_over"]
    seen = agent.call("look", picture=over["jobs"][0]["pictures"][0]["code"])
    assert (seen["content"][1]["type"], seen["content"][1]["mimeType"]) == ("image", "image/webp")
    assert read(io.BytesIO(base64.b64decode(seen["content"][1]["data"]))).source_type == "trained"
    agent.call("decide", picture=str(picture.code), verdict="approved")
    assert Decision.objects.get().verdict == "approved"
    assert agent.call("search", q="boat")["items"][0]["code"] == str(picture.code)
    edit = agent.call("edit", prompt="At night", source=str(picture.code))
    assert edit["type"] == "image_edit"
    picture.renditions.all().delete()
    assert len(agent.call("look", picture=str(picture.code))["content"]) == 1


def test_what_an_agent_may_not_is_said_to_it(agent: Agent, alice: User) -> None:
    for tool, asked, code in (
        ("make", {"prompt": " "}, "invalid"),
        ("make", {}, "invalid"),
        ("make", {"prompt": "x", "seed": 1}, "invalid"),
        ("fly", {}, "no-tool"),
        ("look", {"picture": str(uuid.uuid4())}, "not-found"),
        ("wait", {"submission": str(uuid.uuid4())}, "not-found"),
        ("search", {"limit": "many"}, "invalid"),
    ):
        told = agent.call(tool, **asked)
        assert (told["code"], told["isError"]) == (code, True)
    capped = Agent(make_token(alice, cap_per_day=Decimal("0.01"))[1])
    assert capped.call("make", prompt="x")["code"] == "over-cap"
    reads = Agent(make_token(alice, "read")[1])
    assert reads.call("make", prompt="x")["code"] == "no-right"
    looks = Agent(make_token(people.make_person("Vera", role=User.Role.VIEWER))[1])
    assert "viewer" in looks.call("make", prompt="x")["detail"]
    assert not Submission.objects.exists()


def test_a_stranger_is_told_nothing(agent: Agent) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    assert Caller("", base="").post("/mcp", body, **ACCEPT).status_code == 401
    assert agent.caller.get("/mcp").status_code == 405
    assert agent.caller.post("/mcp", {"x": "y" * 300_000}, **ACCEPT).status_code == 413
    assert agent.caller.client.post("/mcp", "{", "application/json", headers=ACCEPT).status_code == 400
