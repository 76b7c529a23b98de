"""Calls of a studio's JSON API; a request that is paid for is sent again only with the key that makes it once."""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import httpx
import typer

TRIES, PAUSE = 4, 2.0  # of a call that gets no answer; seconds
WAIT = 20  # seconds of one long poll
LONGEST_PAUSE = 60.0
Form = Literal["original", "web-jpeg", "web-webp"]
ENDINGS = {f"image/{kind}": f".{kind}" for kind in ("png", "webp", "gif", "tiff", "avif", "heic")} | {
    "image/jpeg": ".jpg"
}
# The proxies of the environment lead elsewhere than to this machine.
NEAR: dict[str, httpx.BaseTransport | None] = dict.fromkeys(("all://localhost", "all://127.0.0.1", "all://[::1]"))
NO_LOGIN = "Say which studio first: studio login https://studio.example"

# What the program ends with.
REFUSED, FAILED, UNKNOWN, WAITS, INTERRUPTED = 3, 4, 5, 6, 130


class Trouble(Exception):
    """Why a command ends, as a sentence, and with which exit code."""

    def __init__(self, sentence: str, code: int) -> None:
        super().__init__(sentence)
        self.sentence, self.code = sentence, code


@dataclass(frozen=True, slots=True)
class Login:
    """Which studio, and the token for it; kept in a file that only its owner reads."""

    url: str
    token: str

    @staticmethod
    def file() -> Path:
        return Path(typer.get_app_dir("studio")) / "login.json"

    @classmethod
    def known(cls) -> Login:
        """Return STUDIO_URL and STUDIO_TOKEN, or what `studio login` has kept. Raises Trouble."""
        kept: dict[str, str] = {}
        try:
            kept = json.loads(cls.file().read_text())
        except (OSError, ValueError):
            kept = {}
        url = os.environ.get("STUDIO_URL") or kept.get("url", "")
        token = os.environ.get("STUDIO_TOKEN") or kept.get("token", "")
        if not (url and token):
            raise Trouble(NO_LOGIN, 2)
        return cls(url.rstrip("/"), token)

    def keep(self) -> Path:
        file = self.file()
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as out:
            json.dump({"url": self.url, "token": self.token}, out)
        return file


class Studio:
    """One studio, called with a token. Raises Trouble when one of them can be no studio's."""

    def __init__(self, login: Login) -> None:
        if not (login.token.isascii() and login.token.isprintable()):
            raise Trouble("The token has other characters than a token of a studio: copy it again.", 2)
        try:
            url = httpx.URL(f"{login.url}/api/v1")
        except httpx.InvalidURL as why:
            raise Trouble(f"{login.url} is no address of a studio: {why}", 2) from None
        headers, timeout = {"Authorization": f"Bearer {login.token}"}, httpx.Timeout(60, read=90)
        try:
            self.http = httpx.Client(base_url=url, headers=headers, timeout=timeout, mounts=NEAR)
        except (httpx.InvalidURL, ValueError) as why:
            raise Trouble(f"The proxies of your environment (HTTP_PROXY, NO_PROXY) can't be read: {why}", 2) from None

    def ask(self, method: str, path: str, *, tries: int = TRIES, **kwargs: Any) -> Any:
        """Return the answer's JSON. Raises Trouble."""
        answer = self._send(method, path, tries=tries, **kwargs)
        try:
            return answer.json()
        except ValueError:
            raise Trouble(_sentence(answer), FAILED) from None

    def _send(self, method: str, path: str, *, tries: int, **kwargs: Any) -> httpx.Response:
        is_sent = False  # whether the studio may have got it, as far as anybody knows here
        for left in reversed(range(tries)):
            try:
                answer = self.http.request(method, path, **kwargs)
            except (httpx.InvalidURL, httpx.UnsupportedProtocol) as why:
                raise Trouble(f"{self.http.base_url} is no address of a studio: {why}", 2) from None
            except httpx.TransportError as why:
                is_sent = is_sent or not isinstance(why, httpx.ConnectError | httpx.ConnectTimeout)
                if not left:
                    code = UNKNOWN if is_sent and method == "POST" else FAILED
                    raise Trouble(f"{self.http.base_url.host} does not answer: {why}", code) from None
                time.sleep(PAUSE)
                continue
            is_sent = is_sent or answer.status_code >= 500
            if answer.status_code in {429, 502, 503, 504} and left:
                time.sleep(min(LONGEST_PAUSE, _seconds(answer.headers.get("Retry-After"))))
                continue
            if answer.is_success:
                return answer
            code = UNKNOWN if is_sent and method == "POST" else FAILED if answer.status_code >= 500 else REFUSED
            raise Trouble(_sentence(answer), code)
        raise AssertionError("the last try ends in an answer or in Trouble")

    def submit(self, asked: dict[str, Any], key: str) -> Any:
        """Ask for pictures, once for each key. Raises Trouble."""
        return self.ask("POST", "/submissions", json=asked, headers={"Idempotency-Key": key})

    def watch(self, code: str) -> Iterator[Any]:
        """Yield a submission as it goes along, until it is over. Raises Trouble."""
        while True:
            told = self.ask("GET", f"/submissions/{code}")
            yield told
            if told["is_over"]:
                return
            try:
                self.ask("GET", f"/submissions/{code}/wait", tries=1, params={"seconds": 2})
            except Trouble:
                time.sleep(PAUSE)  # too many wait: look now and then

    def picture(self, named: str) -> str:
        """Return the code of a picture: itself, or of a file that is brought along. Raises Trouble."""
        try:
            return str(uuid.UUID(named))
        except ValueError:
            file = Path(named)
        if not file.is_file():
            raise Trouble(f"{named} is neither a file nor the code of a picture.", 2)
        with file.open("rb") as opened:
            content = opened.read()
        return str(self.ask("POST", "/pictures", files={"file": (file.name, content)})["code"])

    def fetch(self, code: str, folder: Path, form: Form = "original") -> Path:
        """Download a picture into a folder under its own name, whole or not at all. Raises Trouble."""
        answer = self._send("GET", f"/pictures/{code}/file", tries=TRIES, params={"form": form})
        kind = answer.headers.get("Content-Type", "").partition(";")[0]
        target = folder / (_name(answer.headers.get("Content-Disposition", "")) or f"{code}{ENDINGS.get(kind, '')}")
        folder.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        part.write_bytes(answer.content)
        part.replace(target)
        return target

    def pages(self, path: str, params: dict[str, Any], most: int) -> Iterator[Any]:
        """Yield the rows of a list, page after page, at most so many. Raises Trouble."""
        after = ""
        while most > 0:
            told = self.ask("GET", path, params={**params, "after": after, "limit": min(most, 100)})
            yield from told["items"]
            most -= len(told["items"])
            after = told["next"] or ""
            if not after:
                return


def _seconds(header: str | None) -> float:
    try:
        return max(0.5, float(header or PAUSE))
    except ValueError:
        return PAUSE


def _sentence(answer: httpx.Response) -> str:
    try:
        told = answer.json()
        return str(told["detail"])
    except (ValueError, KeyError, TypeError):
        return f"The answer was {answer.status_code} and is none of Studio's: is the address right?"


def _name(disposition: str) -> str:
    """Read the name of a download; nothing of it is a path."""
    _, _, rest = disposition.partition('filename="')
    name = rest.partition('"')[0].replace("/", "-").replace("\\", "-").strip(". ")
    return name[:200]
