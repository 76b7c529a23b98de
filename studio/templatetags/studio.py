"""Filters of every template (a builtin, so no page loads it)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django import template
from django.conf import settings
from django.template import Node, defaulttags
from django.template.base import Parser, Token
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from studio.luma import pricing
from studio.models import Picture, Submission, User
from studio.text import names
from studio.text.mentions import ROLES, Role
from studio.views import formatting, markup, paid, stencil
from studio.views.gallery.tiles import ALT_LENGTH, TileLinks, gallery_widths, preview_srcset, tile_src, whole_src
from studio.views.jobs.card_builder import Entry
from studio.views.jobs.cards import Card
from studio.views.jobs.time_ruler import TimeRuler
from studio.views.kept_address import KeptAddress
from studio.views.pictures import comment_rows
from studio.views.pictures.comment_rows import Said
from studio.views.pictures.downloads import menu as download_menu
from studio.views.review import case_markup
from studio.views.review.failure_cases import Case

register = template.Library()

# More ticks than this are not counted by anybody, and do not fit the bar.
MOST_TICKS = 20

register.filter("price", formatting.price)
register.filter("exact_price", formatting.exact_price)
register.filter("thousands", formatting.thousands)
register.filter("seconds", formatting.seconds)
register.filter("moment", formatting.moment)
register.filter("in_full", formatting.in_full)
register.filter("hour_with_zone", formatting.hour_with_zone)
register.filter("bytes", formatting.size)
register.filter("counted", formatting.counted)
register.filter("isolated", names.isolated)
register.filter("tile_src", tile_src)
register.filter("whole_src", whole_src)
register.filter("preview_srcset", preview_srcset)
register.filter("gallery_widths", gallery_widths)


@register.filter
def hides_look(submission: Submission, person: User) -> bool:
    return submission.hides_look_from(person)


@register.tag
def url(parser: Parser, token: Token) -> Node:
    """Django's own tag for addresses; those of Studio that have nothing to fill in but a code are found once."""
    return KeptAddress.of(defaulttags.url(parser, token))


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """An icon of static/vendor/lucide; `size` is "s", "l" or nothing."""
    return mark_safe(markup.icon(escape(name), f" icon--{size}" if size else ""))  # noqa: S308 - the name is escaped


@register.simple_tag
def kept(template: str, **values: Any) -> SafeString:
    """A template that reads nothing but these values: the same ones are rendered once (studio.views.stencil)."""
    return stencil.kept(template, values)


@register.simple_tag(takes_context=True)
def each_row(
    context: dict[str, Any], template: str, name: str, rows: Iterable[stencil.Row], **shared: Any
) -> SafeString:
    """A template for each row of a list, which it calls `name` (studio.views.stencil.each); its forms have their token."""
    return stencil.each(template, name, rows, csrf_token=str(context.get("csrf_token") or ""), **shared)


@register.simple_tag(takes_context=True)
def threads(context: dict[str, Any], shown: Iterable[Said]) -> SafeString:
    """Threads of comments, with their replies."""
    return comment_rows.threads(shown, str(context.get("csrf_token") or ""))


@register.simple_tag
def prices_field() -> SafeString:
    """The hidden field of a form that pays: which prices its page shows."""
    return mark_safe(paid.prices_field())  # noqa: S308 - a day and a number


@register.simple_tag
def layer_price() -> str:
    """What a split costs today, in words; "" where no price is known."""
    each = pricing.table().layer_on(pricing.day())
    return "" if each is None else pricing.layer_words(each)


@register.simple_tag
def base_path() -> str:
    """Where Studio is on its site: "", or a path such as /studio."""
    found: str = settings.BASE_PATH
    return found


@register.simple_tag
def reference_roles() -> tuple[Role, ...]:
    """What a reference may be there for."""
    return ROLES


@register.filter(name="print")
def printed(picture: Picture) -> TileLinks:
    """The picture as a tile shows it."""
    return TileLinks.of(picture)


@register.simple_tag
def tile(picture: Picture, card: Card | None = None, *, first: bool = False, maker: str = "") -> SafeString:
    """The picture as a tile; `card`, if it is the end of a job on the Create page; `first`, if it is seen at once;
    `maker`: who made it."""
    return stencil.tile(picture, TileLinks.of(picture, maker), card, first=first)


@register.simple_tag(takes_context=True)
def entries(context: dict[str, Any], shown: Iterable[Entry], first: int = 0) -> SafeString:
    """The submissions of the Create page, with their cards; the first so many are seen at once."""
    field = markup.csrf_field(str(context.get("csrf_token") or ""))
    return mark_safe(markup.entries(shown, field, first=first))  # noqa: S308 - markup escapes every value


@register.simple_tag(takes_context=True)
def job_card(context: dict[str, Any], shown: Card) -> SafeString:
    """A job as the feed shows it, on another page."""
    field = markup.csrf_field(str(context.get("csrf_token") or ""))
    return mark_safe(markup.card(shown, field))  # noqa: S308 - markup escapes every value


@register.simple_tag(takes_context=True)
def cases(context: dict[str, Any], shown: Sequence[Case]) -> SafeString:
    """The rows of one cause on the Review page."""
    field, here = markup.csrf_field(str(context.get("csrf_token") or "")), context["request"].get_full_path()
    now, noted = timezone.now(), context.get("noted") or {}
    for one in shown if noted.get("job") else ():
        one.job.__dict__["noting"] = noted["text"] if noted["job"] == str(one.job.code) else ""
    return mark_safe("".join(case_markup.case(one, here, field, now=now) for one in shown))  # noqa: S308 - escaped there


@register.simple_tag(takes_context=True)
def downloads(context: dict[str, Any], picture: Picture) -> dict[str, Any]:
    """What the menu of downloads offers (pictures/_download.html)."""
    return download_menu(picture, context["user"])


@register.simple_tag
def ruler(shown: TimeRuler) -> SafeString:
    return mark_safe(markup.ruler(shown))  # noqa: S308 - markup escapes every value


@register.simple_tag
def when(at: datetime | None) -> SafeString:
    """A time as people say it, and on request with its seconds and its zone."""
    return markup.when(at)


@register.filter
def alt(picture: Picture) -> str:
    """The words for who does not see the picture: its prompt, cut."""
    return picture.title[:ALT_LENGTH]


@register.filter
def ticks(used: int, slots: int) -> list[bool]:
    """One tick for each slot, lit while in use; an account with very many gets a share of them lit."""
    count = min(slots, MOST_TICKS)
    lit = used if slots <= MOST_TICKS else -(-used * count // slots)
    return [number < lit for number in range(count)]
