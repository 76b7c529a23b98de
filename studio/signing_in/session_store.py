"""Sessions in the database, as Django keeps them, looked up by a compiled query: every page asks for one."""

from __future__ import annotations

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from studio.models.sql.compiled_query import MOMENT, TEXT, CompiledQuery

_OPEN = CompiledQuery(
    lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now), TEXT, MOMENT, is_steady=True
)


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Session | None:
        found: Session | None = _OPEN.first(self.session_key, timezone.now())
        if found is None:
            self._session_key = None
        return found

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session
