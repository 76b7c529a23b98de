"""The addresses of Luma's and OpenAI's wire formats, both under /v1."""

from __future__ import annotations

from django.urls import path

from studio.api import luma, luma_files, openai, plain

plain.linked.login_required = False  # type: ignore[attr-defined]

urlpatterns = [
    path("generations", luma.generations, name="generations"),
    path("generations/<str:id>", luma.generation_by_id, name="generation"),
    path("files", luma_files.files, name="files"),
    path("files/<str:id>", luma_files.file_by_id, name="file"),
    path("files/<str:id>/complete", luma_files.complete, name="complete_file"),
    path("uploads/<str:id>", luma_files.put, name="put_file"),
    path("images/generations", openai.generate, name="openai_generate"),
    path("images/edits", openai.edit, name="openai_edit"),
    path("models", openai.models, name="models"),
    path("linked/<str:name>", plain.linked, name="linked"),
    path("", openai.nowhere, name="no_call_of_theirs"),
    path("<rest:rest>", openai.nowhere, name="nowhere_of_theirs"),
]
