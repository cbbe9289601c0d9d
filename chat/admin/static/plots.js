// Draws the workers' figures as plots, and fetches newer ones every second. Without this script the table shows them.

const SECONDS = 300;
const INTERVAL_MS = 1000;
const RETRY_MS = 3000; // after a request that failed
const LATE_SECONDS = 5; // a worker may report its figures so much later
const COLOURS = 8;
const HEIGHT = 150;
const LEFT = 46;
const RIGHT = 8;
const TOP = 10;
const BOTTOM = 20;

/**
 * isDashed: another worker has its colour. samples: by second; each is the second, then a value for each field.
 * @typedef {{colour: number, isDashed: boolean, samples: Map<number, any[]>}} Worker
 */

/** @param {ParentNode} parent @param {string} selector @returns {any} */
const find = (parent, selector) => parent.querySelector(selector);
/** @param {ParentNode} parent @param {string} selector @returns {any[]} */
const findAll = (parent, selector) => [...parent.querySelectorAll(selector)];

const dashboard = find(document, "[data-source]");
const statusLine = find(dashboard, "[data-status]");
const pauseButton = find(dashboard, "[data-pause]");
const tableBody = find(dashboard, "tbody");
const fields = dashboard.dataset.fields.split(" ");
/** By name. @type {Map<string, Worker>} */
const workers = new Map();
let now = 0; // the newest second
/** The second that the reader points at. @type {number|null} */
let cursor = null;
let lastRequest = 0; // in seconds of this page's own clock
let isPaused = false;
/** @type {ReturnType<typeof setTimeout>|undefined} */
let timer;

// Values as text

const decimal = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const integer = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** least: the scale of a plot ends there or above. */
const UNITS = {
  count: { value: integer.format, tick: compact.format, least: 4 },
  rate: { value: (value) => (value < 100 ? decimal : integer).format(value), tick: compact.format, least: 4 },
  ms: { value: (value) => `${decimal.format(value)} ms`, tick: (value) => `${compact.format(value)} ms`, least: 4 },
  bytes: { value: formatBytes, tick: formatBytes, least: 4096 },
};

function formatBytes(value) {
  if (value < 1024) return `${integer.format(value)} B`;
  if (value < 1024 * 1024) return `${decimal.format(value / 1024)} KB`;
  return `${decimal.format(value / 1024 / 1024)} MB`;
}

function formatTime(second) {
  return new Date(second * 1000).toLocaleTimeString("en-GB");
}

const formatValue = (value, unit) => (value === null ? "–" : unit.value(value));

// Samples

function addSamples(response) {
  now = Math.max(now, response.at);
  for (const [name, samples] of Object.entries(response.workers)) {
    const worker = workers.get(name) ?? newWorker();
    workers.set(name, worker);
    for (const sample of samples) worker.samples.set(sample[0], sample);
  }
  dropOldSamples();
}

function newWorker() {
  return { colour: workers.size % COLOURS, isDashed: workers.size >= COLOURS, samples: new Map() };
}

function dropOldSamples() {
  for (const [name, { samples }] of workers) {
    for (const second of samples.keys()) if (second <= now - SECONDS) samples.delete(second);
    if (!samples.size) workers.delete(name);
  }
}

/** @param {Worker} worker @returns {any[]} */
function newestSample({ samples }) {
  return samples.get(Math.max(...samples.keys())) ?? [];
}

/** The sample at the cursor, or else the newest one unless the worker is silent. @param {Worker} worker */
function currentSample(worker) {
  if (cursor !== null) return worker.samples.get(cursor);
  const newest = newestSample(worker);
  return newest[0] > now - LATE_SECONDS ? newest : undefined;
}

/** @param {Worker} worker @param {string} field @returns {number|null} */
function currentValue(worker, field) {
  return currentSample(worker)?.[fields.indexOf(field)] ?? null;
}

/** The workers that have a value of the field now. @param {string} field */
function currentValues(field) {
  const all = [...workers.values()].map((worker) => ({ worker, value: currentValue(worker, field) }));
  return all.filter(({ value }) => value !== null);
}

/** Of all workers: the sum, or the worst. @param {Plot} plot */
function total(plot) {
  const values = currentValues(plot.fields[0]).map(({ value }) => Number(value));
  if (!values.length) return "–";
  return plot.unit.value(plot.isWorst ? Math.max(...values) : values.reduce((sum, value) => sum + value, 0));
}

// Plots

