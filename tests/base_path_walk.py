"""Walk a studio below a path and print what was found, as JSON: `tests/test_base_path.py` runs it."""
# ruff: noqa: E402 - Django is set up first

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any
from unittest.mock import patch
from urllib.parse import urljoin, urlsplit

import django

django.setup()

import httpx
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from studio import tasks
from studio.launcher import startup, static_files
from studio.models import Notification
from tests import people

BASE = settings.BASE_PATH
HOST = "http://127.0.0.1:8000"
ADDRESSES = re.compile(r'\s(?:href|src|action|formaction|hx-(?:get|post)|options-at|data-[a-z-]+)="([^"]*)"')
# Addresses of pages that a walk opens by itself.
NOT_OPENED = re.compile(r"/(static|back-office)/|sign-out|\.csv|/export|/download/|/file/|/original/")
found: dict[str, Any] = {"failed": [], "leaving": [], "cookie_paths": []}


def client() -> httpx.Client:
    made = httpx.Client(transport=httpx.WSGITransport(app=application), base_url=HOST, headers={"Accept": "text/html"})
    made.event_hooks["response"].append(
        lambda answer: found["cookie_paths"].extend(
            path for one in answer.headers.get_list("set-cookie") for path in re.findall(r"Path=([^;]*)", one)
        )
    )
    return made


def token(page: str) -> str:
    return re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]  # type: ignore[index]


def walk(browser: httpx.Client, starts: list[str]) -> int:
    """Open pages and what they link to; note each address that begins at the site and not at the studio."""
    waiting, seen, kinds = starts, set(starts), set()
    opened = 0
    while waiting:
        address = waiting.pop(0)
        answer = browser.get(address)
        opened += 1
        if answer.status_code >= 400:
            found["failed"].append([address, answer.status_code])
        if "Location" in answer.headers:
            note(answer.headers["Location"], address)
            continue
        if not answer.headers["Content-Type"].startswith("text/html"):
            continue
        for link in map(unescape, ADDRESSES.findall(answer.text)):
            if not link.startswith("/"):
                continue
            note(link, address)
            path = urlsplit(link).path
            # One page of each kind.
            kind = re.sub(r"[0-9a-f-]{32,36}|\d+", "#", path)
            if (
                kind not in kinds
                and link not in seen
                and not NOT_OPENED.search(path)
                and f'href="{link}"' in unescape(answer.text)
            ):
                kinds.add(kind)
                seen.add(link)
                waiting.append(link)
    return opened


def note(link: str, where: str) -> None:
    if not urljoin(HOST, link).startswith(f"{HOST}{BASE}/"):
        found["leaving"].append([where, link])


startup.tables()
static_files.collect()
# It looks for the static files when it is made.
from studio.wsgi import application

ada = people.make_person("Ada Admin", role="admin", password=people.PASSWORD, email="ada@studio.example")
job = people.make_job(ada, state="done", prompt="Harbour")
people.make_job(ada)
people.make_job(ada, state="failed")
picture = job.pictures.get()
Notification.tell(ada, Notification.Kind.CHANGE, "changed something.", "/account/")

stranger, browser = client(), client()
answer = stranger.get(f"{BASE}/gallery/?q=harbour")
found["stranger"] = answer.headers["Location"]
bare = stranger.get(BASE)
found["bare"] = [bare.status_code, bare.headers["Location"]]
found["probe"] = stranger.get("/healthz").status_code
found["stripped"] = stranger.get("/sign-in/").status_code

page = browser.get(found["stranger"]).text
form = {"csrfmiddlewaretoken": token(page), "username": "Ada Admin", "password": people.PASSWORD}
found["onward"] = browser.post(
    f"{BASE}/sign-in/", data={**form, "next": f"{BASE}/gallery/?q=harbour"}, headers={"Origin": HOST}
).headers["Location"]
away = client()
page = away.get(f"{BASE}/sign-in/").text
found["out"] = away.post(
    f"{BASE}/sign-in/",
    data={**form, "csrfmiddlewaretoken": token(page), "next": "/elsewhere/"},
    headers={"Origin": HOST},
).headers["Location"]

starts = [f"{BASE}/", picture.get_absolute_url(), job.get_absolute_url(), f"{BASE}/gallery/?q=harbour"]
starts += [reverse(f"studio:{name}") for name in ("review", "spend", "people", "state", "trail", "account", "tokens")]
found["pages"] = walk(browser, starts) + walk(client(), [f"{BASE}/sign-in/", f"{BASE}/sign-in/forgotten/"])

page = browser.get(f"{BASE}/account/").text
browser.post(
    reverse("studio:change_name"),
    data={"csrfmiddlewaretoken": token(page), "name": "Ada Admin", "password": people.PASSWORD},
    headers={"Origin": HOST},
)
found["message"] = any(cookie.name == "messages" for cookie in browser.cookies.jar)
posted = browser.post(
    f"{BASE}/theme/",
    data={"csrfmiddlewaretoken": token(page), "theme": "dark", "next": f"{BASE}/gallery/"},
    headers={"Origin": HOST},
)
found["posted"] = [posted.status_code, posted.headers["Location"]]
note_of = Notification.objects.get(text="changed something.")
opened = browser.post(
    reverse("studio:open_notification", args=[note_of.code]),
    data={"csrfmiddlewaretoken": token(page)},
    headers={"Origin": HOST},
)
found["notification"] = opened.headers.get("Location", str(opened.status_code))

sent: list[str] = []
with patch("studio.network.mail.send", side_effect=lambda to, subject, text: sent.append(text)):
    tasks.mail_new_password("ada@studio.example", "https://studio.example")
found["mail"] = re.search(r"https://\S+", sent[0])[0]  # type: ignore[index]

pulse = unescape(re.search(r'id="pulse" hx-get="([^"]+)"', browser.get(f"{BASE}/trail/").text)[1])  # type: ignore[index]
found["pulse"] = [browser.get(pulse, headers={"HX-Request": "true"}).status_code for _ in range(2)]
small = picture.renditions.get(size=256).get_absolute_url()
first = browser.get(small).status_code
with CaptureQueriesContext(connection) as captured:
    found["thumbnail"] = [first, browser.get(small).status_code]
found["thumbnail_queries"] = len(captured)
style = re.search(r'href="([^"]+shell[^"]*\.css)"', page)
found["static"] = browser.get(style[1]).status_code if style else 0
print(json.dumps(found))  # noqa: T201
