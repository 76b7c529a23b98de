// What a tab remembers of the way from a list to a picture: the list it was opened from, and the last picture seen.
const LIST = "studio:list";
const SEEN = "studio:seen";

export function leaveList() {
  const word = document.querySelector('.tabs [aria-current="page"]')?.textContent.trim();
  if (word) sessionStorage.setItem(LIST, JSON.stringify({ word, href: location.pathname + location.search }));
}

export const lastList = () => JSON.parse(sessionStorage.getItem(LIST) ?? "null");

export const see = (path) => sessionStorage.setItem(SEEN, path);

export function takeSeen() {
  const path = sessionStorage.getItem(SEEN);
  sessionStorage.removeItem(SEEN);
  return path;
}
