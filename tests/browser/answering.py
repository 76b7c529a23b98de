"""Answers that come from the test in place of Studio's."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Route

from tests.stack.running import eventually

# Asked for something that the page has already, and whether it was the test that answered. A page that was opened nowhere
# yet asks for nothing.
ASK = """(path) => {
  const icon = document.querySelector("link[rel=icon]");
  if (!icon) return location.href === "about:blank";
  return fetch(`${icon.href}?${path}`, { cache: "no-store" }).then(({ status }) => status === 204, () => false);
}"""
SIGN = "is-routed"


def intercept(
    page: Page, url: str | re.Pattern[str], handler: Callable[[Route], Any], *, times: int | None = None
) -> None:
    """`page.route`, which returns while what a page asks for just then still passes by; this one is in force."""
    page.route(re.compile(rf"\?{SIGN}$"), lambda route: route.fulfill(status=204))
    page.route(url, handler, times=times)
    eventually(lambda: page.evaluate(ASK, SIGN), what="the page's requests come by the test")
