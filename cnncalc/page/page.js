"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const words = data.words;
  const root = document.documentElement;
  root.classList.add("js");

  // --- numbers: exact, however large ---------------------------------------------------------------------------------

  const grouped = value => value.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  const number = text => { const digits = text.replace(/[^0-9]/g, ""); return digits ? BigInt(digits) : null; };

  // --- measures: the expressions of the conventions, as Python reads them --------------------------------------------

  const LEVELS = [["or"], ["and"], ["not"], ["<", "<=", ">", ">=", "==", "!="], ["+", "-"], ["*", "/", "//", "%"]];
  const OPERATORS = {
    "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b,
    "/": (a, b) => { if (a % b) throw new Error("not a whole number"); return a / b; },
    "//": (a, b) => { const q = a / b; return a % b && (a < 0n) !== (b < 0n) ? q - 1n : q; },
    "%": (a, b) => ((a % b) + b) % b,
    "<": (a, b) => a < b, "<=": (a, b) => a <= b, ">": (a, b) => a > b, ">=": (a, b) => a >= b,
    "==": (a, b) => a === b, "!=": (a, b) => a !== b,
  };

  /** Compile a measure to a function of a layer's values by name. */
  function compile(text) {
    const tokens = text.match(/\d+|[a-z_]+|\/\/|[<>=!]=|[-+*\/%()<>,]/g) || [];
    let at = 0;
    const take = wanted => tokens[at] === wanted && ++at > 0;
    const choice = () => {
      const value = binary(0);
      if (!take("if")) return value;
      const condition = binary(0);
      if (!take("else")) throw new Error("no else in " + text);
      const other = choice();
      return names => condition(names) ? value(names) : other(names);
    };
    const binary = level => {
      if (level === LEVELS.length) return atom();
      if (LEVELS[level][0] === "not") {
        if (!take("not")) return binary(level + 1);
        const negated = binary(level);
        return names => !negated(names);
      }
      let left = binary(level + 1);
      while (LEVELS[level].includes(tokens[at])) {
        const sign = tokens[at++], a = left, b = binary(level + 1);
        if (sign === "or") left = names => a(names) || b(names);
        else if (sign === "and") left = names => a(names) && b(names);
        else left = names => OPERATORS[sign](a(names), b(names));
      }
      return left;
    };
    const atom = () => {
      if (take("-")) { const value = atom(); return names => -value(names); }
      if (take("(")) { const value = choice(); take(")"); return value; }
      const token = tokens[at++];
      if (/^\d/.test(token)) { const value = BigInt(token); return () => value; }
      if (token !== "min" && token !== "max") return names => names[token];
      take("(");
      const parts = [choice()];
      while (take(",")) parts.push(choice());
      take(")");
      return names => parts.map(part => part(names)).reduce((a, b) => ((token === "min") === (b < a) ? b : a));
    };
    const compiled = choice();
    if (at !== tokens.length) throw new Error("unexpected " + tokens[at] + " in " + text);
    return compiled;
  }

  const kindsOf = list => list.map(([op, tags, values, unknown]) => ({
    op, tags: new Set(tags), unknown: new Set(unknown),
    names: Object.fromEntries(values.map((value, place) => [data.measures[place], BigInt(value)])),
  }));
  let kinds = kindsOf(data.kinds);
  for (const convention of data.conventions) {
    convention.parameters ||= [{measure: "weights"}, {measure: "biases"}];
    for (const term of [...convention.parameters, ...convention.operations]) {
      term.weight ||= 1;
      term.count = compile(term.measure);
    }
  }

  const suits = (term, kind) => (!term.ops || term.ops.includes(kind.op))
    && (term.tags || []).every(tag => kind.tags.has(tag)) && !(term.without || []).some(tag => kind.tags.has(tag));
  const amount = (term, kind) => BigInt(term.weight) * term.count(kind.names);
  const counted = (terms, kind) => terms.filter(term => suits(term, kind)).reduce((sum, term) => sum + amount(term, kind), 0n);

  function element(name, text) {
    const made = document.createElement(name);
    made.textContent = text;
    return made;
  }

  // --- tables: a tree of scopes and layers ---------------------------------------------------------------------------

  const COLUMN = {params: 3, macs: 4, ops: 5, activations: 6};
  const shapeSize = text => text.split("×").reduce((product, size) => product * BigInt(size.replace(/\D/g, "") || 0), 1n);
  const KEYS = [null, null, shapeSize, number, number, number, number, number, shapeSize];

  /** Read the lines of a table's body into a tree; `layers` are the layers' rows in the data. */
  function read(body, layers) {
    const top = {level: 0, path: "", children: [], open: true};
    let place = 0;
    const rows = [...body.rows].map(tr => {
      const row = {tr, level: +tr.dataset.l, children: [], open: true};
      row.name = tr.cells[0].textContent;
      row.button = element("button", row.name);
      row.button.type = "button";
      tr.cells[0].replaceChildren(row.button);
      row.quiet = tr.classList.contains("q");
      row.side = tr.classList.contains("s");
      row.layer = tr.classList.contains("scope") ? null : layers[row.place = place++];
      return row;
    });
    let open = top;
    for (const row of rows) {
      while (open.level >= row.level) open = open.parent;
      row.parent = open;
      row.path = open.path ? open.path + "/" + row.name : row.name;
      open.children.push(row);
      if (!row.layer) open = row;
    }
    return {rows, top};
  }

  const tables = [...document.querySelectorAll(".network")].map(section => {
    const table = section.querySelector(".layers");
    return {
      section, table, ...read(table.tBodies[0], data.nets[+section.dataset.net]), sort: {column: null, down: true},
      fold: section.querySelector(".fold"), depth: null,
    };
  });

  function members(row) {
    return row.children.flatMap(child => child.layer ? [child] : members(child));
  }

  function sorted(children, {column, down}) {
    if (column === null) return children;
    const key = KEYS[column];
    const value = row => key ? key(row.tr.cells[column].textContent) ?? -1n : row.tr.cells[column].textContent;
    const list = children.map((row, place) => ({row, place, value: value(row)}));
    list.sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0) * (down ? -1 : 1) || a.place - b.place);
    return list.map(item => item.row);
  }

  function refresh(table) {
    const query = table.section.querySelector(".search").value.trim().toLowerCase();
    const hide = table.section.querySelector(".hide").checked;
    const body = table.table.tBodies[0];
    const found = row => !query || (row.path + " " + row.tr.cells[1].textContent).toLowerCase().includes(query);
    let next = body.firstElementChild;
    const place = (row, open) => {
      // a row that is not moved keeps the focus
      if (row.tr === next) next = next.nextElementSibling;
      else body.insertBefore(row.tr, next);
      const inner = open && (row.open || Boolean(query));
      let any = false;
      for (const child of sorted(row.children, table.sort)) any = place(child, inner) || any;
      const shown = row.layer ? found(row) && !(row.quiet && hide) : any || found(row);
      row.tr.hidden = !(shown && open);
      if (!row.layer) row.button.setAttribute("aria-expanded", String(row.open || Boolean(query)));
      return shown;
    };
    for (const row of sorted(table.top.children, table.sort)) place(row, true);
  }

  /** Fold a table below the depth that is chosen. */
  function fold(table) {
    const depth = table.fold.value;
    for (const row of table.rows) row.open = depth === "" || row.level < +depth;
  }

  /** The lines that are shown, scopes only where they are closed: a table with its header, cells as they are read. */
  function shown(table) {
    const lines = table.rows.filter(row => !row.tr.hidden && (row.layer || row.button.getAttribute("aria-expanded") === "false"));
    lines.sort((a, b) => a.tr.rowIndex - b.tr.rowIndex);
    const head = [...table.table.tHead.rows[0].cells].map(cell => cell.textContent.trim());
    return [head, ...lines.map(row => [row.path, ...[...row.tr.cells].slice(1).map(cell => cell.textContent.trim())])];
  }

  const guarded = text => /^[\s\u2400-\u2421\ufffd]*[=+\-@\uff1d\uff0b\uff0d\uff20]./.test(text) ? "'" + text : text;
  const quoted = text => /[",\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  const STYLES = {
    csv: ([head, ...lines]) => [
      words.keys.map(quoted),
      ...lines.map(line => line.map((cell, place) =>
        quoted(place < 2 ? guarded(cell) : cell.replace(/,/g, "").replace(/×/g, "x")))),
    ].map(line => line.join(",")).join("\n"),
    latex: ([head, ...lines]) => [
      "% needs \\usepackage{booktabs}", "\\begin{tabular}{ll" + "r".repeat(head.length - 2) + "}", "\\toprule",
      head.map(latex).join(" & ") + " \\\\", "\\midrule",
      ...lines.map(line => line.map(latex).join(" & ") + " \\\\"), "\\bottomrule", "\\end{tabular}",
    ].join("\n"),
  };
  const LATEX = {"\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "×": "$\\times$", "≥": "$\\geq$"};
  const latex = text => text.replace(/[\\~^×≥&%$#_{}]/g, sign => LATEX[sign] || "\\" + sign);

  // --- the dialog ----------------------------------------------------------------------------------------------------

  const dialog = document.getElementById("details");
  function open(title, ...parts) {
    document.getElementById("details-title").textContent = title;
    document.getElementById("details-body").replaceChildren(...parts);
    dialog.showModal();
  }

  const filled = (term, kind) => term.measure.replace(/[a-z_]+/g, name => name in kind.names ? grouped(kind.names[name]) : name);
  const weighted = (term, text) => term.weight === 1 ? text : term.weight + (text.includes(" ") ? "·(" + text + ")" : "·" + text);

  /** How the operations of a layer come about under the convention that is chosen. */
  function operations(kind) {
    const terms = convention.operations.filter(term => suits(term, kind) && amount(term, kind));
    const lines = terms.map(term => (term.words ? term.words + ": " : "") + weighted(term, term.measure) + "\n  = " + weighted(term, filled(term, kind))
      + "\n  = " + grouped(amount(term, kind)));
    return lines.join("\n") || "0";
  }

  /** Show how a layer's numbers come about; a page that changes asks for that, as it is not in its data. */
  function details(row) {
    if (live.derive) live.derive(row.place).then(({nets, derivations, strings}) => derived(row, nets[0][0], derivations, strings));
    else derived(row, row.layer, data.derivations, data.strings);
  }

  function derived(row, [, , ...groups], derivations, strings) {
    const scope = row.path.slice(0, row.path.length - row.name.length);
    const texts = place => strings[place].replaceAll("\u0001", scope);
    const kind = kinds[row.layer[0]];
    const parts = groups.flatMap(place => derivations[place]).flatMap(([quantity, steps, ...notes]) => {
      const lines = steps.map(step => {
        const [symbol, formula, numbers, result, note] = step.map(texts);
        const all = [formula, numbers, result].filter((text, place, list) => text && list.indexOf(text) === place);
        return symbol + ": " + all.join("\n  = ") + (note ? "\n  (" + note + ")" : "");
      });
      const said = new Set(steps.map(step => texts(step[4])));
      const more = notes.map(texts).filter(note => !said.has(note));
      return [element("h3", words.quantities[quantity]), element("pre", [...lines, ...more].join("\n"))];
    });
    parts.push(element("h3", header()), element("pre", operations(kind)));
    open(row.path + ": " + row.tr.cells[1].textContent + " → " + row.tr.cells[2].textContent, ...parts);
  }

  async function copy(table, style) {
    const area = document.createElement("textarea");
    area.readOnly = true;
    area.value = STYLES[style](shown(table));
    area.setAttribute("aria-label", words.copied);
    open(words.copied, area);
    area.select();
    try { await navigator.clipboard.writeText(area.value); } catch { document.execCommand("copy"); }
  }

  // --- the convention ------------------------------------------------------------------------------------------------

  const select = document.getElementById("convention");
  let convention = data.conventions[0];
  const header = () => convention.unit === "MACs" ? convention.unit + " (" + convention.name + ")" : convention.unit;

  function write(row, column, value, unknown) {
    row.tr.cells[column].textContent = (unknown ? "≥ " : "") + grouped(value);
  }

  function sumUp(table, row, list) {
    for (const name of ["params", "ops"]) {
      const value = list.reduce((sum, layer) => sum + layer[name], 0n);
      const unknown = list.some(layer => kinds[layer.layer[0]].unknown.has(name));
      if (row) write(row, COLUMN[name], value, unknown);
      else total(table.section.dataset.net, name, (unknown ? "≥ " : "") + grouped(value), value);
    }
  }

  function total(net, name, text, value) {
    for (const cell of document.querySelectorAll(`[data-net="${net}"] [data-total=${name}], [data-of="${net}"][data-total=${name}]`))
      cell.textContent = text;
    for (const cell of document.querySelectorAll(`[data-of="${net}"][data-ratio=${name}]`)) cell.value = value;
  }

  function ratios() {
    for (const name of ["params", "ops"]) {
      const cells = [...document.querySelectorAll(`[data-ratio=${name}]`)];
      for (const cell of cells) {
        const first = Number(cells[0].value);
        cell.textContent = first ? (Number(cell.value) / first).toFixed(2) : "";
      }
    }
  }

  function apply() {
    convention = data.conventions[select.selectedIndex];
    document.getElementById("about").textContent = words.about.replace(/{(\w+)}/g, (place, name) => convention[name]);
    for (const cell of document.querySelectorAll("[data-header=ops]")) cell.textContent = header();
    for (const kind of kinds) {
      kind.ops = counted(convention.operations, kind);
      kind.params = counted(convention.parameters, kind);
    }
    for (const table of tables) {
      const layers = table.rows.filter(row => row.layer);
      for (const row of layers) {
        const kind = kinds[row.layer[0]];
        row.ops = kind.ops;
        row.params = row.layer[1] ? 0n : kind.params;
        write(row, COLUMN.params, row.params, kind.unknown.has("params"));
        write(row, COLUMN.ops, row.ops, kind.unknown.has("ops"));
      }
      for (const row of table.rows)
        if (!row.layer) sumUp(table, row, members(row).filter(layer => layer.side === row.side));
      sumUp(table, null, layers.filter(row => !row.side || words.withSide));
      refresh(table);
    }
    ratios();
  }

  // --- what people do ------------------------------------------------------------------------------------------------

  for (const table of tables) {
    const {section} = table;
    const column = (th, place) => {
      const before = table.sort.column === place ? table.sort.down ? "down" : "up" : "";
      table.sort = before === "down" ? {column: place, down: false} : before === "up" ? {column: null, down: true} : {column: place, down: true};
      for (const other of table.table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      if (table.sort.column !== null) th.setAttribute("aria-sort", table.sort.down ? "descending" : "ascending");
      refresh(table);
    };
    [...table.table.tHead.rows[0].cells].forEach((th, place) => th.firstChild.addEventListener("click", () => column(th, place)));
    table.table.tBodies[0].addEventListener("click", event => {
      const row = table.rows.find(row => row.button === event.target);
      if (row?.layer) details(row);
      else if (row) {
        row.open = !row.open;
        refresh(table);
      }
    });
    section.querySelector(".search").addEventListener("input", () => refresh(table));
    section.querySelector(".hide").addEventListener("change", () => refresh(table));
    table.fold.addEventListener("change", () => {
      table.depth = table.fold.value;
      fold(table);
      refresh(table);
    });
    for (const button of section.querySelectorAll(".copy")) button.addEventListener("click", () => copy(table, button.dataset.style));
    section.querySelector(".drawing").addEventListener("click", event => {
      const box = event.target.closest(".box");
      const row = box && table.rows.find(row => row.path === box.dataset.path);
      if (row?.layer) details(row);
    });
    fold(table);
  }
  select.addEventListener("change", apply);
  document.getElementById("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });

  // --- a page whose network changes: cnncalc/page/live.py -------------------------------------------------------------

  const live = window.cnncalc = {
    /** Asked for what is derived of the layer at a place, where the page's data has it not. */
    derive: null,

    /** Put a network's parts in the place of those that are here; what the reader chose stays. */
    show({title, parts, data: {kinds: list, nets}}) {
      const [table] = tables;
      const were = new Map(table.rows.filter(row => !row.layer).map(row => [row.path, row.open]));
      live.put(parts);
      document.title = document.querySelector("h1").textContent = title;
      if ([...table.fold.options].some(option => option.value === table.depth)) table.fold.value = table.depth;
      kinds = kindsOf(list);
      Object.assign(table, read(table.table.tBodies[0], nets[0]));
      fold(table);
      for (const row of table.rows) row.open = were.get(row.path) ?? row.open;
      if (dialog.open) dialog.close();
      // the figures are counted by the first convention
      if (convention === first) refresh(table);
      else apply();
    },

    /** Put parts of HTML in their places. */
    put(parts) {
      for (const [name, part] of Object.entries(parts)) tables[0].section.querySelector(`[data-part=${name}]`).innerHTML = part;
    },
  };
  const first = convention = data.conventions[select.selectedIndex];
  apply();
})();
