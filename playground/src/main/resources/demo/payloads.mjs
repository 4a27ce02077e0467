// What other clients send is theirs to choose: everything is checked and cut here, before the page sees it.

export const LIMITS = { name: 24, body: 1000, lines: 30, room: 32 };

const INVISIBLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu;
const ID = /^[A-Za-z0-9_-]{8,64}$/;
const DAY = 86_400_000;

function cut(text, length) {
  const characters = Array.from(text.slice(0, length * 2 + 2));
  return characters.length > length ? characters.slice(0, length - 1).join("") + "…" : characters.join("");
}

export function name(value) {
  if (typeof value !== "string") return "";
  return cut(value.slice(0, 200).replace(INVISIBLE, "").replace(/\s+/gu, " ").trim(), LIMITS.name);
}

export function body(value) {
  if (typeof value !== "string") return "";
  const lines = value.slice(0, LIMITS.body * 4).replace(/\r\n?/g, "\n").replace(INVISIBLE, "").trim().split("\n");
  const kept = lines.length > LIMITS.lines ? [...lines.slice(0, LIMITS.lines), "…"] : lines;
  return cut(kept.join("\n"), LIMITS.body);
}

/** The part of a topic after `history:`, from whatever somebody typed or linked to; "" if nothing is left. */
export function roomName(value) {
  const plain = value.slice(0, 200).replace(INVISIBLE, "").trim().replace(/^#+/, "").toLowerCase();
  return Array.from(plain.replace(/[\s#,]+/gu, "-")).slice(0, LIMITS.room).join("");
}

/** A message as `shout` carries it, or undefined when it is none. */
export function readShout(payload, now) {
  const from = name(payload?.from);
  const text = body(payload?.body);
  if (from === "" || text === "" || typeof payload.id !== "string" || !ID.test(payload.id)) return undefined;
  const at = payload.at;
  const believable = Number.isSafeInteger(at) && at <= now + 60_000 && at >= now - DAY;
  return { id: payload.id, from, body: text, at: believable ? at : now };
}

/** The name of whoever is typing, or "" when the whisper says something else. */
export function readTyping(payload) {
  return payload?.kind === "typing" ? name(payload.from) : "";
}

/** The people of a room; each user once, with the number of tabs. */
export function readPeople(people) {
  return [...people].map(([key, { metas }]) => ({ key, name: name(key) || "Somebody", tabs: metas.length }));
}

/** The part of a node's name before its host; some text for a reply that has none. */
export function nodeName(value) {
  return typeof value === "string" ? name(value.split("@")[0]) : "?";
}

/** The nodes of the cluster and the users with the node of each, in the order of their names. */
export function readNodes(people) {
  const nodes = [];
  const users = [];
  for (const [key, { metas }] of people) {
    if (key.startsWith("node ")) nodes.push({ name: metas[0].node, port: metas[0].port, pid: metas[0].pid });
    else users.push(...metas.map(({ node }) => ({ name: name(key.slice("user ".length)) || "Somebody", node })));
  }
  const byName = (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  return { nodes: nodes.sort(byName), users: users.sort(byName) };
}

/** An id for a message; needs no secure context, so that it works on http://192.168.… too. */
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, "0")).join("");
}
