"""Scripts are native modules, style sheets import each other, and a browser gets both under names with a hash."""

from __future__ import annotations

import json
import posixpath
import re
from pathlib import Path

import pytest
from django.conf import settings as project
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import override_settings
from pytest_django import Settings

from studio.static_storage import joined, slim

ROOT = project.BASE_DIR
LATE = re.compile(r'import\("(\.[^"]+)"\)')
# What a page's head asks for itself.
LINKED = re.compile(r'<(?:link|script)\b[^>]* (?:href|src)="{% static "([^"]+\.(?:css|js|woff2))" %}"')
PRELOADED = re.compile(r'<link rel="modulepreload"[^>]* href="{% static "([^"]+)" %}"')
EXTENDS = re.compile(r'{% extends "([^"]+)" %}')
IMPORTED = re.compile(r'^import (?:\{[^}]+\} from )?"(\.[^"]+)";$', re.MULTILINE)
STATIC = re.compile(r'{% static "([^"]+)" %}')
SCRIPTS = sorted(str(path.relative_to(ROOT / "static")) for path in (ROOT / "static" / "js").rglob("*.js"))
PAGES = sorted(
    str(path.relative_to(ROOT / "templates"))
    for path in (ROOT / "templates").glob("*/*.html")
    if EXTENDS.search(path.read_text()) and path.parent.name != "admin"
)
# Of the first load of a page, pictures aside.
MOST_REQUESTS = 20


# What `collected` makes is made on one worker alone.
pytestmark = pytest.mark.xdist_group("static files")
STORAGES = {**project.STORAGES, "staticfiles": {"BACKEND": "studio.static_storage.StaticStorage"}}


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The static files as production serves them; collected once, and only read."""
    folder = tmp_path_factory.mktemp("collected")
    with override_settings(STATIC_ROOT=folder, STORAGES=STORAGES):
        call_command("collectstatic", verbosity=0, interactive=False)
    return folder


def names(folder: Path) -> dict[str, str]:
    """Return the hashed name of each static file."""
    found: dict[str, str] = json.loads((folder / "staticfiles.json").read_text())["paths"]
    return found


def relative(name: str, folder: str) -> str:
    """Return how a module in a folder names a file."""
    found = posixpath.relpath(name, folder)
    return found if found.startswith(".") else f"./{found}"


def test_a_module_imports_the_name_that_its_page_preloads(collected: Path) -> None:
    hashed = names(collected)
    text = (collected / hashed["js/create/create.js"]).read_text()
    for name in ("jobs/jobs", "tiles", "create/picture-tray", "create/compose-dock", "create/prompt"):
        assert f' "{relative(hashed[f"js/{name}.js"], "js/create")}";' in text
    assert f'import("{relative(hashed["js/create/dock-handling.js"], "js/create")}")' in text
    text = (collected / hashed["js/create/compose-dock.js"]).read_text()
    assert f'from "{relative(hashed["js/shell.js"], "js/create")}";' in text


def test_a_page_fetches_one_style_sheet_besides_the_shell(collected: Path) -> None:
    for name in (
        "shell",
        "create/create",
        "gallery/gallery",
        "pictures/picture",
        "jobs/job",
        "review/review",
        "account/sign-in",
    ):
        for file in (names(collected)[f"css/{name}.css"], f"css/{name}.css"):
            assert "@import" not in (collected / file).read_text(), file
    shell = (collected / "css/shell.css").read_text()
    order = [shell.index(part) for part in ("@layer reset, tokens", ".icon--activity", ".btn {", ".field {")]
    assert order == sorted(order)


def test_a_style_sheet_that_is_imported_twice_is_there_once() -> None:
    sheets = {
        "css/page.css": '@import "a.css";\n@import "b.css";\np {}\n',
        "css/a.css": '@import "../vendor/x.css";\na {}\n',
        "css/b.css": '@import "../vendor/x.css";\nb {}\n',
        "vendor/x.css": "x {}\n",
    }
    assert joined("css/page.css", sheets) == "x {}\na {}\nb {}\np {}\n"
    with pytest.raises(KeyError):
        joined("css/page.css", {"css/page.css": '@import "none.css";\n'})


def test_a_style_sheet_is_sent_without_comments_and_indents(collected: Path) -> None:
    before = '/* says\nwhat */\n@layer a {\n  b::after {\n\n    content: "/* kept */";\n  }\n}\n'
    assert slim(before) == '@layer a {\nb::after {\ncontent: "/* kept */";\n}\n}\n'
    assert "/*" not in (collected / names(collected)["css/create/create.css"]).read_text()


def test_a_changed_part_renames_the_page_that_imports_it(collected: Path, settings: Settings, tmp_path: Path) -> None:
    before = names(collected)
    copy = tmp_path / "source"
    for path in (ROOT / "static").rglob("*"):
        if path.suffix in {".css", ".js", ".woff2"}:
            target = copy / path.relative_to(ROOT / "static")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    for part, more in {"css/create/tray.css": "i {}\n", "js/create/tray-upload.js": "\n"}.items():
        (copy / part).write_text((copy / part).read_text() + more)
    settings.STORAGES = STORAGES
    settings.STATICFILES_DIRS = [copy]
    settings.STATIC_ROOT = tmp_path / "again"
    settings.WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["css", "js", "svg", "html", "txt", "woff2"]  # names alone are read
    finders.get_finder.cache_clear()
    try:
        call_command("collectstatic", verbosity=0, interactive=False)
    finally:
        finders.get_finder.cache_clear()
    after = names(tmp_path / "again")
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {
        *("css/create/tray.css", "css/create/create.css"),
        *("js/create/tray-upload.js", "js/create/picture-tray.js", "js/create/create.js"),
    }


def named_in(name: str, pattern: re.Pattern[str]) -> set[str]:
    """Return the files that a module names with relative addresses."""
    found = pattern.findall((ROOT / "static" / name).read_text())
    return {posixpath.normpath(posixpath.join(posixpath.dirname(name), other)) for other in found}


def imported(name: str) -> set[str]:
    """Return what a module imports, and what these import."""
    found = named_in(name, IMPORTED)
    return found.union(*(imported(other) for other in found))


@pytest.mark.parametrize("page", sorted(path.name for path in (ROOT / "templates").glob("*/*.html")))
def test_a_page_names_every_module_it_needs(page: str) -> None:
    """A module that is only found by reading another one costs a round trip."""
    (path,) = (ROOT / "templates").glob(f"*/{page}")
    text = path.read_text() + (ROOT / "templates" / "base.html").read_text()
    if page.startswith("_"):  # a part of Create, which has these modules already when the part's own is fetched
        text += (ROOT / "templates" / "create" / "create.html").read_text()
    named = {name for name in STATIC.findall(text) if name.startswith("js/")}
    assert set().union(*(imported(name) for name in named)) <= named


def text_of(page: str) -> str:
    """Return a page's template with those that it extends."""
    text = (ROOT / "templates" / page).read_text()
    return "".join([text, *(text_of(base) for base in EXTENDS.findall(text))])


