"""Files and pictures on their way into the dock's tray."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from studio.codes import read_code
from studio.forms.files.known_files import recall
from studio.forms.files.uploads import Refusal, refuse_again, shown_name, store_upload
from studio.luma.capabilities import MAX_REFERENCES
from studio.models import Picture
from studio.views.permissions import makers_only
from studio.views.request import viewer

ONE_SOURCE = "Only one source can be used, so it was left out."
NO_ROOM = "The tray holds {most} references, so it was left out."
RETRY_AFTER = 2  # seconds
NOTHING = Refusal("No picture arrived", "Choose a file that has a name, and try again.")


@require_http_methods(["GET", "HEAD", "POST"])
@makers_only
def upload(request: HttpRequest) -> HttpResponse:
    """Take files for the tray (POST), or show a picture that is already here as a tile of it (GET)."""
    if request.method == "POST":
        return _receive(request)
    person = viewer(request)
    pictures = Picture.objects.visible_to(person).for_tiles()
    picture = get_object_or_404(pictures, code=read_code(request.GET.get("picture", "")))
    return render(request, "create/_tray_tile.html", {"picture": picture, "role": _role(request.GET.get("as"))})


def _receive(request: HttpRequest) -> HttpResponse:
    """Store what can be used, in its order, and name what cannot; 422 when nothing of it can, 503 to come again."""
    person = viewer(request)
    role = _role(request.POST.get("as"))
    pictures: list[Picture] = []
    refusals: list[Refusal] = []
    room, full = _room(request, role)
    source, references = request.POST.get("source", ""), request.POST.getlist("reference")
    for file in request.FILES.getlist("files"):
        if len(pictures) >= room:
            refusals.append(Refusal(shown_name(file.name), full))
            continue
        stored = store_upload(file, person, timezone.now())
        if isinstance(stored, Refusal):
            refusals.append(stored)
        # A reference that comes as the source moves there; the page takes it out of the references.
        elif again := refuse_again(stored, source, [] if role == "source" else references):
            refusals.append(again)
        else:
            pictures.append(stored)
            references.append(str(stored.code))
    context = {"pictures": pictures, "role": role, "refusals": refusals or ([] if pictures else [NOTHING])}
    context["recalled"] = recall(pictures, person)
    answer = render(request, "create/_upload.html", context, status=200 if pictures else 422)
    if not pictures and any(refusal.is_busy for refusal in refusals):
        answer.status_code = 503
        answer["Retry-After"] = str(RETRY_AFTER)
    return answer


def _room(request: HttpRequest, role: str) -> tuple[int, str]:
    """How many more the tray takes, by what the form says is in it, and the sentence for the others."""
    if role == "source":
        return 1, ONE_SOURCE
    most = MAX_REFERENCES - bool(request.POST.get("source"))
    return max(0, most - len(request.POST.getlist("reference"))), NO_ROOM.format(most=most)


def _role(asked: str | None) -> str:
    return "source" if asked == "source" else "reference"
