function span(ms) {
  const seconds = Math.max(1, Math.round(ms / 1000));
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

/** The note in a room of a page that is back: how long it was away, and what became of what was said meanwhile. */
export function describeReturn({ away, how, caughtUp }) {
  if (how === "gap") return "Some messages are missing here: no server has them any more.";
  const back = `Back after ${span(away)}`;
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
