// A place that is not in the register yet: recorded on the phone, visited at once, sent later.
import { newId } from "../ids.js";
import { showProblem } from "../errors.js";
import { say } from "../words.js";
import { CHANGE_STORES, recordIn } from "./changes.js";
import { plain } from "./packed.js";
import { sheetsFor } from "./sheets.js";
import { tell } from "./signals.js";
import { StorageFull, change, get } from "./store.js";

const number = (value, digits) => (value ? Number(Number(value).toFixed(digits)) : null);

async function register(form) {
  const data = new FormData(form);
  const text = (name) => (data.get(name) ?? "").trim();
  const domains = data.getAll("domains");
  const problem = !text("name") ? form.dataset.missing : !domains.length ? form.dataset.choose : "";
  const place = document.getElementById("place-problem");
  place.textContent = problem;
  place.hidden = !problem;
  if (problem) { place.scrollIntoView({ block: "center" }); return null; }
  const meta = await get("pack", "meta");
  const fields = {
    premises_id: newId(), name: text("name"), kind: text("kind"), domains, region: text("region"), address: text("address"),
    person_in_charge: text("person_in_charge"), phone: text("phone"), latitude: number(data.get("latitude"), 6),
    longitude: number(data.get("longitude"), 6), accuracy_m: number(data.get("accuracy"), 0),
  };
  const named = (list, key) => list?.find((one) => one.key === key)?.name ?? "";
  const row = {
    ...fields, id: fields.premises_id, made_here: true, status: "open", last_visit_ms: null, high_rise: false, region_name: form.dataset.unsent,
    kind_name: named(meta?.kinds, fields.kind), domain_names: domains.map((key) => named(meta?.domains, key)).join(" · "),
    search: [plain(fields.name), fields.phone.replace(/\D/g, ""), plain(fields.address)].join("\n"), sheets: await sheetsFor(meta, domains, fields.kind),
    made_at_ms: Date.now(), bytes: 0, html: "",
  };
  row.html = factsOf(row, form.dataset.unsent);
  await change([...CHANGE_STORES, "premises"], "readwrite", async (tx) => {
    const { person } = await recordIn(tx, { kind: "premises_new", fields });
    tx.objectStore("premises").put({ ...row, person });
  });
  tell("record", { visits: [] });
  return row.id;
}

/** What is known of it, as markup. */
function factsOf(row, unsent) {
  const list = document.createElement("section");
  list.className = "card";
  for (const line of [unsent, row.kind_name, row.domain_names, row.address, row.person_in_charge, row.phone].filter(Boolean)) {
    list.append(Object.assign(document.createElement("p"), { textContent: line }));
  }
  return list.outerHTML;
}

export function start() {
  const form = document.querySelector("form[data-shell=place]");
  if (!form || form.dataset.started) return;
  form.dataset.started = "yes";
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    try {
      const id = await register(form);
      if (id) location.assign(`/premises/${id}`);
    } catch (error) {
      console.error("not kept", error);
      showProblem(say(error instanceof StorageFull ? "phonefull" : "notkept"));
    }
  });
}
