// Makes the npm packages of a release, each as a directory that `npm publish` and `npm pack` take.
//
// usage: node npm/pack.mjs OUT [SYSTEM=PROGRAM]...
//
// SYSTEM is a name such as linux-x64, PROGRAM the file that was built for it. The main package is
// written always; it depends on the packages for all systems, in the version of Cargo.toml.

import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const top = dirname(here);
const [out, ...systems] = process.argv.slice(2);
if (!out) {
  process.stderr.write("usage: node npm/pack.mjs OUT [SYSTEM=PROGRAM]...\n");
  process.exit(2);
}

const version = /^version = "(.+)"$/m.exec(readFileSync(join(top, "Cargo.toml"), "utf8"))[1];
const main = JSON.parse(readFileSync(join(here, "keyward", "package.json"), "utf8"));
const known = Object.keys(main.optionalDependencies);
main.version = version;
for (const name of known) {
  main.optionalDependencies[name] = version;
}

function write(directory, manifest) {
  for (const file of ["LICENSE-MIT", "LICENSE-APACHE"]) {
    copyFileSync(join(top, file), join(directory, file));
  }
  writeFileSync(join(directory, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  process.stdout.write(`${directory}\n`);
}

cpSync(join(here, "keyward"), join(out, "keyward"), { recursive: true });
chmodSync(join(out, "keyward", "bin", "keyward.js"), 0o755);
write(join(out, "keyward"), main);

for (const argument of systems) {
  const at = argument.indexOf("=");
  const [system, program] = [argument.slice(0, at), argument.slice(at + 1)];
  const name = `@keyward/${system}`;
  if (!known.includes(name)) {
    throw new Error(`npm/keyward/package.json does not depend on ${name}`);
  }
  const [os, cpu] = system.split("-");
  const directory = join(out, system);
  const file = os === "win32" ? "keyward.exe" : "keyward";
  mkdirSync(join(directory, "bin"), { recursive: true });
  copyFileSync(program, join(directory, "bin", file));
  chmodSync(join(directory, "bin", file), 0o755);
  write(directory, {
    name,
    version,
    description: `The program of keyward for ${system}`,
    license: main.license,
    repository: { ...main.repository, directory: "npm" },
    files: ["bin"],
    os: [os],
    cpu: [cpu],
    preferUnplugged: true,
  });
}
