// What the phone keeps of our pages and files. First of the parts of /sw.js: classic scripts, joined by the server
// behind a line that sets XUNCHA = {version, assets, shells, lost, patience}.
const ASSETS = `xuncha-assets-${XUNCHA.version}`;
const PAGES = "xuncha-pages-";
const pagesOf = (person) => `${PAGES}${XUNCHA.version}-${person}`;
const HERE = "/patrol/here"; // an address nobody asks for: who used this phone last
const MOST_PAGES = 80; // visited pages kept of a person
const thenOf = (person) => `${PAGES}${XUNCHA.version}-then-${person}`; // goes with them
const MOST_THEN = 60; // photos of earlier findings, in small
const shellUrl = (name) => `/patrol/shell/${name}.html`;

/** {person, language, shells}: whose pages may be shown, nobody's after a sign-out; which shells are all here. */
async function reader() {
  const cache = await caches.open("xuncha-here");
  return (await cache.match(HERE))?.json() ?? { person: "", language: "" };
}

async function setReader(who) {
  await (await caches.open("xuncha-here")).put(HERE, new Response(JSON.stringify(who)));
}

/** Remove everything that belongs to a person; with `but` all others' only. */
async function forgetPages(but = "") {
  for (const name of await caches.keys()) {
    if (name.startsWith(PAGES) && !(but && name.endsWith(but))) await caches.delete(name);
  }
  if (!but) await setReader({ person: "", language: "" });
}

/** This person reads now; another's pages go. */
async function meet(person, language) {
  const before = await reader();
  if (before.person !== person) await forgetPages(person);
  if (before.person !== person || before.language !== language) await setReader({ person, language });
}

const shellMark = ({ person, language }) => `${XUNCHA.version}/${person}/${language}`;

async function hasShells() {
  const who = await reader();
  return who.shells === shellMark(who);
}

/** Ours, whole, for a signed-in person, and made by the same version as the scripts kept here. */
function isKeepable(response) {
  const said = (name) => response.headers.get(name);
  return response.status === 200 && !response.redirected && said("X-Xuncha") === "page" && said("X-Xuncha-Person")
    && said("X-Xuncha-Version") === XUNCHA.version;
}

/** Store a page in its person's cache with the moment it was made. */
async function keepPage(path, response) {
  const headers = new Headers(response.headers);
  headers.delete("Content-Encoding");
  headers.set("X-Xuncha-Kept", String(Date.now()));
  const cache = await caches.open(pagesOf(headers.get("X-Xuncha-Person")));
  await cache.put(path, new Response(await response.blob(), { headers }));
  const visited = (await cache.keys()).filter((request) => !request.url.includes("/patrol/shell/"));
  for (const request of visited.slice(0, -MOST_PAGES)) await cache.delete(request);
}

/** The photo of then of each point of an open re-inspection, in small, so that its kept page can show it. */
async function keepThen(html, person) {
  if (!html.includes("<template data-pair>")) return;
  const cache = await caches.open(thenOf(person));
  const first = /(?:data-then="|compare-photos"><a href=")(\/inspections\/photos\/[0-9a-f-]+\/)(?:small|plain)\.jpg"/g;
  for (const [, photo] of html.matchAll(first)) {
    if (await cache.match(`${photo}small.jpg`)) continue;
    const response = await fetch(`${photo}small.jpg`);
    if (response.status === 200 && response.headers.get("Content-Type") === "image/jpeg") await cache.put(`${photo}small.jpg`, response);
  }
  for (const request of (await cache.keys()).slice(0, -MOST_THEN)) await cache.delete(request);
}

/** A photo of then that is kept, in small whatever size was asked for. */
async function keptThen(request) {
  const { person } = await reader();
  if (!person) return undefined;
  return (await caches.open(thenOf(person))).match(request.url.replace(/\/plain\.jpg$/, "/small.jpg"), { ignoreVary: true });
}

/** A kept page, or undefined. `how` ("page" | "shell") and when it was made stand on its <html>, for the scripts. */
async function keptPage(path, how) {
  const { person } = await reader();
  if (!person) return undefined;
  const found = await (await caches.open(pagesOf(person))).match(path, { ignoreVary: true });
  return found && marked(found, how);
}

async function marked(response, how) {
  const kept = response.headers.get("X-Xuncha-Kept") ?? "";
  const html = (await response.text()).replace("<html ", `<html data-offline="${how}" data-kept="${kept}" `);
  return new Response(html, { headers: response.headers });
}

/** One shell, anew. Throws when it cannot be had, or is not this person's. */
async function fetchShell(name, person = "") {
  const response = await fetch(shellUrl(name), { headers: { Accept: "text/html" }, cache: "no-store" });
  const owner = response.headers.get("X-Xuncha-Person");
  if (!isKeepable(response) || (person && owner !== person)) throw new Error(`the shell ${name} cannot be kept`);
  await meet(owner, response.headers.get("Content-Language") ?? "");
  await keepPage(shellUrl(name), response);
}

/** Fetch the reader's shells where one is missing or in another language; gives the bytes of all. */
async function fetchShells({ again = false } = {}) {
  if (again || !(await reader()).person) await fetchShell("lost");
  const { person, language } = await reader();
  const cache = await caches.open(pagesOf(person));
  let bytes = 0;
  for (const name of XUNCHA.shells) {
    const known = await cache.match(shellUrl(name), { ignoreVary: true });
    if (!known || again || known.headers.get("Content-Language") !== language) await fetchShell(name, person);
    const kept = await cache.match(shellUrl(name), { ignoreVary: true });
    bytes += (await kept.blob()).size;
  }
  await setReader({ person, language, shells: shellMark({ person, language }) });
  return bytes;
}
