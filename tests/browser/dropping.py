"""Files and texts as a browser drops and pastes them."""

from __future__ import annotations

import base64

from playwright.sync_api import Page

# What a browser puts into a drop or a paste: files by name and content, and texts by type.
TRANSFER = """({ files, texts }) => {
  const data = new DataTransfer();
  for (const [name, content] of files) {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    data.items.add(new File([bytes], name, { type: "image/png" }));
  }
  for (const [type, text] of Object.entries(texts)) data.setData(type, text);
  window.transfer = data;
}"""
DRAG = """({ name, selector }) => {
  const target = selector ? document.querySelector(selector) : document.body;
  const options = { dataTransfer: window.transfer, bubbles: true, cancelable: true };
  return target.dispatchEvent(new DragEvent(name, options));
}"""
# All in one turn: while something is dragged, a browser tells of no pointer, which is what ends a drag.
DROP = f"""(zone) => {{
  const tell = {DRAG};
  for (const [name, selector] of [["dragenter", ""], ["dragover", ""], ["drop", zone]]) tell({{ name, selector }});
}}"""
PASTE = """(selector) => {
  const target = selector ? document.querySelector(selector) : document.body;
  const options = { clipboardData: window.transfer, bubbles: true, cancelable: true };
  return target.dispatchEvent(new ClipboardEvent("paste", options));
}"""


def hold(page: Page, *files: tuple[str, bytes], **texts: str) -> None:
    """Put files, and texts by type (text_plain), into the hand."""
    content = [[name, base64.b64encode(data).decode()] for name, data in files]
    named = {name.replace("_", "/", 1).replace("_", "-"): text for name, text in texts.items()}
    page.evaluate(TRANSFER, {"files": content, "texts": named})


def drop(page: Page, role: str = "reference") -> None:
    page.evaluate(DROP, f'.drop__zone[data-role="{role}"]')
