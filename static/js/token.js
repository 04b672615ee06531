// Whoever signed in again, in another tab, has another session: its token comes with the same page, read anew.

/** Put the present session's token into this page's forms; false while nobody is signed in. */
export async function freshToken() {
  // asked for as JSON, so that a server without a session says 401 instead of leading to its sign-in page
  const answer = await fetch(location.href, { headers: { Accept: "application/json, text/html" }, cache: "no-store" });
  if (!answer.ok || new URL(answer.url).pathname !== location.pathname) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page.querySelector("meta[name=csrf-token]")?.content;
  if (!token) return false;
  const own = document.querySelector("meta[name=csrf-token]");
  if (own) own.content = token;
  for (const input of document.querySelectorAll("input[name=csrf_token]")) input.value = token;
  return true;
}
