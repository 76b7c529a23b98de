// A notice of the desktop and a sound for what happened, as its person chose on the page of notifications. Of several
// open tabs one makes it. This module comes with the first of them (pages.js).
const TOLD = "studio:told"; // the last one, for all tabs
const TONES = [660, 880]; // Hz
const LENGTH = 0.18; // seconds for each
const LOUD = 0.08;

export function tell(code, text, ways) {
  if (localStorage.getItem(TOLD) === code) return;
  localStorage.setItem(TOLD, code);
  if (ways.includes("sound")) sound();
  if (!ways.includes("desktop") || !document.hidden || Notification.permission !== "granted") return;
  const notice = new Notification("Studio", { body: text.trim(), tag: code });
  notice.addEventListener("click", () => {
    window.focus();
    notice.close();
  });
}

// Two soft tones. A page that nobody has touched yet stays silent: the browser does not let it.
export function sound() {
  const audio = new AudioContext();
  const volume = audio.createGain();
  volume.connect(audio.destination);
  volume.gain.value = LOUD;
  for (const [i, frequency] of TONES.entries()) {
    const tone = new OscillatorNode(audio, { frequency });
    tone.connect(volume);
    tone.start(audio.currentTime + i * LENGTH);
    tone.stop(audio.currentTime + (i + 1) * LENGTH);
    if (i === TONES.length - 1) tone.addEventListener("ended", () => audio.close());
  }
}
