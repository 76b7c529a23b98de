"""The page's rules and the server's are one: each case of the list gets the same sentences from the script."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from studio.forms.create import rules
from studio.models import Ratio
from tests.forms.combination_cases import READ, REFUSED
from tests.forms.rule_cases import CASES, MENTIONS, RATIO_CASES, RATIOS, Case

SCRIPT = Path(__file__).resolve().parents[2] / "static" / "js" / "create" / "rules.js"
ASK = """async ([script, rules, cases, prompts]) => {
  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const { complaints, mentionNote } = await import(address);
  return {
    complaints: cases.map((one) => complaints(rules, one).map(({ field, words }) => [field, words])),
    notes: prompts.map(([prompt, references]) => mentionNote(rules, prompt, references)),
  };
}"""


def said(chromium: Browser, asked: Sequence[Case]) -> dict[str, list[object]]:
    """What the script says of every case, asked at once."""
    cases = [
        {
            "type": case.type,
            "prompt": case.prompt,
            "model": case.model,
            "aspectRatio": case.aspect_ratio,
            "style": case.style,
            "count": case.count,
            "references": case.references,
            "hasSource": case.has_source,
        }
        for case in asked
    ]
    page = chromium.new_page()
    answer: dict[str, list[object]] = page.evaluate(
        ASK, [SCRIPT.read_text(), rules.table(), cases, [list(row[:2]) for row in MENTIONS]]
    )
    page.close()
    return answer


def test_the_script_says_what_the_server_says(chromium: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    found = said(chromium, CASES)
    assert found["complaints"] == [[list(pair) for pair in case.said] for case in CASES]
    assert found["notes"] == [note for _, _, note in MENTIONS]
    monkeypatch.setattr(Ratio.known, "_known", (math.inf, RATIOS))
    complaints = said(chromium, RATIO_CASES)["complaints"]
    assert complaints == [[list(pair) for pair in case.said] for case in RATIO_CASES]


BRACES = """async ([script, prompts]) => {
  const { count, read } = await import(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
  return prompts.map((prompt) => read(prompt) && count(read(prompt)));
}"""


def test_the_script_counts_combinations_as_the_server_does(chromium: Browser) -> None:
    page = chromium.new_page()
    prompts = [prompt for prompt, _ in (*READ, *REFUSED)]
    counted = page.evaluate(BRACES, [SCRIPT.with_name("braces.js").read_text(), prompts])
    page.close()
    assert counted == [*(len(made) for _, made in READ), *(None for _ in REFUSED)]
