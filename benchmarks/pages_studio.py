"""The requests of an open studio that benchmarks.pages measures: its pages, searches, pulses and acts, and then a team's."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks import fill, pages_team
from benchmarks.pages_team import TOKENS


def requests(person: Any) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """Yield every request of an open studio: its name, and how a signed-in client makes it."""
    from django.db.models import F
    from django.utils import timezone

    from studio.models import ApiToken, Job, Picture, Revision, Submission

    since, born = Revision.current(), Submission.objects.order_by("-pk").values_list("pk", flat=True)[0]
    shown = Picture.objects.made().newest_first()
    deep = Picture.objects.made().order_by("shown_at", "pk")[100]
    at = _place(deep)
    job = Job.objects.filter(person=person, state="done").order_by("-pk")[0]
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
    place = _place(ninth)
    yield "Gallery, 90 % deep", page(f"/gallery/?after={place}", **TOKENS)
    yield "Gallery, newer from there", page(f"/gallery/?before={place}", **TOKENS)
    yield "Gallery, jump to a month", page(f"/gallery/?at={ninth.shown_at:%Y-%m}")
    yield "Gallery, by day", page("/gallery/?by=day")
    yield "Gallery, by day, 90 % deep", page(f"/gallery/?by=day&after={place}", **TOKENS)
    found = f"person={person.pk}&ratio=3:2"
    searches = {
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
        "person, ratio and time": f"{found}&from={_shown_at(newest).year - 1}",
        "person and ratio": found,
        "a type": "type=image_edit",
        "two that exclude each other": "style=manga&type=image",
        "an old time": f"from={_shown_at(deep):%Y}-01&to={deep.shown_at:%Y-%m}",
        "an old time and a word": f"q=courtyard&from={_shown_at(deep):%Y}-01&to={deep.shown_at:%Y-%m}",
    }
    for name, query in searches.items():
        yield f"Gallery, {name}", page(f"/gallery/?{query}")
    for name in (
        "a common word",
        "a part of a common word",
        "a word of few",
        "pairs of characters",
        "person and ratio",
    ):
        # What a page asks for after itself, where counting costs much.
        yield f"Gallery, {name}, counted", page(f"/gallery/count/?{searches[name]}", **TOKENS)
    yield "Gallery, a common word, the last pages", page(f"/gallery/?q=courtyard&after={at}", **TOKENS)
    yield "Gallery, person and ratio, the last pages", page(f"/gallery/?{found}&after={at}", **TOKENS)
    yield "Picture of a search", page(f"/pictures/{newest.code}/?of=gallery%3Fq%3Dcourtyard")
    yield "Picture", page(f"/pictures/{newest.code}/")
    yield "Picture, an old one", page(f"/pictures/{deep.code}/")
    # In the middle of ten edits; and what very many were made with.
    edit = Picture.objects.made().alias(place=F("pk") % 200).filter(place=110).order_by("-pk")[0]
    yield "Picture of a family", page(f"/pictures/{edit.code}/")
    yield "Family", page(f"/pictures/{edit.code}/family/")
    liked = Picture.objects.get(pk=fill.LIKED)
    yield "Picture, much used", page(f"/pictures/{liked.code}/")
    yield "Family, much used", page(f"/pictures/{liked.code}/family/")
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
    yield "Trail", page("/trail/")
    yield "State", page("/state/")
    yield "Past prompts", page("/prompts/")
    yield "Group", page(f"/groups/{Submission.objects.filter(count=4).order_by('-pk')[0].code}/")
    yield "Back office, jobs", page("/back-office/studio/job/")
    yield "Back office, a state and an id", page(f"/back-office/studio/job/?state__exact=done&q={job.code}")
    _, secret = ApiToken.issue(person, name=f"Benchmark {uuid.uuid4()}", scopes=["read"], now=timezone.now())
    for name in ("pictures", "pictures?q=courtyard", "submissions", "boards"):
        # A program has no session.
        yield f"API, {name}", page(f"/api/v1/{name}", HTTP_AUTHORIZATION=f"Bearer {secret}", HTTP_COOKIE="")
    yield "Tray tile", page(f"/uploads/?picture={newest.code}", **TOKENS)
    for name, query in (
        ("Create", f"page=create&born={born}&pauses="),
        ("Create, team", f"page=create&born={born}&pauses=&whose=team"),
        ("Gallery", f"page=gallery&top={at}&pauses="),
        ("Review", f"page=review&top={since - 50}&pauses="),
        ("job", f"page=job&code={job.code}&pauses="),
        ("Family", f"page=family&code={edit.code}&after=0&pauses="),
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


def _shown_at(picture: Any) -> datetime:
    at: datetime = picture.shown_at
    return at


def _place(picture: Any) -> str:
    """Return the place of a picture as addresses of the gallery name it."""
    return f"{_shown_at(picture).timestamp() * 1e6:.0f}-{picture.pk}"
