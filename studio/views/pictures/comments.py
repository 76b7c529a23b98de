"""What people say about a picture: beside it, on a page of its own without script, and at its spots."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio.codes import of_form, read_code
from studio.models import Comment, Picture, Revision, User
from studio.models.opinions.comment import DELETED_MEANWHILE, NO_SPOT, EditedMeanwhile, who_sees
from studio.models.opinions.comment_threads import EARLIER, MOST_REPLIES, MOST_THREADS, PEOPLE, REPLIES, THREADS
from studio.views import updates
from studio.views.pictures.comment_rows import Said
from studio.views.request import HtmxRequest, viewer

MOST_COUNTED = 999
MOST_OFFERED = 200  # people
LONGEST_NUMBER = 20  # characters of a coordinate
DELETED = "Comment deleted."
GONE_ALREADY = "Somebody deleted this comment already."
GONE = "What you answer was deleted, or is on another picture. Send it as a comment of its own."


@dataclass(slots=True)
class Talk:
    """The threads of a picture, the newest MOST_THREADS before `before`, in the order of time."""

    picture: Picture
    viewer: User
    since: int
    count: int
    threads: list[Said]
    # The thread before which there are earlier ones.
    earlier: Comment | None = None

    @classmethod
    def of(cls, picture: Picture, person: User, *, before: Comment | None = None) -> Talk:
        since = Revision.current()  # first: what comes while this is read is new to the page
        every = Comment.objects.filter(picture=picture)
        found = EARLIER(picture.pk, before.created_at, before.pk) if before else THREADS(picture.pk)
        threads = {one.pk: Said(one, person) for one in reversed(found[:MOST_THREADS])}
        if not threads and before is None:
            return cls(picture, person, since, 0, [])  # the first of a thread keeps its place when it is deleted
        answers = REPLIES(list(threads)) if threads else []
        for one in reversed(answers):
            threads[one.thread_id or 0].replies.append(Said(one, person))
        for thread in threads.values():
            for said in (thread, *thread.replies):
                said.comment.picture = picture
        is_all = before is None and len(found) <= MOST_THREADS and len(answers) < MOST_REPLIES
        read = [*threads.values(), *(said for thread in threads.values() for said in thread.replies)]
        standing = sum(not said.comment.deleted_at for said in read)
        count = standing if is_all else every.standing()[: MOST_COUNTED + 1].count()
        more = found[MOST_THREADS - 1] if len(found) > MOST_THREADS else None
        return cls(picture, person, since, count, list(threads.values()), more)

    @property
    def open(self) -> list[Said]:
        return [one for one in self.threads if not one.comment.is_resolved]

    @property
    def resolved(self) -> list[Said]:
        return [one for one in self.threads if one.comment.is_resolved]

    @property
    def pins(self) -> list[Said]:
        return [one for one in self.open if one.comment.pin and not one.comment.deleted_at]

    @property
    def number(self) -> str:
        return f"{MOST_COUNTED}+" if self.count > MOST_COUNTED else str(self.count) if self.count else ""


@dataclass(slots=True)
class Draft:
    """What the form holds: a comment not yet sent, an answer to a thread, or other words for a comment."""

    text: str = ""
    reply_to: Comment | None = None
    edited: Comment | None = None
    x: str = ""
    y: str = ""
    error: str = ""
    was: str = ""  # the words that are to be changed
    once: uuid.UUID = field(default_factory=uuid.uuid4)


def beside(picture: Picture, person: User) -> dict[str, Any]:
    """Return what the page of a picture shows of its comments, and what its pulse asks for."""
    talk = Talk.of(picture, person)
    return {"talk": talk, "draft": Draft(), "since": talk.since, "ask": f"code={picture.code}"}


def update(request: HtmxRequest, since: int) -> str:
    """Return the comments of the picture that a page shows, if one of them changed, for the pulse."""
    code = read_code(request.GET.get("code", ""))
    if code is None:
        return ""
    picture = Picture.objects.visible_to(viewer(request)).filter(code=code).first()
    if picture is None or not Comment.objects.filter(picture=picture, rev__gt=since).exists():
        return ""
    return _parts(request, picture)


@require_http_methods(["GET", "HEAD", "POST"])
def comments(request: HtmxRequest, code: uuid.UUID) -> HttpResponse:
    """Show what is said about a picture, on a page of its own, and take what is sent (POST)."""
    person = viewer(request)
    picture = get_object_or_404(Picture.objects.visible_to(person).select_related("job__submission"), code=code)
    if request.method == "POST":
        return _say(request, picture)
    draft, at = Draft(reply_to=_of(picture, request.GET.get("reply", ""))), request.GET.get("edit", "")
    if (edited := _of(picture, at)) and edited.may_edit(person):
        draft = Draft(text=edited.text, edited=edited, was=edited.text)
    return _page(request, picture, draft)


def _say(request: HtmxRequest, picture: Picture) -> HttpResponse:
    sent = request.POST
    draft = Draft(sent.get("text", ""), x=sent.get("x", ""), y=sent.get("y", ""))
    try:
        if sent.get("reply_to"):
            draft.reply_to = _of(picture, sent["reply_to"])
            if draft.reply_to is None:
                raise ValidationError(GONE)
        x, y = _coordinate(draft.x), _coordinate(draft.y)
        # htmx sends one at a time, and its page keeps the form. Without a script a second click sends the first again.
        person, once = viewer(request), None if request.htmx else read_code(sent.get("once", ""))
        code = of_form(once, f"comment of {person.pk}") if once else None
        said = Comment.objects.say(picture, draft.text, by=person, x=x, y=y, reply_to=draft.reply_to, code=code)
    except ValidationError as refused:
        return _refused(request, picture, draft, refused)
    return _answer(request, said)


def _coordinate(text: str) -> float | None:
    """Read per cent; "" is none. Raises ValidationError."""
    if not text.strip():
        return None
    try:
        return float(text[:LONGEST_NUMBER])
    except ValueError:
        raise ValidationError(NO_SPOT) from None


@require_POST
def edit_comment(request: HtmxRequest, code: uuid.UUID) -> HttpResponse:
    """Change the words of one's own comment."""
    found = _visible(request, code)
    text, person = request.POST.get("text", ""), viewer(request)
    if found.deleted_at and found.person_id == person.pk:
        return _refused(request, found.picture, Draft(text), ValidationError(DELETED_MEANWHILE))
    if not found.may_edit(person):
        raise PermissionDenied
    draft = Draft(text, edited=found, was=request.POST.get("was", found.text))
    try:
        found.edit(text, now=timezone.now(), was=draft.was)
    except ValidationError as refused:
        if isinstance(refused, EditedMeanwhile):  # which the answer shows: the next try may replace them
            found.refresh_from_db(fields=["text"])
            draft.was = found.text
        return _refused(request, found.picture, draft, refused)
    return _answer(request, found)


