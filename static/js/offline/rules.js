// What a finding needs and what a reading means, as app/inspections/rules.py and app/checklists/measures.py decide it.
// A test gives both the same cases. Pure: no page, no storage.
const CRITICAL = "A";
const LONGEST_DAYS = 180; // a product limit against slips of the finger, not a legal term

/** The outcomes a finding of `severity` may have, the proposed one first. */
export const outcomesFor = (severity) => (severity === CRITICAL
  ? ["referred", "stop_and_guard", "fixed_on_the_spot"]
  : ["by_a_date", "fixed_on_the_spot", "referred", "stop_and_guard"]);

/** Whether the authority that may act is told the same day. */
export const needsReferral = (severity, outcome) =>
  outcome === "referred" || outcome === "stop_and_guard" || (severity === CRITICAL && Boolean(outcome));

/** `start` (ISO day) and `days` later, as an ISO day. */
export function plusDays(start, days) {
  const day = new Date(`${start}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, 10);
}

/** Calendar days from one ISO day to another. */
export const daysBetween = (start, end) => Math.round((Date.parse(`${end}T00:00:00Z`) - Date.parse(`${start}T00:00:00Z`)) / 86400000);

/** Working days after `start` up to and with `end`; `free` lists the ISO days on which nobody works. */
export function workingDays(start, end, free) {
  let count = 0;
  for (let n = 1; n <= daysBetween(start, end); n += 1) if (!free.includes(plusDays(start, n))) count += 1;
  return count;
}

/** The day itself, or the first one after it that is not among the `free`. */
export function firstWorkingDay(day, free) {
  let found = day;
  while (free.includes(found)) found = plusDays(found, 1);
  return found;
}

/** Why `due` cannot be the date of a finding seen on `visited`: "before_visit", "too_far" or null. */
export function refuseDate(due, visited) {
  if (due < visited) return "before_visit";
  return daysBetween(visited, due) > LONGEST_DAYS ? "too_far" : null;
}

/** The finding as it stands: what was chosen, and what is proposed where nothing was. `item` as in phone.py. */
export function finding(state, item, day) {
  const outcome = state.outcome || outcomesFor(item.severity)[0];
  const refers = needsReferral(item.severity, outcome);
  return {
    outcome,
    due_on: outcome === "by_a_date" ? state.due_on || plusDays(day, item.days) : "",
    refer_to: refers ? state.refer_to || item.refer_to : "",
    refer_reason: state.refer_reason ?? "",
    guard: outcome === "stop_and_guard" ? state.guard ?? "" : "",
    scene: state.scene ?? "",
  };
}

const hasReadings = (state) => Object.entries(state.readings ?? {}).some(([name, value]) => /^(value|detected)-/.test(name) && value);

/** What a finding still needs, in the order a person would do it. `photos` {seen, after}. */
export function missing(state, item, photos, day) {
  const found = finding(state, item, day);
  const gaps = [];
  if (item.photo && !photos.seen) gaps.push("photo");
  if (!(state.note?.trim() || state.phrases?.length || hasReadings(state))) gaps.push("fact");
  if (hasReadings(state) && !(state.readings.instrument?.trim() && state.readings.point?.trim())) gaps.push("instrument");
  if (found.outcome === "fixed_on_the_spot" && !photos.after) gaps.push("photo_after");
  if (found.outcome === "stop_and_guard" && !found.guard.trim()) gaps.push("guard");
  if (needsReferral(item.severity, found.outcome) && !found.refer_to) gaps.push("refer_to");
  return gaps;
}

// A phone's Chinese keyboard types full-width digits, 。 for the point and several kinds of minus.
const WIDE = "０１２３４５６７８９．。，－−–＋";
const PLAIN = "0123456789..,---+";

/** What an inspector typed as a decimal in plain digits ("-0.05"), or null when it is no plain number. */
export function parseReading(text) {
  let typed = [...text].map((letter) => (WIDE.includes(letter) ? PLAIN[WIDE.indexOf(letter)] : letter)).join("").trim();
  if (/^[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?$/.test(typed)) typed = typed.replaceAll(",", "");
  else if (typed.split(",").length === 2 && !typed.includes(".")) typed = typed.replace(",", ".");
  return /^[+-]?(\d{1,9}(\.\d{1,6})?|\.\d{1,6})$/.test(typed) ? typed : null;
}

/** Below, equal or above: exact, because 0.30 and 0.3 are one value and 0.1 + 0.2 is not 0.3. */
function compare(one, other) {
  const scaled = (text) => {
    const [, sign, whole, part] = /^([+-]?)(\d*)\.?(\d*)$/.exec(text);
    return BigInt(`${sign === "-" ? "-" : ""}${whole || 0}${part.padEnd(9, "0")}`);
  };
  const [a, b] = [scaled(one), scaled(other)];
  return a < b ? -1 : a > b ? 1 : 0;
}

const amount = (number, unit) => (unit === "%" ? `${number}${unit}` : `${number} ${unit}`.trimEnd());

function describe({ min, max, open_min, open_max }, unit, zh) {
  if (min !== undefined && max !== undefined) return zh ? `在 ${min}~${amount(max, unit)} 范围内` : `within ${min}–${amount(max, unit)}`;
  if (min !== undefined) return `${zh ? (open_min ? "高于" : "不低于") : open_min ? "above" : "at least"} ${amount(min, unit)}`;
  if (max === undefined) return "";
  return `${zh ? (open_max ? "低于" : "不高于") : open_max ? "below" : "at most"} ${amount(max, unit)}`;
}

/**
 * Judge what stands in a form against `measure` (phone.py): {conforms, text}, {problem: "case" | "number"}, or null
 * where nothing was measured. `zh` says the language of the words.
 */
export function judge(measure, { value = "", detected = "", condition = "" }, zh) {
  if (!value.trim() && !detected) return null;
  const limit = measure.limits.find((one) => (one.condition ?? "") === condition);
  if (!limit) return { problem: "case" };
  if (limit.expected) return detected ? { conforms: detected === "no", text: detected === "yes" ? limit.found : limit.absent } : { problem: "number" };
  const number = parseReading(value);
  if (number === null) return { problem: "number" };
  const broken = (bound, words) => ({ conforms: false, text: `${words} ${amount(bound, measure.unit)}` });
  if (limit.min !== undefined) {
    const side = compare(number, limit.min);
    if (side < 0) return broken(limit.min, zh ? "低于" : "below");
    if (side === 0 && limit.open_min) return broken(limit.min, zh ? "未高于" : "not above");
  }
  if (limit.max !== undefined) {
    const side = compare(number, limit.max);
    if (side > 0) return broken(limit.max, zh ? "高于" : "above");
    if (side === 0 && limit.open_max) return broken(limit.max, zh ? "未低于" : "not below");
  }
  return { conforms: true, text: describe(limit, measure.unit, zh) };
}

/** The fields of one measure within the fields of its form. */
export const readingOf = (fields, key) => ({
  value: fields[`value-${key}`] ?? "", detected: fields[`detected-${key}`] ?? "", condition: fields[`condition-${key}`] ?? "",
});

/** All readings of an item: {verdicts: {key: …}, result: "conforms" | "does_not" | null, problem}. */
export function judgeAll(item, fields, zh) {
  const verdicts = {};
  let problem = null;
  for (const measure of item.measures) {
    const verdict = judge(measure, readingOf(fields, measure.key), zh);
    if (verdict) verdicts[measure.key] = verdict;
    problem ??= verdict?.problem ?? null;
  }
  const all = Object.values(verdicts);
  if (problem || !all.length) return { verdicts, problem, result: null };
  return { verdicts, problem, result: all.every((one) => one.conforms) ? "conforms" : "does_not" };
}

/** What "the rest conforms" may answer: looked at by eye, nothing written down or photographed without an answer. */
export function sweepable(state, item, photos) {
  if (state?.result) return false;
  return !(item.measurement || state?.note?.trim() || state?.phrases?.length || hasReadings(state ?? {}) || photos.seen || photos.after);
}
