function span(ms) {
  const seconds = Math.max(1, Math.round(ms / 1000));
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

/** The time of a change of node, which is short. */
function moveTime(ms) {
  return ms < 9_950 ? `${Math.max(0.1, ms / 1000).toFixed(1)} s` : span(ms);
}

/** The note in a room of a page that is back: how long it was away, and what became of what was said meanwhile. */
export function describeReturn({ away, move, how, caughtUp }) {
  if (how === "gap") return "Some messages are missing here: no server has them any more.";
  const back = move === undefined ? `Back after ${span(away)}` : `Moved from ${move.from} to ${move.to} in ${moveTime(away)}`;
  switch (how) {
    case "nothing":
      return `${back}. You missed nothing.`;
    case "late":
      return `${back}, too late to catch up: older messages are gone.`;
    default:
      if (caughtUp === 0) return `${back}.`;
      return `${back}. ${caughtUp === 1 ? "1 message was" : `${caughtUp} messages were`} caught up.`;
  }
}

const NAMED = 3;
const and = new Intl.ListFormat("en-GB");

/** What a room without messages shows: a line about the people in it, and a line about what to do. */
export function describeEmpty(room, people, own) {
  const me = people.find(({ key }) => key === own);
  const others = people.filter(({ key }) => key !== own).map(({ name }) => name);
  if (others.length === 1) return { first: `${others[0]} is here.`, then: "Say hello." };
  if (others.length > 1) {
    const who = others.length > NAMED ? `${others.length} others` : and.format(others);
    return { first: `${who} are here.`, then: "Say hello." };
  }
  if (me === undefined) return { first: `This is #${room}.`, then: "" };
  const then = me.tabs > 1 ? "Say hello: your other window shows it." : "Say hello, or open this page in a second window.";
  return { first: `You are alone in #${room}.`, then };
}
