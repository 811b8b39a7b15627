/** Python in a worker: questions are asked one after another, and a failure starts it anew with the next. */
const PATIENCE = 60000; // ms until a question counts as lost, once Python is there: it may come over a slow line

export class Python {
  /** `tell` hears "loading" and "failed", the latter with a message; `slow` is the message of a lost question. */
  constructor(module, tell, slow) {
    Object.assign(this, {module, tell, slow, worker: null, asked: null, waiting: [], ids: 0, ready: false});
    this.begin();
  }

  /** Call a function of `module`, and give its answer to `take`; of the calls of a `kind` that wait, only the newest is made. */
  ask(name, given, take, kind = null) {
    if (kind) this.waiting = this.waiting.filter(other => other.kind !== kind);
    this.waiting.push({name, given, take, kind});
    if (!this.ready) this.tell("loading");
    this.next();
  }

  begin() {
    this.worker = new Worker("worker.js", {type: "module"});
    this.worker.addEventListener("message", ({data}) => this.hear(data));
    this.worker.addEventListener("error", event => this.failed(event.message || "worker.js"));
  }

  next() {
    if (this.asked || !this.waiting.length) return;
    if (!this.worker) this.begin();
    const {name, given, take} = this.waiting.shift();
    const id = ++this.ids;
    this.asked = {id, take, timer: this.ready ? setTimeout(() => this.failed(this.slow), PATIENCE) : null};
    this.worker.postMessage({id, module: this.module, name, given});
  }

  hear(data) {
    if (!this.asked || data.id !== this.asked.id) return;
    const {take, timer} = this.asked;
    clearTimeout(timer);
    this.asked = null;
    this.ready = true;
    try {
      if (data.failure) this.failed(data.failure);
      else take(data.answer);
    } finally {
      this.next(); // whatever became of this answer, others wait for theirs
    }
  }

  /** Say that Python gave up; after a failure its state is not to be trusted. */
  failed(message) {
    this.tell("failed", message.trim().split("\n").pop().slice(0, 300));
    clearTimeout(this.asked?.timer);
    this.asked = null;
    this.ready = false;
    this.worker.terminate();
    this.worker = null;
  }
}
