// Moments as people say them: 今天 08:10, 昨天 17:30, 11月20日 周五 09:00.
import { dayWords, timeWords } from "./days.js";

const DAY = 86_400_000;
const midnight = (at) => new Date(at).setHours(0, 0, 0, 0);

/** 今天, 昨天, else the date. */
export function nearDay(at, now = Date.now()) {
  const days = Math.round((midnight(now) - midnight(at)) / DAY);
  const language = document.documentElement.lang;
  if (days === 0 || days === 1) return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(-days, "day");
  const day = new Date(at);
  return dayWords([day.getFullYear(), day.getMonth() + 1, day.getDate()].join("-"));
}

export const momentWords = (at, now = Date.now()) => `${nearDay(at, now)} ${timeWords(at)}`;

/** 4.2 MB */
export const sizeWords = (bytes) => (bytes >= 1048576 ? `${(bytes / 1048576).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1024))} KB`);
