"""The pulse: an open page asks what is newer than what it has seen, and mostly hears "nothing"."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from studio.models import Revision
from studio.models.spend import shown_prices
from studio.views.boards import head as board_head
from studio.views.boards import order as board_order
from studio.views.gallery import page as gallery
from studio.views.gallery import tile_changes
from studio.views.gallery.finder import Finder
from studio.views.jobs import groups
from studio.views.jobs import page as jobs
from studio.views.permissions import is_for_admins
from studio.views.pictures import comments, family, gone_meanwhile, opinions
from studio.views.request import HtmxRequest, read_number, viewer
from studio.views.review import cases
from studio.views.review import page as review
from studio.views.updates import Updates

# Up to which revision an answer leads: the page leaves out one that a newer answer has overtaken (static/js/pages.js).
LEADS_TO = "Studio-Revision"


@require_GET
def pulse(request: HtmxRequest) -> HttpResponse:
    """Answer 204 when nothing has changed since `since`, else what this kind of page shows of it, out of band."""
    since, revision = number(request, "since"), Revision.current()
    if since == revision and not has_old_prices(request):
        return HttpResponse(status=204)
    if since > revision:
        # The page knows more than the tables: an older backup was restored, and nothing on the page is sure.
        return HttpResponse(headers={"HX-Refresh": "true"})
    page = request.GET.get("page", "other")
    try:
        parts, told = PAGES[page](request, since, revision) if page in PAGES else ([], {})
    except Gone:
        return HttpResponse(headers={"HX-Refresh": "true"})
    context: dict[str, Any] = {"page": page, "since": revision, **told}
    if request.GET.get("role", viewer(request).role_mark) != viewer(request).role_mark:
        context["is_closed"] = not viewer(request).is_admin and is_for_admins(request.htmx.current_url or "")
        parts.append(render_to_string("_shared.html#role-changed", context, request))
    context["watched"] = page in {"picture", "pictures", "family"}
    parts.append(render_to_string("_shared.html#frame", context, request))
    return HttpResponse("".join(parts), headers={LEADS_TO: str(context["since"])})


class Gone(Exception):
    """What the page shows is deleted, or closed to the person: the page goes, and says so when it is asked for anew."""


# What has changed, as parts of the page, and what the page asks with next time.
Told = tuple[list[str], dict[str, Any]]


def _create(request: HtmxRequest, since: int, revision: int) -> Told:
    born, pauses = number(request, "born"), request.GET.get("pauses", "")
    updates = Updates(request, since=since, born=born, pauses=pauses, revision=revision)
    parts = list(updates.parts())  # what is counted below is known then
    return parts, {
        "since": updates.since,
        "born": updates.born,
        "again": updates.again,
        "held": updates.held,
        "active": updates.active,
        "ask": updates.scope.query(),
        "stamp": shown_prices.stamp(),
    }


def _gallery(request: HtmxRequest, since: int, revision: int) -> Told:
    told = {"top": request.GET.get("top", ""), "ask": Finder.of(request).address}
    return [gallery.update(request, since)], told


def _board(request: HtmxRequest, since: int, revision: int) -> Told:
    parts = [tile_changes.changed(viewer(request), since, is_wall=False)]
    is_typing = request.GET.get("sheet") == "on"
    if shown := board_head.asked(request):
        parts += [board_head.update(request, shown), board_order.update(request, shown, since, revision)]
    elif request.GET.get("code") and not is_typing:
        raise Gone
    if is_typing:
        parts.append(board_head.closed(request, shown))
    return parts, {"ask": urlencode(dict(board_head.asks(request)))}


def _review(request: HtmxRequest, since: int, revision: int) -> Told:
    if not viewer(request).is_admin:
        return [], {}
    parts = [review.held(request), review.update(request), cases.changed_rows(request, since)]
    return parts, {"top": request.GET.get("top", "")}


def _job(request: HtmxRequest, since: int, revision: int) -> Told:
    ask = request.GET.urlencode() and f"code={request.GET.get('code', '')}"
    return [jobs.update(request, since)], {"ask": ask}


def _picture(request: HtmxRequest, since: int, revision: int) -> Told:
    parts = [opinions.update(request), comments.update(request, since), gone_meanwhile.update(request)]
    return parts, {"ask": gone_meanwhile.asked_again(request)}


def _pictures(request: HtmxRequest, since: int, revision: int) -> Told:
    return [gone_meanwhile.update(request)], {"ask": gone_meanwhile.asked_again(request)}


def _family(request: HtmxRequest, since: int, revision: int) -> Told:
    return [family.update(request), gone_meanwhile.update(request)], {"ask": family.asked_again(request)}


def _group(request: HtmxRequest, since: int, revision: int) -> Told:
    return [groups.update(request, since)], {"ask": urlencode({"code": request.GET.get("code", "")})}


PAGES = {
    "create": _create,
    "gallery": _gallery,
    "board": _board,
    "review": _review,
    "job": _job,
    "picture": _picture,
    "pictures": _pictures,
    "family": _family,
    "group": _group,
}


def has_old_prices(request: HttpRequest) -> bool:
    """Whether the page shows prices of another day. A price that was added meanwhile has moved the revision."""
    return shown_prices.is_of_another_day(request.GET.get("prices", ""))


def number(request: HttpRequest, name: str) -> int:
    """Read a number of the address; nonsense counts as 0, which only means that everything is sent."""
    return read_number(request.GET.get(name, "")) or 0
