"""OpenAI's wire format for pictures: their client makes and edits with a token of ours as key and our address as base URL.

Their calls wait for the picture, so only few are served at a time. What Luma has no word for is refused, never ignored.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.csrf import csrf_exempt

from studio.api import door, leaving, making, plain, tries, waiting
from studio.api.door import Refused, broken
from studio.api.luma import is_retry
from studio.api.v1 import dressed
from studio.forms.files.at_hand import Trouble
from studio.luma import capabilities, ratios
from studio.luma.capabilities import MAX_REFERENCES
from studio.models import ApiToken, Job, Picture, Submission, User

log = logging.getLogger(__name__)

# Seconds that a call waits; a client that tries again goes on waiting for the same pictures.
LONGEST = 120
MOST_BYTES = 262_144
MAKES = {"prompt", "model", "n", "size", "response_format", "output_format", "user"}
# What may stand there, as long as it changes nothing.
NEUTRAL: dict[str, tuple[object, ...]] = {
    "quality": (None, "auto"),
    "background": (None, "auto"),
    "moderation": (None, "auto"),
    "style": (None,),
    "stream": (None, False, "false"),
    "partial_images": (None, 0, "0"),
    "output_compression": (None, 100, "100"),
    "input_fidelity": (None,),
}
UNREADABLE = (
    "The picture is made and in the gallery, but its file can't be read now. Don't ask again: download it there."
)
LATE = (
    "The pictures are not ready yet. They are still made: send the same call again to go on waiting, at no more cost."
)
TYPES = {400: "invalid_request_error", 401: "invalid_request_error", 403: "permission_error", 429: "rate_limit_error"}


class Said(Exception):
    """An error in their shape."""

    def __init__(self, message: str, *, param: str | None = None, code: str | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.message, self.param, self.code, self.status = message, param, code, status


def in_their_words(view: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponseBase]:
    """Answer in OpenAI's form, errors included."""

    @csrf_exempt
    @wraps(view)
    def inner(request: HttpRequest) -> HttpResponseBase:
        try:
            if request.method != "POST":
                raise Said(f"Only POST requests are accepted, not {str(request.method)[:20]}.", status=405)
            answer = view(request)
        except Said as why:
            allowed = {"Allow": "POST"} if why.status == 405 else {}
            answer = _error(why.status, why.message, param=why.param, code=why.code, headers=allowed)
        except Refused as why:
            status = 400 if why.status == 422 else why.status
            code = "insufficient_quota" if why.code == "over-cap" else why.code.replace("-", "_")
            answer = _error(status, why.sentence, param=next(iter(why.fields), None), code=code, headers=why.headers)
        except (MultiPartParserError, SuspiciousOperation):
            answer = _error(400, "The body could not be read.")
        except Exception as mistake:
            log.exception("A call in OpenAI's format broke")
            found = broken(mistake)
            answer = _error(found.status, found.sentence, code=found.code.replace("-", "_"), headers=found.headers)
        return dressed(request, answer)

    inner.login_required = False  # type: ignore[attr-defined]
    return inner


