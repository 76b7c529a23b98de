"""The looks page: cards of what a person may use, and the editor of one of them."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Case, Q, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio.codes import read_code
from studio.forms.create.compose import ComposeForm
from studio.forms.create.look import LookForm, whole_number
from studio.models import Job, Look, LookVersion, Picture
from studio.models.looks.look import LookQuerySet
from studio.models.review import others_work
from studio.models.search.folded import says
from studio.text import look_text, names
from studio.text.names import isolated
from studio.views import left_out
from studio.views.permissions import NotYours, makers_only
from studio.views.request import LONGEST_SEARCH, HtmxRequest, viewer

PAGE = 48
MOST_PAGES = 200
MOST_VERSIONS = 40
WHOSE = ("team", "mine")
MOST_OFFERED = 8
# Pictures made with a look among which its example is chosen.
MOST_EXAMPLES = 6
NOT_YOURS = "Only {name} can change this look. Save it as your own."
SAVED, UNCHANGED = "Saved as v{number}.", "Saved."
MADE = "{name} is made. Type #{tag} in a prompt to use it."
NOT_BACK = (
    "{name} could not be brought back: its name and nine like it are taken. Make a new look from one of its pictures."
)
DELETED, BROUGHT_BACK = "{name} is deleted. Pictures made with it keep it.", "{name} is back, as #{tag}."


@require_safe
def looks(request: HtmxRequest) -> HttpResponse:
    """Show the looks that the person may use, the last saved first."""
    return _library(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@makers_only
def new_look(request: HtmxRequest) -> HttpResponse:
    """Show an empty editor, or one that begins with pictures (?picture=), and store what it holds (POST)."""
    person = viewer(request)
    if request.method != "POST":
        return _library(request, LookForm.begun_with(person, request.GET.getlist("picture")))
    return _sent(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def look(request: HtmxRequest, code: uuid.UUID) -> HttpResponse:
    """Show a look in its editor, or an older version of it (?version=), and save the next version (POST)."""
    person = viewer(request)
    seen = Look.objects.visible_to(person).select_related("person", "current")
    shown = get_object_or_404(seen, code=code)
    if request.method == "POST":
        if not shown.may_change(person):
            raise NotYours(NOT_YOURS.format(name=isolated(shown.person.name)))
        return _sent(request, shown)
    number = whole_number(request.GET.get("version", ""), otherwise=0)
    versions = LookVersion.objects.with_references().filter(look=shown)
    version = versions.filter(number=number).first() or versions.order_by("-number").first()
    return _library(request, LookForm(person, look=shown, version=version), version)


def _sent(request: HtmxRequest, edited: Look | None) -> HttpResponse:
    person, now = viewer(request), timezone.now()
    form = LookForm.sent(person, request.POST, request.FILES, look=edited, now=now)
    if request.POST.get("act") != "save":
        return _library(request, form, status=200)
    before = form.seen
    saved = form.save(now=now)
    if saved is None:
        return _library(request, form, status=422)
    if edited is None:
        messages.success(request, MADE.format(name=isolated(saved.name), tag=saved.tag))
    else:
        number = saved.current.number if saved.current else before
        messages.success(request, UNCHANGED if number == before else SAVED.format(number=number))
    return redirect(saved)


@require_POST
@makers_only
def delete_look(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Take a look away (state=on), or bring it back (state=off): by its owner, a team's look by an admin too."""
    person = viewer(request)
    found = get_object_or_404(Look.objects.select_related("person"), code=code)
    if not found.may_delete(person):
        if found.is_team or found.person_id == person.pk:
            raise PermissionDenied
        raise Http404
    if request.POST.get("state") == "off":
        with transaction.atomic():
            if done := found.restore():
                address = found.get_absolute_url()
                others_work.tell(found.person, "brought back your look", found.name, address, by=person)
        if not done and found.deleted_at:
            messages.error(request, NOT_BACK.format(name=isolated(found.name)))
            return redirect("studio:looks")
        messages.success(request, BROUGHT_BACK.format(name=isolated(found.name), tag=found.tag))
        return redirect(found)
    undo = f"{reverse('studio:looks')}?{urlencode({'deleted': str(found.code)})}"
    with transaction.atomic():
        if found.delete_for_now(now=timezone.now()):
            others_work.tell(found.person, "deleted your look, which you can bring back", found.name, undo, by=person)
    return redirect(undo)


# ---- For the dock


