"""Whatever is sent, every answer of the JSON API is one that its description promises, and none is a 500."""

from __future__ import annotations

import json
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from studio.api.v1 import api
from studio.models import User
from tests import people
from tests.api.calling import make_token

pytestmark = pytest.mark.untraced

EXAMPLES = 12  # of each operation
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)


@pytest.mark.django_db
def test_no_answer_is_undocumented(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.api.door.CALLS_PER_MINUTE", 1_000_000)
    monkeypatch.setattr("studio.api.waiting.until", lambda *_: True)
    ada = people.make_person("Ada", role=User.Role.ADMIN)
    people.make_job(ada, state="done")
    headers = {"Authorization": f"Bearer {make_token(ada)[1]}"}
    application: Any = get_wsgi_application()
    # Django's own client would have the connection closed by the next call that is not its own.
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema())))
    schema.app = application
    found = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        found += 1

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def fits(case: Any) -> None:
            case.call_and_validate(headers=headers, checks=list(CHECKS))

        fits()
    assert found >= 27
