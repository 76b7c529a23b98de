"""Which pictures a selection means, in its order, and what of it is none that could be in a zip."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from studio.codes import read_code
from studio.models import Archive, Job, Picture, Submission, User
from studio.models.files.archive import MOST_PICTURES

NONE_CHOSEN = "Choose at least one picture first."
TOO_MANY = f"A zip holds up to {MOST_PICTURES:,} pictures, and you chose {{count:,}}. Choose fewer, or narrow the gallery down."
NOT_SAVED = "it is not saved yet"
NOT_FOUND = "it is not there any more"
NEVER_MADE = "it was never made"
LONGEST_TITLE = 60


class Chosen(NamedTuple):
    """Keys of pictures in their order, and what is left out: what it is called, and why."""

    pictures: list[int]
    left_out: list[tuple[str, str]]

    @property
    def total(self) -> int:
        return len(self.pictures) + len(self.left_out)


def chosen_by(codes: Sequence[str], person: User) -> Chosen:
    """Look up what the codes of a selection mean: a picture, all layers of a split, or a job whose picture is not saved."""
    known = dict.fromkeys(code for raw in codes[: MOST_PICTURES + 1] if (code := read_code(raw)))
    rows = _pictures([code for code in known if code], person)
    missing = [code for code in known if code not in rows]
    jobs = (
        {job.code: job for job in Job.objects.visible_to(person).filter(code__in=missing).select_related("submission")}
        if missing
        else {}
    )
    layers = _layers(one for one in rows.values())
    chosen = Chosen([], [])
    for code in known:
        if code in rows:
            pk, job, _ = rows[code]
            chosen.pictures.extend(layers.get(job, [pk]) if job else [pk])
        elif code in jobs:
            chosen.left_out.append((_title(jobs[code]), _why(jobs[code])))
        else:
            chosen.left_out.append((str(code), NOT_FOUND))
    unreadable = [raw for raw in codes[: MOST_PICTURES + 1] if not read_code(raw)]
    chosen.left_out.extend((raw[:LONGEST_TITLE] or "Nothing", NOT_FOUND) for raw in unreadable)
    return chosen._replace(pictures=list(dict.fromkeys(chosen.pictures)))


def choose(chosen: Chosen, person: User) -> Archive:
    return Archive.choose(person, chosen.pictures, chosen.left_out)


def _pictures(codes: list[uuid.UUID], person: User) -> dict[uuid.UUID, tuple[int, int | None, str]]:
    """Return key, job and position of each; the job only of a split's front layer, which stands for all."""
    found = {}
    for start in range(0, len(codes), 500):
        pictures = Picture.objects.visible_to(person).filter(code__in=codes[start : start + 500])
        rows = pictures.values_list("code", "pk", "job", "position", "job__submission__type")
        for code, pk, job, position, type in rows:
            is_split = position == 0 and type == Submission.Type.LAYERS
            found[code] = (pk, job if is_split else None, type or "")
    return found


def _layers(rows: Iterable[tuple[int, int | None, str]]) -> dict[int, list[int]]:
    jobs = [job for _, job, _ in rows if job]
    layers: dict[int, list[int]] = {}
    if jobs:
        pictures = Picture.objects.of_luma().filter(job__in=jobs).order_by("job", "position")
        for job, pk in pictures.values_list("job", "pk"):
            layers.setdefault(job, []).append(pk)
    return layers


def _title(job: Job) -> str:
    words = " ".join((job.submission.prompt or "Layers").split())
    return f"{job.label} “{words[:LONGEST_TITLE]}{'…' if len(words) > LONGEST_TITLE else ''}”"


def _why(job: Job) -> str:
    return NOT_SAVED if job.is_active else NEVER_MADE
