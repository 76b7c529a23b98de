"""What operators start from is sound: the image, the composition, the services and the proxies."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import pytest
import yaml
from django.core.management import CommandError, call_command, load_command_class
from django.db import OperationalError
from django.utils import timezone

from studio.configuration.roles import Role
from studio.launcher import startup
from studio.models import Machine
from tests.topology.services import proxy

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
# The version of postgresql-client in each Debian.
CLIENTS = {"bookworm": 15, "trixie": 17}


def judged_by(tool: str, *arguments: str, **where: Path) -> None:
    """Let the tool that knows judge, where it is to be had."""
    path = shutil.which(tool, path=f"{ROOT}/.venv/bin:/usr/sbin:/usr/bin:/usr/local/bin")
    if path is None:
        pytest.skip(f"{tool} is not here")
    done = subprocess.run([path, *arguments], capture_output=True, text=True, check=False, **where)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_image_is_sound() -> None:
    judged_by("hadolint", str(DEPLOY / "Dockerfile"))


def test_the_image_holds_what_runs_and_no_more() -> None:
    copied = set(re.findall(r"^COPY (?!--)(\S+)", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE))
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copied == let_in
    assert all((ROOT / name).exists() for name in copied)


def test_the_image_saves_the_database_of_the_composition() -> None:
    debian = re.findall(r"^FROM python:[\d.]+-slim-(\w+)", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    composed = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    server = int(composed["services"]["database"]["image"].partition(":")[2].partition("-")[0])
    # pg_dump refuses a server that is newer than itself.
    assert {CLIENTS[one] for one in debian} == {server}


def test_the_composition_runs_every_part_and_gives_each_its_own_folder() -> None:
    composed = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    parts = {name: one for name, one in composed["services"].items() if one.get("image") == "studio:latest"}
    roles = [Role(one["command"][-1]) for one in parts.values()]
    assert sorted(roles) == [Role.CONDUCTOR, Role.QUEUE, Role.WEB, Role.WEB]
    assert len({one["volumes"][0] for one in parts.values()}) == len(parts)
    assert all(one["read_only"] and one["cap_drop"] == ["ALL"] for one in parts.values())
    assert {volume.partition(":")[0] for one in composed["services"].values() for volume in one.get("volumes", ())} <= {
        *composed["volumes"],
        "./Caddyfile",
    }
    asked = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text()))
    told = set(re.findall(r"^(\w+)=", (DEPLOY / "env.example").read_text(), re.MULTILINE))
    assert asked == told


def test_services_and_proxies_are_sound(tmp_path: Path) -> None:
    unit = (DEPLOY / "studio@.service").read_text()
    assert "ExecStart=/opt/studio/.venv/bin/python manage.py studio --only %i" in unit
    # An answer may take two minutes, and is never cut.
    assert "TimeoutStopSec=150" in unit
    data = re.findall(r"STUDIO_DATA=(\S+)", unit)
    assert [f"{one}/media/" for one in data] == re.findall(r"alias (\S+);", (DEPLOY / "nginx.conf").read_text())
    conf = (DEPLOY / "nginx.conf").read_text().replace("listen 443 ssl", "listen 443")
    conf = "\n".join(line for line in conf.splitlines() if "ssl_certificate" not in line)
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{conf}\n}}\n")
    judged_by("nginx", "-t", "-c", str(whole))


@pytest.mark.django_db
def test_a_container_is_healthy_while_its_launcher_lives() -> None:
    host, out = startup.socket.gethostname(), io.StringIO()
    with pytest.raises(CommandError, match="No launcher"):
        call_command("healthy")
    now = timezone.now()
    Machine.arrive(host, Role.QUEUE, now=now)
    call_command("healthy", stdout=out)
    assert out.getvalue() == "Alive: queue.\n"
    Machine.arrive(host, Role.WEB, now=now)
    with (
        patch("studio.network.loopback.ask", side_effect=ConnectionRefusedError(111, "refused")),
        pytest.raises(CommandError, match="No page is served"),
    ):
        call_command("healthy")
    Machine.objects.update(seen_at=now - timedelta(minutes=2))
    with pytest.raises(CommandError, match="No launcher"):
        call_command("healthy")
    with (
        patch.object(Machine.objects, "filter", side_effect=OperationalError),
        pytest.raises(CommandError, match="database does not answer"),
    ):
        call_command("healthy")


@pytest.mark.skipif(not shutil.which("nginx", path="/usr/sbin:/usr/bin"), reason="nginx is not here")
def test_no_client_writes_the_header_that_signs_in(tmp_path: Path) -> None:
    class Echo(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps([name.lower() for name in self.headers]).encode())

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as behind:
        threading.Thread(target=behind.serve_forever, daemon=True).start()
        with proxy(tmp_path / "nginx", [behind.server_port]) as url:
            sent = {"X-Remote-User": "Ada Admin", "X_Remote_User": "Ada Admin", "X-Other": "here"}
            arrived = httpx.get(url, headers=sent, verify=False, trust_env=False).json()  # noqa: S501 - its own certificate
        behind.shutdown()
    assert "x-other" in arrived
    assert not [name for name in arrived if "remote" in name]
    assert "header_up -X-Remote-User" in (DEPLOY / "Caddyfile").read_text()


@pytest.mark.parametrize(
    ("tls", "origins", "hosts", "link"),
    [
        (False, [], ["studio.example"], "http://localhost:8000/"),
        (True, [], ["127.0.0.1", "localhost", "[::1]"], "http://localhost:8000/"),
        (True, [], [".studio.example", "localhost", "www.studio.example"], "https://www.studio.example/"),
        (
            True,
            ["https://*.example", "https://studio.example:8443"],
            ["studio.example"],
            "https://studio.example:8443/",
        ),
    ],
)
def test_the_first_link_leads_to_where_browsers_reach_it(
    settings: Any, tls: bool, origins: list[str], hosts: list[str], link: str
) -> None:
    settings.SERVED_OVER_TLS, settings.CSRF_TRUSTED_ORIGINS, settings.ALLOWED_HOSTS = tls, origins, hosts
    settings.STUDIO_HOST, settings.STUDIO_PORT = "0.0.0.0", 8000
    out = io.StringIO()
    command = load_command_class("studio", "studio")
    command.stdout = out
    command._greet(Role.WEB, "a-token")
    assert f"{link}welcome/a-token/" in out.getvalue()
