"""Answer unchanged pulse requests with 204 before the middleware stack runs: every open page sends one every few seconds."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from studio.configuration.base_path import within
from studio.middleware.known_browsers import Known, KnownBrowsers
from studio.views.pulse import has_old_prices, number


class UnchangedPulse:
    """Say 204 with one query to a browser that this process knows; leave every other request to the stack.

    A browser is known when the stack answered its pulse with 204. A revision that moved goes the long way.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.path = within(reverse("studio:pulse"))
        self.browsers = KnownBrowsers()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info != self.path or request.method != "GET":
            return self.get_response(request)
        browser = self.browsers.key(request)
        known = self.browsers.get(browser)
        if known and self._has_nothing_new(request, known):
            return HttpResponse(status=204, headers=known.headers)
        response = self.get_response(request)
        if response.status_code == 204:
            self.browsers.remember(browser, request, response)
        elif known and response.status_code != 200:
            self.browsers.forget(browser)
        return response

    def _has_nothing_new(self, request: HttpRequest, known: Known) -> bool:
        try:
            since = number(request, "since")
        except TooManyFieldsSent:
            return False  # the stack refuses it, with its headers
        return known.revision() == since and not has_old_prices(request)
