// @ts-check
import { forgetToken, keptToken } from "./token.mjs";

// A reload has no token in its address: the tab brings back the one that it has kept, unless that one was refused.
const address = new URL(location.href);
const token = keptToken();
if (address.searchParams.has("token")) {
  forgetToken();
  address.searchParams.delete("token");
  history.replaceState(null, "", address);
} else if (token !== "") {
  address.searchParams.set("token", token);
  location.replace(address);
}
