"""The import rule: left to right, and never back."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "studio"
# What stands in one column may import from the columns before it, and from its own package.
COLUMNS = (
    {
        "luma",
        "simulator",
        "imaging",
        "ratios",
        "secret_key",
        "logs",
        "settings",
        "bundles",
        "client_address",
        "loopback",
        "full_disk",
    },
    {"models"},
    {"engine"},
    {"tasks"},
    {"forms", "search", "sign_in", "brake"},
    {"views", "admin", "templatetags", "middleware", "nothing_new", "launcher", "management", "checks"},
    {"urls", "apps", "wsgi"},
)
# Beyond the columns: what must not meet.
STRANGERS = {("luma", "simulator"), ("simulator", "luma"), ("imaging", "luma"), ("luma", "imaging")}
NO_DJANGO = {"luma", "simulator", "imaging"}
# The model of a job and its submission name each other; Django's app hook names tasks by need.
MODULES = sorted(path for path in ROOT.rglob("*.py") if "migrations" not in path.parts)


def room(module: str) -> str:
    return module.split(".")[1] if module.startswith("studio.") else ""


def column(name: str) -> int:
    return next((number for number, names in enumerate(COLUMNS) if name in names), -1)


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= (
                {f"{node.module}.{alias.name}" for alias in node.names} if node.module == "studio" else {node.module}
            )
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path: Path) -> None:
    own = path.relative_to(ROOT).parts[0].removesuffix(".py")
    if own == "__init__":
        return
    assert column(own) >= 0, f"{own} has no column: give it one"
    for module in imports(path):
        other = room(module)
        if other and other != own:
            assert column(other) <= column(own), f"{own} imports {module}, which runs back"
            assert (own, other) not in STRANGERS, f"{own} must not know {other}"
        if own in NO_DJANGO:
            assert module.split(".")[0] not in {"django", "django_q"}, f"{own} must not know Django"


def test_views_neither_call_the_api_nor_decode_pixels() -> None:
    for path in (ROOT / "views").rglob("*.py"):
        for module in imports(path):
            assert not module.startswith("PIL"), f"{path.name} decodes pixels"
            assert module not in {"studio.luma", "studio.luma.client", "httpx", "aiohttp"}, f"{path.name} calls the API"