function svgElement(name, attributes, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

class Plot {
  constructor(figure) {
    /** @type {string[]} the first one is drawn as a line, the others dotted */
    this.fields = figure.dataset.plot.split(" ");
    this.unit = UNITS[figure.dataset.unit];
    this.isWorst = "worst" in figure.dataset;
    this.output = find(figure, "output");
    this.svg = find(figure, "svg");
    this.tooltip = find(figure, ".tooltip");
    this.width = 0;
    this.scaleEnd = 1;
    new ResizeObserver(() => this.#resize()).observe(this.svg);
    for (const type of ["pointermove", "pointerdown"]) this.svg.addEventListener(type, (event) => this.#point(event));
    for (const type of ["pointerleave", "blur"]) this.svg.addEventListener(type, () => moveCursor(null, null));
    this.svg.addEventListener("keydown", (event) => this.#handleKey(event));
  }

  #resize() {
    this.width = this.svg.clientWidth;
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${HEIGHT}`);
    this.draw();
  }

  #point(event) {
    const x = event.clientX - this.svg.getBoundingClientRect().left - LEFT;
    const share = Math.min(1, Math.max(0, x / (this.width - LEFT - RIGHT)));
    moveCursor(Math.round(now - SECONDS + share * SECONDS), this);
  }

  #handleKey(event) {
    if (event.key === "Escape") moveCursor(null, null);
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const second = (cursor ?? now) + step * (event.shiftKey ? 10 : 1);
    moveCursor(Math.min(now, Math.max(now - SECONDS + 1, second)), this);
  }

  #x(second) {
    return LEFT + ((second - now + SECONDS) / SECONDS) * (this.width - LEFT - RIGHT);
  }

  #y(value) {
    return HEIGHT - BOTTOM - (value / this.scaleEnd) * (HEIGHT - TOP - BOTTOM);
  }

  draw() {
    if (!this.width) return;
    this.scaleEnd = scaleEndFor(this.#largest(), this.unit);
    this.svg.replaceChildren(...this.#grid(), ...this.#timeLabels(), ...this.#lines(), ...this.#cursorMarks());
    this.output.textContent = total(this);
  }

  #largest() {
    const indexes = this.fields.map((field) => fields.indexOf(field));
    const samples = [...workers.values()].flatMap((worker) => [...worker.samples.values()]);
    return samples.reduce((most, sample) => Math.max(most, ...indexes.map((index) => sample[index] ?? 0)), 0);
  }

  #grid() {
    return [0, 0.5, 1].flatMap((share) => {
      const y = this.#y(this.scaleEnd * share);
      const label = this.unit.tick(this.scaleEnd * share);
      return [
        svgElement("line", { class: "grid", x1: LEFT, x2: this.width - RIGHT, y1: y, y2: y }),
        svgElement("text", { x: LEFT - 6, y: y + 4, "text-anchor": "end" }, label),
      ];
    });
  }

  #timeLabels() {
    return [4, 3, 2, 1, 0].map((minute) => {
      const place = { x: this.#x(now - minute * 60), y: HEIGHT - 5, "text-anchor": minute ? "middle" : "end" };
      return svgElement("text", place, minute ? `−${minute} min` : "now");
    });
  }

  /** The first field comes last, above the others. */
  #lines() {
    return this.fields.toReversed().flatMap((field) =>
      [...workers].map(([name, worker]) => this.#line(name, worker, field)));
  }

  #line(name, worker, field) {
    const isDotted = field !== this.fields[0];
    const style = isDotted ? " dotted" : worker.isDashed ? " dashed" : "";
    const path = this.#path(worker.samples, fields.indexOf(field));
    const attributes = { class: `series w${worker.colour}${style}`, d: path, "data-worker": name, "data-field": field };
    return svgElement("path", attributes);
  }

  /** A second without a value is a gap. A value between two gaps is a dot. */
  #path(samples, index) {
    const parts = [];
    let last = -Infinity;
    for (const second of [...samples.keys()].sort((one, other) => one - other)) {
      const value = samples.get(second)[index];
      if (value === null) continue;
      const point = `${this.#x(second).toFixed(1)} ${this.#y(value).toFixed(1)}`;
      parts.push(second - last <= 2 ? `L${point}` : `M${point}L${point}`);
      last = second;
    }
    return parts.join("");
  }

  #cursorMarks() {
    if (cursor === null) return [];
    const x = this.#x(cursor);
    const dots = currentValues(this.fields[0]).map(({ worker, value }) =>
      svgElement("circle", { class: `dot w${worker.colour}`, cx: x, cy: this.#y(value), r: 3.5 }));
    return [svgElement("line", { class: "cursor-line", x1: x, x2: x, y1: TOP, y2: HEIGHT - BOTTOM }), ...dots];
  }

  /** Shows the values at the cursor, on the side where there is room. @param {boolean} isPointed */
  showTooltip(isPointed) {
    this.tooltip.hidden = !isPointed || cursor === null;
    if (this.tooltip.hidden) return;
    const time = document.createElement("b");
    time.textContent = formatTime(cursor);
    this.tooltip.replaceChildren(time, this.#tooltipTable());
    const x = this.#x(cursor);
    const isLeft = x > this.width / 2;
    this.tooltip.style.left = isLeft ? "auto" : `${x + 26}px`;
    this.tooltip.style.right = isLeft ? `${this.width - x + 26}px` : "auto";
  }

  #tooltipTable() {
    const table = document.createElement("table");
    if (this.fields.length > 1) {
      const head = table.insertRow();
      for (const field of ["", ...this.fields]) addCell(head, field.replace(/^.*_/, ""));
    }
    for (const [name, worker] of workers) {
      const row = table.insertRow();
      row.insertCell().append(legendKey(worker), name.slice(0, 6));
      for (const field of this.fields) addCell(row, formatValue(currentValue(worker, field), this.unit));
    }
    return table;
  }
}

/** The end of the scale: a small multiple of a power of ten, or a power of two for bytes. */
function scaleEndFor(most, unit) {
  if (most <= unit.least) return unit.least;
  if (unit === UNITS.bytes) return 2 ** Math.ceil(Math.log2(most));
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 3, 4, 6, 8, 10].map((factor) => factor * power).find((end) => end >= most) ?? most;
}

/** @param {Worker} worker */
function legendKey(worker) {
  const element = document.createElement("span");
  element.className = `legend-key w${worker.colour}`;
  return element;
}

function addCell(row, text) {
  const cell = row.insertCell();
  cell.className = "number";
  cell.textContent = text;
}

// The table

function drawTable() {
  tableBody.replaceChildren(...[...workers].map(([name, worker]) => tableRow(name, worker)));
}

/** A worker with its values at the cursor or now. */
function tableRow(name, worker) {
  const row = document.createElement("tr");
  row.className = currentSample(worker) ? "" : "silent";
  row.append(rowHead(name, worker));
  for (const { dataset } of findAll(dashboard, "thead [data-column]")) {
    addCell(row, formatValue(currentValue(worker, dataset.column), UNITS[dataset.unit]));
  }
  return row;
}

function rowHead(name, worker) {
  const head = document.createElement("th");
  const code = document.createElement("code");
  const last = newestSample(worker)[0];
  head.scope = "row";
  code.textContent = name;
  head.append(legendKey(worker), code);
  if (last <= now - LATE_SECONDS) head.append(` silent since ${formatTime(last)}`);
  return head;
}

// The dashboard

const plots = findAll(dashboard, "[data-plot]").map((figure) => new Plot(figure));

function draw() {
  drawTable();
  for (const plot of plots) plot.draw();
}

/** @param {number|null} second @param {Plot|null} pointed the plot that shows its values */
function moveCursor(second, pointed) {
  cursor = second;
  draw();
  for (const plot of plots) plot.showTooltip(plot === pointed);
  showStatus();
}

/** @param {string} [problem] */
function showStatus(problem) {
  const idle = isPaused ? `Paused at ${formatTime(now)}` : "Every second, the last five minutes";
  statusLine.textContent = problem ?? (cursor === null ? idle : `At ${formatTime(cursor)}`);
}

async function fetchSamples() {
  const start = Date.now() / 1000;
  const missing = now ? Math.ceil(start - lastRequest) + LATE_SECONDS : SECONDS;
  const url = `${dashboard.dataset.source}?seconds=${Math.min(SECONDS, missing)}`;
  const response = await fetch(url, { headers: { Accept: "application/json" } });
  if (response.status === 401) return location.reload(); // the operator is signed out or their key has ended
  if (!response.ok) throw new Error(`answered ${response.status}`);
  addSamples(await response.json());
  lastRequest = start;
  draw();
  return showStatus();
}

async function update() {
  clearTimeout(timer);
  let pause = INTERVAL_MS;
  try {
    await fetchSamples();
  } catch (error) {
    pause = RETRY_MS;
    showStatus(`No figures: ${/** @type {Error} */ (error).message}. Trying again.`);
  }
  clearTimeout(timer); // another call may have started one meanwhile
  if (!isPaused && !document.hidden) timer = setTimeout(update, pause);
}

pauseButton.addEventListener("click", () => {
  isPaused = !isPaused;
  pauseButton.textContent = isPaused ? "Resume" : "Pause";
  if (isPaused) showStatus();
  else update();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && !isPaused) update();
});
for (const element of findAll(dashboard, "[data-scripted]")) element.hidden = false;
update();
