/** What the playground costs, in ms of CPU time: node benchmarks/site.mjs [build/site]. Needs Node, and the folder built. */
import {readFileSync} from "node:fs";
import {resolve} from "node:path";
import {pathToFileURL} from "node:url";

const site = resolve(process.argv[2] ?? "build/site");
const {loadPyodide} = await import(pathToFileURL(`${site}/pyodide/pyodide.mjs`).href);
const NETWORKS = ["lenet5", "alexnet", "vgg16", "resnet50"];
const RUNS = 15;

function spent() {
  const {user, system} = process.cpuUsage();
  return (user + system) / 1000;
}

/** The least that a call costs in some runs: a busy machine only adds to it. */
function least(call) {
  const costs = Array.from({length: RUNS}, (_, run) => {
    const before = spent();
    call(run);
    return spent() - before;
  });
  return Math.min(...costs);
}

const show = (what, cost) => console.log(what.padEnd(32), cost.toFixed(cost < 10 ? 1 : 0).padStart(6));

let before = spent();
const python = await loadPyodide({indexURL: `${site}/pyodide/`});
python.unpackArchive(new Uint8Array(readFileSync(`${site}/cnncalc.zip`)), "zip", {extractDir: "/lib/cnncalc"});
python.runPython("import sys; sys.path.insert(0, '/lib/cnncalc')");
show("Python, on all threads", spent() - before);

before = spent();
const playground = python.pyimport("playground");
const text = name => JSON.parse(playground.spec_text(name, "en")).text;
playground.show_text(text("lenet5"), "en", "");
show("the package and the first table", spent() - before);

for (const name of NETWORKS) {
  const spec = text(name);
  show(`a key, ${name}`, least(run => playground.show_text(`${spec}\n# ${run}`, "en", "")));
}
const spec = text("alexnet");
const cursor = spec.indexOf("filters") + 3;
playground.complete(spec, cursor); // reads the schema
show("completions", least(() => playground.complete(spec, cursor)));

const student = python.pyimport("student");
student.open_sample("alexnet", "en");
show("an answer judged", least(() => student.judge(JSON.stringify({"conv1-params": "34848"}), "en")));
for (const level of [1, 2, 3]) show(`a question of level ${level}`, least(() => student.draw("7", level, "en")));
