// Tests in Python as WebAssembly, which is newer than most machines have: one process, no forks.
//
//     node --stack-size=6000 tests/wasm.mjs PYODIDE PACKAGES [pytest's arguments]
//
// PYODIDE is the folder of the npm package, PACKAGES one with pytest, Hypothesis and what cnncalc needs, in Python alone.

import { pathToFileURL } from "node:url";
import { join, resolve } from "node:path";

const [pyodide, packages, ...words] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(join(resolve(pyodide), "pyodide.mjs")).href);
const python = await loadPyodide({ env: { HOME: "/home", PYTHONDONTWRITEBYTECODE: "1" } });
for (const [place, folder] of [["/cnncalc", "."], ["/packages", packages]]) {
  python.FS.mkdirTree(place);
  python.FS.mount(python.FS.filesystems.NODEFS, { root: resolve(folder) }, place);
}
process.exit(
  await python.runPythonAsync(`
import os, sys
sys.path[:0] = ["/cnncalc", "/cnncalc/tests", "/packages"]
os.chdir("/cnncalc")
import pytest
print("Python", sys.version)
int(pytest.main(["-p", "no:cacheprovider", *${JSON.stringify(words)}]))
`),
);
