/** Python in a thread of its own. Asked {id, ask, ...}, it answers {id, ...} or {id, failure}. */
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
  return {python, playground: python.pyimport("playground")};
}

const started = start();

const QUESTIONS = {
  text: ({playground}, {text, input, lang}) => playground.show_text(text, lang, input),
  file: ({python, playground}, {name, data, lang}) => playground.show_file(name, python.globals.get("bytes")(new Uint8Array(data)), lang),
  spec: ({playground}, {name}) => playground.spec_text(name),
};

addEventListener("message", async ({data: question}) => {
  let answer;
  try {
    answer = JSON.parse(QUESTIONS[question.ask](await started, question));
  } catch (error) {
    answer = {failure: String(error.message || error)};
  }
  postMessage({id: question.id, ...answer});
});
