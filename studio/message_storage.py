"""Where a sentence for somebody's next page is kept: in a cookie that is this studio's alone."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class OwnCookie(CookieStorage):
    """Django's goes to the whole site, and to whatever else is on it (STUDIO_BASE_PATH)."""

    # __Host- or __Secure-, as that of the session has.
    cookie_name = settings.SESSION_COOKIE_NAME.rpartition("session")[0] + "messages"

    def _update_cookie(self, encoded_data: str, response: Any) -> None:
        super()._update_cookie(encoded_data, response)  # type: ignore[misc]
        response.cookies[self.cookie_name]["path"] = settings.SESSION_COOKIE_PATH


class Storage(FallbackStorage):
    """The cookie, and the session for what is too long."""

    storage_classes = (OwnCookie, SessionStorage)
