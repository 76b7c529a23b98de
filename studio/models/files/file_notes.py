"""What a file that leaves the studio says of its picture, and which picture such a file is."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.conf import settings
from django.core import signing

from studio.embedding import Note, Said, takes_notes
from studio.models.lineage.hidden_inputs import PRIVATE_LOOK, PRIVATE_PICTURE
from studio.models.people import User
from studio.models.picture import Picture
from studio.models.requests.input import Input
from studio.models.submission import Submission

WEB_SIDE = 2048  # pixels of the long side of what is for the web
# What a person reads in a corner when the studio's settings ask for it (STUDIO_VISIBLE_MARKS).
VISIBLE_WORDS = "Made with AI"
_SIGNER = signing.Signer(salt="studio.file")


def note_for(picture: Picture, *, with_settings: bool, is_copy: bool = False) -> Note:
    """Return what a file of the picture says: the mark always, how it was asked for when that is wanted.

    `is_copy`: the file is of other bytes than the original. Needs the picture's submission, and its inputs with settings.
    """
    note = Note(picture.marked_as, derived_from=picture.code.hex if is_copy and picture.marked_as else "")
    if not with_settings or picture.job is None:
        return note
    submission = picture.job.submission
    return note._replace(
        code=_SIGNER.sign(picture.code.hex),
        settings=json.dumps(settings_in_file(picture, submission), ensure_ascii=False, separators=(",", ":")),
        parameters=parameters(picture, submission),
        prompt=submission.prompt,
    )


def note_of_rendition(picture: Picture) -> Note:
    """Return what each size of the picture says: the mark, and what a copy lacks of its original's credentials."""
    # A smaller copy does not bring the credentials of its original along, and says so.
    return Note(picture.marked_as, derived_from=picture.code.hex if picture.has_credentials else "")


def copy_format(format: str) -> str:
    """The format of a copy that Studio writes of a picture of this format."""
    return format if format in {"jpeg", "png", "webp"} else "png"


def visible_words(picture: Picture) -> str:
    """The words that a copy of the picture has in its corner; "" for none."""
    return VISIBLE_WORDS if settings.VISIBLE_MARKS and picture.marked_as else ""


def leaves_as_copy(picture: Picture) -> bool:
    """Whether its file never leaves as it came: words are to be written on it, or no mark can be laid into it."""
    return bool(visible_words(picture) or (picture.marked_as and not takes_notes(picture.format)))


def settings_in_file(picture: Picture, submission: Submission) -> dict[str, Any]:
    """Return what was asked for, without what nobody chose."""
    source, references = inputs_told(picture, submission)
    asked = {
        "picture": str(picture.code),
        "type": submission.type,
        "prompt": submission.prompt,
        "model": submission.model,
        "aspect_ratio": submission.aspect_ratio,
        "style": submission.style,
        "source": source,
        "references": references,
    }
    return {name: value for name, value in asked.items() if value}


def inputs_told(picture: Picture, submission: Submission) -> tuple[str, list[str]]:
    """Return the codes of the source ("" for none) and of the references that a file or a list names.

    What leaves the studio with a picture of the team says of those that only their owner sees that they are private.
    """
    codes: dict[str, list[str]] = {role: [] for role in Input.Role}
    for one in submission.used:
        is_told = picture.is_private or not one.picture.is_private
        codes[one.role].append(str(one.picture.code) if is_told else PRIVATE_PICTURE)
    return next(iter(codes[Input.Role.SOURCE]), ""), codes[Input.Role.REFERENCE]


def look_told(picture: Picture, submission: Submission) -> str:
    """Return the name of the look that a list names; of the team's pictures none that only its owner sees."""
    if submission.look is None:
        return ""
    is_told = picture.is_private or submission.look.look.is_team
    return f"{submission.look.look.name} v{submission.look.number}" if is_told else PRIVATE_LOOK


def parameters(picture: Picture, submission: Submission) -> str:
    """Write the prompt, and below it the settings in one line, as programs for generated pictures do."""
    facts = {
        "Model": submission.model,
        "Size": f"{picture.width}x{picture.height}",
        "Aspect ratio": submission.aspect_ratio,
        "Style": submission.style,
        "Type": submission.get_type_display(),
    }
    return f"{submission.prompt}\n{', '.join(f'{name}: {value}' for name, value in facts.items() if value)}"


def picture_of(said: Said, person: User) -> Picture | None:
    """Find the picture that a file names; None unless this studio wrote the name and the person may see the picture."""
    try:
        code = uuid.UUID(_SIGNER.unsign(said.code))
    except (signing.BadSignature, ValueError):
        return None
    found = Picture.objects.visible_to(person).filter(code=code, job__isnull=False)
    return found.select_related("job__submission").first()
