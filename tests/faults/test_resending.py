"""What Luma did not take is sent otherwise: judged by the bytes that arrive."""

from __future__ import annotations

import base64
import hashlib
import io
import itertools

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image

from studio import imaging, storage
from studio.models import Job, Picture, User
from tests import people
from tests.faults.answers import accept, completed, reply, state
from tests.faults.call import Act
from tests.faults.conftest import Settle, job_for
from tests.faults.double import Double
from tests.imaging import pictures

TOO_LARGE = reply(413, {"detail": "source: image exceeds 50 MB limit"})
_serial = itertools.count(1)
NO_FILES = reply(404, {"detail": "Not Found"})
UNREADABLE = reply(422, {"detail": "source: content-type is not an image"})


def stored(person: User, image: Image.Image, kind: str = "PNG") -> Picture:
    content = io.BytesIO()
    # Each its own bytes, or one file would stand for the pictures of several tests.
    image.putpixel((0, 0), (next(_serial) % 256, *image.getpixel((0, 0))[1:]))
    image.save(content, kind)
    data = content.getvalue()
    sha256 = hashlib.sha256(data).hexdigest()
    name = default_storage.save(storage.original_name(sha256, kind.lower()), ContentFile(data))
    facts = {"file": name, "sha256": sha256, "bytes": len(data), "has_alpha": image.mode == "RGBA"}
    sizes = imaging.sizes_for(*image.size)
    return people.make_picture(person, size=image.size, format=kind.lower(), renditions=sizes, **facts)


def sent(double: Double, role: str = "source") -> list[tuple[str, Image.Image, int]]:
    """What stood in each POST: the declared type, the picture, its bytes."""
    found = []
    for call in double.posts:
        ref = call.said["source"] if role == "source" else call.said["image_ref"][0]
        data = base64.b64decode(ref["data"])
        found.append((ref["media_type"], Image.open(io.BytesIO(data)), len(data)))
    return found


def test_what_is_too_large_is_sent_smaller_each_time_until_nothing_is_left(
    double: Double, settle: Settle, alice: User
) -> None:
    source = stored(alice, pictures.noise(700, 500))
    job = job_for(alice, "a lake", type="image_edit", source=source)
    double.on_upload = [NO_FILES]
    double.part("a lake", post=[TOO_LARGE])
    settle()
    for _ in range(5):
        job.refresh_from_db()
        assert (job.state, job.charge) == (Job.State.FAILED, "none")
        if not job.retry(by=alice, now=timezone.now()):
            break
        settle()
    sides = [max(image.size) for _, image, _ in sent(double)]
    sizes = [size for _, _, size in sent(double)]
    assert sides[:3] == [700, 350, 256]
    assert len(sides) == 3
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == 3
    assert job.sentence == "The source is too large for Luma. Choose another picture."


@pytest.mark.parametrize("code", ["unsupported_format", "corrupt_input", "http_422"])
def test_what_luma_cannot_read_is_sent_as_a_plain_jpeg_once(
    double: Double, settle: Settle, alice: User, code: str
) -> None:
    image = Image.new("RGBA", (64, 48), (200, 30, 30, 255))
    image.paste((0, 0, 0, 0), (0, 0, 32, 48))
    job = job_for(alice, "a lake", type="image_edit", source=stored(alice, image))
    failing: list[Act] = [state("failed", failure_code=code, failure_reason="source: no")]
    double.on_upload = [NO_FILES]
    double.part("a lake", post=[UNREADABLE, accept] if code == "http_422" else [accept], get=[*failing, completed()])
    if code == "http_422":
        double.parts["a lake"].get[:] = [completed()]
    settle()
    job.refresh_from_db()
    assert "Convert and retry: it sends the source as JPEG, transparency as white." in job.sentence
    assert job.retry(by=alice, now=timezone.now())
    settle()
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    (_, first, _), (media_type, second, _) = sent(double)
    assert (first.format, second.format, media_type, second.size) == ("PNG", "JPEG", "image/jpeg", (64, 48))
    assert min(second.getpixel((5, 20))) > 240


def test_what_was_sent_by_its_id_is_sent_as_bytes(double: Double, settle: Settle, alice: User) -> None:
    first = job_for(alice, "a first")
    settle()
    first.refresh_from_db()
    source = first.pictures.get()
    job = job_for(alice, "a lake", type="image_edit", source=source)
    double.part("a lake", post=[UNREADABLE, accept])
    settle()
    job.refresh_from_db()
    assert job.retry(by=alice, now=timezone.now())
    settle()
    assert [sorted(call.said["source"]) for call in double.posts[1:]] == [["generation_id"], ["data", "media_type"]]
