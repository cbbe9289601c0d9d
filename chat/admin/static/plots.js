/* Draws the workers' figures, and asks for newer ones every second. The page's table holds the same for whoever runs no script. */
"use strict";

const SECONDS = 300;
const EVERY_MS = 1000;
const PATIENCE_MS = 3000; // before it asks again a service that did not answer
const LATE = 5; // seconds in which a worker may still tell what it did
const COLOURS = 8;
const HEIGHT = 150;
const LEFT = 46, RIGHT = 8, TOP = 10, BOTTOM = 20;

const board = document.querySelector("[data-source]");
const status = board.querySelector("[data-status]");
const pause = board.querySelector("[data-pause]");
const rows = board.querySelector("tbody");
const fields = board.dataset.fields.split(" ");
const workers = new Map(); // name -> {colour, again, samples: second -> array}
let now = 0;
let cursor = null; // the second that is pointed at
let asked = 0; // when, by this page's own clock
let paused = false;
let timer = 0;

/* Figures as text */

const plain = new Intl.NumberFormat("en", {maximumFractionDigits: 1});
const whole = new Intl.NumberFormat("en", {maximumFractionDigits: 0});
const short = new Intl.NumberFormat("en", {notation: "compact", maximumFractionDigits: 1});

const units = {
    count: {now: whole.format, tick: short.format, least: 4},
    rate: {now: value => (value < 100 ? plain : whole).format(value), tick: short.format, least: 4},
    ms: {now: value => `${plain.format(value)} ms`, tick: value => `${short.format(value)} ms`, least: 4},
    bytes: {now: bytes, tick: bytes, least: 4096},
};

function bytes(value) {
    if (value < 1024) return `${whole.format(value)} B`;
    if (value < 1024 * 1024) return `${plain.format(value / 1024)} KB`;
    return `${plain.format(value / 1024 / 1024)} MB`;
}

function clock(second) {
    return new Date(second * 1000).toLocaleTimeString("en-GB");
}

/* What was measured */

function take(answer) {
    now = Math.max(now, answer.at);
    for (const [name, samples] of Object.entries(answer.workers)) {
        if (!workers.has(name)) workers.set(name, {colour: workers.size % COLOURS, again: workers.size >= COLOURS, samples: new Map()});
        for (const sample of samples) workers.get(name).samples.set(sample[0], sample);
    }
    for (const [name, {samples}] of workers) {
        for (const second of samples.keys()) if (second <= now - SECONDS) samples.delete(second);
        if (!samples.size) workers.delete(name);
    }
}

function newest(samples) {
    return samples.get(Math.max(...samples.keys()));
}

/* At the pointed second, or the newest of a worker that is not silent. */
function current(worker) {
    if (cursor !== null) return worker.samples.get(cursor);
    const last = newest(worker.samples);
    return last[0] > now - LATE ? last : undefined;
}

function values(field) {
    const at = fields.indexOf(field);
    return [...workers].map(([name, worker]) => [name, worker, current(worker)?.[at] ?? null]);
}

function together(plot) {
    const known = values(plot.fields[0]).map(([, , value]) => value).filter(value => value !== null);
    if (!known.length) return "–";
    return plot.unit.now(plot.worst ? Math.max(...known) : known.reduce((sum, value) => sum + value, 0));
}

/* Drawing */

function element(name, attributes, text) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
}

class Plot {
    constructor(figure) {
        this.fields = figure.dataset.plot.split(" "); // the first is drawn plainly, another faintly
        this.unit = units[figure.dataset.unit];
        this.worst = "worst" in figure.dataset;
        this.output = figure.querySelector("output");
        this.svg = figure.querySelector("svg");
        this.tip = figure.querySelector(".tip");
        this.width = 0;
        new ResizeObserver(() => this.resize()).observe(this.svg);
        this.svg.addEventListener("pointermove", event => this.point(event));
        this.svg.addEventListener("pointerdown", event => this.point(event));
        this.svg.addEventListener("pointerleave", () => move(null, null));
        this.svg.addEventListener("blur", () => move(null, null));
        this.svg.addEventListener("keydown", event => this.step(event));
    }

