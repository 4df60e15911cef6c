// Writes the types on the wire from the hub's own documents: src/generated/rest.ts and src/generated/live.ts.
// AsyncAPI's schemas are JSON Schema too, so one generator makes both: its messages become named schemas of a document.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const FOLDER = new URL("../src/generated/", import.meta.url);
const HEAD = "// Generated from the hub's documents by tools/types.mjs; never edited.\n";

async function read(name) {
  return JSON.parse(await readFile(new URL(name, FOLDER), "utf8"));
}

async function write(name, document) {
  const text = HEAD + astToString(await openapiTS(document, { alphabetize: true }));
  await writeFile(new URL(name, FOLDER), text);
}

const live = await read("asyncapi.json");
const frames = Object.values(live.components.messages).map(({ name, payload }) => [`frame_${name}`, payload]);
await write("live.ts", {
  openapi: "3.1.0",
  info: { title: "live", version: "1" },
  paths: {},
  components: { schemas: { ...live.components.schemas, ...Object.fromEntries(frames) } },
});
await write("rest.ts", await read("openapi.json"));
