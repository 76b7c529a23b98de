"""A new password by email, for whoever forgot theirs."""

from __future__ import annotations

from allauth.core import ratelimit
from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods
from django_q.tasks import async_task

from studio.forms.account.fields import WholeEmail
from studio.views.account.sign_in import SAMPLES
from studio.views.errors import refuse


class ForgottenForm(forms.Form):
    email = WholeEmail(label="Email", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"}))


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Send a link for a new password; the answer is the same whether anybody has this address or not."""
    if not settings.PASSWORDS:
        raise Http404
    form = ForgottenForm(request.POST if request.method == "POST" and settings.STUDIO_EMAIL else None)
    sent = form.is_valid()
    if sent:
        email = form.cleaned_data["email"].lower()
        if not ratelimit.consume(request, action="reset_password", key=email):
            sentence, advice = (
                "That's too many emails for now.",
                "Look into your spam folder, or try again in an hour.",
            )
            return refuse(request, 429, sentence=sentence, advice=advice)
        site = request.build_absolute_uri("/").rstrip("/")
        async_task("studio.tasks.mail_new_password", email, site, cluster="studio")
    context = {"form": form, "sent": sent, "mails": settings.STUDIO_EMAIL, "samples": SAMPLES}
    return render(request, "account/forgotten.html", context, status=422 if form.errors else 200)