    resize() {
        this.width = this.svg.clientWidth;
        this.svg.setAttribute("viewBox", `0 0 ${this.width} ${HEIGHT}`);
        this.draw();
    }

    point(event) {
        const share = (event.clientX - this.svg.getBoundingClientRect().left - LEFT) / (this.width - LEFT - RIGHT);
        move(Math.round(now - SECONDS + Math.min(1, Math.max(0, share)) * SECONDS), this);
    }

    step(event) {
        const by = {ArrowLeft: -1, ArrowRight: 1}[event.key];
        if (event.key === "Escape") move(null, null);
        if (!by) return;
        event.preventDefault();
        const to = (cursor ?? now) + by * (event.shiftKey ? 10 : 1);
        move(Math.min(now, Math.max(now - SECONDS + 1, to)), this);
    }

    x(second) {
        return LEFT + (second - now + SECONDS) / SECONDS * (this.width - LEFT - RIGHT);
    }

    y(value) {
        return HEIGHT - BOTTOM - value / this.top * (HEIGHT - TOP - BOTTOM);
    }

    draw() {
        if (!this.width) return;
        const drawn = this.fields.map(field => fields.indexOf(field));
        let most = 0;
        for (const {samples} of workers.values()) for (const sample of samples.values()) for (const at of drawn) most = Math.max(most, sample[at] ?? 0);
        this.top = nice(most, this.unit);
        const lines = drawn.toReversed().flatMap((at, back) => [...workers].map(([name, worker]) => this.series(name, worker, at, back < drawn.length - 1)));
        this.svg.replaceChildren(...this.frame(), ...lines, ...this.hair());
        this.output.textContent = together(this);
    }

    frame() {
        const parts = [];
        for (const share of [0, .5, 1]) {
            const y = this.y(this.top * share);
            parts.push(element("line", {class: "grid", x1: LEFT, x2: this.width - RIGHT, y1: y, y2: y}));
            parts.push(element("text", {x: LEFT - 6, y: y + 4, "text-anchor": "end"}, this.unit.tick(this.top * share)));
        }
        for (const minute of [4, 3, 2, 1, 0]) {
            const anchor = minute ? "middle" : "end";
            parts.push(element("text", {x: this.x(now - minute * 60), y: HEIGHT - 5, "text-anchor": anchor}, minute ? `−${minute} min` : "now"));
        }
        return parts;
    }

    /* A second without a figure is a gap; one between two gaps is a dot. */
    series(name, worker, at, faint) {
        const seconds = [...worker.samples.keys()].sort((one, other) => one - other);
        let path = "", last = null;
        for (const second of seconds) {
            const value = worker.samples.get(second)[at];
            if (value === null) continue;
            const place = `${this.x(second).toFixed(1)} ${this.y(value).toFixed(1)}`;
            path += last !== null && second - last <= 2 ? `L${place}` : `M${place}L${place}`;
            last = second;
        }
        const kind = `series w${worker.colour}${faint ? " faint" : worker.again ? " again" : ""}`;
        return element("path", {class: kind, d: path, "data-worker": name, "data-field": fields[at]});
    }

    hair() {
        if (cursor === null) return [];
        const x = this.x(cursor);
        const dots = values(this.fields[0]).filter(([, , value]) => value !== null);
        return [
            element("line", {class: "hair", x1: x, x2: x, y1: TOP, y2: HEIGHT - BOTTOM}),
            ...dots.map(([, worker, value]) => element("circle", {class: `dot w${worker.colour}`, cx: x, cy: this.y(value), r: 3.5})),
        ];
    }

