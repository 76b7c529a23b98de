"""The people, pictures and jobs of the tests: plain functions with keywords, rows made by the models' own verbs."""

from __future__ import annotations

import hashlib
import io
import itertools
import re
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from PIL import Image

from studio import imaging, storage
from studio.middleware.last_seen import is_due
from studio.models import Approval, GalleryMonth, Job, Look, Picture, Rendition, SearchDocument, Submission, User
from studio.models.account.rights import Asked, NeedsApproval, total_of
from studio.models.jobs.failure import Failure
from studio.models.looks.spec import LookSpec
from studio.models.requests.request_spec import RequestSpec
from studio.text import look_text

HTMX = {"HX-Request": "true"}
PASSWORD = "a long enough password"
SQUARE = (2048, 2048)
# For pictures that differ.
_serial = itertools.count(1)

REFUSED = Failure(
    cause="refused",
    sentence="The prompt or a picture was refused. Trying again won't help; change the prompt.",
    code="content_moderated",
    charge="refunded",
)
LUMA_FAILED = Failure(
    cause="luma_failed", sentence="Luma couldn't finish this one.", code="generation_failed", charge="maybe"
)
LOST = Failure(
    cause="unknown",
    sentence="Luma's answer got lost, so this may have been charged. Send it again or ask an admin.",
    charge="maybe",
)


def make_person(
    name: str = "Alice", *, role: str = User.Role.DESIGNER, email: str | None = None, password: str | None = None
) -> User:
    """A person of the team; without a password, because hashing one takes its time."""
    return User.objects.create_user(name, password, role=role, email=email)


def signed_in(person: User, **kwargs: Any) -> Client:
    client = Client(**kwargs)
    client.force_login(person, backend="studio.signing_in.sign_in.NameOrEmailBackend")
    is_due(str(client.session.session_key))  # so that its first page takes as many queries as the others
    return client


def store_on_disk(settings: Any, folder: Path) -> None:
    """Keep the files of a test in this folder, where it looks at them, wherever the other tests keep theirs."""
    disk = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": folder}}
    settings.STORAGES = {**settings.STORAGES, "default": {**settings.STORAGES["default"], **disk}}


