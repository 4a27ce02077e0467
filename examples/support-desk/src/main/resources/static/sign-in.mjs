// The sign-in of a first try, at DemoIssuer. An application has the library of its identity provider here.

const KEY = "desk.person";

/** The people that one may be; none if the server has an identity provider. */
export async function people() {
  const reply = await fetch("/demo/people");
  return reply.ok ? reply.json() : [];
}

export const signIn = id => sessionStorage.setItem(KEY, id);

export const signOut = () => sessionStorage.removeItem(KEY);

/** A token that is valid for ten minutes from now; undefined before a sign-in, and without the server. */
export async function freshToken() {
  const id = sessionStorage.getItem(KEY);
  const reply = id && (await fetch(`/demo/tokens/${id}`, { method: "POST" }).catch(() => undefined));
  return reply?.ok ? (await reply.json()).token : undefined;
}
