"""Edit one layer and put it back: which edits of a layer there are, and the one that takes its place, cut to its outline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction

from studio import imaging
from studio.forms.files.at_hand import Trouble, at_hand
from studio.forms.storing import store
from studio.models import Input, Job, Picture, Submission, User
from studio.models.pictures.layers import Placed

MOST_VERSIONS = 12  # of each layer, the newest
MOST_LOOKED_AT = 200  # of all layers of a split
BUSY = "Studio is busy with other pictures. Try again in a moment; the layer stays as it is."
PRIVATE = "This edit is private, and the team sees this split. Show the edit to the team first."
GONE = "The file of the layer or of its edit is missing, so it can't be put in place. Tell an admin."


@dataclass(slots=True)
class Versions:
    """What may stand in a layer's place: its edits, the oldest first, and how many are still being made."""

    edits: list[Picture] = field(default_factory=list)
    under_way: int = 0
    # The edit that the layer shows now; None for what Luma made.
    shown: Picture | None = None


def versions(layers: Iterable[Placed], person: User) -> dict[int, Versions]:
    """Return the versions of each layer that a person may see, by its position, in a fixed number of queries.

    An edit of a layer may have been made of the layer itself, or of another edit that stood in its place.
    """
    placed = list(layers)
    by_own = {layer.own.pk: layer.position for layer in placed}
    contents = Picture.objects.filter(layer_of__in=by_own).values_list("pk", "layer_of", "kept_from")
    rows = list(contents.order_by("-pk")[:MOST_LOOKED_AT])
    position_of = by_own | {pk: by_own[own] for pk, own, _ in rows if own is not None}
    edit_of = {pk: edit for pk, _, edit in rows}
    found = {layer.position: Versions() for layer in placed}
    sources = Input.objects.filter(role=Input.Role.SOURCE, picture__in=position_of)
    edits = sources.filter(submission__type=Submission.Type.EDIT).order_by("-submission")[:MOST_LOOKED_AT]
    position_by_submission = {
        sent: position_of[picture] for sent, picture in edits.values_list("submission", "picture")
    }
    size_of = {layer.position: (layer.own.width, layer.own.height) for layer in placed}
    pictures = Picture.objects.visible_to(person).filter(
        job__submission__in=position_by_submission, shown_at__isnull=False
    )
    for picture in pictures.for_tiles().order_by("-pk")[:MOST_LOOKED_AT] if position_by_submission else ():
        if picture.job is None:
            continue
        position = position_by_submission[picture.job.submission_id]
        # With parts of an edit kept it is a version too; a cut of it has another shape and is none.
        if not picture.is_kept or (picture.width, picture.height) == size_of[position]:
            found[position].edits.insert(0, picture)
    jobs = (
        Job.objects.visible_to(person).in_progress().filter(submission__in=position_by_submission)
        if position_by_submission
        else None
    )
    for submission in jobs.values_list("submission", flat=True) if jobs is not None else ():
        found[position_by_submission[submission]].under_way += 1
    for layer in placed:
        mine = found[layer.position]
        if layer.is_edited:
            mine.shown = next((one for one in mine.edits if one.pk == edit_of.get(layer.picture.pk)), None)
        newest = mine.edits[-MOST_VERSIONS:]
        # What stands there is among them, however many came after it.
        is_older = mine.shown is not None and mine.shown not in newest
        mine.edits = [mine.shown, *newest[1:]] if mine.shown and is_older else newest
    return found


def content(layer: Placed, edit: Picture, person: User, now: datetime) -> Picture:
    """Return an edit of a layer as what takes its place, made where it is not there yet. Raises `Trouble`."""
    if edit.is_private and not layer.own.is_private:
        raise Trouble(PRIVATE, 422)
    known = Picture.objects.filter(layer_of=layer.own, kept_from=edit).first()
    if known:
        return known
    with at_hand(layer.own, edit, busy=BUSY, gone=GONE) as (folder, [own, after]):
        made = imaging.put_back(own, after, folder)
        stored = store(made, now)
        try:
            with transaction.atomic():
                picture = Picture.objects.create(
                    origin=Picture.Origin.LAYER,
                    person=person,
                    kept_from=edit,
                    layer_of=layer.own,
                    is_private=edit.is_private,
                    is_of_private=edit.is_private,
                    original_name=layer.label,
                    source_type=edit.marked_as,
                    **stored.fields,
                )
                stored.add_copies(picture)
        except IntegrityError as problem:
            # Somebody put the same there at this moment.
            found = Picture.objects.filter(kept_from=edit, layer_of=layer.own, sha256=made.sha256).first()
            if found is None:
                raise Trouble(BUSY, 503) from problem
            return found
    return picture
