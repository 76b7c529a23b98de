from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from pytest_django import Settings

from studio import bundles
from studio.bundles import joined


@pytest.fixture
def parts(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Two modules that know each other, and a bundle that names one of them."""
    settings.BASE_DIR, settings.BUNDLE_ROOT = tmp_path, tmp_path / "out"
    monkeypatch.setattr(bundles, "BUNDLES", {"page.js": ("page.js",), "page.css": ("a.css", "b.css")})
    folder = tmp_path / "static" / "js"
    folder.mkdir(parents=True)
    (folder / "words.js").write_text("const SECRET = 1;\nexport const hello = () => SECRET + 1;\n")
    (folder / "page.js").write_text(
        'import { hello } from "./words.js";\nconst SECRET = 5;\nglobalThis.said = hello();\n'
    )
    return folder


def test_modules_keep_their_own_names_and_get_what_they_import(parts: Path) -> None:
    text = joined("page.js")
    assert text.index("// words.js") < text.index("// page.js")
    node = shutil.which("node")
    if node:
        said = subprocess.run(
            [node, "-e", text + ";console.log(globalThis.said)"], capture_output=True, text=True, check=True
        )
        assert said.stdout.strip() == "2"


def test_an_import_that_is_not_understood_is_refused(parts: Path) -> None:
    (parts / "page.js").write_text('import hello from "./words.js";\n')
    with pytest.raises(ValueError, match="cannot be bundled"):
        joined("page.js")


def test_a_changed_part_changes_the_bundle(parts: Path) -> None:
    before = Path(finders.find("bundles/page.js") or "").read_text()
    (parts / "words.js").write_text("export const hello = () => 7;\n")
    assert Path(finders.find("bundles/page.js") or "").read_text() != before


def test_every_bundle_of_the_product_can_be_joined() -> None:
    for name in bundles.BUNDLES:
        assert joined(name)
        assert finders.find(f"bundles/{name}")
    assert not finders.find("bundles/none.js")
