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
    context: dict[str, Any] = {"page": page, "since": revision}
    parts: list[str] = []
    match page:
        case "create":
            updates = Updates(
                request,
                since=since,
                born=number(request, "born"),
                pauses=request.GET.get("pauses", ""),
                revision=revision,
            )
            parts += updates.parts()
            context |= {
                "since": updates.since,
                "born": updates.born,
                "again": updates.again,
                "held": updates.held,
                "active": updates.active,
                "ask": updates.scope.query(),
                "stamp": shown_prices.stamp(),
            }
        case "gallery":
            parts.append(gallery.update(request, since))
            context |= {"top": request.GET.get("top", ""), "ask": Finder.of(request).address}
        case "board":
            parts.append(tile_changes.changed(viewer(request), since, is_wall=False))
            is_typing = request.GET.get("sheet") == "on"
            if shown := board_head.asked(request):
                parts += [board_head.update(request, shown), board_order.update(request, shown, since, revision)]
            elif request.GET.get("code") and not is_typing:
                # Deleted, or closed to the person: the page goes, and says so when it is asked for anew.
                return HttpResponse(headers={"HX-Refresh": "true"})
            if is_typing:
                parts.append(board_head.closed(request, shown))
            context["ask"] = urlencode(dict(board_head.asks(request)))
        case "review" if viewer(request).is_admin:
            parts += [review.held(request), review.update(request), cases.changed_rows(request, since)]
            context["top"] = request.GET.get("top", "")
        case "job":
            parts.append(jobs.update(request, since))
            context["ask"] = request.GET.urlencode() and f"code={request.GET.get('code', '')}"
        case "picture":
            parts += [opinions.update(request), comments.update(request, since), gone_meanwhile.update(request)]
            context["ask"] = gone_meanwhile.asked_again(request)
        case "pictures":
            parts.append(gone_meanwhile.update(request))
            context["ask"] = gone_meanwhile.asked_again(request)
        case "family":
            parts += [family.update(request), gone_meanwhile.update(request)]
            context["ask"] = family.asked_again(request)
        case "group":
            parts.append(groups.update(request, since))
            context["ask"] = urlencode({"code": request.GET.get("code", "")})
    if request.GET.get("role", viewer(request).role_mark) != viewer(request).role_mark:
        context["is_closed"] = not viewer(request).is_admin and is_for_admins(request.htmx.current_url or "")
        parts.append(render_to_string("_shared.html#role-changed", context, request))
    context["watched"] = page in {"picture", "pictures", "family"}
    parts.append(render_to_string("_shared.html#frame", context, request))
    return HttpResponse("".join(parts), headers={LEADS_TO: str(context["since"])})


def has_old_prices(request: HttpRequest) -> bool:
    """Whether the page shows prices of another day. A price that was added meanwhile has moved the revision."""
    return shown_prices.is_of_another_day(request.GET.get("prices", ""))


def number(request: HttpRequest, name: str) -> int:
    """Read a number of the address; nonsense counts as 0, which only means that everything is sent."""
    return read_number(request.GET.get(name, "")) or 0
