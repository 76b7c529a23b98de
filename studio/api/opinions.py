"""Decisions, ratings, stars, tags and comments."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status

from studio.api import answers as tell
from studio.api.answering import answers, asker, needs
from studio.api.door import VIEWER, Refused
from studio.api.pictures import seen
from studio.api.schemas import CommentIn, CommentOut, CommentPage, DecisionIn, PictureOut, RatingIn, TagIn
from studio.models import Comment, Decision, Picture, Rating, Star, Tag, User

router = Router(tags=["Opinions"])

MOST_COMMENTS = 200


@router.put(
    "/pictures/{uuid:code}/decision", response=answers(200, PictureOut), auth=needs["decide"], url_name="decision"
)
def decide(request: HttpRequest, code: uuid.UUID, asked: DecisionIn) -> dict[str, Any]:
    """Decide on a picture, or take the decision back."""
    person = asker(request)
    Decision.make(seen(code, person), asked.verdict, by=person)
    return _told(code, request, person)


@router.put("/pictures/{uuid:code}/rating", response=answers(200, PictureOut), auth=needs["decide"], url_name="rating")
def rate(request: HttpRequest, code: uuid.UUID, asked: RatingIn) -> dict[str, Any]:
    """Rate a picture 1 to 5, or take the rating back with 0."""
    person = _maker(request)
    Rating.give(seen(code, person), asked.value, by=person)
    return _told(code, request, person)


@router.put("/pictures/{uuid:code}/star", response=answers(200, PictureOut), auth=needs["decide"], url_name="star")
def star(request: HttpRequest, code: uuid.UUID) -> dict[str, Any]:
    """Star a picture for yourself."""
    person = asker(request)
    Star.put(seen(code, person), person)
    return _told(code, request, person)


@router.delete("/pictures/{uuid:code}/star", response=answers(200, PictureOut), auth=needs["decide"], url_name="star")
def unstar(request: HttpRequest, code: uuid.UUID) -> dict[str, Any]:
    """Take your star away."""
    person = asker(request)
    Star.take(seen(code, person), person)
    return _told(code, request, person)


@router.post("/pictures/{uuid:code}/tags", response=answers(200, PictureOut), auth=needs["decide"], url_name="tags")
def tag(request: HttpRequest, code: uuid.UUID, asked: TagIn) -> dict[str, Any]:
    """Put a tag on a picture, or several with commas between them."""
    person = _maker(request)
    try:
        Tag.put_all(seen(code, person), asked.tag, by=person)
    except ValidationError as sorry:
        raise Refused(422, "invalid", sorry.messages[0], {"tag": sorry.messages}) from None
    return _told(code, request, person)


@router.delete("/pictures/{uuid:code}/tags", response=answers(200, PictureOut), auth=needs["decide"], url_name="tags")
def untag(request: HttpRequest, code: uuid.UUID, tag: Annotated[str, Query(..., max_length=200)]) -> dict[str, Any]:
    """Take a tag off a picture."""
    person = _maker(request)
    Tag.take(seen(code, person), tag)
    return _told(code, request, person)


@router.get(
    "/pictures/{uuid:code}/comments", response=answers(200, CommentPage), auth=needs["read"], url_name="comments"
)
def list_comments(request: HttpRequest, code: uuid.UUID) -> dict[str, Any]:
    """List the newest comments on a picture, in the order of time."""
    picture = seen(code, asker(request))
    rows = Comment.objects.filter(picture=picture).standing().select_related("person", "client", "thread")
    return {"items": tell.comments(reversed(rows.order_by("-created_at", "-pk")[:MOST_COMMENTS]))}


@router.post(
    "/pictures/{uuid:code}/comments", response=answers(201, CommentOut), auth=needs["decide"], url_name="comments"
)
def comment(request: HttpRequest, code: uuid.UUID, asked: CommentIn) -> Status[dict[str, Any]]:
    """Say something about a picture, at a spot of it or as a whole."""
    person = asker(request)
    picture = seen(code, person)
    standing = Comment.objects.standing().select_related("thread").filter(picture=picture)
    above = get_object_or_404(standing, code=asked.reply_to) if asked.reply_to else None
    try:
        said = Comment.objects.say(picture, asked.text, by=person, x=asked.x, y=asked.y, reply_to=above)
    except ValidationError as sorry:
        raise Refused(422, "invalid", sorry.messages[0], {"text": sorry.messages}) from None
    return Status(201, tell.comments([said])[0])


def _maker(request: HttpRequest) -> User:
    """Tags and ratings are not for viewers, who may decide where they are let."""
    person = asker(request)
    if not person.can_make:
        raise Refused(403, "no-right", VIEWER)
    return person


def _told(code: uuid.UUID, request: HttpRequest, person: User) -> dict[str, Any]:
    rows = Picture.objects.visible_to(person).select_related("job__submission")
    return tell.pictures([get_object_or_404(rows, code=code)], request)[0]
