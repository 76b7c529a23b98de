"""The command line, called in this process against the application itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.wsgi import get_wsgi_application
from django.utils import timezone
from typer.testing import CliRunner, Result

from studio.api import waiting
from studio.cli import calls
from studio.cli.main import app
from studio.models import Approval, Job, Picture, Submission, User
from tests import people
from tests.api.calling import make_token


class Terminal:
    """A person's terminal, with a home of its own."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.runner = CliRunner()

    def run(self, *words: str, **environment: str) -> Result:
        return self.runner.invoke(app, list(words), env=environment)

    def json(self, *words: str) -> Any:
        result = self.run(*words, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)


@pytest.fixture
def terminal(alice: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setattr(calls.typer, "get_app_dir", lambda _: str(tmp_path / "home"))
    monkeypatch.setattr(calls.time, "sleep", lambda _: None)
    monkeypatch.delenv("STUDIO_TOKEN", raising=False)
    transport = httpx.WSGITransport(app=get_wsgi_application())
    monkeypatch.setattr(calls.httpx, "Client", partial(httpx.Client, transport=transport))
    found = Terminal(make_token(alice)[1])
    assert found.run("login", "http://localhost/", "--token", found.secret).exit_code == 0
    return found


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What is waited for ends so."""
    how = {"state": "done"}

    def pause(_: float) -> None:
        for job in Job.objects.filter(state="waiting"):
            if how["state"] == "done":
                people.make_picture(job.person, job=job)
            Job.objects.filter(pk=job.pk).update(state=how["state"], due_at=None, finished_at=timezone.now())

    monkeypatch.setattr(waiting.time, "sleep", pause)
    return how


def approved(kept: Approval, by: User, studio: calls.Studio, code: str) -> Iterator[Any]:
    """Watch, and let an admin approve it after the first look."""
    told = studio.ask("GET", f"/submissions/{code}")
    yield told
    assert kept.approve(by=by, seen=kept.total_today(), now=timezone.now())
    while not told["is_over"]:
        told = studio.ask("GET", f"/submissions/{code}/wait")
        yield told


def test_a_login_is_kept_for_its_owner_alone(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "home" / "login.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(file.read_text()) == {"url": "http://localhost", "token": terminal.secret}
    wrong = terminal.run("login", "http://localhost", "--token", "studio-x")
    assert (wrong.exit_code, "not known" in wrong.stderr) == (3, True)
    assert terminal.run("login", "nowhere", "--token", "x").exit_code == 2
    file.unlink()
    assert terminal.run("search").exit_code == 2
    assert terminal.run("search", STUDIO_URL="http://localhost", STUDIO_TOKEN=terminal.secret).exit_code == 0


def test_making_waits_and_fetches(terminal: Terminal, ends: dict[str, str], tmp_path: Path) -> None:
    made = terminal.run("make", "A boat", "-n", "2", "--ratio", "16:9", "--out", str(tmp_path / "boats"))
    assert made.exit_code == 0, made.output
    assert "0 of 2 waiting" in made.stderr
    assert len(list((tmp_path / "boats").glob("*.png"))) == 2
    assert sorted(made.stdout.split()) == sorted(map(str, (tmp_path / "boats").iterdir()))


def test_editing_brings_files_along(terminal: Terminal, ends: dict[str, str], tmp_path: Path) -> None:
    file, other = tmp_path / "boat.png", tmp_path / "style.png"
    file.write_bytes(people.image_bytes())
    other.write_bytes(people.image_bytes())
    told = terminal.json("edit", str(file), "At night", "--ref", str(other), "--private")
    assert (told["type"], told["is_private"], len(told["references"])) == ("image_edit", True, 1)
    assert terminal.run("edit", "nothing.png", "x").exit_code == 2
    split = terminal.json("split", told["jobs"][0]["pictures"][0]["code"], "--no-wait")
    assert split["type"] == "layering"


@pytest.mark.parametrize(("state", "code"), [("failed", 4), ("unknown", 5), ("cancelled", 4)])
def test_how_it_ended_is_the_exit_code(terminal: Terminal, ends: dict[str, str], state: str, code: int) -> None:
    ends["state"] = state
    assert terminal.run("make", "A boat").exit_code == code


def test_what_is_refused_is_said(terminal: Terminal) -> None:
    answer = terminal.run("make", " ")
    assert (answer.exit_code, answer.stderr.strip()) == (3, "Write what you want to see.")
    assert terminal.run("make").exit_code == 2


def test_ctrl_c_leaves_the_work_and_says_how_to_come_back(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, ends: dict[str, str]
) -> None:
    def interrupted(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(calls.Studio, "watch", interrupted)
        left = terminal.run("make", "A boat", "--key", "one")
    code = str(Submission.objects.get().code)
    assert (left.exit_code, f"studio watch {code}" in left.stderr) == (130, True)
    assert Job.objects.get().state == "waiting"
    assert terminal.json("watch", code)["state"] == "done"
    assert terminal.json("make", "A boat", "--key", "one")["code"] == code
    with monkeypatch.context() as patch:
        patch.setattr(calls.Studio, "ask", interrupted)
        assert terminal.run("search").exit_code == 130


def test_a_lost_answer_is_asked_for_again_with_the_same_key(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, ends: dict[str, str]
) -> None:
    sent: list[httpx.Request] = []
    inner = httpx.WSGITransport.handle_request

    def lossy(self: httpx.WSGITransport, request: httpx.Request) -> httpx.Response:
        answer = inner(self, request)
        sent.append(request)
        if request.method == "POST" and len(sent) == 1:
            raise httpx.ReadTimeout("lost", request=request)
        return answer

    monkeypatch.setattr(httpx.WSGITransport, "handle_request", lossy)
    assert terminal.run("make", "A boat").exit_code == 0
    assert sent[0].headers["Idempotency-Key"] == sent[1].headers["Idempotency-Key"]
    assert Job.objects.count() == 1

    def dead(self: httpx.WSGITransport, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    monkeypatch.setattr(httpx.WSGITransport, "handle_request", dead)
    # Nothing was sent, so nothing is unknown.
    assert terminal.run("search").exit_code == 4
    left = terminal.run("make", "A boat", "--key", "two")
    assert (left.exit_code, "--key two" in left.stderr) == (4, False)


def test_a_lost_answer_in_the_end_is_unknown_and_says_its_key(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(self: httpx.WSGITransport, request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("lost", request=request)

    monkeypatch.setattr(httpx.WSGITransport, "handle_request", lost)
    left = terminal.run("make", "A boat", "--key", "two")
    assert (left.exit_code, "The same command with --key two goes on" in left.stderr) == (5, True)
    assert terminal.run("search").exit_code == 4


def test_what_an_admin_has_to_approve_is_left_and_watched(
    terminal: Terminal, alice: User, ada: User, ends: dict[str, str]
) -> None:
    User.objects.filter(pk=alice.pk).update(asks_above=0)
    left = terminal.run("make", "A boat")
    code = left.stdout.strip()
    assert (left.exit_code, f"studio watch {code}" in left.stderr, "approval" in left.stderr) == (6, True, True)
    kept = Approval.objects.get()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calls.Studio, "watch", lambda studio, code: approved(kept, ada, studio, code))
        watched = terminal.run("watch", code)
    assert (watched.exit_code, "waiting for an admin's approval" in watched.stderr) == (0, True)
    terminal.run("make", "Another")
    Approval.objects.get(state="waiting").decline(by=ada, reason="No more.", now=timezone.now())
    other = str(Approval.objects.get(state="declined").code)
    declined = terminal.run("watch", other)
    assert (declined.exit_code, declined.stderr.strip()) == (3, "declined\nAn admin declined it: No more.")
    terminal.run("make", "A third")
    Approval.objects.get(state="waiting").cancel(now=timezone.now())
    assert terminal.run("watch", str(Approval.objects.get(state="cancelled").code)).exit_code == 4


@pytest.mark.parametrize(("status", "code"), [(200, 4), (429, 3), (503, 4), (404, 3)])
def test_another_programs_answer_is_no_crash(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, status: int, code: int
) -> None:
    monkeypatch.setattr(
        httpx.WSGITransport,
        "handle_request",
        lambda self, request: httpx.Response(status, text="<p>", headers={"Retry-After": "soon"}),
    )
    answer = terminal.run("search")
    assert (answer.exit_code, "none of Studio's" in answer.stderr) == (code, True)


@pytest.mark.parametrize("body", ["[]", "{}", "null", '{"name": "x", "may": 5}'])
def test_a_login_at_another_program_keeps_nothing(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, body: str
) -> None:
    (tmp_path / "home" / "login.json").unlink()
    monkeypatch.setattr(httpx.WSGITransport, "handle_request", lambda self, request: httpx.Response(200, text=body))
    wrong = terminal.run("login", "http://localhost", "--token", "x")
    assert (wrong.exit_code, "is no studio" in wrong.stderr) == (2, True)
    assert not (tmp_path / "home" / "login.json").exists()


def test_pictures_are_found_fetched_and_exported(terminal: Terminal, alice: User, tmp_path: Path) -> None:
    for prompt in ("A boat", "Another boat", "A tree"):
        people.make_job(alice, state="done", prompt=prompt)
    assert len(terminal.json("search", "boat")) == 2
    line = terminal.run("search", "tree").stdout
    assert "×1696  Alice Moreau  A tree" in line
    folder = tmp_path / "out"
    got = terminal.json("get", str(Picture.objects.all()[0].code), "-o", str(folder), "--form", "web-webp")
    assert Path(got["saved"]).read_bytes()[8:12] == b"WEBP"
    assert len(terminal.run("export", "boat", "--to", str(folder)).stdout.split()) == 2
    assert terminal.json("export", "boat", "--to", str(folder)) == []
    assert not list(folder.glob(".*"))


def test_a_terminal_gets_a_bar(terminal: Terminal, ends: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    class Screen:
        def __getattr__(self, name: str) -> Any:
            import sys

            return (lambda: True) if name == "isatty" else getattr(sys.stderr, name)

    class System:
        stderr = Screen()

    monkeypatch.setattr("studio.cli.shown.sys", System)
    assert "░] 0 of 1" in terminal.run("make", "A boat").stderr


def test_a_folder_that_is_none_and_a_code_that_is_none_are_said(
    terminal: Terminal, alice: User, tmp_path: Path
) -> None:
    code, file = str(people.make_picture(alice).code), tmp_path / "file"
    file.touch()
    kept = terminal.run("get", code, "--out", str(file))
    assert (kept.exit_code, f"{file} can't be read or written: File exists" in kept.stderr) == (4, True)
    for command in ("get", "watch"):
        for named in ("nonsense", "../me"):
            wrong = terminal.run(command, named)
            assert (wrong.exit_code, wrong.stderr.strip()) == (2, f"{named} is no code, such as 1f0c9a2b-….")


def test_words_are_read_in_a_terminal_without_letters_for_them(terminal: Terminal) -> None:
    said = "Łódź".encode().decode("ascii", "surrogateescape")
    assert terminal.json("make", said, "--no-wait")["prompt"] == "Łódź"
    assert terminal.json("search", said) == []


def test_a_login_takes_the_address_of_the_api_too(terminal: Terminal) -> None:
    for address in ("http://localhost/api/v1/", "http://localhost/v1"):
        assert "at http://localhost." in terminal.run("login", address, "--token", terminal.secret).stdout


def test_a_name_of_a_download_is_no_path() -> None:
    assert calls._name('attachment; filename="../../etc/passwd"') == "-..-etc-passwd"
    assert calls._name("inline") == ""