    /* What is pointed at, in words, on the side where there is room. */
    tell(pointed) {
        this.tip.hidden = !pointed || cursor === null;
        if (this.tip.hidden) return;
        const table = document.createElement("table");
        if (this.fields.length > 1) {
            const head = table.insertRow();
            for (const field of ["", ...this.fields]) cell(head, field.replace(/^.*_/, ""));
        }
        for (const [name, worker] of workers) {
            const row = table.insertRow();
            row.insertCell().append(key(worker), name.slice(0, 6));
            for (const field of this.fields) {
                const value = current(worker)?.[fields.indexOf(field)] ?? null;
                cell(row, value === null ? "–" : this.unit.now(value));
            }
        }
        const time = document.createElement("b");
        time.textContent = clock(cursor);
        this.tip.replaceChildren(time, table);
        const left = this.x(cursor) > this.width / 2;
        this.tip.style.left = left ? "auto" : `${this.x(cursor) + 26}px`;
        this.tip.style.right = left ? `${this.width - this.x(cursor) + 26}px` : "auto";
    }
}

/* The end of the scale: 1, 2 or 5 times a power of ten, or of two for bytes. */
function nice(most, unit) {
    if (most <= unit.least) return unit.least;
    if (unit === units.bytes) return 2 ** Math.ceil(Math.log2(most));
    const power = 10 ** Math.floor(Math.log10(most));
    return [1, 2, 3, 4, 6, 8, 10].map(times => times * power).find(end => end >= most);
}

function key(worker) {
    const made = document.createElement("span");
    made.className = `key w${worker.colour}`;
    return made;
}

function cell(row, text) {
    const made = row.insertCell();
    made.className = "number";
    made.textContent = text;
}

/* The table beside the plots: one row a worker, its key, and its figures at the pointed second or now. */
function list() {
    rows.replaceChildren(...[...workers].map(([name, worker]) => {
        const row = document.createElement("tr");
        const head = document.createElement("th");
        const sample = current(worker);
        const last = newest(worker.samples)[0];
        head.scope = "row";
        head.append(key(worker), document.createElement("code"));
        head.lastChild.textContent = name;
        if (last <= now - LATE) head.append(` silent since ${clock(last)}`);
        row.className = sample ? "" : "silent";
        row.append(head);
        for (const column of board.querySelectorAll("thead [data-column]")) {
            const value = sample?.[fields.indexOf(column.dataset.column)] ?? null;
            cell(row, value === null ? "–" : units[column.dataset.unit].now(value));
        }
        return row;
    }));
}

const plots = [...board.querySelectorAll("[data-plot]")].map(figure => new Plot(figure));

function draw() {
    list();
    for (const plot of plots) plot.draw();
}

function move(second, pointed) {
    cursor = second;
    draw();
    for (const plot of plots) plot.tell(plot === pointed);
    say();
}

function say(trouble) {
    const quietly = paused ? `Paused at ${clock(now)}` : `Every second, the last five minutes`;
    status.textContent = trouble ?? (cursor === null ? quietly : `At ${clock(cursor)}`);
}

/* Asking */

async function ask() {
    const missed = now ? Math.ceil(Date.now() / 1000 - asked) + LATE : SECONDS;
    const asking = Date.now() / 1000;
    const answer = await fetch(`${board.dataset.source}?seconds=${Math.min(SECONDS, missed)}`, {headers: {Accept: "application/json"}});
    if (answer.status === 401) return location.reload(); // signed out, or the key was ended: the page says so
    if (!answer.ok) throw new Error(`answered ${answer.status}`);
    take(await answer.json());
    asked = asking;
    draw();
    say();
}

async function again() {
    clearTimeout(timer);
    let wait = EVERY_MS;
    try {
        await ask();
    } catch (error) {
        wait = PATIENCE_MS;
        say(`No figures: ${error.message}. Trying again.`);
    }
    clearTimeout(timer); // another call may have set one meanwhile
    if (!paused && !document.hidden) timer = setTimeout(again, wait);
}

pause.addEventListener("click", () => {
    paused = !paused;
    pause.textContent = paused ? "Resume" : "Pause";
    if (paused) say();
    else again();
});
document.addEventListener("visibilitychange", () => {
    if (!document.hidden && !paused) again();
});
for (const hidden of board.querySelectorAll("[data-scripted]")) hidden.hidden = false;
again();
