"""The form of a prompt, as a page without script sends it and as a link opens it."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import RequestFactory
from django.utils.datastructures import MultiValueDict

from studio.forms.create.compose import ComposeForm
from studio.models import User

ANOTHER_CODE = "00000000-0000-4000-8000-000000000000"


def posted(person: User, *, files: dict[str, list[SimpleUploadedFile]] | None = None, **fields: Any) -> ComposeForm:
    """The form as a page without script would send it: every control, whatever its mode takes."""
    usual = {
        "token": str(uuid.uuid4()),
        "type": "image",
        "prompt": "A cat",
        "model": "uni-1",
        "style": "auto",
        "count": "1",
    }
    data = QueryDict(mutable=True)
    for name, value in {**usual, "aspect_ratio": "3:2", "output_format": "", **fields}.items():
        data.setlist(name, [str(one) for one in value] if isinstance(value, list) else [str(value)])
    return ComposeForm(data, MultiValueDict(files or {}), person=person)


def asked(person: User, query: str) -> ComposeForm:
    request = RequestFactory().get(f"/?{query}")
    request.user = person
    return ComposeForm.from_query(request)