def image_bytes(
    width: int = 48, height: int = 32, *, format: str = "PNG", colour: tuple[int, ...] | None = None
) -> bytes:
    """A small whole picture, each time of another colour unless one is asked for."""
    serial = next(_serial)
    colour = colour or (serial % 256, serial // 256 % 256, 90)
    out = io.BytesIO()
    Image.new("RGBA" if len(colour) == 4 else "RGB", (width, height), colour).save(out, format)
    return out.getvalue()


def make_picture(
    person: User,
    *,
    job: Job | None = None,
    position: int = 0,
    size: tuple[int, int] = SQUARE,
    format: str = "png",
    renditions: Sequence[int] = (256, 512),
    shown_at: datetime | None = None,
    **fields: Any,
) -> Picture:
    """A stored picture: made when it has a job, else uploaded. `size` is what the row says; the file itself is small."""
    content = image_bytes(format=format)
    sha256 = hashlib.sha256(content).hexdigest()
    now = shown_at or timezone.now()
    is_behind = bool(job and position and job.submission.type == Submission.Type.LAYERS)
    facts: dict[str, Any] = {
        "origin": Picture.Origin.MADE if job else Picture.Origin.UPLOAD,
        "person": person,
        "job": job,
        "is_private": bool(job and job.is_private),
        "position": position,
        "file": _store(storage.original_name(sha256, format), content),
        "sha256": sha256,
        "format": format,
        "width": size[0],
        "height": size[1],
        "bytes": len(content),
        "created_at": now,
        "shown_at": None if is_behind else now,
        "original_name": "" if job else "harbour.png",
        "source_type": job.submission.source_type if job else "",
    }
    picture = Picture.objects.create(**{**facts, **fields})
    if picture.job and picture.shown_at:
        SearchDocument.write(picture)
    GalleryMonth.add(picture)
    for rung in renditions:
        make_rendition(picture, rung)
    return picture


def delete_pictures(job: Job) -> None:
    """Take the pictures of a job away again, as if they had never come."""
    for picture in job.pictures.all():
        GalleryMonth.add(picture, -1)
        picture.renditions.all().delete()
        picture.delete()


def make_split(
    person: User,
    layers: Sequence[tuple[Image.Image, dict[str, Any] | None]],
    *,
    source: Picture | None = None,
    size: tuple[int, int] = (800, 600),
) -> Job:
    """A finished split into these layers, front first: the pixels of each, and what Luma says of it."""
    source = source or make_picture(person, size=size)
    job = make_job(person, state="done", type="layering", source=source, prompt="", size=size)
    delete_pictures(job)
    for place, (pixels, layer) in enumerate(layers):
        out = io.BytesIO()
        pixels.save(out, "PNG")
        sha256 = hashlib.sha256(out.getvalue()).hexdigest()
        make_picture(
            person,
            job=job,
            position=place,
            size=pixels.size,
            layer=layer,
            has_alpha=pixels.mode == "RGBA",
            file=_store(storage.original_name(sha256, "png"), out.getvalue()),
            sha256=sha256,
            bytes=len(out.getvalue()),
            renditions=(256,),
        )
    SearchDocument.write_for(job)
    return job


def complete_sizes(picture: Picture) -> Picture:
    """Give a picture every size that its row promises."""
    have = set(picture.renditions.values_list("size", flat=True))
    for rung in imaging.sizes_for(picture.width, picture.height):
        if rung not in have:
            make_rendition(picture, rung)
    return picture


def make_rendition(picture: Picture, size: int) -> Rendition:
    content = image_bytes(format="WEBP")
    share = min(1.0, size / max(picture.width, picture.height))
    return Rendition.objects.create(
        picture=picture,
        size=size,
        file=_store(storage.rendition_name(picture.sha256, size), content),
        width=max(1, round(picture.width * share)),
        height=max(1, round(picture.height * share)),
        bytes=len(content),
    )


def make_submission(
    person: User,
    *,
    prompt: str = "A harbour at dusk, paper boats",
    type: str = Submission.Type.IMAGE,
    model: str = "uni-1",
    aspect_ratio: str = "3:2",
    count: int = 1,
    source: Picture | None = None,
    references: Sequence[Picture] = (),
    now: datetime | None = None,
    token: uuid.UUID | None = None,
    **choices: Any,
) -> Submission:
    """What a person asked for, with its jobs in line."""
    ratio = aspect_ratio if type == Submission.Type.IMAGE else ""
    asked: dict[str, Any] = {"type": type, "prompt": prompt, "model": model, "aspect_ratio": ratio, **choices}
    spec = RequestSpec(count=count, source=source, references=references, **asked)
    return Submission.place(person, token or uuid.uuid4(), spec, now=now or timezone.now())[0]


def make_approval(person: User, *, above: str = "0.01", now: datetime | None = None, **fields: Any) -> Approval:
    """A request of the person that waits for an admin; `fields` are those of a RequestSpec."""
    spec = RequestSpec(**{"type": "image", "prompt": "A paper boat", "model": "uni-1", "aspect_ratio": "3:2", **fields})
    needed = NeedsApproval(total=total_of([Asked.by(spec)]), above=Decimal(above))
    return Approval.ask(needed.about(person, uuid.uuid4(), [spec], "", spec.prompt), now=now or timezone.now())[0]


def make_job(
    person: User,
    *,
    state: str = "waiting",
    submission: Submission | None = None,
    now: datetime | None = None,
    took: timedelta = timedelta(seconds=14),
    failure: Failure | None = None,
    size: tuple[int, int] | None = None,
    **spec: Any,
) -> Job:
    """A job that the verbs of the engine have led to `state`, the last of them at `now`; asked for `took` before.

    `queued` and `making` are the two halves of running. A done job has its picture (`job.pictures.get()`).
    Without a submission one is made from the other keywords, which are those of `make_submission`.
    """
    now = now or timezone.now()
    begin = now - took
    submission = submission or make_submission(person, now=begin, **spec)
    job = submission.jobs.filter(state="waiting").order_by("number")[0]
    if state == "waiting":
        return job
    if state == "cancelled":
        assert job.cancel(now=now)
        return job
    job = send(job, now=begin)
    if state == "sending":
        return job
    if state == "unknown":
        assert job.mark_unknown(failure or LOST, now=now, place_until=now + timedelta(seconds=60))
        return job
    assert job.accept(str(uuid.uuid4()), now=begin)
    if state == "queued":
        return job
    assert job.start_making(now=begin)
    if state in {"running", "making"}:
        return job
    if state == "failed":
        assert job.fail(failure or REFUSED, now=now)
        return job
    assert job.start_saving(now=now)
    if state == "saving":
        return job
    assert state == "done"
    assert job.finish(now=now)
    make_picture(submission.person, job=job, size=size or submission.shape, shown_at=now)
    job.tell_end()
    return job


def make_look(
    person: User,
    *,
    name: str = "Harbour dusk",
    references: Sequence[tuple[Picture | None, str]] = (),
    is_team: bool = False,
    **spec: Any,
) -> Look:
    """A look with its first version."""
    tag, now = look_text.tag_of(name), timezone.now()
    spec = {"references": list(references), **spec}
    return Look.make(person, name=name, tag=tag, is_team=is_team, spec=LookSpec(**spec), now=now)


def send(job: Job, *, now: datetime) -> Job:
    """Lead a waiting job to `sending`, under a lease that this call has taken."""
    until = now + timedelta(minutes=3)
    Job.objects.filter(pk=job.pk).update(lease_until=None)
    job = Job.objects.claim("the-tests", [job.pk], until=until, now=now)[0]
    assert job.begin_sending(provider="http://127.0.0.1:1/v1", weight=1, until=until, now=now)
    return job


def _store(name: str, content: bytes) -> str:
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(content))
    return name


def tokens_of(picture: Picture) -> list[str]:
    """What search knows of a picture, on each database: PostgreSQL writes every word in quotes, with its places."""
    stored = str(SearchDocument.objects.get(picture=picture).tokens)
    return [re.sub(r"^'(.*)'(:[\d,]+)?$", r"\1", token) for token in stored.split()]
