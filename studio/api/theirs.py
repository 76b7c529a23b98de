"""The addresses of Luma's and OpenAI's wire formats, both under /v1."""

from __future__ import annotations

from django.urls import path

from studio.api import luma, openai, plain

plain.linked.login_required = False  # type: ignore[attr-defined]

urlpatterns = [
    path("generations", luma.generations, name="generations"),
    path("generations/<str:id>", luma.generation_by_id, name="generation"),
    path("images/generations", openai.generate, name="openai_generate"),
    path("images/edits", openai.edit, name="openai_edit"),
    path("linked/<str:name>", plain.linked, name="linked"),
]
