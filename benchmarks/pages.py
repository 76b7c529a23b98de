"""What a page costs at a thousand, a hundred thousand and a million pictures.

    python -m benchmarks.pages --sizes 1000,100000,1000000

Each size is measured in a process of its own over tables of its own: SQLite, or the empty PostgreSQL database that
DATABASE_URL names. CPU is that of the process from Django's test client in to the compressed answer out, and of the
PostgreSQL server beside it; the median of several requests. A tile is a picture or a card that the answer shows.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import itertools
import json
import os
import pstats
import resource
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks import pages_team, scratch
from benchmarks.figures import Figure, show

SIZES = (1_000, 100_000, 1_000_000)
WARM, COUNTED = 2, 7
# Each act takes a failed job of its own, and a thousand pictures have forty.
ACTS = {"Dismiss": 5, "Write off": 5, "Try again": 5}
# Milliseconds of CPU: for the page, and for sixty tiles on it.
PAGE, SIXTY_TILES = 15.0, 10.0
# A thumbnail, and the answer that the browser has it already.
THUMBNAIL = {"Thumbnail": 3.0, "Thumbnail, not modified": 1.0}
# What is typed is kept once a second.
DRAFT = {"Draft": 5.0}
GROWTH = 1.5
TOKENS = {"HTTP_HX_REQUEST": "true"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One request at one size."""

    name: str
    cpu: float  # milliseconds
    server: float  # milliseconds of the database's own process; 0 where it is in this one
    queries: int
    calls: int  # of Python and C functions: what a busy machine does not change
    tiles: int
    bytes: int
    wall: float  # milliseconds from the request to the whole answer, the median
    slowest: float  # of the counted ones

    @property
    def target(self) -> float:
        if self.name.startswith(pages_team.TEAM):
            return pages_team.MOST
        return THUMBNAIL.get(self.name) or DRAFT.get(self.name) or PAGE + SIXTY_TILES * self.tiles / 60


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--sizes", default=",".join(map(str, SIZES)))
    options.add_argument("--skewed", action="store_true", help="nine in ten pictures are one person's")
    options.add_argument("--requests", default="", help="only those whose name begins so")
    options.add_argument("--only", type=int, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.only:
        print(json.dumps(_at(asked.only, skewed=asked.skewed, chosen=asked.requests)))
        return 0
    figures = measure([int(size) for size in asked.sizes.split(",")], skewed=asked.skewed, chosen=asked.requests)
    return 0 if all(figure.is_met for figure in figures) else 1


def measure(sizes: list[int], *, skewed: bool = False, chosen: str = "") -> list[Figure]:
    """Measure each size and print what was found: each request's cost, and how it grew from the first size to the last."""
    figures: list[Figure] = []
    first: dict[str, Cost] = {}
    for size in sizes:
        words = [sys.executable, "-m", "benchmarks.pages", "--only", str(size), *(["--skewed"] if skewed else [])]
        words += ["--requests", chosen]
        run = subprocess.run(words, cwd=scratch.ROOT, check=True, stdout=subprocess.PIPE, text=True)
        told = json.loads(run.stdout.splitlines()[-1])
        print(
            f"\n{size:,} pictures on {told['database']}: filled in {told['filled']:.0f} s, {told['disk']:.0f} MB on disk,"
            f" at most {told['memory']:.0f} MB of memory"
        )
        of_size = []
        for row in told["costs"]:
            cost = Cost(**row)
            small = first.setdefault(cost.name, cost)
            beside = f", {cost.server:.1f} ms in the server" if cost.server else ""
            note = f"{cost.wall:.1f} ms on the clock, at most {cost.slowest:.1f}; {cost.calls / 1000:.0f}k calls, {cost.queries} queries, {cost.tiles} tiles, {cost.bytes / 1000:.0f} kB{beside}"
            of_size.append(Figure(cost.name, cost.cpu + cost.server, "ms", round(cost.target, 1), note=note))
            if size == sizes[-1] and size != sizes[0] and not cost.name.startswith(pages_team.TEAM):
                # As it is, although a page that shows more tiles may cost more.
                grown = (cost.cpu + cost.server) / (small.cpu + small.server)
                note = f"of its calls {cost.calls / small.calls:.2f}; {small.tiles} tiles, then {cost.tiles}"
                of_size.append(Figure(f"{cost.name}: growth from {sizes[0]:,}", grown, "times", GROWTH, note=note))
        show(of_size)
        figures += of_size
    return figures


def _at(size: int, *, skewed: bool, chosen: str) -> dict[str, Any]:
    """Fill tables with `size` jobs and ask for every page; what came of it, for the process that asked."""
    with scratch.tables(database=os.environ.get("DATABASE_URL", "")):
        from django.conf import settings
        from django.core.management import call_command
        from django.db import connection

        from benchmarks import fill
        from studio.models import User
        from studio.models.upkeep import tune
        from tests.people import signed_in

        if connection.vendor == "postgresql":
            call_command("flush", verbosity=0, interactive=False)
        people = [
            User.objects.create_user(f"Person {n}", None, role="admin" if n == 0 else "designer")
            for n in range(fill.PEOPLE)
        ]
        filled = fill.fill(size, people[0].pk, skewed=skewed)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")
        else:
            tune()
        settings.WAITING_PER_PERSON = 1_000  # with --skewed more wait than a person may have
        client = signed_in(people[0], SERVER_NAME="localhost")
        client.defaults["HTTP_ACCEPT_ENCODING"] = "gzip"
        gc.collect()
        gc.freeze()  # as the web server does (studio.launcher.services)
        costs = [_cost(name, ask, client) for name, ask in requests(people[0]) if name.startswith(chosen)]
        return {
            "database": connection.vendor,
            "filled": filled,
            "disk": _disk(),
            "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
            "costs": costs,
        }


def requests(person: Any) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """Yield every request of an open studio: its name, and how a signed-in client makes it."""
    from studio.models import Job, Picture, Revision, Submission

    since, born = Revision.current(), Submission.objects.order_by("-pk").values_list("pk", flat=True)[0]
    shown = Picture.objects.made().newest_first()
    deep = Picture.objects.made().order_by("shown_at", "pk")[100]
    at = f"{deep.shown_at.timestamp() * 1e6:.0f}-{deep.pk}"
    job = Job.objects.filter(person=person, state="done").order_by("-pk").first()
    old = Submission.objects.filter(person=person, is_at_rest=True).order_by("pk")[31]
    failed = iter(Job.objects.filter(state="failed").order_by("pk")[:40])
    newest = shown[0]

    def page(path: str, **headers: str) -> Callable[[Any], Any]:
        return lambda client: client.get(path, **headers)

    def pulse(query: str) -> Callable[[Any], Any]:
        return page(f"/pulse/?{query}", **TOKENS)

    yield "Create", page("/")
    for show_ in ("progress", "failed", "done"):
        yield f"Create, {show_}", page(f"/?show={show_}")
    yield "Create, team", page("/?whose=team")
    for show_ in ("progress", "failed", "done"):
        yield f"Create, team, {show_}", page(f"/?whose=team&show={show_}")
    yield "Create, older pages", page(f"/?after={old.code}", **TOKENS)
    yield "Create, team, older pages", page(f"/?whose=team&after={old.code}", **TOKENS)
    yield "Gallery", page("/gallery/")
    yield "Gallery, the last pages", page(f"/gallery/?after={at}", **TOKENS)
    ninth = Picture.objects.made().order_by("shown_at", "pk")[Picture.objects.made().count() // 10]
    place = f"{ninth.shown_at.timestamp() * 1e6:.0f}-{ninth.pk}"
    yield "Gallery, 90 % deep", page(f"/gallery/?after={place}", **TOKENS)
    yield "Gallery, newer from there", page(f"/gallery/?before={place}", **TOKENS)
    yield "Gallery, jump to a month", page(f"/gallery/?at={ninth.shown_at:%Y-%m}")
    found = f"person={person.pk}&ratio=3:2"
    for name, query in {
        "a common word": "q=courtyard",
        "a part of a common word": "q=court",
        "a word of few": "q=harbour",
        "a rare word": "q=zeppelin",
        "a rare and a common word": "q=zeppelin+courtyard",
        "no hit": "q=nothinglikethis",
        "no hit, words and filter": "q=harbour+zeppelin&ratio=1:1",
        "pairs of characters": "q=%E6%9D%B1%E4%BA%AC%E9%A7%85",
        "a phrase": "q=%22three+arches%22+-harbour",
        "eight words": "q=whitewashed+courtyard+noon+three+arches+red+sphere+number",
        "person, ratio and time": f"{found}&from={newest.shown_at.year - 1}",
        "person and ratio": found,
        "a type": "type=image_edit",
        "two that exclude each other": "style=manga&type=image",
        "an old time": f"from={deep.shown_at.year}-01&to={deep.shown_at:%Y-%m}",
        "an old time and a word": f"q=courtyard&from={deep.shown_at.year}-01&to={deep.shown_at:%Y-%m}",
    }.items():
        yield f"Gallery, {name}", page(f"/gallery/?{query}")
    yield "Gallery, a common word, the last pages", page(f"/gallery/?q=courtyard&after={at}", **TOKENS)
    yield "Gallery, person and ratio, the last pages", page(f"/gallery/?{found}&after={at}", **TOKENS)
    yield "Picture of a search", page(f"/pictures/{newest.code}/?of=gallery%3Fq%3Dcourtyard")
    yield "Picture", page(f"/pictures/{newest.code}/")
    yield "Picture, an old one", page(f"/pictures/{deep.code}/")
    thumbnail = f"/pictures/{newest.code}/{newest.sha256[:12]}-512.webp"
    _store_file(newest)
    yield "Thumbnail", lambda client: _whole(client.get(thumbnail))
    etags: list[str] = []

    def known(client: Any) -> Any:
        etags[:] = etags or [client.get(thumbnail).headers["ETag"]]
        return client.get(thumbnail, HTTP_IF_NONE_MATCH=etags[0])

    yield "Thumbnail, not modified", known
    yield "Job", page(f"/jobs/{job.code}/")
    yield "Review", page("/review/")
    yield "Review, one cause", page("/review/?cause=luma_failed")
    yield "Review, settled", page("/review/?show=settled")
    yield "People", page("/people/")
    yield "Spend", page("/spend/")
    yield "Tray tile", page(f"/uploads/?picture={newest.code}", **TOKENS)
    for name, query in (
        ("Create", f"page=create&born={born}&pauses="),
        ("Create, team", f"page=create&born={born}&pauses=&whose=team"),
        ("Gallery", f"page=gallery&top={at}&pauses="),
        ("Review", f"page=review&top={since - 50}&pauses="),
        ("job", f"page=job&code={job.code}&pauses="),
        ("other", "page=other&pauses="),
    ):
        yield f"Pulse, {name}: unchanged", pulse(f"{query}&since={since}")
        yield f"Pulse, {name}: one change", pulse(f"{query}&since={since - 2}")
        yield f"Pulse, {name}: everything is news", pulse(f"{query}&since=1")
    yield from pages_team.requests(person)
    yield (
        "Submit",
        lambda client: client.post(
            "/submissions/",
            # Another prompt each time: the same again within two seconds is only asked about.
            {
                "token": (token := uuid.uuid4()),
                "type": "image",
                "prompt": f"A harbour {token}",
                "model": "uni-1",
                "count": "1",
            },
            **TOKENS,
        ),
    )
    words = itertools.count()
    yield (
        "Draft",
        lambda client: client.post(
            "/draft/",
            {"content": {"type": "image", "prompt": f"A harbour {next(words)}"}, "number": next(words), "age": 0},
            content_type="application/json",
        ),
    )
    yield "Dismiss", lambda client: client.post(f"/jobs/{next(failed).code}/dismissal/", **TOKENS)
    yield "Write off", lambda client: client.post(f"/jobs/{next(failed).code}/write-off/", **TOKENS)
    yield "Try again", lambda client: client.post(f"/jobs/{next(failed).code}/retry/", **TOKENS)


def _store_file(picture: Any) -> None:
    """Give the thumbnail of a picture a true file: the tables have names only."""
    from pathlib import Path

    from django.conf import settings
    from PIL import Image

    of_size = picture.renditions.get(size=512)
    path = Path(settings.MEDIA_ROOT, of_size.file)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.effect_noise((of_size.width, of_size.height), 40).convert("RGB").save(path, "WEBP", quality=80)


def _whole(answer: Any) -> Any:
    """Read a streamed answer to its end, as the server does."""
    from django.http import HttpResponse

    return HttpResponse(answer.getvalue(), status=answer.status_code, content_type=answer.headers["Content-Type"])


def _cost(name: str, ask: Callable[[Any], Any], client: Any) -> dict[str, Any]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        answer = ask(client)
    queries = len(captured)
    assert answer.status_code in {200, 204, 304, 302}, (name, answer.status_code)
    for _ in range(WARM):
        body = ask(client)
        assert body.status_code == answer.status_code, (name, body.status_code)
    with cProfile.Profile() as profile:
        ask(client)
    calls = pstats.Stats(profile).total_calls  # type: ignore[attr-defined]
    server = _server_cpu()
    took, waited = [], []
    counted = ACTS.get(name, COUNTED)
    for _ in range(counted):
        began, asked = time.process_time(), time.perf_counter()
        body = ask(client)
        took.append((time.process_time() - began) * 1000)
        waited.append((time.perf_counter() - asked) * 1000)
    content = "" if name in THUMBNAIL else _plain(body)
    return {
        "name": name,
        "cpu": median(took),
        "server": (_server_cpu() - server) / counted * 1000,
        "queries": queries,
        "calls": calls,
        "tiles": content.count('<article class="tile'),
        "bytes": len(body.content),
        "wall": median(waited),
        "slowest": max(waited),
    }


def _plain(answer: Any) -> str:
    import gzip

    raw = gzip.decompress(answer.content) if answer.get("Content-Encoding") == "gzip" else answer.content
    return str(raw.decode())


def _server_cpu() -> float:
    """Seconds of CPU of the PostgreSQL process that serves this connection; 0 where it runs elsewhere."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    try:
        return scratch.own_cpu(pid)
    except OSError:
        return 0.0


def _disk() -> float:
    """Megabytes that the tables take."""
    from django.db import connection

    if connection.vendor == "sqlite":
        return sum(file.stat().st_size for file in scratch.DATA.glob("studio.sqlite3*")) / 1e6
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return float(cursor.fetchone()[0]) / 1e6


if __name__ == "__main__":
    sys.exit(main())
