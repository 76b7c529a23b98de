from __future__ import annotations

from django.db import models, transaction
from django.db.models import F

from studio.models.sql.compiled_query import CompiledQuery


class Revision(models.Model):
    """A counter that moves with every visible change, so that a page can ask for what is newer than what it has.

    It is raised inside the transaction of the change and its row stays locked until the commit: numbers appear
    in the order of commits, so nobody who asks for "newer than n" can miss one.
    """

    name = models.CharField(max_length=20, primary_key=True, default="studio")
    number = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} {self.number}"

    @classmethod
    def bump(cls) -> int:
        """Raise the counter and return it. Call it inside the transaction that makes the change."""
        with transaction.atomic(savepoint=False):
            row = cls.objects.filter(pk="studio")
            if not row.update(number=F("number") + 1):
                _, is_new = cls.objects.get_or_create(pk="studio", defaults={"number": 1})
                if not is_new:
                    row.update(number=F("number") + 1)  # somebody else made it a moment ago: take its lock too
            return cls.current()

    @classmethod
    def current(cls) -> int:
        return _CURRENT.first() or 0


_CURRENT = CompiledQuery(lambda: Revision.objects.filter(pk="studio").values_list("number", flat=True)[:1])
