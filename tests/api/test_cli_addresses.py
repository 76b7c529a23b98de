"""Where the command line calls, and what no call can be made with."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from studio.cli import calls
from studio.cli.main import app


@pytest.mark.parametrize(
    ("address", "token", "environment", "said"),
    [
        ("http://localhost:x", "x", {}, "http://localhost:x is no address of a studio"),
        ("http://localhost", "ключ", {}, "copy it again"),
        ("http://localhost", "x\ny", {}, "copy it again"),
        ("http://localhost", "x", {"NO_PROXY": "[::1]", "no_proxy": "[::1]"}, "can't be read: Invalid port"),
        ("http://localhost", "x", {"http_proxy": "nonsense://x"}, "can't be read: Unknown scheme"),
    ],
)
def test_what_no_call_can_be_made_with_is_said(
    address: str,
    token: str,
    environment: dict[str, str],
    said: str,
) -> None:
    answer = CliRunner().invoke(app, ["login", address, "--token", token], env=environment)
    assert (answer.exit_code, said in answer.stderr) == (2, True), answer.stderr


def test_a_studio_on_this_machine_is_called_without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "")
    for address, is_direct in {"localhost": True, "127.0.0.1": True, "[::1]": True, "studio.example": False}.items():
        http = calls.Studio(calls.Login(f"http://{address}:8000", "x")).http
        assert (http._transport_for_url(http.base_url) is http._transport) is is_direct
