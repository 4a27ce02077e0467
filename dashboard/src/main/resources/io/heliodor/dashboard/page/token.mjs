// @ts-check
const KEY = "heliodor-dashboard-token";

/** The token of this tab: that of the address, which is moved out of it, or the one kept for a reload. */
export function takeToken() {
  const address = new URL(location.href);
  const given = address.searchParams.get("token");
  if (given === null) return keptToken();
  keep(given);
  address.searchParams.delete("token");
  history.replaceState(null, "", address);
  return given;
}

/** The token that this tab has kept, or "". */
export function keptToken() {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return ""; // the browser keeps nothing for this page
  }
}

export function forgetToken() {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Nothing is kept.
  }
}

function keep(token) {
  try {
    sessionStorage.setItem(KEY, token);
  } catch {
    // A reload needs the address again.
  }
}
