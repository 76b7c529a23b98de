"""Tell which picture of the studio a file is, and what that one was asked for with."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from studio import embedding, storage
from studio.embedding import Said
from studio.forms.create.asked import settings_of
from studio.models import Picture, Submission, User
from studio.models.files.file_notes import picture_of

# The name of a download ends with the first part of the picture's code (views/media.py); a browser or a file manager
# adds a number or a word when that name is taken.
NAMED = re.compile(r"^studio-.*-([0-9a-f]{8})(?![0-9a-f])[^/]{0,20}\.\w+$", re.IGNORECASE)
# A copy in another format or size keeps the shape of its picture, but for the rounding of its pixels.
SAME_SHAPE = 0.01
MOST_SAME = 20  # rows with the same bytes that are looked at


@dataclass(frozen=True, slots=True)
class Recalled:
    """A picture in the tray that was made here, and the request that made it."""

    picture: Picture
    submission: Submission
    person: User

    @property
    def begins(self) -> str:
        """What the dock begins with (static/js/create/compose-dock.js)."""
        return json.dumps(settings_of(self.submission, self.person))


def by_content(path: Path, name: str, person: User) -> Picture | None:
    """Return the picture whose bytes the file has: one that was made here, or an upload of the person.

    One that was marked on its way out is known by what it was before. A layer of a split is none. As for every upload
    that is sent again, the name is the one of this file; not saved.
    """
    with path.open("rb") as file:
        digests = {hashlib.file_digest(file, "sha256").hexdigest(), *embedding.original_digests(file)}
    same = Picture.objects.visible_to(person).for_tiles().filter(sha256__in=digests).order_by("pk")[:MOST_SAME]
    made = (one for one in same if one.job and one.job.submission.type != Submission.Type.LAYERS)
    own = (one for one in same if one.origin == Picture.Origin.UPLOAD and one.person_id == person.pk)
    known = next(made, None) or next(own, None)
    if known is None or not storage.has(known.file):
        return None  # a file that is gone comes back with this upload
    if not known.job:
        known.original_name, known.changes = name, []
    return known


def recall(pictures: Iterable[Picture], person: User) -> list[Recalled]:
    """Find what the pictures were made with: those of the studio itself, and copies that say it or still have their names."""
    recalled = []
    for picture in pictures:
        made = picture if picture.job else picture_of(said_by(picture), person) or _by_name(picture, person)
        if made and made.job and made.job.submission.type != Submission.Type.LAYERS:
            recalled.append(Recalled(picture, made.job.submission, person))
    return recalled


def said_by(upload: Picture) -> Said:
    """What the file said of itself that this upload has just come from (`store_upload`); an older one says nothing."""
    said: Said = upload.__dict__.get("said", Said())
    return said


def _by_name(upload: Picture, person: User) -> Picture | None:
    named = NAMED.match(upload.original_name)
    if not named:
        return None
    # All codes that begin so, in the order of the index.
    first, last = (uuid.UUID(named[1] + digit * 24) for digit in "0f")
    begun = Picture.objects.visible_to(person).filter(code__range=(first, last), job__isnull=False)
    for one in begun.select_related("job__submission")[:5]:
        if abs(one.width * upload.height / (one.height * upload.width) - 1) < SAME_SHAPE:
            return one
    return None
