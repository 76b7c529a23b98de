"""Imports run left to right, never back, and never in a circle (docs/architecture.md)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "studio"
# A package may import from the columns before its own, and from itself.
COLUMNS = (
    {
        *("cli", "luma", "simulator", "imaging", "embedding", "text", "network", "configuration", "database", "s3"),
        *(
            "settings",
            "storage",
            "static_storage",
            "message_storage",
            "task_queue",
            "disk",
            "durable",
            "logs",
            "parent_death",
        ),
        *("codes", "failures", "pauses", "ratios", "keys", "zip_layout"),
    },
    {"models"},
    {"engine"},
    {"tasks"},
    {"forms", "signing_in"},
    {"views", "api", "admin", "templatetags", "middleware", "context_processors", "launcher", "management", "checks"},
    {"urls", "urls_account", "urls_admin", "apps", "wsgi"},
)
# Beyond the columns: what must not import each other.
STRANGERS = {("luma", "simulator"), ("simulator", "luma"), ("imaging", "luma"), ("luma", "imaging")}
NO_DJANGO = {"luma", "simulator", "imaging", "embedding", "cli"}
MODULES = {
    ".".join(("studio", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__"): path
    for path in sorted(ROOT.rglob("*.py"))
    if "migrations" not in path.parts
}


@cache
def imports(path: Path) -> frozenset[str]:
    """Return the modules that a file imports anywhere, for types alone too."""
    return frozenset(name for node in ast.walk(ast.parse(path.read_text())) for name in _of(node))


def _of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        for alias in node.names:
            inner = f"{node.module}.{alias.name}"
            yield inner if inner in MODULES else node.module


def package(module: str) -> str:
    return module.split(".")[1] if module.startswith("studio.") else ""


def column(name: str) -> int:
    return next((number for number, names in enumerate(COLUMNS) if name in names), -1)


def test_imports_run_one_way() -> None:
    wrong = []
    for module, path in MODULES.items():
        own = package(module)
        if not own:
            continue
        assert column(own) >= 0, f"{own} has no column: give it one"
        for other in imports(path):
            theirs = package(other)
            if theirs and theirs != own and (column(theirs) > column(own) or (own, theirs) in STRANGERS):
                wrong.append(f"{module} imports {other}")
            if own in NO_DJANGO and other.split(".")[0] in {"django", "django_q"}:
                wrong.append(f"{module} imports {other}")
    assert wrong == []


def test_no_module_imports_itself_through_others() -> None:
    graph = {module: {other for other in imports(path) if other in MODULES} for module, path in MODULES.items()}
    assert circles(graph) == []


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Return the groups of modules that reach each other."""
    reach = {module: set(others) for module, others in graph.items()}
    for middle in graph:
        for others in reach.values():
            if middle in others:
                others |= reach[middle]
    groups = {frozenset(b for b in reach[a] if a in reach[b]) for a in graph if a in reach[a]}
    return sorted(sorted(group) for group in groups)


def test_a_circle_is_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]


def test_views_neither_call_the_api_nor_decode_pixels() -> None:
    for path in (ROOT / "views").rglob("*.py"):
        for module in imports(path):
            assert not module.startswith("PIL"), f"{path.name} decodes pixels"
            assert module not in {"studio.luma.client", "httpx", "aiohttp"}, f"{path.name} calls the API"
