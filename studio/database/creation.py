"""Many tables made by one operation of a migration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class CreateModels(Operation):
    """Creates models that refer to one another, in an order where each comes after those it refers to.

    After each CreateModel, Django builds every class anew that is related to the new one: of seventy related tables, two
    thousand classes. Here they are built once, and the first start of a studio takes half as long.
    """

    serialization_expand_args = ["operations"]
    reversible = False

    def __init__(self, operations: Sequence[CreateModel]) -> None:
        self.operations = operations

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        return (type(self).__qualname__, [self.operations], {})

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        # The classes of the state are built when somebody asks for them: once, after the last of these.
        vars(state).pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Create {len(self.operations)} models"


def together(operations: Sequence[Operation], app_label: str = "studio") -> list[Operation]:
    """Create all models at once; what the other operations add to a model is in it from the beginning."""
    models: dict[str, Any] = {one.name_lower: one for one in operations if isinstance(one, CreateModel)}
    others: list[Any] = [one for one in operations if not isinstance(one, CreateModel)]
    for added in others:
        (models[added.model_name_lower],) = models[added.model_name_lower].reduce(added, app_label)
    return [CreateModels(list(models.values()))]
