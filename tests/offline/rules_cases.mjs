// Reads {what, cases} as JSON from stdin, answers what the phone's rules say, as a JSON list.
import { pathToFileURL } from "node:url";

const rules = await import(pathToFileURL(process.argv[2]));
let text = "";
for await (const piece of process.stdin) text += piece;
const { what, cases } = JSON.parse(text);
process.stdout.write(JSON.stringify(cases.map((given) => rules[what](...given) ?? null)));
