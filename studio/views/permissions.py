"""Who may open a page beyond everybody who is signed in."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import unquote, urlsplit, urlunsplit

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from studio.configuration.base_path import under, within

P = ParamSpec("P")
R = TypeVar("R", bound=HttpRequest)
A = TypeVar("A", bound=HttpResponseBase)

# Longer than any address of ours.
LONGEST_ADDRESS = 2_000  # characters
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ud800-\udfff]")
# What answers GET, but is no page to come back to: fragments, files, probes, and the sign-in page itself.
NO_PAGES = {
    f"studio:{name}"
    for name in (
        "pulse",
        "draft",
        "upload",
        "download",
        "original",
        "rendition",
        "download_export",
        "download_archive",
        "layers_proof",
        "comparison_map",
        "keep_preview",
        "offer_looks",
        "proof",
        "proof_picture",
        "proof_password",
        "proof_name",
        "proof_file",
        "proof_download",
        "failures_csv",
        "offer_tags",
        "offer_people",
        "export_spend",
        "healthz",
        "readyz",
        "metrics",
        "sign_in",
        "second_step",
        "passkey_sign_in",
        "provider_sign_in",
        "provider_answer",
        "forgotten",
        "new_passkey",
        "recovery_codes",
    )
} | {"admin:logout", "admin:login", "admin:jsi18n", "mcp"}


class AdminsOnly(PermissionDenied):
    """Only an admin may: a viewer who became a designer could not either."""


class NotYours(PermissionDenied):
    """Only others may; its text says who, as a sentence."""


def admin_only(view: Callable[Concatenate[R, P], A]) -> Callable[Concatenate[R, P], A]:
    """Let an admin in; answer anybody else with 403."""

    @wraps(view)
    def guarded(request: R, /, *args: P.args, **kwargs: P.kwargs) -> A:
        if not (request.user.is_authenticated and request.user.is_admin):
            raise AdminsOnly
        return view(request, *args, **kwargs)

    guarded.is_for_admins = True  # type: ignore[attr-defined]  # kept by the decorators above it
    return guarded


def is_for_admins(address: str) -> bool:
    """Whether the page at an address of this site is one that only admins open."""
    try:
        return bool(getattr(resolve(unquote(within(urlsplit(address).path))).func, "is_for_admins", False))
    except (Resolver404, ValueError):
        return False


def makers_only(view: Callable[Concatenate[R, P], A]) -> Callable[Concatenate[R, P], A]:
    """Let designers and admins in; answer a viewer, who can't spend, change or delete, with 403."""

    @wraps(view)
    def guarded(request: R, /, *args: P.args, **kwargs: P.kwargs) -> A:
        if request.user.is_authenticated and not request.user.can_make:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def onward(request: HttpRequest, otherwise: str) -> str:
    """Return the address in `next` if it is a page of this site that can be opened, else `otherwise`."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return page_address(wanted, host=request.get_host(), is_secure=request.is_secure()) or otherwise


def came_from(request: HttpRequest, otherwise: str = "") -> str:
    """The page that the form was on; never the one that is asked for just now, which would lead to itself for ever."""
    origin = f"{request.scheme}://{request.get_host()}"
    referer = request.headers.get("Referer", "").removeprefix(origin)
    found = page_address(referer, host=request.get_host(), is_secure=request.is_secure())
    return found if found and urlsplit(found).path != request.path else otherwise or reverse("studio:gallery")


def page_address(wanted: str, *, host: str | None = None, is_secure: bool = False) -> str:
    """Return path, query and fragment of an address if a person can open it here, else "".

    Everything that leads back to where somebody came from goes through here: the address lies on this site, one of
    our views answers it, and that view is a page that answers GET.
    """
    if not wanted or len(wanted) > LONGEST_ADDRESS or _UNSAFE.search(wanted):
        return ""
    if not url_has_allowed_host_and_scheme(wanted, allowed_hosts={host} if host else None, require_https=is_secure):
        return ""
    parts = urlsplit(wanted)
    try:
        found = resolve(unquote(within(parts.path), errors="strict"))
    except (Resolver404, UnicodeDecodeError):
        return ""
    is_for_programs = bool({"api", "luma"}.intersection(found.namespaces)) and found.view_name != "api:docs"
    if found.view_name in NO_PAGES or is_for_programs or not accepts_get(found.func):
        return ""
    return urlunsplit(("", "", under(parts.path), parts.query, parts.fragment))


def accepts_get(view: Callable[..., Any]) -> bool:
    """Whether the view, below all its decorators, answers GET: Django's own decorators keep their methods with them."""
    step: Callable[..., Any] | None = view
    while step is not None:
        methods = (
            inspect.getclosurevars(step).nonlocals.get("request_method_list") if inspect.isfunction(step) else None
        )
        if methods is not None and "GET" not in methods:
            return False
        step = getattr(step, "__wrapped__", None)
    return True
