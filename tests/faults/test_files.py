"""Pictures go to Luma's Files API once, before anything is paid; where that does not work, the bytes go instead."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from studio import imaging
from studio.engine import files as engine_files
from studio.models import ApiAccount, Job, Picture, RemoteFile, User
from tests import people
from tests.faults.answers import after, close, file_is, raw, reply, reset, stored_file, take_file
from tests.faults.call import Act, Call
from tests.faults.conftest import Run, Settle, job_for
from tests.faults.double import Double

State = RemoteFile.State
NOT_TAKEN: dict[str, Act] = {
    "404": reply(404, {"detail": "Not Found"}),
    "405": reply(405, {"detail": "Method Not Allowed"}),
    "403": reply(403, {"detail": "Files are not enabled for this client"}),
    "422": reply(422, {"detail": "mime_type is not supported"}),
    "500": reply(500, b"oops"),
    "429": reply(429, {"detail": "slow down"}, {"retry-after": "1"}),
    "html": reply(200, b"<html>Sign in</html>"),
    "no id": reply(201, {"state": "pending"}),
    "no http": raw(b"\x00 no http \r\n\r\n"),
    "close": close,
    "reset": reset,
}


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_files, "NEXT_TRY", timedelta(seconds=0.1))
    monkeypatch.setattr(engine_files, "FIRST_PAUSE", 0.05)


@pytest.fixture
def upload(alice: User) -> Picture:
    return people.make_picture(alice, size=(48, 32))


def edit(alice: User, prompt: str, source: Picture, *references: Picture) -> Job:
    return job_for(alice, prompt, type="image_edit", source=source, references=references)


def way(named: dict[str, object]) -> str:
    """How a picture of a request travelled."""
    (way,) = named.keys() & {"data", "file_id", "generation_id", "url"}
    return way


def posted(double: Double) -> list[tuple[str, ...]]:
    """How the source and the references of each POST travelled."""
    bodies = [call.said for call in double.posts]
    return [tuple(map(way, [body["source"], *body.get("image_ref", [])])) for body in bodies]


def test_a_picture_is_uploaded_once_for_many_requests(
    double: Double, alice: User, upload: Picture, settle: Settle
) -> None:
    first, second = edit(alice, "Make it night", upload), edit(alice, "Make it snow", upload)
    settle()
    third = edit(alice, "Make it rain", upload)
    settle()
    for job in (first, second, third):
        job.refresh_from_db()
        assert job.state == Job.State.DONE
    assert posted(double) == [("file_id",)] * 3
    assert len(double.uploads) == 1
    assert RemoteFile.objects.get().state == State.READY


def test_source_and_references_are_uploaded_for_their_purpose(
    double: Double, alice: User, upload: Picture, settle: Settle
) -> None:
    edit(alice, "Put @1 on it", upload, upload)
    settle()
    assert posted(double) == [("file_id", "file_id")]
    purposes = [RemoteFile.Purpose.INPUT, RemoteFile.Purpose.REFERENCE]
    assert sorted(RemoteFile.objects.values_list("purpose", flat=True)) == purposes


@pytest.mark.parametrize("answer", NOT_TAKEN.values(), ids=NOT_TAKEN.keys())
def test_where_no_file_is_taken_the_bytes_are_sent(
    double: Double, alice: User, upload: Picture, settle: Settle, answer: Act
) -> None:
    double.on_upload = [answer]
    job = edit(alice, "Make it night", upload)
    settle()
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    assert posted(double) == [("data",)]
    assert len(double.accepted()) == 1
    assert len(double.uploads) <= 4
    edit(alice, "Make it snow", upload)
    tried = len(double.uploads)
    settle()
    assert len(double.uploads) == tried  # not tried again for every request


def test_a_lost_answer_to_an_upload_is_tried_again(
    double: Double, alice: User, upload: Picture, settle: Settle
) -> None:
    double.on_upload = [reset, take_file]
    edit(alice, "Make it night", upload)
    settle()
    assert posted(double) == [("file_id",)]
    assert len(double.uploads) == 2


def test_a_mistake_of_ours_while_uploading_holds_nobody_up(
    double: Double, alice: User, upload: Picture, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare, tried = imaging.for_sending_async, []

    async def stumble_once(*args: Any) -> Any:
        tried.append(args)
        if len(tried) == 1:
            raise KeyError("sizes")
        return await prepare(*args)

    monkeypatch.setattr(imaging, "for_sending_async", stumble_once)
    job = edit(alice, "Make it night", upload)
    settle()
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    assert posted(double) == [("data",)]


def test_what_is_too_large_for_one_call_is_announced_and_put(
    double: Double, alice: User, upload: Picture, settle: Settle
) -> None:
    put: list[Call] = []

    async def announce(call: Call) -> None:
        assert call.said["size_bytes"] > 0
        url = f"http://127.0.0.1:{double.port}/storage/here"
        link = {"url": url, "method": "PUT", "headers": {"Content-Type": "image/png"}, "expires_at": None}
        file = stored_file("8c7d2f0e-6c54-4b01-90e6-d701748f0851", "pending")
        await reply(201, {"id": file["id"], "state": "pending", "file": file, "upload": link})(call)

    async def keep(call: Call) -> None:
        put.append(call)
        await reply(200)(call)

    double.on_upload = [reply(413, {"detail": "File exceeds the inline upload limit"}), announce, file_is("pending")]
    double.on_put = keep
    edit(alice, "Make it night", upload)
    settle()
    assert posted(double) == [("file_id",)]
    assert len(put) == 1
    assert "authorization" not in put[0].headers


def test_a_picture_that_luma_refuses_is_named_before_anything_is_paid(
    double: Double, alice: User, upload: Picture, settle: Settle
) -> None:
    other = people.make_picture(alice, size=(32, 32))
    double.on_question = [file_is("ready"), file_is("failed", failure_reason="Content was moderated.")]
    job = edit(alice, "Put @1 on it", upload, other)
    settle()
    job.refresh_from_db()
    assert (job.state, job.cause, job.charge) == (Job.State.FAILED, "bad_input", Job.Charge.NONE)
    assert job.sentence in {
        f"{which} can't be sent: Luma refused it (Content was moderated). Choose another picture."
        for which in ("The source", "Reference @1")
    }
    assert double.posts == []
    assert RemoteFile.objects.filter(state=State.REFUSED).count() == 1


@pytest.mark.parametrize(
    "gone",
    [reply(404, {"detail": "File not found"}), file_is("deleted"), file_is("ready", expires_at="2020-01-01T00:00:00Z")],
    ids=["404", "deleted", "expired"],
)
def test_a_file_that_luma_deleted_is_uploaded_again(
    double: Double, alice: User, upload: Picture, settle: Settle, gone: Act
) -> None:
    edit(alice, "Make it night", upload)
    settle()
    RemoteFile.objects.update(checked_at=timezone.now() - timedelta(hours=1))
    double.on_question = [gone, file_is("ready")]
    edit(alice, "Make it snow", upload)
    settle()
    assert posted(double) == [("file_id",)] * 2
    assert len(double.uploads) == 2


def test_a_check_that_never_ends_is_not_waited_for(
    double: Double, alice: User, upload: Picture, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_files, "LONGEST_CHECK", timedelta(seconds=0.5))
    double.on_question = [file_is("pending")]
    edit(alice, "Make it night", upload)
    settle()
    assert posted(double) == [("data",)]


def test_after_a_rejected_request_the_bytes_are_sent(
    double: Double, alice: User, upload: Picture, settle: Settle
) -> None:
    double.part("Make it night", post=[reply(400, {"detail": "source: file not found"})])
    job = edit(alice, "Make it night", upload)
    settle()
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert len(double.posts) == 1  # a rejected request is not sent again without a person's word
    edit(alice, "Make it snow", upload)
    settle()
    assert posted(double) == [("file_id",), ("data",)]


def test_made_pictures_are_named_by_the_job_that_made_them(double: Double, alice: User, settle: Settle) -> None:
    first = job_for(alice, "Moss garden")
    settle()
    made = first.pictures.get()
    double.part("Make it snow", post=[reply(422, {"detail": "image_ref[0]: generation_id is not allowed"})])
    edit(alice, "Make it night", made, made)
    settle()
    edit(alice, "Make it snow", made, made)
    settle()
    assert ApiAccount.current().bars_chained_references(timezone.now())
    edit(alice, "Make it rain", made, made)
    settle()
    ways = [("generation_id", "generation_id"), ("generation_id", "generation_id"), ("generation_id", "file_id")]
    double.posts = double.posts[1:]
    assert posted(double) == ways


def test_an_upload_that_was_cut_off_is_taken_up_by_the_next_slice(
    double: Double, alice: User, upload: Picture, run: Run, settle: Settle
) -> None:
    double.on_upload = [after(5.0, take_file), take_file]
    job = edit(alice, "Make it night", upload)
    assert run(seconds=1.0)
    job.refresh_from_db()
    assert (job.state, job.hold_reason) == (Job.State.WAITING, Job.HoldReason.FILES)
    settle()
    assert posted(double) == [("file_id",)]
