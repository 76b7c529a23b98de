// `{red|green|blue}` in a prompt, read and counted as studio/text/combinations.py does: both pass one list of cases.
const MOST = 60; // beyond it nothing is written out

// Texts, and for each pair of braces the list of its choices; null where the server will say what is wrong.
export function read(prompt) {
  const text = pair();
  const open = []; // the pairs that are not closed yet
  for (const [token] of prompt.matchAll(/\\[{}|]|[{}|]|[^\\{}|]+|\\/g)) {
    const within = open.at(-1) ?? text;
    if (token === "{") open.push(pair());
    else if (token === "|" && open.length) within.alternatives.push([]);
    else if (token === "}" && open.length) {
      const parts = closed(open.pop());
      if (!parts) return null;
      (open.at(-1) ?? text).alternatives.at(-1).push(...parts);
    } else {
      const isEscaped = /^\\[{}|]$/.test(token) && (open.length || token !== "\\|");
      within.alternatives.at(-1).push(isEscaped ? token[1] : token);
    }
  }
  if (open.some(({ alternatives }) => alternatives.length > 1)) return null;
  return [...text.alternatives[0], ...open.flatMap(({ alternatives }) => ["{", ...alternatives[0]])];
}

// How many different prompts they make.
export function count(parts) {
  const all = parts.filter(Array.isArray).reduce((product, { length }) => product * length, 1);
  if (all > MOST) return all;
  let made = [{ text: "", wasEmpty: false }];
  for (const part of parts) made = made.flatMap((one) => [part].flat().map((piece) => joined(one, piece)));
  return new Set(made.map(({ text }) => text.trim())).size;
}

const pair = () => ({ alternatives: [Array.of()] });

function closed({ alternatives }) {
  if (alternatives.length === 1) return ["{", ...alternatives[0], "}"];
  if (alternatives.flat().some(Array.isArray)) return null;
  const values = new Set(alternatives.map((parts) => parts.join("").trim()));
  return Array.of([...values]);
}

// Where an empty piece stood between two blanks, one of them goes.
function joined({ text, wasEmpty }, piece) {
  const rest = wasEmpty && text.endsWith(" ") && piece.startsWith(" ") ? piece.slice(1) : piece;
  return { text: text + rest, wasEmpty: !rest };
}
