// What links of the page fill the dock with, as it stands; fetched with the first of them.
import { say, syncLook } from "./dock-parts.js";

// `asked`: the fields of the link's address; `begin`: a draft as JSON; `version`: of a look.
export function fill(dock, { asked, begin, version, link }) {
  const type = dock.form.elements.type.value;
  if (begin) {
    const { note, ...state } = JSON.parse(begin);
    link.closest(".dock__note")?.remove();
    const follows = state.type ? { follows: false } : {};
    dock.begin({ ...dock.state, ...follows, ...state, choices: { ...dock.modes, ...state.choices } });
    if (note) dock.note(note);
  } else if (asked.source) {
    const now = type === "layering" ? "layering" : "image_edit";
    const follows = now === "image_edit";
    dock.open(now);
    dock.begin({ type: now, prompt: "", source: asked.source, references: [], follows });
    if (follows) say(dock.rules.words.edit_because);
  } else if (version) {
    if (!dock.rules.types[type].max_references) dock.turnTo("image");
    syncLook(dock, version);
  } else if (asked.draft) {
    const { before } = dock;
    if (!before) return;
    dock.before = null;
    dock.begin(before);
  } else if ("draft" in asked) {
    dock.before = null;
    dock.refresh();
    dock.form.elements.prompt.focus();
  } else {
    const image = { ...(dock.modes.image ?? dock.page.first.image) };
    if (asked.ratio) image.aspect_ratio = asked.ratio;
    dock.begin({ type: "image", prompt: asked.prompt, source: "", references: [], choices: { ...dock.modes, image } });
  }
  dock.form.dispatchEvent(new Event("change"));
}
