// Files that come in on a page without a dock wait here for Create, which this tab opens next: pages share no memory,
// but the browser's database holds files. `person` keeps those of one who signed out from the next.
const DATABASE = "studio";
const STORE = "carried";
const KEY = "studio:carried"; // of this tab
const LONGEST = 3_600_000; // milliseconds after which nobody comes for them

function settled(request) {
  return new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}

async function inStore(act) {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await settled(opening);
  try {
    return await act(database.transaction(STORE, "readwrite").objectStore(STORE));
  } finally {
    database.close();
  }
}

export async function carry(person, detail) {
  const key = Date.now();
  await inStore(async (store) => {
    const old = IDBKeyRange.upperBound(key - LONGEST);
    await Promise.all([settled(store.delete(old)), settled(store.put({ person, detail }, key))]);
  });
  sessionStorage.setItem(KEY, String(key));
}

// What this tab brought along, once; null when there is nothing for this person.
export async function takeCarried(person) {
  const key = Number(sessionStorage.getItem(KEY));
  if (!key) return null;
  sessionStorage.removeItem(KEY);
  const found = await inStore(async (store) => {
    const [one] = await Promise.all([settled(store.get(key)), settled(store.delete(key))]);
    return one;
  });
  return found?.person === person ? found.detail : null;
}

// Why a file's bytes cannot be had, although it was dropped or chosen; "" when they can.
export async function whyUnreadable(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
    return "";
  } catch (problem) {
    return problem.name === "NotFoundError"
      ? "It was moved, renamed or deleted after you chose it. Choose it again."
      : "It changed after you chose it, or can't be read. Choose it again.";
  }
}
