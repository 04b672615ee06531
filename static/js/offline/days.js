// Days as people say them, like app/web/filters.py.
const ZH = () => document.documentElement.lang.startsWith("zh");
const WEEKDAYS = { zh: "日一二三四五六", en: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] };
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** 11月29日 周日 of an ISO day; the year only where it is not this one. */
export function dayWords(iso) {
  const [year, month, date] = iso.split("-").map(Number);
  const weekday = new Date(Date.UTC(year, month - 1, date)).getUTCDay();
  const other = year !== new Date().getFullYear();
  if (ZH()) return `${other ? `${year}年` : ""}${month}月${date}日 周${WEEKDAYS.zh[weekday]}`;
  return `${WEEKDAYS.en[weekday]} ${date} ${MONTHS[month - 1]}${other ? ` ${year}` : ""}`;
}

/** 14:03 of a moment in milliseconds. */
export function timeWords(at) {
  const moment = new Date(at);
  return `${String(moment.getHours()).padStart(2, "0")}:${String(moment.getMinutes()).padStart(2, "0")}`;
}
