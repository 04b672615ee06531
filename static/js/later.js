// What few pages need, and those that are composed on the phone: one file, fetched when a page asks for it.
export * as compare from "./compare.js";
export * as choose from "./choose.js";
export * as desk from "./desk/review.js";
export * as filePage from "./offline/file_page.js";
export * as kept from "./offline/kept.js";
export * as leaving from "./offline/leaving.js";
export * as outboxPage from "./offline/outbox_page.js";
export * as pack from "./offline/pack.js";
export * as packPage from "./offline/pack_page.js";
export * as photolog from "./photolog.js";
export * as placePage from "./offline/place_page.js";
export * as premisesPage from "./offline/premises_page.js";
export * as report from "./offline/report.js";
export * as scanPage from "./offline/scan_page.js";
export * as startPage from "./offline/start_page.js";
export * as togetherPage from "./offline/together_page.js";
export * as upload from "./upload.js";
