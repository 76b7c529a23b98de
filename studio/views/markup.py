"""The cards of the Create page as HTML, put together in Python: through a template one card costs half a page.

Every value passes `html.escape`; `field` is the hidden field of an answer's forms (csrf_field). Tiles of pictures come
from their template (studio.views.stencil).
"""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Iterable
from datetime import datetime
from html import escape

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from studio.models import Picture
from studio.models.pictures.layers import Stack
from studio.views import addresses, formatting, paid, stencil
from studio.views.gallery.tiles import TileLinks, tile_src
from studio.views.jobs import actions as job_actions
from studio.views.jobs.actions import Action
from studio.views.jobs.card_builder import Entry
from studio.views.jobs.cards import Card
from studio.views.jobs.time_ruler import STEPS, UNITS, TimeRuler


def csrf_field(token: str) -> str:
    """The hidden field that every form of one answer sends along."""
    return f'<input type="hidden" name="csrfmiddlewaretoken" value="{escape(token)}">' if token else ""


def field_for(request: HttpRequest) -> str:
    return csrf_field(get_token(request))


def icon(name: str, more: str = "") -> str:
    return f'<span class="icon icon--{name}{more}" aria-hidden="true"></span>'


def when(at: datetime | None) -> SafeString:
    """A time as people say it, and on request with its seconds and its zone; "" for none."""
    if at is None:
        return mark_safe("")
    said, full = escape(formatting.moment(at)), escape(formatting.in_full(at))
    return mark_safe(f'<time datetime="{at.isoformat()}" title="{full}">{said}</time>')  # noqa: S308 - escaped above


def stack(shown: Stack | None, label: str) -> SafeString:
    """Layers as the one picture they make; "" for what is no split."""
    if shown is None:
        return mark_safe("")
    rendered = get_template("_shared.html#stack").render({"stack": shown, "label": label})
    return mark_safe(rendered)  # noqa: S308 - a template's own output


# ---- A submission


def entries(shown: Iterable[Entry], field: str, *, first: int = 0) -> str:
    """Submissions in a row; of the first so many, what is a tile of its own is fetched before smaller ones."""
    return "".join(entry(one, field, first=at < first) for at, one in enumerate(shown))


def entry(shown: Entry, field: str, *, first: bool = False) -> str:
    """A submission on the Create page: one tile with cells, or its cards one by one."""
    cards = "".join(card(one, field, first=first and not shown.is_group) for one in shown.cards)
    if not shown.is_group:
        return cards
    code, asked = shown.submission.code, shown.submission
    return (
        f'<section class="tile group {shown.layout} {asked.ratio_class}" id="submission-{code}"'
        f' aria-labelledby="count-{code}">\n  {cards}\n'
        '  <group-spread><button class="group__count" type="button" aria-expanded="false"'
        f' aria-controls="submission-{code}" title="Show all {len(shown.kept)}">{icon("layers", " icon--s")}{group_count(shown)}</button>'
        "</group-spread>\n</section>"
    )


def group_count(shown: Entry) -> str:
    return (
        f'<span id="count-{shown.submission.code}">{shown.summary}'
        f'<span class="sr-only"> from one submit: {escape(shown.breakdown)}</span></span>'
    )


# ---- A card


def card(shown: Card, field: str, *, first: bool = False) -> str:
    """A job as one person sees it: nothing any more, its picture, or what it is at; `first`, if it is seen at once."""
    if shown.is_gone:
        return gone(shown.job.code, shown.job.rev)
    if shown.picture and shown.picture.trashed_at:
        return trashed(shown, field)
    if shown.picture:
        return f"{stencil.tile(shown.picture, TileLinks.of(shown.picture, shown.maker), shown, first=first)}\n"
    return job(shown, field)


def gone(code: uuid.UUID, rev: int) -> str:
    """What stands for a card that is not to be seen, so that an update finds its place."""
    return f'<span id="job-{code}" data-rev="{rev}" hidden></span>\n'