def _error(
    status: int,
    message: str,
    *,
    param: str | None = None,
    code: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    kind = TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error")
    error = {"message": message, "type": kind, "param": param, "code": code}
    return JsonResponse({"error": error}, status=status, headers=headers)


@csrf_exempt
def models(request: HttpRequest) -> HttpResponseBase:
    """List the models, as many programs do before they ask for anything."""
    if request.method not in {"GET", "HEAD"}:
        said = f"Only GET requests are accepted, not {str(request.method)[:20]}."
        return dressed(request, _error(405, said, headers={"Allow": "GET"}))
    rows = [
        {"id": name, "object": "model", "created": 1_775_001_600, "owned_by": "luma"} for name in capabilities.models()
    ]
    try:
        door.demand(door.identify(request), "read")
    except Refused as why:
        return dressed(request, _error(why.status, why.sentence, code=why.code.replace("-", "_"), headers=why.headers))
    return dressed(request, JsonResponse({"object": "list", "data": rows}))


@csrf_exempt
def nowhere(request: HttpRequest, rest: str = "") -> HttpResponseBase:
    """What neither wire format of ours has."""
    said = f"There is no /v1/{rest[:100]} here: pictures are made at /v1/generations, /v1/images/generations and /v1/images/edits."
    body = {"detail": "Not Found", "error": {"message": said, "type": TYPES[400], "param": None, "code": "unknown_url"}}
    return dressed(request, JsonResponse(body, status=404))


models.login_required = nowhere.login_required = False  # type: ignore[attr-defined]


@in_their_words
def generate(request: HttpRequest) -> HttpResponse:
    """Make pictures and wait for them."""
    token = door.identify(request)
    door.demand(token, "make")
    try:
        asked = plain.read_json(request, MOST_BYTES)
    except (plain.NotRead, plain.TooBig):
        raise Said("We could not parse the JSON body of your request.") from None
    fields = _fields(asked)
    return _made(request, token, {**fields, "type": "image"}, asked)


@in_their_words
def edit(request: HttpRequest) -> HttpResponse:
    """Edit a picture, with more of them to look at, and wait for what comes."""
    token = door.identify(request)
    person = door.demand(token, "make")
    asked: dict[str, Any] = dict(request.POST.items())
    if twice := [name for name, values in request.POST.lists() if len(values) > 1]:
        raise Said(f"'{twice[0][:60]}' comes more than once.", param=twice[0][:60])
    files = [*request.FILES.getlist("image"), *request.FILES.getlist("image[]")]
    if "mask" in request.FILES:
        raise Said("Masks are not supported: say in the prompt what to change.", param="mask", code="unsupported")
    if not files:
        raise Said("Send at least one image.", param="image", code="missing_required_parameter")
    if len(files) > MAX_REFERENCES:
        raise Said(f"Send at most {MAX_REFERENCES} images.", param="image")
    fields = _fields(asked)
    if fields["aspect_ratio"]:
        raise Said(
            "An edit keeps the size of its image: leave out size, or make it auto.", param="size", code="unsupported"
        )
    try:
        kept = [plain.keep_file(file, person) for file in files]
    except plain.NotTaken as why:
        raise Said(why.sentence, param="image", status=503 if why.is_busy else 400) from None
    codes = [str(one.code) for one in dict.fromkeys(kept)]
    return _made(request, token, {**fields, "type": "image_edit", "source": codes[0], "references": codes[1:]}, asked)


def _fields(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a body asks for in the words of the dock. Raises Said."""
    for name, value in asked.items():
        if name in NEUTRAL:
            if value not in NEUTRAL[name]:
                raise Said(
                    f"{name} {str(value)[:60]!r} is not supported: leave it out.", param=name, code="unsupported"
                )
        elif name not in MAKES:
            raise Said(f"Unknown parameter: '{name[:60]}'.", param=name[:60], code="unknown_parameter")
    model = asked.get("model") or capabilities.models()[0]
    if model not in capabilities.models():
        message = f"The model '{str(model)[:60]}' does not exist here. Use {' or '.join(capabilities.models())}."
        raise Said(message, param="model", code="model_not_found", status=404)
    if asked.get("response_format") not in (None, "url", "b64_json"):
        raise Said("response_format is url or b64_json.", param="response_format")
    if asked.get("output_format") not in (None, "png", "jpeg"):
        raise Said("output_format is png or jpeg.", param="output_format", code="unsupported")
    if not isinstance(asked.get("prompt"), str):
        raise Said("Missing required parameter: 'prompt'.", param="prompt", code="missing_required_parameter")
    return {
        "prompt": asked["prompt"],
        "model": model,
        "count": _count(asked.get("n")),
        "aspect_ratio": _ratio(asked.get("size"), model),
        "output_format": asked.get("output_format") or "",
    }


def _count(n: object) -> int:
    """Read how many; a form brings it as text. Raises Said for what is no whole number: nobody guesses what to pay for."""
    text = "1" if n is None else str(n)
    if isinstance(n, bool) or not (text.isascii() and text.isdigit() and len(text) < 9):
        raise Said("n is a whole number, from 1 to 20.", param="n")
    return int(text)


def _ratio(size: object, model: str) -> str:
    """Return the model's ratio that is nearest to a size such as 1024x1536; "" for auto. Raises Said."""
    made = ratios.offer().of(model, "auto")
    if size in (None, "", "auto") or not made:
        return ""
    width, _, height = str(size)[:20].lower().partition("x")
    if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise Said("size is auto, or WIDTHxHEIGHT such as 1536x1024.", param="size")
    wanted = int(width) / int(height)
    return min(made, key=lambda slug: abs(_parts(slug) / wanted - 1) + abs(wanted / _parts(slug) - 1))


def _parts(slug: str) -> float:
    across, down = slug.split(":")
    return int(across) / int(down)


def _made(request: HttpRequest, token: ApiToken, fields: Mapping[str, Any], asked: Mapping[str, Any]) -> HttpResponse:
    """Submit, wait, and hand over the pictures. A place to wait is taken before anything is paid for."""
    key = request.headers.get("Idempotency-Key")
    spec = making.spec_of(token, fields)
    with tries.refusals_noted(token, spec):
        waiting.take_place()
    try:
        found = tries.first_of(token, spec) if is_retry(request) and key is None else None
        with tries.refusals_noted(token, spec):
            made = found or making.submit(token, fields, key=key)[0]
        jobs = Job.objects.filter(submission=made)
        is_over = door.while_let_in(token, lambda: not jobs.exclude(state__in=Job.FINISHED).exists())
        if not waiting.watch(is_over, LONGEST):
            raise Said(LATE, code="still_running", status=503)
    finally:
        waiting.leave_place()
    return _answer(request, made, asked)


def _answer(request: HttpRequest, made: Submission, asked: Mapping[str, Any]) -> HttpResponse:
    shown = Picture.objects.filter(job__submission=made, kept_from=None, trashed_at=None)
    pictures = list(shown.order_by("job__number", "position"))
    if not pictures:
        job = Job.objects.filter(submission=made).order_by("number")[0]
        is_refused = job.failure_code == "content_moderated"
        code = "moderation_blocked" if is_refused else "generation_failed"
        # Not a status that their client tries again by itself: an unknown outcome may have been paid for.
        raise Said(job.sentence or "No picture was made.", code=code, status=400)
    first = pictures[0]
    wants_url = asked.get("response_format") == "url"
    data = [
        {"url": plain.link_to(one, request)} if wants_url else {"b64_json": _base64(one, made.person)}
        for one in pictures
    ]
    said = {
        "created": int(made.created_at.timestamp()),
        "data": [{**one, "revised_prompt": made.read_by_luma} for one in data],
        "size": f"{first.width}x{first.height}",
        "output_format": leaving.format_of(first),
    }
    headers = {"Studio-Aspect-Ratio": made.aspect_ratio or "auto", "Studio-Submission": str(made.code)}
    return JsonResponse(said, headers=headers)


def _base64(picture: Picture, person: User) -> str:
    try:
        return base64.b64encode(leaving.content(picture, person)).decode()
    except (OSError, Trouble):
        # It is paid for: no status that their client tries again by itself.
        raise Said(UNREADABLE, code="file_unreadable", status=400) from None
