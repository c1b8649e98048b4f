// What the parsers of npm make of environment files.
//
// Standard input: a JSON list of texts in base64. Standard output: by parser, for each text an object of the
// variables that it sets, or null if the parser refuses the file. A parser that is not here is left out.
// usage: node node.mjs DIRECTORY, in which packages were installed
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as util from "node:util";

const require = createRequire(join(process.argv[2], "index.js"));
const texts = JSON.parse(readFileSync(0)).map((text) => Buffer.from(text, "base64"));
const work = mkdtempSync(join(tmpdir(), "parsers-"));
const file = join(work, ".env");
// What a parser says of a file may hold its values.
console.log = console.warn = console.error = console.info = () => {};

/** The variables of a package's environment alone, whatever it leaves behind. */
const apart = (read) => {
  const before = { ...process.env };
  try {
    return read();
  } catch {
    return null;
  } finally {
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, before);
  }
};
const added = (all) =>
  Object.fromEntries(Object.entries(all).filter(([name]) => !(name in process.env)));

const readers = {
  dotenv: () => {
    const { parse } = require("dotenv");
    return (text) => parse(text);
  },
  "dotenv-expand": () => {
    const { parse } = require("dotenv");
    const { expand } = require("dotenv-expand");
    return (text) => expand({ parsed: parse(text), processEnv: { HOSTV: "host" } }).parsed;
  },
  "@next/env": () => {
    const { processEnv } = require("@next/env");
    return (text) => {
      const [, parsed] = processEnv([{ path: file, contents: text.toString(), env: {} }], work, console, true);
      return parsed;
    };
  },
  vite: () => {
    const { loadEnv } = require("vite");
    return (text) => {
      writeFileSync(file, text);
      return added(loadEnv("production", work, ""));
    };
  },
  "@dotenvx/dotenvx": () => {
    const { parse } = require("@dotenvx/dotenvx");
    return (text) => parse(text.toString(), { processEnv: { ...process.env } });
  },
  "node --env-file": () => {
    if (!util.parseEnv) throw new Error("too old");
    return (text) => util.parseEnv(text.toString());
  },
};

process.env.HOSTV = "host";
const all = {};
for (const [name, make] of Object.entries(readers)) {
  let read;
  try {
    read = make();
  } catch {
    continue;
  }
  all[name] = texts.map((text) => apart(() => read(text)));
}
rmSync(work, { recursive: true });
process.stdout.write(JSON.stringify(all));