def trashed(shown: Card, field: str) -> str:
    """A finished job whose picture was deleted: a quiet box, with the way back while there is one."""
    picture = shown.picture
    is_back = picture and picture.deleted_at is None and shown.may_act and shown.viewer and shown.viewer.can_make
    url = addresses.of("studio:trash_picture", picture.code) if picture else ""
    restore = (
        f'<div class="job__acts"><form method="post" action="{url}">{field}<input type="hidden" name="state" value="off">'
        f'<button type="submit" class="btn btn--s" data-act="restore">{icon("undo-2", " icon--s")}Restore</button></form></div>'
    )
    word = "Deleted" if picture and picture.deleted_at else "In the trash"
    return (
        f'<article class="tile job {shown.ratio_class}" id="{shown.id}" data-state="trashed" data-rev="{shown.job.rev}"'
        f' tabindex="-1" aria-label="{word}: {cut(shown.prompt, 160)}">\n  '
        f'<div class="job__state">{icon("trash-2")}<b>{word}</b></div>\n  '
        f'<p class="job__prompt" dir="auto"><span>{cut(shown.prompt, 300)}</span></p>{restore if is_back else ""}\n</article>'
    )


def job(shown: Card, field: str) -> str:
    face, source, actions, why = shown.face, shown.source, job_actions.buttons(shown), shown.why
    parts = [
        f'<article class="tile job {shown.ratio_class}" id="{shown.id}" data-state="{face.state}"'
        f' data-rev="{shown.job.rev}" tabindex="-1" aria-label="{cut(shown.label, 200)}">\n  ',
        f'<span class="job__source" aria-hidden="true"><img src="{tile_src(source, 256)}" alt=""></span>'
        if source
        else "",
        f'\n  <div class="job__state">{icon(face.icon, " spin" if face.turns else "")}<b>{face.word}</b>',
        more(shown),
        f"{menu(shown, field)}</div>\n  ",
        f'<p class="job__why" dir="auto" title="{escape(why)}">{escape(why)}</p>' if why else "",
        f"\n  {inset(source) if source else ''}",
        f'\n  <p class="job__prompt" dir="auto"><span>{cut(shown.prompt, 300)}</span></p>\n  <p class="job__facts">',
        *(fact(shown, words) for words in shown.facts),
        f"</p>\n  {ruler(shown.ruler) if shown.ruler else ''}\n  ",
    ]
    if actions:
        parts += ['<div class="job__acts">', *(button(act, shown.id, field) for act in actions), "</div>"]
    return "".join([*parts, "\n</article>"])


def fact(shown: Card, words: str) -> str:
    """One of the facts; what it costs stays longest, and when it ended tells its zone."""
    more = ""
    if words == shown.cost:
        more = ' class="job__cost"'
    elif words == shown.ended:
        more = f' title="{formatting.in_full(shown.job.finished_at)}"'
    return f"<span{more}>{escape(words)}</span>"


def inset(source: Picture) -> str:
    return (
        f'<span class="job__inset"><img src="{tile_src(source, 256)}" width="{source.width}" height="{source.height}"'
        ' alt=""><span>Source</span></span>'
    )


def more(shown: Card) -> str:
    """What stands beside the state: the seconds, or the place in line, or a word."""
    if shown.ticks:
        late = f' late-after="{shown.late_after}"' if shown.late_after else ""
        return (
            f'<elapsed-time class="job__more" seconds="{shown.elapsed:.1f}"{late}>{escape(shown.more)}</elapsed-time>'
        )
    if not shown.more:
        return ""
    if shown.place:
        return place(shown.job.code, shown.more, shown.usual_wait)
    return f'<span class="job__more">{escape(shown.more)}</span>'


def place(code: uuid.UUID, number: str, wait: str) -> str:
    """Where a waiting job stands in line, and how long that usually takes ("" for not known)."""
    return (
        f'<span class="job__more" id="place-{code}">{escape(number)}</span>'
        f'<span class="job__more job__wait" id="wait-{code}">{escape(wait)}</span>'
    )


