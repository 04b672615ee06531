// A page that came from the phone says so, and as of when.
import { make, say } from "../words.js";
import { momentWords } from "./moments.js";
import { asOf } from "./packed.js";

/** The line below the bar. A kept page is as old as itself; what is composed here is as old as the pack. */
export async function start() {
  const { offline, kept } = document.documentElement.dataset;
  if (!["page", "shell"].includes(offline) || document.getElementById("offline-line")) return;
  const at = offline === "page" ? Number(kept) : await asOf().catch(() => null);
  const words = at ? say("offline_as_of", momentWords(at)) : say("offline_now");
  document.querySelector("header.top")?.after(make("p", { class: "offline-line", id: "offline-line", role: "status" }, words));
}
