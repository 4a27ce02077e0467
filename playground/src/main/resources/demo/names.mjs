// A friendly name for whoever has none yet, and the look that belongs to a name.

const FIRST = ["Amber", "Brisk", "Bright", "Gentle", "Golden", "Lucky", "Mellow", "Merry", "Misty", "Quiet", "Sunny", "Velvet"];
const SECOND = ["Beryl", "Finch", "Hazel", "Heron", "Jasper", "Juniper", "Lynx", "Marten", "Opal", "Otter", "Quartz", "Wren"];

const pick = list => list[Math.floor(Math.random() * list.length)];

export function suggestName() {
  return `${pick(FIRST)} ${pick(SECOND)}`;
}

/** A hue for a name, the same in every window. */
export function hue(name) {
  let hash = 7;
  for (const character of name.toLowerCase()) hash = (hash * 31 + character.codePointAt(0)) >>> 0;
  // Steps of 24 degrees keep neighbours apart; the offset keeps clear of the gold of the own messages.
  return 130 + (hash % 12) * 24;
}

/** Dresses an element as the avatar of that name. */
export function dress(avatar, name) {
  avatar.textContent = (Array.from(name)[0] ?? "").toUpperCase();
  avatar.style.setProperty("--hue", hue(name));
}
