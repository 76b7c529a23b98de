"""A person without a browser: joins, submits and looks, over plain HTTP."""

from __future__ import annotations

import re
from types import TracebackType
from typing import Self

import httpx

from tests.stack.running import Running

CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
TOKEN = re.compile(r'name="token" value="([^"]+)"')


class Visitor:
    """Somebody who has just joined."""

    def __init__(self, studio: Running, *, link: str = "", name: str = "Ada Admin") -> None:
        self.http = httpx.Client(base_url=studio.url, follow_redirects=True, timeout=20, trust_env=False)
        self.join(link or studio.first_link, name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.http.close()

    def join(self, link: str, name: str) -> None:
        page = self.http.get(link)
        answer = self.http.post(
            link,
            data={"csrfmiddlewaretoken": _found(CSRF, page), "name": name, "password": "a long enough password"},
            headers={"Referer": link},
        )
        assert answer.status_code == 200, answer.text

    def csrf(self) -> str:
        return _found(CSRF, self.http.get("/"))

    def make(self, prompt: str, count: int = 1) -> None:
        page = self.http.get("/")
        answer = self.http.post(
            "/submissions/",
            data={
                "csrfmiddlewaretoken": _found(CSRF, page),
                "token": _found(TOKEN, page),
                "type": "image",
                "prompt": prompt,
                "model": "uni-1",
                "aspect_ratio": "3:2",
                "style": "auto",
                "count": count,
            },
        )
        assert answer.status_code == 200, answer.text


def _found(pattern: re.Pattern[str], page: httpx.Response) -> str:
    found = pattern.search(page.text)
    assert found, page.text[:500]
    return found[1]