@require_POST
def delete_comment(request: HtmxRequest, code: uuid.UUID) -> HttpResponse:
    """Take a comment away (state=on), one's own or as an admin, or bring it back (state=off)."""
    person, found = viewer(request), _visible(request, code)
    if request.POST.get("state") == "off":
        if found.deleted_at is not None:
            if not found.may_restore(person):
                raise PermissionDenied
            found.restore()
        return _answer(request, found)
    if found.deleted_at is not None:
        return _answer(request, found, toast=GONE_ALREADY)
    if not found.may_delete(person):
        raise PermissionDenied
    found.delete_by(person, now=timezone.now())
    return _answer(request, found, toast=DELETED, undo=reverse("studio:delete_comment", args=[found.code]))


@require_POST
def resolve_comment(request: HtmxRequest, code: uuid.UUID) -> HttpResponse:
    """Say that a thread is done with (state=on), or that it is not (state=off): anybody who sees it."""
    found = _visible(request, code)
    if request.POST.get("state") == "off":
        if found.is_resolved:
            found.reopen()
    else:
        found.resolve(viewer(request), now=timezone.now())
    return _answer(request, found)


@require_safe
def offer_people(request: HtmxRequest, code: uuid.UUID) -> HttpResponse:
    """List the people who may be named in a comment on a picture: those who see it."""
    picture = get_object_or_404(Picture.objects.visible_to(viewer(request)), code=code)
    people = list(User.objects.filter(is_active=True).order_by("name", "pk")[:MOST_OFFERED])
    if picture.is_private:
        people = who_sees(picture, [picture.person_id])
    return render(request, "pictures/_talk.html#people", {"people": people})


# ---- Answers


def _visible(request: HtmxRequest, code: uuid.UUID) -> Comment:
    """Return a comment on a picture that the person sees."""
    seen = Picture.objects.visible_to(viewer(request)).values("pk")
    return get_object_or_404(Comment.objects.select_related("picture", *PEOPLE), code=code, picture__in=seen)


def _of(picture: Picture, text: str) -> Comment | None:
    code = read_code(text)
    found = Comment.objects.select_related(*PEOPLE, "thread").filter(picture=picture, code=code) if code else None
    return found.first() if found is not None else None


def _answer(request: HtmxRequest, comment: Comment, *, toast: str = "", undo: str = "") -> HttpResponse:
    if not request.htmx:
        return redirect(comment)
    said = updates.toast(request, toast, undo=undo, target="talk") if toast else ""
    return HttpResponse(_parts(request, comment.picture) + said)


def _refused(request: HtmxRequest, picture: Picture, draft: Draft, refused: ValidationError) -> HttpResponse:
    draft.error = " ".join(refused.messages)
    if request.htmx:
        if not draft.edited:
            return render(request, "pictures/_talk.html#error", {"draft": draft}, status=422)
        return HttpResponse(_parts(request, picture, draft), status=422)
    return _page(request, picture, draft, status=422)


def _page(request: HtmxRequest, picture: Picture, draft: Draft, *, status: int = 200) -> HttpResponse:
    before = _of(picture, request.GET.get("before", ""))
    if request.GET.get("before") and (before is None or before.thread_id):
        raise Http404
    talk = Talk.of(picture, viewer(request), before=before)
    context = {"picture": picture, "talk": talk, "draft": draft, "before": before, "page": "other", "since": talk.since}
    return render(request, "pictures/comments.html", context, status=status)


def _parts(request: HtmxRequest, picture: Picture, draft: Draft | None = None) -> str:
    context = {"talk": Talk.of(picture, viewer(request)), "picture": picture, "draft": draft or Draft()}
    return render_to_string("pictures/_talk.html#parts", context, request)
