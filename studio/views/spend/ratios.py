"""An admin adds a ratio from a day on, or withdraws one: every page knows it within a second."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from studio.forms.files.fields import problems
from studio.forms.spend.ratios import AddRatioForm, WithdrawRatioForm
from studio.views.permissions import admin_only
from studio.views.request import viewer
from studio.views.spend import page as spend


@require_POST
@admin_only
def add_ratio(request: HttpRequest) -> HttpResponse:
    """Add a ratio from a day on."""
    form = AddRatioForm(request.POST)
    if not form.is_valid():
        return spend.page(request, status=422, new_ratio=request.POST, ratio_problems=problems(form))
    return _told(request, f"Added: {form.add(viewer(request)).words}.")


@require_POST
@admin_only
def withdraw_ratio(request: HttpRequest) -> HttpResponse:
    """Withdraw a ratio from a day on; what was made with it stays."""
    form = WithdrawRatioForm(request.POST)
    if not form.is_valid():
        return spend.page(request, status=422, withdrawn=request.POST, ratio_problems=problems(form))
    return _told(request, f"{form.add(viewer(request)).words}.")


def _told(request: HttpRequest, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect(f"{reverse('studio:spend')}#ratios")
