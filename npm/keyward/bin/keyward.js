#!/usr/bin/env node
// Starts the program that the package for this system brings. The hooks that `keyward install` sets
// call that program by its own path: a commit never starts Node.
"use strict";

const { spawnSync } = require("node:child_process");

const system = `${process.platform}-${process.arch}`;
const file = process.platform === "win32" ? "keyward.exe" : "keyward";

function fail(what, mend) {
  process.stderr.write(`keyward: ${what}. ${mend}\n`);
  // As the program itself: it could not look.
  process.exit(3);
}

let program;
try {
  program = require.resolve(`@keyward/${system}/bin/${file}`);
} catch {
  fail(
    `the package @keyward/${system} is not installed`,
    "Install with optional dependencies (npm install --include=optional); " +
      "where there is no such package: cargo install keyward",
  );
}

const ran = spawnSync(program, process.argv.slice(2), { stdio: "inherit" });
if (ran.error) {
  fail(`${program} can't be started (${ran.error.code})`, "Reinstall the package");
}
if (ran.signal) {
  process.kill(process.pid, ran.signal);
}
process.exit(ran.status ?? 3);
