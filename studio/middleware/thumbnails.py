"""Hand out thumbnails before the middleware stack runs: a page of the gallery asks for dozens at once."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from studio.configuration.base_path import within
from studio.middleware.known_browsers import KnownBrowsers
from studio.views import media

# What belongs to one file, and not to how the stack answers this browser.
OF_THE_FILE = {
    *("etag", "content-type", "content-length", "content-disposition", "cache-control", "last-modified"),
    *("accept-ranges", "content-range", "location", "x-accel-redirect", "x-sendfile"),
}
ANY = "00000000-0000-0000-0000-000000000000"


class Thumbnails:
    """Answer a browser that this process knows with two queries; leave every other request to the stack.

    A browser is known when the stack gave it a thumbnail. Who may see the picture is asked each time, by the same rule.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        address = re.escape(within(reverse("studio:rendition", args=[ANY, "content", 0])))
        address = address.replace(re.escape(ANY), "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
        self.address = re.compile(address.replace(re.escape("content-0"), "([0-9a-f]{12})-([0-9]{1,5})"), re.ASCII)
        self.browsers = KnownBrowsers()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        wanted = self.address.fullmatch(request.path_info) if request.method == "GET" else None
        if not wanted:
            return self.get_response(request)
        browser = self.browsers.key(request)
        known = self.browsers.get(browser)
        if known and known.revision() is not None:
            code, content, size = wanted.groups()
            found = media.Thumbnail.find(known.person_id, code, content, int(size))
            if found and media.is_handed_out(response := found.hand_out(request)):
                for name, value in known.headers.items():
                    response.headers.setdefault(name, value)
                return response
        response = self.get_response(request)
        if media.is_handed_out(response):
            self.browsers.remember(browser, request, response)
            if kept := self.browsers.get(browser):
                for name in [name for name in kept.headers if name.lower() in OF_THE_FILE]:
                    del kept.headers[name]
        elif known and response.status_code != 404:
            self.browsers.forget(browser)
        return response
