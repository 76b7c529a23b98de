from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from studio.engine import integrity
from studio.models import Run


class Command(BaseCommand):
    help = "Check every promise over rows and files; exit with 1 when one is broken."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--deep", action="store_true", help="also read and decode every original")
        parser.add_argument("--repair", action="store_true", help="mend what can be mended without paying again")
        parser.add_argument("--json", action="store_true", help="print a list for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        findings = integrity.check(now, deep=options["deep"])
        mended = [options["repair"] and integrity.repair(finding, now=now) for finding in findings]
        Run.note(Run.Kind.INTEGRITY, started_at=now, is_ok=all(mended), sentence=_result(findings, mended))
        if options["json"]:
            rows = [asdict(finding) | {"mended": done} for finding, done in zip(findings, mended, strict=True)]
            self.stdout.write(json.dumps(rows, indent=2))
        else:
            self._tell(findings, mended)
        if not all(mended):
            sys.exit(1)

    def _tell(self, findings: list[integrity.Finding], mended: list[bool]) -> None:
        for finding, done in zip(findings, mended, strict=True):
            can = " (--repair can mend it)" if finding.repairable else ""
            self.stdout.write(f"{finding.invariant}: {finding.sentence}{' Mended.' if done else can}")
        if not findings:
            self.stdout.write("Everything is as it should be.")


def _result(findings: list[integrity.Finding], mended: list[bool]) -> str:
    if not findings:
        return "Everything is as it should be."
    broken = f"{len(findings)} promise{'s' if len(findings) > 1 else ''} broken"
    return f"{broken}, {sum(mended)} mended: {findings[0].sentence}"
