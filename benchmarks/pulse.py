"""What an open page costs while nothing happens: a signed-in pulse that is answered "nothing new" (204)."""

from __future__ import annotations

import http.client
import io
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import scratch
from benchmarks.figures import Figure
from tests.stack.running import eventually, free_port

WARM, COUNTED = 300, 3_000
SERVED_FOR = 10.0  # seconds
CLIENTS = 4
ANSWERED = 0.4  # milliseconds of CPU in Django
SERVED = 0.5  # milliseconds of CPU with the server around it: 2,000 in a second of one core
WEB = "import django; django.setup(); from studio.launcher.services import web; web()"


def measure() -> list[Figure]:
    """Ask within this process, then over HTTP through the studio's own web server."""
    cookie, path = _sign_in()
    inside = _inside(cookie, path)
    served, per_second = _over_http(cookie, path)
    return [
        Figure("204 pulse: CPU in Django", inside, "ms", ANSWERED, note="session and person looked up each time"),
        Figure(
            "204 pulse: CPU of the web processes",
            served,
            "ms",
            SERVED,
            note=f"{1000 / served:.0f} a second and core; {per_second:.0f}/s beside the client on the same cores",
        ),
    ]


def _sign_in() -> tuple[str, str]:
    from django.conf import settings
    from django.db import transaction

    from studio.models import Revision, User
    from tests.people import signed_in

    person = User.objects.filter(name="Ada").first() or User.objects.create_user("Ada", None, role="designer")
    with transaction.atomic():
        revision = Revision.bump()
    session = signed_in(person).cookies[settings.SESSION_COOKIE_NAME].value
    return f"{settings.SESSION_COOKIE_NAME}={session}", f"/pulse/?page=create&since={revision}"


def _inside(cookie: str, path: str) -> float:
    """Milliseconds of CPU for a request that starts and ends at Django's WSGI handler."""
    from django.core.wsgi import get_wsgi_application

    application: Callable[..., Any] = get_wsgi_application()
    address, _, query = path.partition("?")

    def ask() -> None:
        said: list[str] = []
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": address,
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_COOKIE": cookie,
            "HTTP_HX_REQUEST": "true",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
        }
        application(environ, lambda status, _headers: said.append(status)).close()
        assert said == ["204 No Content"], said

    for _ in range(WARM):
        ask()
    began = time.process_time()
    for _ in range(COUNTED):
        ask()
    return (time.process_time() - began) / COUNTED * 1000


def _over_http(cookie: str, path: str) -> tuple[float, float]:
    """Milliseconds of CPU of the web processes for a request, and requests per second."""
    port = free_port()
    with scratch.command("-c", WEB, STUDIO_PORT=str(port)) as web:
        eventually(lambda: _is_open(port), what="an open web server")
        _ask_for(1.0, port, cookie, path)
        processes = [web.pid, *_children(web.pid)]
        before, began = sum(map(scratch.own_cpu, processes)), time.monotonic()
        count = _ask_for(SERVED_FOR, port, cookie, path)
        used, took = sum(map(scratch.own_cpu, processes)) - before, time.monotonic() - began
    return used / count * 1000, count / took


def _ask_for(seconds: float, port: int, cookie: str, path: str) -> int:
    """Ask over and over from several kept connections and return how many answers came."""
    counts: list[int] = []
    troubles: list[str] = []
    until = time.monotonic() + seconds

    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        count = 0
        while time.monotonic() < until:
            connection.request("GET", path, headers={"Cookie": cookie, "HX-Request": "true"})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 204:
                troubles.append(str(answer.status))
                break
            count += 1
        connection.close()
        counts.append(count)

    threads = [threading.Thread(target=ask) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not troubles, troubles
    return sum(counts)


def _is_open(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
