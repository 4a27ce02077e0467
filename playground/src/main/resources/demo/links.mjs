const ADDRESS = /\bhttps?:\/\/[^\s<>"]+/giu;
const CLOSES = { ")": "(", "]": "[", "}": "{" };
const ENDS = /[.,;:!?')\]}\u2019\u201d\u00bb\u2026]$/u;

/** The parts of a text in order: strings, and links for the addresses in it. Together they have the text as it was. */
export function withLinks(text) {
  const parts = [];
  let end = 0;
  for (const { 0: match, index } of text.matchAll(ADDRESS)) {
    const address = withoutEnd(match);
    const link = linkTo(address);
    if (link === undefined) continue;
    parts.push(text.slice(end, index), link);
    end = index + address.length;
  }
  return [...parts, text.slice(end)];
}

/** What ends a sentence is not a part of the address, nor is a bracket that was opened before it. */
function withoutEnd(address) {
  let kept = address;
  while (ENDS.test(kept)) {
    const last = kept.at(-1);
    if (last in CLOSES && kept.split(last).length <= kept.split(CLOSES[last]).length) break;
    kept = kept.slice(0, -1);
  }
  return kept;
}

function linkTo(address) {
  const url = parse(address);
  // A name before the host makes the address look like one of another host.
  if (url === undefined || url.username !== "" || url.password !== "") return undefined;
  const link = document.createElement("a");
  link.href = url.href;
  link.target = "_blank";
  link.rel = "noopener";
  link.textContent = address;
  return link;
}

function parse(address) {
  try {
    const url = new URL(address);
    return ["http:", "https:"].includes(url.protocol) ? url : undefined;
  } catch {
    return undefined;
  }
}
