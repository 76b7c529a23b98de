"""Studio below a path of a site that it shares, such as /studio (STUDIO_BASE_PATH)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings

Application = Callable[..., Iterable[bytes]]


def within(path: str) -> str:
    """Return an address of this site as our own table of addresses has it: without the base path, where it has that."""
    base: str = settings.BASE_PATH
    return path[len(base) :] if base and path.startswith(f"{base}/") else path


def under(path: str) -> str:
    """Return an address of ours as browsers ask for it: with the base path."""
    return f"{settings.BASE_PATH}{within(path)}"


def served(application: Application) -> Application:
    """Let an application answer below the base path, whether the proxy takes that away or not.

    Django knows it as the script name (FORCE_SCRIPT_NAME), which every address that it makes begins with.
    """
    base: str = settings.BASE_PATH
    if not base:
        return application

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == base:
            # Cookies of /studio/ are not sent to /studio.
            start_response("308 Permanent Redirect", [("Location", f"{base}/"), ("Content-Length", "0")])
            return [b""]
        return application({**environ, "PATH_INFO": within(path)}, start_response)

    return answer
