"""Mark up: marks on a source, each with its words, sent as an edit with the marked copy beside the clean source."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from studio import tasks
from studio.codes import read_code
from studio.forms.create import draft, rules
from studio.forms.create.asked import last_settings, recent
from studio.forms.create.compose import ComposeForm
from studio.forms.create.dock import dollars
from studio.forms.edits import marks
from studio.forms.files.at_hand import Trouble
from studio.forms.spend import prices
from studio.luma import capabilities, pricing
from studio.models import Draft, Picture, Submission, User
from studio.models.account import rights
from studio.models.submission import MOST_AT_ONCE, JustMade, NotPlaced
from studio.views import updates
from studio.views.create.page import anchor
from studio.views.permissions import makers_only
from studio.views.pictures import gone_meanwhile
from studio.views.request import HtmxRequest, viewer
from studio.views.team.approvals import may_ask_first

INPUTS = 2  # the source and the marked copy


@dataclass(frozen=True, slots=True)
class Choices:
    """The model and count to show, and what that costs."""

    model: str
    count: int

    @property
    def price(self) -> str:
        unit = pricing.price("image_edit", self.model, INPUTS)
        return "" if unit is None else dollars(unit * self.count)

    @property
    def breakdown(self) -> str:
        tariff = pricing.tariffs().get(self.model)
        unit = pricing.price("image_edit", self.model, INPUTS)
        if tariff is None or unit is None:
            return ""
        each = tariff.each_input * pricing.UNIT
        return f"{self.count} × ${unit}: ${tariff.base * pricing.UNIT} each, the source and the marks +${each:.3f} each"


@require_http_methods(["GET", "HEAD", "POST"])
@makers_only
@may_ask_first
def mark_up(request: HtmxRequest, code: uuid.UUID) -> HttpResponse:
    """Show a picture to draw marks on (with `again`, those of a marked copy), or send the edit."""
    person = viewer(request)
    source = get_object_or_404(Picture.objects.visible_to(person).for_tiles(), code=code)
    if source.is_split:
        raise Http404
    if request.method == "POST":
        return _send(request, source, person)
    copy = _copy(request.GET, person)
    shown = marks.Marked.again(copy, source) if copy else marks.Marked()
    return render(
        request, "edits/marks.html", _context(source, shown, _choices(request.GET, person), person) | {"copy": copy}
    )


def _send(request: HtmxRequest, source: Picture, person: User) -> HttpResponse:
    """Place the edit once, however often the form comes; what is wrong is said in one answer."""
    choices = _choices(request.POST, person)
    try:
        asked = marks.Marked.read(request.POST, source)
    except Trouble as trouble:
        return _refused(request, _context(source, marks.Marked(), choices, person), [trouble.sentence], trouble.status)
    context = _context(source, asked, choices, person) | {"token": request.POST.get("token", "")}
    if asked.problems:
        return _refused(request, context, asked.problems)
    if request.POST.get("act") == "read":
        return render(request, "edits/marks.html", context | {"reads": asked.prompt})
    form = marks.compose_form(asked, request.POST, source, person)
    if not form.is_valid():
        return _refused(request, context | {"token": uuid.uuid4()}, form.dock.problems)
    known = Submission.objects.filter(person=person, token=form.cleaned_data["token"]).first()
    if known:
        # The marked copy is drawn anew each time, so only the words say whether it is the same.
        messages.info(request, updates.said_again(known, is_same=known.prompt == form.spec().prompt))
        return _placed(request, known)
    try:
        copy = marks.draw(asked, source, person, timezone.now())
    except Trouble as trouble:
        return _refused(request, context, [trouble.sentence], trouble.status)
    form = marks.compose_form(asked, request.POST, source, person, [copy])
    if not form.is_valid():
        return _refused(request, context, form.dock.problems)
    return _place(request, form, context)


def _place(request: HtmxRequest, form: ComposeForm, context: dict[str, Any]) -> HttpResponse:
    try:
        submission, _ = form.place(timezone.now())
    except NotPlaced:
        return _refused(request, context | {"is_over_budget": form.is_over_budget}, form.dock.problems)
    except JustMade:
        return _refused(request, context | {"asks_again": True}, [rules.WORDS["same_again"]])
    tasks.wake_conductor()
    return _placed(request, submission)


def _placed(request: HtmxRequest, submission: Submission) -> HttpResponse:
    where = f"{reverse('studio:create')}#{anchor(submission)}"
    return HttpResponse(status=204, headers={"HX-Redirect": where}) if request.htmx else redirect(where)


def _refused(request: HtmxRequest, context: dict[str, Any], problems: list[str], status: int = 422) -> HttpResponse:
    """Say why not: to the script as plain words, which keeps its marks, else on the page."""
    if request.htmx:
        headers = {"Asks-Again": "on"} if context.get("asks_again") else {}
        if context.get("is_over_budget"):
            headers["Over-Budget"] = "on"
        if request.POST.get("prices") != prices.stamp():
            # The page goes on with the prices of now.
            headers["Studio-Prices"] = json.dumps(
                {"stamp": prices.stamp(), "prices": context["page_data"]["rules"]["prices"]}
            )
        plain = "text/plain; charset=utf-8"
        return HttpResponse("\n".join(problems), status=status, content_type=plain, headers=headers)
    return render(request, "edits/marks.html", context | {"problems": problems}, status=status)


def _copy(query: QueryDict, person: User) -> Picture | None:
    code = read_code(query.get("again", ""))
    marked = Picture.objects.visible_to(person).filter(origin=Picture.Origin.MARKED)
    return marked.filter(code=code).first() if code else None


def _choices(asked: QueryDict, person: User) -> Choices:
    """What the form says, else what the person chose for edits in the dock."""
    known = Draft.objects.filter(person=person).first()
    kept = draft.cleaned(known.content) if known else None
    first = draft.first_choices("image_edit", (kept or draft.EMPTY)["choices"], last_settings(recent(person)))
    model = asked.get("model", "")
    count = asked.get("count", "")
    is_count = count.isascii() and count.isdigit() and len(count) < 4 and 1 <= int(count) <= MOST_AT_ONCE
    allowed = rights.models_of(person, capabilities.models())
    model = next(name for name in (model, first["model"], *allowed) if name in allowed)
    return Choices(model, int(count) if is_count else 1)


def _context(source: Picture, shown: marks.Marked, choices: Choices, person: User) -> dict[str, Any]:
    return {
        "source": source,
        "shown": shown,
        "choices": choices,
        "models": rights.models_of(person, capabilities.models()),
        "most_at_once": MOST_AT_ONCE,
        "most_words": marks.MOST_WORDS,
        "token": uuid.uuid4(),
        "page_data": {
            **shown.data,
            "most": marks.MOST_MARKS,
            "most_points": marks.MOST_POINTS,
            "words": marks.WORDS,
            "rules": rules.table_for(person),
            "inputs": INPUTS,
        },
        "page": "pictures",
        **gone_meanwhile.ask(source),
    }