def first_load(text: str) -> set[str]:
    """Return what a browser fetches for a page: itself and its icon, style sheets, fonts, scripts and what these import."""
    linked = set(LINKED.findall(text)) | {"page", "icon"}
    if "{% htmx_script %}" in text:
        linked.add("htmx")
    return linked.union(*(imported(name) for name in linked if name.startswith("js/")))


@pytest.mark.parametrize("page", PAGES)
def test_the_first_load_of_a_page_asks_for_at_most_20_files(page: str) -> None:
    """Where a page replaces what it extends, it asks for less than is counted here."""
    text = text_of(page)
    asked = first_load(text)
    assert {"css/shell.css", "fonts/InterVariable.woff2"} < asked
    # Who may only look has one more style sheet, and settles no board.
    looker, maker = asked - {"js/boards/sheet.js"}, asked - {"css/viewer.css"}
    assert max(len(looker), len(maker)) <= MOST_REQUESTS, sorted(asked)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_preloads_only_what_its_scripts_import(page: str) -> None:
    text = text_of(page)
    preloaded = set(PRELOADED.findall(text))
    scripts = {name for name in LINKED.findall(text) if name.startswith("js/")} - preloaded
    assert preloaded <= set().union(*(imported(name) for name in scripts))


def test_every_script_is_used_by_a_page() -> None:
    """By its name, or loaded by another one when it is needed first."""
    text = "".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    late = {late for name in SCRIPTS for late in named_in(name, LATE)}
    used = set(STATIC.findall(text)) | late.union(*(imported(name) for name in late))
    assert set(SCRIPTS) <= used


def test_what_is_loaded_late_has_a_name_with_a_hash_too(collected: Path) -> None:
    hashed = names(collected)
    for name in SCRIPTS:
        text = (collected / hashed[name]).read_text()
        for late in named_in(name, LATE):
            assert f'import("{relative(hashed[late], posixpath.dirname(name))}")' in text


def test_the_composer_loads_at_most_60_kilobytes_of_script() -> None:
    """Before anybody touches it, beside what shows jobs and pictures on other pages too."""
    loaded = {
        name for name in STATIC.findall((ROOT / "templates/create/create.html").read_text()) if name.endswith(".js")
    }
    shared = {"js/jobs/jobs.js", "js/tiles.js"}
    assert sum((ROOT / "static" / name).stat().st_size for name in loaded - shared) <= 60_000


def test_every_icon_that_a_template_or_script_names_is_in_the_font() -> None:
    """The font's names are written from the drawings; a name without a sign would be an empty box."""
    folder = ROOT / "static/vendor/lucide"
    drawn = re.findall(r'<symbol id="([a-z0-9-]+)"', (folder / "drawings.svg").read_text())
    written = re.findall(r"\.icon--([a-z0-9-]+)(\.icon--filled)? \{ --glyph", (folder / "icons.css").read_text())
    assert [name + ("-filled" if filled else "") for name, filled in written] == drawn
    assert (folder / "icons.woff2").read_bytes()[:4] == b"wOF2"
    sources = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("static/js/**/*.js"), *ROOT.glob("studio/**/*.py")]
    named = re.compile(r'{% icon "([a-z0-9-]+)"|icon--([a-z0-9-]{2,})|icon=(?:"|&quot;)([a-z0-9-]+)"')
    used = {name for one in sources for found in named.findall(one.read_text()) for name in found if name}
    assert used - set(drawn) - {"filled"} == set()
