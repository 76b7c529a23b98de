"""The back office: jobs, attempts, the ledger and people, to look at only. What may be done is done in Review and People."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from studio.models import Attempt, Job, LedgerRow, TrailEntry, User

# A schedule may name any function, and the counters of failed sign-ins are nobody's to edit.
CLOSED = {"auth", "axes", "django_q", "account", "mfa", "usersessions", "socialaccount"}
for model in [known for known in admin.site._registry if known._meta.app_label in CLOSED]:
    admin.site.unregister(model)

admin.site.site_header = admin.site.site_title = "Studio, back office"


def redirect_to_sign_in(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """Redirect strangers to our rate-limited sign-in page; refuse whoever is signed in and no admin."""
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect_to_login(request.get_full_path())


def closed(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """Say that there is no such page: a password is changed on the account page, which asks for it and ends sessions."""
    raise Http404


admin.site.login = redirect_to_sign_in  # type: ignore[method-assign]
admin.site.password_change = admin.site.password_change_done = closed  # type: ignore[method-assign, assignment]


def _seen(request: HttpRequest) -> QuerySet[Job]:
    person = request.user
    return Job.objects.visible_to(person) if isinstance(person, User) else Job.objects.none()


class LookOnly:
    """Nothing can be added, changed or deleted here: each change belongs to a verb of the model."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class AttemptInline(LookOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = Attempt
    extra = 0
    can_delete = False
    fields = ("number", "request_id", "sent_at", "ended_at", "outcome", "status", "detail", "remote_id", "asked_by")


@admin.register(Job)
class JobAdmin(LookOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Every job, newest first, with its attempts."""

    list_display = ("label", "state", "cause", "person", "price", "charge", "created_at", "finished_at")
    list_filter = ("state", "cause", "charge")
    list_select_related = ("person",)
    search_fields = ("remote_id", "request_id", "code")
    ordering = ("-created_at",)
    show_full_result_count = False
    inlines = (AttemptInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        """Without others' private jobs: Review has their causes and costs."""
        return super().get_queryset(request).filter(pk__in=_seen(request))


@admin.register(Attempt)
class AttemptAdmin(LookOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("job", "number", "sent_at", "outcome", "status", "request_id", "remote_id")
    list_filter = ("outcome",)
    list_select_related = ("job",)
    search_fields = ("request_id", "remote_id")
    ordering = ("-sent_at",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attempt]:
        return super().get_queryset(request).filter(job__in=_seen(request))


@admin.register(LedgerRow)
class LedgerAdmin(LookOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Every move of money, newest first, in ten-thousandths of a dollar. A board's name may be private."""

    list_display = ("at", "day", "job", "person", "entry", "line", "reserved", "spent", "unknown")
    list_filter = ("entry", "line")
    list_select_related = ("job", "person")
    search_fields = ("=job__id", "=job__code")
    exclude = ("board", "submission")
    ordering = ("-pk",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerRow]:
        """Without others' private jobs: Spend has their money."""
        return super().get_queryset(request).filter(job__in=_seen(request))


@admin.register(User)
class UserAdmin(LookOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "email", "role", "is_active", "joined_at", "last_login")
    list_filter = ("role", "is_active")
    search_fields = ("name", "email")
    ordering = ("name",)
    exclude = ("password", "groups", "user_permissions", "is_superuser")


@admin.register(TrailEntry)
class TrailAdmin(LookOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("at", "verb", "name", "thing", "text")
    list_filter = ("verb",)
    ordering = ("-at", "-pk")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[TrailEntry]:
        """Without what others did in private."""
        return super().get_queryset(request).filter(Q(private_to=None) | Q(private_to=request.user.pk))
