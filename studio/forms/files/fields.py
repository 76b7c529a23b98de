"""Form fields for what the tray holds, pictures by code and files of a page without script; and what a form says."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

GONE = "A picture in the tray is gone. Remove it and choose another."


def problems(form: forms.BaseForm) -> list[str]:
    """Return what is wrong with a form that was sent: each sentence once, in the order of the fields."""
    return list(dict.fromkeys(str(one) for sentences in form.errors.values() for one in sentences))


class Codes(forms.Field):
    """The codes of pictures in their order; the field may stand in the form any number of times."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[uuid.UUID]:
        try:
            return [uuid.UUID(str(code)) for code in value or () if code]
        except ValueError:
            raise ValidationError(GONE, code="gone") from None


class Texts(forms.Field):
    """Short texts in their order; the field may stand in the form any number of times."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[str]:
        return [str(text) for text in value or ()]


class FilesInput(forms.FileInput):
    """A file input that hands over every file, not the last one."""

    allow_multiple_selected = True

    def value_from_datadict(
        self, data: Mapping[str, Any], files: MultiValueDict[str, UploadedFile[bytes]], name: str
    ) -> list[UploadedFile[bytes]]:
        return files.getlist(name) if isinstance(files, MultiValueDict) else []


class Files(forms.Field):
    """Any number of files. Nothing is judged here: `uploads.store_upload` looks inside."""

    widget = FilesInput

    def to_python(self, value: Sequence[UploadedFile[bytes]] | None) -> list[UploadedFile[bytes]]:
        return list(value or ())
