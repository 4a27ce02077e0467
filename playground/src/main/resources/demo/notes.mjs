function span(ms) {
  const seconds = Math.max(1, Math.round(ms / 1000));
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

/** What the page says when it is back in a room: how long it was away, and what became of what was said meanwhile. */
export function describeReturn({ away, how, caughtUp }) {
  const back = `Back after ${span(away)}`;
  switch (how) {
    case "nothing":
      return `${back}. You missed nothing.`;
    case "late":
      return `${back}, too late to catch up: older messages are gone.`;
    case "anew":
      return `${back}. The room has begun anew: what was said meanwhile is gone.`;
    default:
      if (caughtUp === 0) return `${back}.`;
      return `${back}. ${caughtUp === 1 ? "1 message was" : `${caughtUp} messages were`} caught up.`;
  }
}
