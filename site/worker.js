/** Python in a thread of its own. Asked {id, module, name, given}, it answers {id, answer} or {id, failure}. */
import {loadPyodide} from "./pyodide/pyodide.mjs";

async function start() {
  const [python, archive] = await Promise.all([
    loadPyodide({indexURL: new URL("pyodide/", import.meta.url).href}),
    fetch(new URL("cnncalc.zip", import.meta.url)).then(answer => {
      if (!answer.ok) throw new Error("cnncalc.zip: " + answer.status);
      return answer.arrayBuffer();
    }),
  ]);
  python.unpackArchive(archive, "zip", {extractDir: "/lib/cnncalc"});
  python.runPython("import sys; sys.path.insert(0, '/lib/cnncalc')");
  return {python, modules: new Map()};
}

const started = start();

/** Call a function of one of our modules with texts, numbers and bytes; it answers with JSON. */
async function call({module, name, given}) {
  const {python, modules} = await started;
  if (!modules.has(module)) modules.set(module, python.pyimport(module));
  const bytes = python.globals.get("bytes");
  const values = given.map(value => value instanceof ArrayBuffer ? bytes(new Uint8Array(value)) : value);
  return JSON.parse(modules.get(module)[name](...values));
}

addEventListener("message", async ({data: question}) => {
  const {id} = question;
  try {
    postMessage({id, answer: await call(question)});
  } catch (error) {
    postMessage({id, failure: String(error.message || error)});
  }
});
