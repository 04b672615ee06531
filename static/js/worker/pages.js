// Pages: from the network while it answers as ourselves, else what this phone keeps.
const ID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const path = (pattern) => new RegExp(`^${pattern.replaceAll("ID", ID)}$`);

// Kept when they were looked at.
const KEPT = ["/premises/ID", "/inspections/ID", "/notices", "/notices/ID", "/checklists", "/checklists/[a-z_]+", "/me"].map(path);
// Composed on the phone, by modules, from what is stored there. The first ones always, the others when no page is kept.
const SHELLS = [
  ["/", "start"], ["/premises", "premises"], ["/premises/new", "place"], ["/reports/new", "report"], ["/scan", "scan"], ["/d/[A-Za-z0-9_-]+", "file"],
  ["/outbox", "outbox"], ["/patrol", "patrol"],
  ["/premises/ID/visit", "together"], ["/inspections/ID/finish", "finish"], ["/inspections/ID/notice", "notice"],
  ["/premises/ID", "file"], ["/inspections/ID", "visit"],
].map(([pattern, name]) => [path(pattern), name]);

// The phone may have made them and not sent them yet. A module that does not know the id goes on to `?direct=1`.
const MADE_HERE = path("/(premises|inspections)/ID(/visit|/finish|/notice)?");

const isKept = (url) => !url.search && KEPT.some((pattern) => pattern.test(url.pathname));

/** Give `work` so much time; null when it needs more. */
const within = (ms, work) => Promise.race([work, new Promise((done) => { setTimeout(done, ms, null); })]);

async function page(event, url) {
  const answer = fetchPage(event, url);
  event.waitUntil(answer.catch(() => {}));
  return (await within(XUNCHA.patience, answer)) ?? (await fromPhone(url)) ?? (await answer) ?? lost();
}

/** What this phone can show in place of `url`, or null. `how` the shell came to be shown, for its modules. */
async function fromPhone(url, how = "shell") {
  const shell = SHELLS.find(([pattern]) => pattern.test(url.pathname))?.[1];
  const page = how === "shell" && isKept(url) && (await keptPage(url.pathname, "page"));
  return page || (shell && (await keptPage(shellUrl(shell), how))) || null;
}

/** The server's answer; null where it is not ours (a hotel's login page, a broken proxy) or does not come. */
async function fetchPage(event, url) {
  let response;
  try {
    response = await fetch(event.request);
    if (isPage(response)) response = await whole(response);
  } catch {
    return null;
  }
  if (response.type === "opaqueredirect") return (await leadsToUs(event.request)) ? response : null;
  if (!response.headers.get("X-Xuncha")) return null;
  if (response.status >= 500) return (await fromPhone(url)) ?? response;
  if (response.status === 404 && MADE_HERE.test(url.pathname)) return (await fromPhone(url, "missing")) ?? response;
  const copy = isKept(url) && isKeepable(response) ? response.clone() : null; // a ZIP of photos is never held twice
  event.waitUntil(note(url, response.headers, copy).catch(() => {}));
  return response;
}

/** The same, here to its end: half a page would stand there for ever. Raises where the line breaks before it. */
async function whole(response) {
  const { status, statusText } = response;
  const headers = new Headers(response.headers);
  for (const name of ["Content-Encoding", "Content-Length"]) headers.delete(name); // of the bytes on the line
  return new Response(await response.blob(), { status, statusText, headers });
}

/** Where a redirect leads cannot be read; a hotel's leads away, which a request of the same origin refuses. */
async function leadsToUs(request) {
  try {
    const response = await fetch(request.url, { mode: "same-origin", credentials: "same-origin", headers: { Accept: "text/html" } });
    return Boolean(response.headers.get("X-Xuncha"));
  } catch {
    return false;
  }
}

/** Remember who reads, keep the page, and have the person's shells at hand. */
async function note(url, headers, copy) {
  const person = headers.get("X-Xuncha-Person");
  if (!person) return; // a file, a page for everybody, or an ended session: what is kept stays its person's
  await meet(person, headers.get("Content-Language") ?? "");
  if (headers.get("X-Xuncha-Version") !== XUNCHA.version) return void self.registration.update();
  const html = copy && url.pathname.startsWith("/inspections/") ? await copy.clone().text() : "";
  if (copy) await keepPage(url.pathname, copy);
  await keepThen(html, person).catch(() => {}); // the page is there without
  if (!(await hasShells())) await fetchShells();
}

/** Nothing is here: say so, in the person's frame or, where nobody is signed in, without one. */
async function lost() {
  return (await keptPage(shellUrl("lost"), "shell"))
    ?? (await caches.match(XUNCHA.lost, { ignoreVary: true }).then((found) => found && marked(found, "shell")))
    ?? Response.error();
}