@require_safe
@makers_only
def offer_looks(request: HttpRequest) -> HttpResponse:
    """List the looks whose tag begins with, or whose name has, what is typed behind # (?q=)."""
    query = request.GET.get("q", "")[:LONGEST_SEARCH]
    found = _searched(Look.objects.visible_to(viewer(request)), query)
    # What the tag means to the person comes first (LookQuerySet.named).
    tag = look_text.tag_of(query.lstrip("#"))
    meant = Case(When(tag=tag, is_team=False, then=0), When(tag=tag, then=1), default=2)
    offered = found.order_by(meant, "-saved_at", "-pk").with_references()[:MOST_OFFERED]
    return render(request, "create/_look_offer.html", {"looks": offered, "options": "q" in request.GET})


@require_POST
@makers_only
def dock_look(request: HttpRequest) -> HttpResponse:
    """Show what the look in the dock adds to what the dock holds now; with `whole`, its chip and its blanks too."""
    form = ComposeForm(request.POST, person=viewer(request))
    form.is_valid()  # which finds its pictures and its look
    if not request.POST.get("look"):
        form.look_version = None  # the page chooses what is typed by itself
    return render(request, "create/_look.html", {"dock": form.dock, "whole": "whole" in request.POST})


# ---- The page


def _library(
    request: HtmxRequest, form: LookForm | None, version: LookVersion | None = None, *, status: int = 200
) -> HttpResponse:
    context: dict[str, object] = {"form": form, "page": "looks"}
    if form:
        context |= _editor(request, form, version)
        if request.htmx and not request.htmx.boosted:
            return render(request, "create/_look_editor.html", context, status=status)
    person = viewer(request)
    seen = Look.objects.visible_to(person)
    whose, query = request.GET.get("whose", ""), request.GET.get("q", "")[:LONGEST_SEARCH]
    at = min(whole_number(request.GET.get("page", ""), otherwise=0), MOST_PAGES)
    chosen = {"team": seen.team(), "mine": seen.mine(person)}.get(whose, seen)
    shown = _searched(chosen, query).newest_first().with_references()
    page = list(shown[at * PAGE : (at + 1) * PAGE + 1])
    used = LookVersion.numbers(LookVersion.objects.filter(look__in=page), person)
    for one in page:
        one.__dict__["used"] = used.get(one.pk, 0)
    every, mine = seen.count(), seen.mine(person).count()
    deleted = _deleted(request)
    context |= {
        "looks": page[:PAGE],
        "next": at + 1 if len(page) > PAGE else None,
        "whose": whose if whose in WHOSE else "",
        "query": query,
        "counts": {"every": every, "team": every - mine, "mine": mine},
        "left_out": left_out.choices(request.GET, {"whose": ("Whose", WHOSE)})
        + left_out.long_search(request.GET.get("q", "")),
        "deleted": deleted,
        "deleted_words": DELETED.format(name=isolated(deleted.name)) if deleted else "",
    }
    return render(request, "create/looks.html", context, status=status)


def _editor(request: HtmxRequest, form: LookForm, version: LookVersion | None) -> dict[str, object]:
    look, person = form.look, viewer(request)
    current = look.current if look else None
    made: list[Picture] = []
    if current:
        # By the latest submissions: a look that was used very often costs no more.
        latest = list(
            current.submissions.visible_to(person).order_by("-pk").values_list("pk", flat=True)[: 2 * MOST_EXAMPLES]
        )
        jobs = Job.objects.filter(submission__in=latest, state=Job.State.DONE).order_by("-pk")
        done = list(jobs.values_list("pk", flat=True)[:MOST_EXAMPLES])
        made = list(Picture.objects.made().filter(job__in=done, position=0).order_by("-pk").for_tiles())
    examples = [form.example, *(row.picture for row in form.rows), *made]
    return {
        "look": look,
        "version": version or current,
        "current": current,
        "is_older": bool(version and current and version.number != current.number),
        "may_change": look is None or look.may_change(person),
        "may_delete": look is not None and look.may_delete(person),
        "versions": look.versions.select_related("saved_by").order_by("-number")[:MOST_VERSIONS] if look else [],
        "examples": list(dict.fromkeys(one for one in examples if one))[: MOST_EXAMPLES + 1],
    }


def _searched(looks: LookQuerySet, query: str) -> LookQuerySet:
    words = query.replace("\x00", "").strip().removeprefix("#")
    return looks.filter(Q(tag__startswith=names.folded(words)) | says(words, "name")) if words else looks


def _deleted(request: HttpRequest) -> Look | None:
    """The look that was deleted just now, for its Undo."""
    code = read_code(request.GET.get("deleted", ""))
    found = Look.objects.exclude(deleted_at=None).filter(code=code).first() if code else None
    return found if found and found.may_delete(viewer(request)) else None
