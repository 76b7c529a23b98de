"""What a request starts from: the pictures in the tray, files that arrive with the form, and a look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from studio.forms.create.asked import find, find_look
from studio.forms.create.rules import WORDS
from studio.forms.files.fields import GONE, Codes, Files, Texts
from studio.forms.files.uploads import Refusal, refuse_again, shown_name, store_upload
from studio.luma.capabilities import MAX_REFERENCES
from studio.models import Look, LookVersion, Picture, RemoteFile, User
from studio.models.files.remote_file import refused_sentence
from studio.models.pictures import flag as picture_flag
from studio.text import combinations, look_text

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

_ONE_SOURCE = "Only one source can be used, so it was left out."
_TRAY_FULL = "The tray is full, so it was left out."


class InputsForm(forms.Form):
    """Files that arrive with the form are stored while it is judged, and then stand in the tray like any other picture."""

    source = Codes(required=False)
    reference = Codes(required=False)
    remove = Codes(required=False)
    # The version of a look, what fills its blanks, and a tick of a page without script that takes it away.
    look = forms.UUIDField(required=False, error_messages={"invalid": WORDS["look_gone"]})
    blank = Texts(required=False)
    no_look = forms.BooleanField(required=False)
    source_file = Files(required=False)
    reference_files = Files(required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        files: MultiValueDict[str, UploadedFile[bytes]] | None = None,
        *,
        person: User,
        initial: Mapping[str, Any],
    ) -> None:
        super().__init__(data, files, initial=dict(initial))
        self.person = person
        self.source_picture: Picture | None = self.initial.get("source")
        self.reference_pictures: list[Picture] = list(self.initial.get("reference") or [])
        self.look_version: LookVersion | None = self.initial.get("look_version")
        # What arrived with the form and was changed on the way in.
        self.changed: list[Picture] = []
        # A source that came with the form was chosen for an edit; one that lies in the tray waits while it is not used.
        self.source_arrived = False

    def _fill_tray(self, data: Mapping[str, Any]) -> None:
        dropped = set(data.get("remove", ()))
        chosen = {role: [c for c in data.get(role, ()) if c not in dropped] for role in ("source", "reference")}
        found = find([*chosen["source"], *chosen["reference"]], self.person)
        for role, codes in chosen.items():
            if any(str(code) not in found for code in codes):
                self.add_error(role, GONE)
        self.source_picture = next((found[str(code)] for code in chosen["source"] if str(code) in found), None)
        self.reference_pictures = [
            found[str(code)] for code in dict.fromkeys(chosen["reference"]) if str(code) in found
        ]
        self._name_refused()

    def _choose_look(self, data: Mapping[str, Any], *, is_taken: bool) -> None:
        """Find the look that was chosen and, where the mode takes one, what the prompt names."""
        code = None if data.get("no_look") else data.get("look")
        self.look_version = find_look(code, self.person)
        if code and self.look_version is None:
            self.add_error("look", WORDS["look_gone"])
        if not is_taken:
            return
        chosen = self.look_version.look.tag if self.look_version else ""
        # What stands in braces is chosen for some pictures only (studio.forms.create.many).
        named = Look.objects.known_tags(combinations.fixed_tags(data.get("prompt") or ""), self.person)
        others = [tag for tag in named if tag != chosen]
        if chosen and others and self.look_version:
            self.add_error("look", WORDS["one_look"].format(tag=others[0], look=self.look_version.look.name))
        elif len(others) > 1:
            self.add_error("look", WORDS["one_of_looks"].format(tags=look_text.joined([f"#{one}" for one in others])))
        elif others and (look := Look.objects.named(others[0], self.person)):
            # Its words and its price were not seen yet.
            self.look_version = look.current
            self.add_error("look", WORDS["look_named"].format(tag=others[0]))

    def _name_refused(self) -> None:
        """Luma has lately refused one of these pictures when it was uploaded: say so before anything is paid."""
        for field, sentence in picture_flag.sentences(self.source_picture, self.reference_pictures):
            self.add_error(field, sentence)
        placed = [*([self.source_picture] if self.source_picture else []), *self.reference_pictures]
        if not placed:
            return
        refused = RemoteFile.objects.refused(placed, provider=settings.LUMA_BASE_URL, now=timezone.now())
        for picture_id, why in set(refused.values_list("picture_id", "reason")):
            is_source = self.source_picture is not None and self.source_picture.pk == picture_id
            numbers = [f"@{n}" for n, one in enumerate(self.reference_pictures, 1) if one.pk == picture_id]
            named = " and ".join([*(["the source"] if is_source else []), *numbers])
            self.add_error("source" if is_source else "reference", refused_sentence(named, why))

    def _take_files(self, data: Mapping[str, Any]) -> None:
        """Store what arrived with the form, so that it need not be chosen again."""
        for number, file in enumerate(data.get("source_file", ())):
            if number:
                self.add_error("source", f"{shown_name(file.name)}: {_ONE_SOURCE}")
            else:
                taken = self._take("source", file)
                self.source_arrived = taken is not None
                self.source_picture = taken or self.source_picture
                self.reference_pictures = [one for one in self.reference_pictures if one != self.source_picture]
        for file in data.get("reference_files", ()):
            if len(self.reference_pictures) >= MAX_REFERENCES - bool(self.source_picture):
                self.add_error("reference", f"{shown_name(file.name)}: {_TRAY_FULL}")
            elif picture := self._take("reference", file):
                source = str(self.source_picture.code) if self.source_picture else ""
                if again := refuse_again(picture, source, [str(one.code) for one in self.reference_pictures]):
                    self.add_error("reference", f"{again.name}: {again.sentence}")
                else:
                    self.reference_pictures.append(picture)

    def _take(self, role: str, file: UploadedFile[bytes]) -> Picture | None:
        stored = store_upload(file, self.person, timezone.now())
        if isinstance(stored, Refusal):
            self.add_error(role, f"{stored.name}: {stored.sentence}")
            return None
        if stored.changes:
            self.changed.append(stored)
        return stored
