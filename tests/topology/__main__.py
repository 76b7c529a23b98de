"""Start a studio on six machines from packages, walk the main job in a real browser, and kill what can be killed.

    python -m tests.topology        (`make topology`)

Two web machines, two with a queue, a conductor and one that stands by, PostgreSQL, S3 and a proxy with TLS. A machine is
a name space of processes with a host name of its own, as a container is, so nothing of one tells another that it died.
Prints how long each recovery took, what was lost and what was paid twice, and exits with 1 when a promise was broken.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
from playwright.sync_api import sync_playwright

from studio.network import loopback
from tests.browser.browser_user import browser
from tests.soak import api
from tests.soak.__main__ import KEY, simulator
from tests.soak.report import say
from tests.stack.running import Running, eventually
from tests.stack.visitor import Visitor
from tests.topology.services import BUCKET, KEYS, Files, Postgres, machine, proxy

SECRET = "one secret for every machine of this studio, and fifty letters long"
OPEN = "SELECT count(*) FROM studio_job WHERE state IN ('waiting', 'sending', 'running', 'saving')"
SENDING = "SELECT id FROM studio_job WHERE state = 'sending'"
# All in seconds.
DATABASE_AWAY, FILES_SILENT = 20.0, 60.0
TAKEN_OVER, SETTLED = 20.0, 25.0
FROZEN = 25.0


class Studio:
    """Six machines and what they stand on."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.database = Postgres(folder / "postgres")
        self.database.start()
        stack.callback(self.database.stop)
        self.database.make_database()
        self.files = Files()
        stack.callback(self.files.stop)
        self.luma = stack.enter_context(simulator(folder / "api"))
        shared = {
            "DATABASE_URL": self.database.url,
            "LUMA_AGENTS_API_KEY": KEY,
            "LUMA_BASE_URL": f"{self.luma}/v1",
            "STUDIO_SECRET_KEY": SECRET,
            "STUDIO_ALLOWED_HOSTS": "127.0.0.1",
            "STUDIO_PROXIES": "1",
            "STUDIO_TLS": "on",
            "STUDIO_S3_BUCKET": BUCKET,
            "STUDIO_S3_ENDPOINT": self.files.url,
            "STUDIO_S3_REGION": "us-east-1",
            "STUDIO_SLOTS": str(api.CONCURRENT),
            "STUDIO_REQUESTS_PER_MINUTE": str(api.REQUESTS_A_MINUTE),
            **KEYS,
        }
        names = ("web-1", "web-2", "queue-1", "queue-2", "conductor-1", "conductor-2")
        self.machines = {
            name: Running(folder / name, role=name.partition("-")[0], inside=machine(name), **shared) for name in names
        }
        for one in self.machines.values():
            stack.callback(one.kill)
        for one in self.machines.values():
            one.start()
        self.url = stack.enter_context(proxy(folder / "proxy", [self.machines[f"web-{n}"].port for n in (1, 2)]))
        self.first_link = next(one.first_link for one in self.machines.values() if one.first_link)
        self.http: httpx.Client | None = None

    def rows(self, query: str, *values: Any) -> list[Any]:
        with psycopg.connect(self.database.url, connect_timeout=5) as connection:
            return connection.execute(query, values or None).fetchall()

    def number(self, query: str) -> int:
        return int(self.rows(query)[0][0])

    def conductor(self) -> str:
        """Which machine holds the lease, or held it last."""
        return str(self.rows("SELECT host FROM studio_conductorlease")[0][0])

    def catch_sending(self) -> tuple[str, list[int]]:
        """Freeze the conducting machine while requests of it are on the wire; return its name and their jobs."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if self.rows(SENDING):
                name = self.conductor()
                self.signal(name, signal.SIGSTOP)
                if caught := self.rows(SENDING):
                    return name, [row[0] for row in caught]
                self.signal(name, signal.SIGCONT)
            time.sleep(0.01)
        raise AssertionError("no request was caught on the wire")

    def count_in(self, state: str, jobs: list[int]) -> int:
        """How many of these jobs are in a state."""
        query = "SELECT count(*) FROM studio_job WHERE state = %s AND id = ANY(%s)"
        return int(self.rows(query, state, jobs)[0][0])

    def accepted(self) -> list[str]:
        """The ids that the API gave."""
        with loopback.ask(f"{self.luma}/ledger", timeout=30) as answer:
            return [one["id"] for one in json.load(answer)["generations"]]

    def forgotten(self) -> list[str]:
        """Ids that no job knows."""
        known = {row[0] for row in self.rows("SELECT remote_id FROM studio_job WHERE remote_id IS NOT NULL")}
        return [one for one in self.accepted() if one not in known]

    def signal(self, name: str, number: int) -> None:
        for pid in self.machines[name].pids():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue


@contextmanager
def measured(name: str, most: float | None = None) -> Iterator[list[float]]:
    took: list[float] = []
    began = time.monotonic()
    yield took
    seconds = took[0] if took else time.monotonic() - began
    say(name, f"{seconds:.1f} s" + (f" (at most {most:.0f})" if most else ""))
    if most and seconds > most:
        BROKEN.append(name)


BROKEN: list[str] = []


def walk(studio: Studio) -> None:
    """The main job in a browser, through the proxy: join, write a prompt, see the picture in the gallery."""
    link = studio.url + re.sub(r"^https?://[^/]+", "", studio.first_link)
    with sync_playwright() as playwright, browser(playwright) as chromium:
        page = chromium.new_context(ignore_https_errors=True).new_page()
        page.set_default_timeout(30_000)
        page.goto(link)
        page.get_by_label("Name", exact=True).fill("Ada Admin")
        page.get_by_label("Password", exact=True).fill("a long enough password")
        page.get_by_role("main").get_by_role("button").last.click()
        page.wait_for_url(f"{studio.url}/")
        page.get_by_label("Prompt", exact=True).fill("a harbour at dawn")
        page.get_by_label("Prompt", exact=True).press("Control+Enter")
        page.locator("article img.tile__image, .tile img").first.wait_for()
        eventually(lambda: studio.number("SELECT count(*) FROM studio_job WHERE state = 'done'") == 1)
        page.goto(f"{studio.url}/gallery/")
        page.locator(".tile img").first.wait_for()
        cookies = {one["name"]: one["value"] for one in page.context.cookies()}
    studio.http = httpx.Client(
        base_url=studio.url,
        cookies=cookies,
        verify=False,  # noqa: S501 - our own certificate
        timeout=20,
        trust_env=False,
        follow_redirects=True,
    )


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="topology-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        with measured("six machines start"):
            studio = Studio(folder, stack)
        walk(studio)
        say("the main job in a browser", "a picture stands in the gallery")
        assert studio.http
        http = studio.http
        ada = Visitor.__new__(Visitor)
        ada.http = http

        def answers() -> bool:
            try:
                return http.get("/gallery/").status_code == 200
            except httpx.HTTPError:
                return False

        def make(prompt: str, count: int) -> None:
            http.headers["Referer"] = studio.url + "/"
            ada.make(prompt, count)

        asked = 1 + blows(studio, answers, make)
        with measured("all at rest after the last blow", 120.0):
            eventually(lambda: studio.number(OPEN) == 0, within=120)
        judge(studio, asked)
    return 1 if BROKEN else 0


def blows(studio: Studio, answers: Callable[[], bool], make: Callable[[str, int], None]) -> int:
    """Kill one after the other while jobs run, and measure each recovery; return how many pictures were asked for."""
    make("beside a dead web machine", 6)
    studio.machines["web-1"].kill()
    with measured("a web machine dies: pages answer after", 10.0):
        eventually(answers, within=30)
    make("beside a dead queue machine", 6)
    studio.machines["queue-1"].kill()
    with measured("a queue machine dies: every size is made after", 90.0):
        sizes = "SELECT count(*) FROM studio_picture WHERE renditions_due_at IS NOT NULL"
        eventually(lambda: studio.number(OPEN) == 0 and studio.number(sizes) == 0, within=120)
    conductors(studio, make)
    make("beside a database that is away", 6)
    studio.database.stop()
    time.sleep(DATABASE_AWAY)
    studio.database.start()
    with measured(f"PostgreSQL is away for {DATABASE_AWAY:.0f} s: pages answer after", 10.0):
        eventually(answers, within=60)
    with measured("and its jobs end after", 60.0):
        eventually(lambda: studio.number(OPEN) == 0, within=240)
    studio.files.fall_silent()
    make("beside silent files", 4)
    slowest = look_while_silent(answers)
    say("S3 is silent: slowest page", f"{slowest:.2f} s (at most 2)")
    open_now = studio.number(OPEN)
    say("S3 is silent: jobs that wait", f"{open_now} of 4, none of them paid and lost")
    if not open_now:
        BROKEN.append("jobs ended without files")
    if slowest > 2:
        BROKEN.append("pages while S3 is silent")
    studio.files.speak()
    with measured(f"S3 was silent for {FILES_SILENT:.0f} s: its jobs end after", 90.0):
        eventually(lambda: studio.number(OPEN) == 0, within=180)
    return 46


def conductors(studio: Studio, make: Callable[[str, int], None]) -> None:
    """Freeze the conducting machine with requests on the wire and let it go on; then kill the one that conducts."""
    make("beside a frozen conductor", 12)
    frozen, caught = studio.catch_sending()
    thaw_at = time.monotonic() + FROZEN
    taken_over(studio, "freezes", frozen, caught)
    say("unknown while it is frozen", f"{studio.count_in('unknown', caught)} of {len(caught)} on the wire")
    time.sleep(max(0.0, thaw_at - time.monotonic()))
    studio.signal(frozen, signal.SIGCONT)
    # An answer that came to it meanwhile counts; what it had not sent yet it does not send any more.
    with measured(f"it goes on after {FROZEN:.0f} s: all jobs end, and all that the API made are known, after", 60.0):
        eventually(lambda: studio.number(OPEN) == 0 and not studio.forgotten(), within=120)
    say("unknown after it went on", f"{studio.count_in('unknown', caught)} of {len(caught)}")
    make("beside a dead conductor", 12)
    dead, caught = studio.catch_sending()
    studio.machines[dead].kill()
    taken_over(studio, "dies", dead, caught)
    with measured("and all its jobs end after", 60.0):
        eventually(lambda: studio.number(OPEN) == 0, within=240)
    say("unknown after it died", f"{studio.count_in('unknown', caught)} of {len(caught)} on the wire")


def taken_over(studio: Studio, blow: str, name: str, caught: list[int]) -> None:
    """Measure until another machine conducts, and until it has said what became of what this one was sending."""
    began = time.monotonic()
    with measured(f"the conducting machine {blow}: another conducts after", TAKEN_OVER):
        eventually(lambda: studio.conductor() != name, within=60)
    with measured("and what it was sending is settled after", SETTLED) as took:
        eventually(lambda: not studio.count_in("sending", caught), within=240)
        took.append(time.monotonic() - began)


def look_while_silent(answers: Callable[[], bool]) -> float:
    slowest, until = 0.0, time.monotonic() + FILES_SILENT
    while time.monotonic() < until:
        began = time.monotonic()
        if not answers():
            BROKEN.append("a page while S3 is silent")
        slowest = max(slowest, time.monotonic() - began)
        time.sleep(0.2)
    return slowest


def judge(studio: Studio, asked: int) -> None:
    accepted, forgotten = studio.accepted(), studio.forgotten()
    states = dict(studio.rows("SELECT state, count(*) FROM studio_job GROUP BY state"))
    twice = studio.number(
        "SELECT count(*) FROM (SELECT job_id FROM studio_attempt WHERE outcome IN ('accepted', 'unknown') "
        "GROUP BY job_id HAVING count(*) > 1) AS again"
    )
    unknown = states.get("unknown", 0)
    say("asked for", f"{asked}; accepted by the API {len(accepted)}; {states}")
    say("lost", str(max(0, len(forgotten) - unknown) + asked - sum(states.values())))
    say("paid twice", str(twice + max(0, len(accepted) - asked)))
    if len(forgotten) > unknown or asked != sum(states.values()) or twice or len(accepted) > asked:
        BROKEN.append("the promise")


if __name__ == "__main__":
    sys.exit(main())
