"""The first page: what is being made, what was made, and the dock that asks for more."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from studio import tasks
from studio.codes import read_code
from studio.forms.create import dock_board, dock_budget
from studio.forms.create.compose import ComposeForm
from studio.forms.create.rules import WORDS
from studio.forms.spend import prices
from studio.luma.pricing import price
from studio.models import Batch, Submission
from studio.models.boards import dock_memory
from studio.models.submission import JustMade, NotPlaced
from studio.views import errors, left_out, updates
from studio.views.create import feed
from studio.views.gallery.page import Cursor
from studio.views.jobs import failure_strip
from studio.views.jobs.card_builder import CardBuilder
from studio.views.permissions import makers_only
from studio.views.request import HtmxRequest, viewer
from studio.views.team import approval_strip
from studio.views.team.approvals import may_ask_first


@dataclass(frozen=True, slots=True)
class Example:
    """A first prompt to try: choosing it fills the dock, nothing is sent."""

    prompt: str
    ratio: str
    shape: str
    picture: str

    @property
    def price(self) -> Decimal | None:
        """What it costs today, in dollars."""
        return price("image", "uni-1", 0)

    @property
    def url(self) -> str:
        return f"{reverse('studio:create')}?{urlencode({'prompt': self.prompt, 'ratio': self.ratio})}"


EXAMPLES = (
    Example(
        "A whitewashed courtyard at noon, three arches, a red sphere on the terrace, still water in front",
        "3:2",
        "r-3x2",
        "sign-in/first-courtyard.webp",
    ),
    Example(
        "Concert poster, concentric red rings on warm paper, strict Swiss grid, small black type",
        "2:3",
        "r-2x3",
        "sign-in/first-poster.webp",
    ),
    Example(
        "Dahlia seen from above, every petal folded from paper, dark green background",
        "1:1",
        "r-1x1",
        "sign-in/first-dahlia.webp",
    ),
)
# Submissions that a screen shows at once. Tiles of their own among them are the largest pictures of the page: they are
# fetched before the many small ones of groups.
SEEN_AT_ONCE = 12


@require_safe
def create(request: HtmxRequest) -> HttpResponse:
    """Show the feed and the dock; with `after` and htmx only the older pictures that follow. A viewer goes to the gallery."""
    if not viewer(request).can_make:
        if request.GET and not request.htmx:
            # Something was asked for, on a page that is older than the role: the way to the gallery would say nothing.
            messages.error(request, " ".join(errors.VIEWER.values()))
        return redirect("studio:gallery")
    scope, after = feed.Scope.of(request), _last_seen(request)
    if request.htmx and after and not request.htmx.boosted:
        return _older(request, scope, after)
    return _page(request, scope, ComposeForm.from_query(request), after=after)


@require_POST
@makers_only
@may_ask_first
def submit(request: HtmxRequest) -> HttpResponse:
    """Take what the dock asks for, once: the same token again finds the first submission."""
    form = ComposeForm(request.POST, request.FILES, person=viewer(request))
    is_valid = form.is_valid()
    if request.POST.get("draft") == "alone":
        # Nothing is asked for: a page without script closes the note about the draft before.
        form.keep_draft(timezone.now(), alone=True)
        return redirect("studio:create")
    if not is_valid:
        return _refused(request, form)
    is_other_board = dock_memory.remember(viewer(request), form.goes_to)
    if form.many and form.many.is_list:
        return _many(request, form)
    try:
        submission, fresh = form.place(timezone.now())
    except (NotPlaced, JustMade):
        return _refused(request, form)
    tasks.wake_conductor()
    is_forced = submission.is_private and not form.spec().is_private
    again = (
        (WORDS["private_because"] if is_forced else "")
        if fresh
        else updates.said_again(submission, is_same=submission.asks_for(form.spec()))
    )
    if not request.htmx:
        form.keep_draft(timezone.now())
        for note in form.notes:
            messages.warning(request, note)
        if again:
            messages.info(request, again)
        return redirect(f"{reverse('studio:create')}#{anchor(submission)}")
    said = updates.submitted(request, submission, again=again or " ".join(form.notes))
    if is_other_board:
        boards = dock_board.offered(viewer(request), str(viewer(request).dock_board or ""))
        said += render_to_string("boards/_choice.html", {"boards": boards}, request)
    return HttpResponse(said)


def _many(request: HtmxRequest, form: ComposeForm) -> HttpResponse:
    """List what several combinations make and cost; once that was seen, make those that are checked."""
    # What was made with this token stays what it is, however the form looks now.
    batch = Batch.known(viewer(request), form.cleaned_data["token"])
    if batch is None:
        if form.needs_list:
            return _refused(request, form)
        try:
            batch, _ = form.place_many(timezone.now())
        except NotPlaced:
            return _refused(request, form)
        tasks.wake_conductor()
        for note in form.notes:
            messages.warning(request, note)
    else:
        messages.info(request, updates.MADE_ALREADY)
    if request.htmx:
        return HttpResponseClientRedirect(batch.get_absolute_url())
    form.keep_draft(timezone.now())
    return redirect(batch)


def _refused(request: HtmxRequest, form: ComposeForm) -> HttpResponse:
    """Say what has to change; whatever was typed or chosen stays as it is."""
    if request.htmx:
        return HttpResponse(render_to_string("create/_dock.html#answer", {"form": form}, request), status=422)
    form.keep_draft(timezone.now())
    return _page(request, feed.Scope(viewer(request)), form, status=422)


def _page(
    request: HtmxRequest, scope: feed.Scope, form: ComposeForm, *, after: Cursor | None = None, status: int = 200
) -> HttpResponse:
    # What the page has seen is noted before its queries: a change in between is shown twice rather than never.
    since, born = feed.seen()
    counts = feed.Counts.of(scope)
    scope = scope.collapsed(counts)
    page, more = feed.finished_page(scope, after)
    now = set() if after else set(feed.live_submissions(scope))
    builder = CardBuilder(scope.person, timezone.now())
    entries = builder.entries(scope, now.union(page))
    strip = "" if after or scope.show != "all" else failure_strip.strip(request, builder, scope, counts, upto=since)
    context = {
        "scope": scope,
        "now": [entry for entry in entries if entry.submission.pk in now],
        "entries": [entry for entry in entries if entry.submission.pk not in now],
        "at_once": SEEN_AT_ONCE,
        "strip": strip,
        "approvals": "" if after or scope.whose == "team" else approval_strip.strip(request, scope.person),
        "more": scope.query(after=more) if more else "",
        "counts": counts,
        "shows": updates.links(scope, counts),
        "is_first": not after and counts.every == 0 and scope.whose == "mine",
        "is_older": after is not None,
        "examples": EXAMPLES,
        "left": dock_budget.left(scope.person),
        "form": form,
        "left_out": left_out.choices(request.GET, {"whose": ("Whose", feed.WHOSE), "show": ("Show", feed.SHOW)}),
        "page": "create",
        "since": since,
        "born": born,
        "active": counts.progress,
        "ask": scope.query(),
        "stamp": prices.stamp(),
        # Counted already; the frame of a page of the team counts its viewer's own.
        **({} if scope.whose == "team" else {"in_progress": counts.progress}),
    }
    return render(request, "create/create.html", context, status=status)


def _older(request: HtmxRequest, scope: feed.Scope, after: Cursor) -> HttpResponse:
    scope = scope.collapsed(feed.Counts.of(scope))
    page, more = feed.finished_page(scope, after)
    entries = CardBuilder(scope.person, timezone.now()).entries(scope, page)
    context = {"entries": entries, "more": scope.query(after=more) if more else ""}
    return render(request, "create/create.html#older", context)


def _last_seen(request: HtmxRequest) -> Cursor | None:
    """Read where the page before ended; pages of an older version name its last submission. Raises Http404 for nonsense."""
    asked = request.GET.get("after", "")
    if code := read_code(asked):
        last = get_object_or_404(Submission.objects.visible_to(viewer(request)).only("created_at"), code=code)
        return Cursor(last.created_at, last.pk)
    return Cursor.parse(asked)


def anchor(submission: Submission) -> str:
    """The anchor of the submission: its own box, or that of its only job."""
    if submission.count == 1:
        return f"job-{submission.jobs.values_list('code', flat=True)[0]}"
    return f"submission-{submission.code}"
