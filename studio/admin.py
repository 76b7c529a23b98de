"""The back office: jobs, attempts, the ledger and people, to look at only. What may be done is done in Review and People."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Max, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from studio import failures
from studio.codes import read_code
from studio.models import Attempt, Job, LedgerRow, TrailEntry, User
from studio.models.private_things import hidden_from
from studio.models.review.failure_search import LABEL
from studio.views.request import viewer

# Of a list; what is older is found by its id.
MOST_LISTED = 2_000
LISTED = f"The newest {MOST_LISTED:,} are listed. A job's number (J-123), its code or its id at Luma finds any."

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


def _is_seen(request: HttpRequest, path: str = "") -> Q:
    """The team's jobs, and the person's own private ones, as a condition on the job at `path`."""
    return Q((f"{path}is_private", False)) | viewer(request).owned(f"{path}person")


class LookOnly:
    """Nothing can be added, changed or deleted here: each change belongs to a verb of the model."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class NewestFirst(ChangeList):
    """In the order of their keys alone: in another one it would be read from end to end."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        return ["-pk"]


class Newest(LookOnly):
    """A table that grows: of its list the newest rows alone are read, whatever it is filtered by; an id finds any."""

    show_full_result_count = False
    sortable_by: Any = ()
    list_per_page = 40

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return NewestFirst

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], term: str
    ) -> tuple[QuerySet[Any], bool]:
        rows = queryset.model._default_manager.all()
        is_new = Q(pk__gt=(rows.aggregate(last=Max("pk"))["last"] or 0) - MOST_LISTED)
        if not term.strip():
            return queryset.filter(is_new), False
        return queryset.filter(pk__in=self.found(term.strip(), rows.filter(is_new))), False

    def found(self, term: str, newest: QuerySet[Any]) -> list[int]:
        """Return the keys of what an id finds, in a few looks at an index, and among the newest rows."""
        return []


def _jobs(term: str) -> list[int]:
    """The keys of the job that a number, a code or an id of Luma's names."""
    found = [int(label[1])] if (label := LABEL.fullmatch(term)) else []
    if code := read_code(term):
        found += Job.objects.filter(code=code).values_list("pk", flat=True)
    return [*found, *Job.objects.filter(remote_id=str(code or term)).values_list("pk", flat=True)]


def _requested(term: str, newest: QuerySet[Any]) -> list[int]:
    code = read_code(term)
    return list(newest.filter(request_id=code).values_list("pk", flat=True)) if code else []


class CauseFilter(admin.SimpleListFilter):
    """Of the causes there are, and not of those that some job has: to find these reads every job."""

    title = parameter_name = "cause"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, cause.title) for name, cause in failures.CAUSES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        return queryset.filter(cause=self.value()) if self.value() else queryset


class AttemptInline(LookOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = Attempt
    extra = 0
    can_delete = False
    fields = ("number", "request_id", "sent_at", "ended_at", "outcome", "status", "detail", "remote_id", "asked_by")


@admin.register(Job)
class JobAdmin(Newest, admin.ModelAdmin):  # type: ignore[type-arg]
    """Every job, newest first, with its attempts."""

    list_display = ("label", "state", "cause", "person", "price", "charge", "created_at", "finished_at")
    list_filter = ("state", CauseFilter, "charge")
    list_select_related = ("person",)
    search_fields = ("code",)
    search_help_text = LISTED
    inlines = (AttemptInline,)

    def found(self, term: str, newest: QuerySet[Job]) -> list[int]:
        return [*_jobs(term), *_requested(term, newest)]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        """Without others' private jobs: Review has their causes and costs."""
        return super().get_queryset(request).filter(_is_seen(request))


@admin.register(Attempt)
class AttemptAdmin(Newest, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("job", "number", "sent_at", "outcome", "status", "request_id", "remote_id")
    list_filter = ("outcome",)
    list_select_related = ("job",)
    search_fields = ("request_id",)
    search_help_text = LISTED

    def found(self, term: str, newest: QuerySet[Attempt]) -> list[int]:
        of_jobs = Attempt.objects.filter(job_id__in=_jobs(term)).values_list("pk", flat=True)[:MOST_LISTED]
        return [*of_jobs, *_requested(term, newest)]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attempt]:
        return super().get_queryset(request).filter(_is_seen(request, "job__"))


@admin.register(LedgerRow)
class LedgerAdmin(Newest, admin.ModelAdmin):  # type: ignore[type-arg]
    """Every move of money, newest first, in ten-thousandths of a dollar. A board's name may be private."""

    list_display = ("at", "day", "job", "person", "entry", "line", "reserved", "spent", "unknown")
    list_filter = ("entry", "line")
    list_select_related = ("job", "person")
    search_fields = ("job",)
    search_help_text = LISTED
    exclude = ("board", "submission")

    def found(self, term: str, newest: QuerySet[LedgerRow]) -> list[int]:
        return list(LedgerRow.objects.filter(job_id__in=_jobs(term)).values_list("pk", flat=True)[:MOST_LISTED])

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerRow]:
        """Without others' private jobs: Spend has their money."""
        return super().get_queryset(request).filter(_is_seen(request, "job__"))


@admin.register(User)
class UserAdmin(LookOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "email", "role", "is_active", "joined_at", "last_login")
    list_filter = ("role", "is_active")
    search_fields = ("name", "email")
    ordering = ("name",)
    exclude = ("password", "groups", "user_permissions", "is_superuser")


@admin.register(TrailEntry)
class TrailAdmin(Newest, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("at", "verb", "name", "thing", "text")
    list_filter = ("verb",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[TrailEntry]:
        """Without what others did in private."""
        return super().get_queryset(request).filter(Q(private_to=None) | Q(private_to=request.user.pk))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Nor what is private by now."""
        rows, _ = super().get_search_results(request, queryset, term)
        hidden = hidden_from(viewer(request), rows.values_list("address", flat=True))
        return rows.exclude(address__in=hidden), False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        return None if found and hidden_from(viewer(request), [found.address]) else found