def button(act: Action, target: str, field: str) -> str:
    """One of the buttons of a card, which puts the new card in its own place."""
    look = f'class="btn btn--s{" btn--quiet" if act.quiet else ""}"'
    words = (
        (icon(act.icon, " icon--s") if act.icon else "")
        + escape(act.word)
        + (f' <span class="btn__price">· {escape(act.price)}</span>' if act.price else "")
    )
    if not act.posts:
        return f'<a {look} href="{escape(act.url)}" data-act="{act.slug}">{words}</a>'
    return (
        f'{_form(act, target)} hx-disabled-elt="find button">{field}{_prices(act)}'
        f'<button type="submit" {look} data-act="{act.slug}">{words}</button></form>'
    )


def menu(shown: Card, field: str) -> str:
    """What else may be done."""
    code = shown.job.code
    return (
        f'<button class="btn btn--quiet btn--icon btn--xs job__dots push" type="button" popovertarget="menu-{code}"'
        f' aria-label="More about {cut(shown.label, 60)}" data-act="menu">{icon("ellipsis", " icon--s")}</button>\n'
        f'  <div class="menu" id="menu-{code}" popover>'
        + "".join(_item(act, shown.id, field) for act in job_actions.menu(shown))
        + (f'<p class="menu__note">{escape(shown.menu_note)}</p>' if shown.menu_note else "")
        + "</div>"
    )


def _item(act: Action, target: str, field: str) -> str:
    word = escape(act.word)
    if not act.posts:
        return f'<a class="menu__item" href="{escape(act.url)}">{icon(act.icon or "info")}{word}</a>'
    return (
        f"{_form(act, target)}>{field}{_prices(act)}"
        f'<button type="submit" class="menu__item" data-act="{act.slug}">{icon(act.icon)}{word}</button></form>'
    )


def _form(act: Action, target: str) -> str:
    url = escape(act.url)
    return f'<form method="post" action="{url}" hx-post="{url}" hx-ext="live" hx-target="#{target}" hx-swap="live"'


def _prices(act: Action) -> str:
    return paid.prices_field() if act.is_paid else ""


def ruler(shown: TimeRuler) -> str:
    """The time ruler; the markup is explained in ruler.css."""
    label = escape(shown.label)
    if shown.kind == "open":
        return f'<div class="ruler ruler--open" role="progressbar" aria-label="{label}"></div>'
    band = now = legend = ""
    if shown.band_width:
        band = f'<rect class="ruler__band" x="{shown.band}" width="{shown.band_width}" height="4"/>'
    if shown.kind == "full":
        now = '<rect class="ruler__now" width="1000" height="4"/>'
    elif shown.kind == "time":
        steps = ";".join(str(shown.now + (UNITS - shown.now) * step // STEPS) for step in range(STEPS + 1))
        now = "".join(
            f'<rect class="ruler__now ruler__now--{name}" width="{shown.now}" height="4"><animate attributeName="width"'
            f' {way} begin="0.1s" dur="{shown.seconds_left}" fill="freeze"/></rect>'
            for name, way in (
                ("moves", f'from="{shown.now}" to="{UNITS}"'),
                ("steps", f'values="{steps}" calcMode="discrete"'),
            )
        )
    if shown.kind == "late":
        legend = '<p class="ruler__legend"><span>longer than usual, still being checked</span></p>'
    elif shown.legend:
        legend = f'<p class="ruler__legend {shown.at}"><span>{escape(shown.legend)}</span></p>'
    kind = "" if shown.kind == "time" else f" ruler--{shown.kind}"
    return (
        f'<svg class="ruler{kind}" viewBox="0 0 1000 4" preserveAspectRatio="none" role="img" aria-label="{label}">'
        f"{band}{now}</svg>{legend}"
    )


def cut(text: str, most: int) -> str:
    """The text, escaped, with an ellipsis where it is longer."""
    if len(text) > most:
        end = most - 1
        while end and unicodedata.combining(text[end]):  # it belongs to the letter before
            end -= 1
        text = f"{text[:end]}…"
    return escape(text)
