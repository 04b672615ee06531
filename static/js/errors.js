// One listener for every failed request: a visible message that can be tried again, and nothing typed is lost.
// What failed for want of a connection is sent again by itself when the signal is back.
import { announce, make, say } from "./words.js";

const failed = new Map(); // element -> how to send it again
const box = () => document.getElementById("problem");

function resend() {
  const again = [...failed.values()];
  hide();
  for (const send of again) send();
}

function hide() {
  const problem = box();
  if (problem) problem.hidden = true;
}

/** Show `text` with the request's number; `retry` offers to send again. */
export function showProblem(text, { id = "", retry = false } = {}) {
  const problem = box();
  if (!problem) return;
  const words = make("p", {}, text);
  if (id && !text.includes(id)) words.append(make("small", {}, `${say("number")}: ${id}`));
  const button = make("button", { type: "button", class: "btn" }, retry ? say("retry") : "OK");
  button.addEventListener("click", retry ? resend : hide);
  problem.replaceChildren(words, button);
  problem.hidden = false;
}

/** The server's own words, when it sent some: errors/_message.html or JSON. */
export function serverWords(xhr) {
  const body = xhr.responseText || "";
  if ((xhr.getResponseHeader("Content-Type") || "").includes("json")) {
    try {
      const answer = JSON.parse(body);
      return [answer.error || answer.message, answer.hint].filter(Boolean).join(" ");
    } catch { return ""; }
  }
  if (!body.includes("data-message")) return "";
  const page = new DOMParser().parseFromString(body, "text/html");
  return page.querySelector("[data-message] p")?.textContent.trim() || "";
}

/** Do again what the person did: the same button, the same form, so the same request id. */
function sender(detail) {
  const { elt, requestConfig = {} } = detail;
  const cause = requestConfig.triggeringEvent;
  const submitter = cause?.submitter ?? cause?.detail?.submitter;
  return () => {
    if (!elt.isConnected) { failed.delete(elt); return; }
    // A real click: htmx remembers the button by it and forgets it when the focus leaves the form.
    if (submitter?.isConnected) submitter.click();
    else if (elt.tagName === "FORM") elt.requestSubmit();
    else elt.dispatchEvent(new Event(cause?.type || "click", { bubbles: true, cancelable: true }));
  };
}

function fail(event, text, retry) {
  const { elt, xhr } = event.detail;
  const changes = event.detail.requestConfig?.verb !== "get";
  if (retry) failed.set(elt, sender(event.detail));
  if (changes && retry) elt.dataset.unsaved = say("unsaved");
  showProblem(text, { id: xhr?.getResponseHeader?.("X-Request-ID") || "", retry });
}

document.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  const retry = xhr.status >= 500 || xhr.status === 429;
  fail(event, serverWords(xhr) || say(retry ? "server" : "refused"), retry);
});
document.addEventListener("htmx:sendError", (event) => fail(event, say("unreachable"), true));
document.addEventListener("htmx:timeout", (event) => fail(event, say("slow"), true));

// 409 and 422 carry a fragment for the page; the server's plain message is not one and goes to the box.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status < 400 || !event.detail.shouldSwap) return;
  const words = serverWords(xhr);
  if (!words) return;
  event.detail.shouldSwap = false;
  fail(event, words, false);
});

document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, successful } = event.detail;
  if (!successful) return;
  delete elt.dataset.unsaved;
  if (!failed.delete(elt)) return;
  if (failed.size === 0) { hide(); announce(say("saved")); }
});

window.addEventListener("online", () => { if (failed.size) resend(); });
window.addEventListener("beforeunload", (event) => {
  if ([...failed.keys()].some((element) => element.isConnected && element.dataset.unsaved)) event.preventDefault();
});
