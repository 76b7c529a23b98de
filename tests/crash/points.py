"""Where a process dies: named steps of the way from an order to a picture, in the order in which they are reached."""

from __future__ import annotations

from dataclasses import dataclass

BEFORE, AFTER = "before", "after"


@dataclass(frozen=True, kw_only=True)
class Point:
    """kill -9 before or after the `nth` call of a function, while a process does `act`.

    `numbers` are the crash points of the design (1: before the order commits, … 13: done, but not acknowledged).
    `prelude` names the point at which an earlier process has died; `broken` functions raise a database error;
    `order` is what was asked for: an edit brings an uploaded picture to Luma first.
    """

    name: str
    where: str  # module:dotted.name
    when: str
    numbers: tuple[int, ...]
    nth: int = 1
    act: str = "conduct"
    prelude: str = ""
    broken: tuple[str, ...] = ()
    order: str = "image"


def _point(name: str, where: str, when: str, *numbers: int, **more: object) -> Point:
    return Point(name=name, where=where, when=when, numbers=numbers, **more)  # type: ignore[arg-type]


JOB, FILE = "studio.models:Job.", "studio.models:RemoteFile."
ENGINE = "studio.engine."
_IN_ORDER = [
    # The order
    _point("the order is being written", "studio.models:Job.objects.bulk_create", AFTER, 1, act="place"),
    _point("the order stands, nobody rang", "studio.models:Submission.place", AFTER, 2, 21, act="place"),
    # Admission
    _point("the lease is acquired", "studio.models:ConductorLease.acquire", AFTER, 3),
    _point("claimed, not committed", ENGINE + "capacity:_admit", AFTER, 3),
    _point("claimed", JOB + "begin_sending", BEFORE, 3),
    _point("sending, not committed", "studio.models:Attempt.objects.create", AFTER, 4),
    _point("sending is committed", JOB + "begin_sending", AFTER, 4, 14),
    _point("before the POST", "studio.luma:Luma.create_prepared", BEFORE, 4, 14),
    # A picture that the request needs is brought to Luma
    _point("an upload is wanted", FILE + "wanted", AFTER, 3, order="image_edit"),
    _point("put off until it is there", JOB + "await_files", AFTER, 3, order="image_edit"),
    _point("before the upload", "studio.luma:Luma.upload_file", BEFORE, 3, order="image_edit"),
    _point("uploaded, not said", "studio.luma:Luma.upload_file", AFTER, 3, order="image_edit"),
    _point("the file's id is written", FILE + "uploaded", AFTER, 3, order="image_edit"),
    _point("the file is ready, not said", FILE + "became_ready", BEFORE, 3, order="image_edit"),
    _point("the file is ready", FILE + "became_ready", AFTER, 3, order="image_edit"),
    _point("called back, not sent", ENGINE + "files:_call_back", AFTER, 3, order="image_edit"),
    _point("before the POST of an edit", "studio.luma:Luma.create_prepared", BEFORE, 4, 14, order="image_edit"),
    # The answer
    _point("the head of the answer is read", "studio.luma.transports:_fill", BEFORE, 5),
    _point("the answer is read, not understood", "studio.luma.answers:created", BEFORE, 5),
    _point("the id is in memory", JOB + "accept", BEFORE, 6),
    _point("the id is written, not committed", JOB + "_end_attempt", AFTER, 6),
    _point("the spool is reached", ENGINE + "spool:keep", BEFORE, 6, 20, broken=("accept",)),
    _point("the spool has a draft", "os:fsync", AFTER, 6, 20, broken=("accept",)),
    _point("the id is spooled", ENGINE + "spool:keep", AFTER, 6, 20, broken=("accept",)),
    _point("the spooled id is read", JOB + "adopt", BEFORE, 6, 20, prelude="the id is spooled"),
    _point("the spooled id is adopted", JOB + "adopt", AFTER, 6, 20, prelude="the id is spooled"),
    _point("running is committed", JOB + "accept", AFTER, 7),
    _point("back in line, not said", JOB + "requeue", BEFORE, 5),
    _point("back in line, not committed", JOB + "_end_attempt", AFTER, 5),
    _point("back in line", JOB + "requeue", AFTER, 5),
    _point("unknown, not said", JOB + "mark_unknown", BEFORE, 5),
    _point("unknown", JOB + "mark_unknown", AFTER, 5),
    _point("a limit is learnt", ENGINE + "capacity:learn", AFTER, 5),
    # The successor of a dead sender
    _point("leases are being broken", ENGINE + "recovery:sweep", BEFORE, 4, 5, prelude="sending is committed"),
    _point("the sender's job is claimed", JOB + "mark_unknown", BEFORE, 4, 5, prelude="sending is committed"),
    _point("unknown is written, not committed", JOB + "_end_attempt", AFTER, 4, 5, prelude="sending is committed"),
    _point("unknown is said", JOB + "mark_unknown", AFTER, 4, 5, prelude="sending is committed"),
    # The picture
    _point("made is seen", JOB + "start_saving", BEFORE, 8),
    _point("made is committed", JOB + "start_saving", AFTER, 8),
    _point("the download has a head", "studio.luma.download:_judge", AFTER, 9),
    _point("downloaded, not flushed", "studio.luma.download:_receive", AFTER, 9),
    _point("downloaded", "studio.imaging:measure_async", BEFORE, 9),
    _point("measured", "studio.imaging:measure_async", AFTER, 9),
    _point("the rendition is renamed", "studio.durable:sync_folder", BEFORE, 10),
    _point("the rendition stands", "studio.storage:store", AFTER, 10),
    _point("the original is renamed", "studio.durable:sync_folder", BEFORE, 10, nth=2),
    _point("the original stands", "studio.storage:store", AFTER, 10, nth=2),
    _point("the files stand", ENGINE + "collect:store", BEFORE, 10),
    _point("done, not committed", JOB + "finish", AFTER, 10, 11),
    _point("the picture is written, not committed", ENGINE + "collect:_picture", AFTER, 10, 11),
    _point("the wake-up is written, not committed", ENGINE + "collect:async_task", AFTER, 10, 11),
    _point("all is stored", ENGINE + "collect:store", AFTER, 11),
    # The end of a slice
    _point("the lease is about to be released", "studio.models:ConductorLease.release", BEFORE, 13),
    _point("the lease is released", "studio.models:ConductorLease.release", AFTER, 13),
    _point("the slice has ended", ENGINE + "conductor:conduct", AFTER, 13),
    # The other renditions
    _point("the sizes are asked for", ENGINE + "renditions:make", BEFORE, 11, act="renditions"),
    _point("a size is made", "studio.storage:store", AFTER, 12, act="renditions"),
    _point("the sizes stand", ENGINE + "renditions:_made", AFTER, 12, act="renditions"),
    _point(
        "the sizes are written, not committed",
        "studio.models:Picture.objects.filter",
        AFTER,
        12,
        nth=2,
        act="renditions",
    ),
    _point("the sizes are recorded", ENGINE + "renditions:make", AFTER, 13, act="renditions"),
]
POINTS = {point.name: point for point in _IN_ORDER}
