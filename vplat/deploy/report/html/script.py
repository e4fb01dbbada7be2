"""What moves on the page: zoom of the timeline, order of the table, light and dark.

Without it everything is there to read. Text from the network reaches the page as text only.
"""

from __future__ import annotations

from typing import Final

SCRIPT: Final = """
"use strict";
const page = document.documentElement;
const data = JSON.parse(document.getElementById("data").textContent);
page.classList.add("has-js");
const all = (where, what) => [...where.querySelectorAll(what)];

document.getElementById("theme").addEventListener("click", () => {
  const dark = page.dataset.theme ? page.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  page.dataset.theme = dark ? "light" : "dark";
});

// The timeline. A view is [from, to] in cycles; the drawing is 100000 units wide.
const plot = document.getElementById("plot"), svg = plot.querySelector("svg");
const axis = document.getElementById("axis"), names = plot.querySelector(".names");
const readout = document.getElementById("readout"), idle = readout.textContent;
const hits = all(svg, ".hits rect"), height = svg.viewBox.baseVal.height;
let view = [0, data.cycles];

const short = cycles => {
  for (const [factor, prefix] of [[1e9, " G"], [1e6, " M"], [1e3, " k"]])
    if (cycles >= factor) return +(cycles / factor).toFixed(3) + prefix;
  return String(Math.round(cycles));
};
const time = cycles => {
  const seconds = cycles / data.hertz;
  for (const [factor, unit] of [[1, "s"], [1e-3, "ms"], [1e-6, "µs"]])
    if (seconds >= factor) return +(seconds / factor).toPrecision(4) + " " + unit;
  return +(seconds * 1e9).toPrecision(3) + " ns";
};
const place = (element, left, width) => {
  element.style.left = 100 * left + "%";
  if (width !== undefined) element.style.width = 100 * width + "%";
};

function draw() {
  const [from, to] = view, length = to - from, unit = 100000 / data.cycles;
  svg.setAttribute("viewBox", `${from * unit} 0 ${length * unit} ${height}`);
  const rough = length / Math.max(2, Math.floor(plot.clientWidth / 110));
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(each => each * power).find(each => each >= rough);
  axis.replaceChildren();
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
    const share = (at - from) / length;
    if (share > 1 - 100 / plot.clientWidth) break;
    const tick = document.createElement("span");
    tick.textContent = short(at);
    place(tick, share);
    if (share < .02) tick.style.transform = "none";
    axis.append(tick);
  }
  const end = document.createElement("span");
  end.className = "end";
  end.textContent = short(to) + (length === data.cycles ? " cycles" : "");
  place(end, 1);
  axis.append(end);
  names.replaceChildren();
  data.layers.forEach(layer => {
    const left = Math.max(layer.from, from), right = Math.min(layer.to, to);
    if ((right - left) / length * plot.clientWidth < 44) return;
    const name = document.createElement("span");
    const fit = Math.floor((right - left) / length * plot.clientWidth / 8) - 1;
    const text = layer.short;
    name.textContent = text.length > fit ? "…" + text.slice(1 - fit) : text;
    place(name, (left - from) / length, (right - left) / length);
    names.append(name);
  });
}
function look(from, to) {
  const least = Math.min(data.cycles, 200);
  const length = Math.min(data.cycles, Math.max(least, to - from));
  from = Math.max(0, Math.min(data.cycles - length, from + (to - from - length) / 2));
  view = [from, from + length];
  draw();
}
function zoom(factor, around) {
  const [from, to] = view, at = around === undefined ? (from + to) / 2 : around;
  look(at - (at - from) * factor, at + (to - at) * factor);
}
const cycleAt = event => {
  const box = plot.getBoundingClientRect();
  return view[0] + (event.clientX - box.left) / box.width * (view[1] - view[0]);
};
function tell(number) {
  hits.forEach((hit, each) => hit.classList.toggle("on", each === number));
  if (number === undefined) { readout.textContent = idle; return; }
  const layer = data.layers[number];
  readout.replaceChildren();
  for (const [what, value] of [[`${number}`, layer.name], ...layer.told]) {
    const item = document.createElement("span"), bold = document.createElement("b");
    bold.textContent = value;
    item.append(what + " ", bold);
    readout.append(item);
  }
}
function show(number) {
  const { from, to } = data.layers[number], room = (to - from) * .15;
  look(from - room, to + room);
  tell(number);
}
plot.addEventListener("wheel", event => {
  if (!event.ctrlKey && !event.metaKey && !event.shiftKey) return;
  event.preventDefault();
  const length = view[1] - view[0];
  if (event.shiftKey) {
    const by = (event.deltaX || event.deltaY) / plot.clientWidth * length;
    look(view[0] + by, view[1] + by);
  } else zoom(Math.exp(event.deltaY / 300), cycleAt(event));
}, { passive: false });
let held = null;
plot.addEventListener("pointerdown", event => { held = [event.clientX, ...view]; });
addEventListener("pointermove", event => {
  if (!held) return;
  if (!plot.classList.contains("moving")) {
    if (Math.abs(event.clientX - held[0]) < 4) return;
    plot.classList.add("moving");
  }
  const by = (held[0] - event.clientX) / plot.clientWidth * (held[2] - held[1]);
  look(held[1] + by, held[2] + by);
});
addEventListener("pointerup", () => { held = null; plot.classList.remove("moving"); });
hits.forEach((hit, number) => {
  hit.addEventListener("pointerenter", () => held || tell(number));
  hit.addEventListener("dblclick", () => show(number));
});
plot.addEventListener("pointerleave", () => held || tell());
plot.addEventListener("keydown", event => {
  const by = (view[1] - view[0]) / 5;
  const done = { "+": () => zoom(.6), "=": () => zoom(.6), "-": () => zoom(1 / .6),
    "0": () => look(0, data.cycles), ArrowLeft: () => look(view[0] - by, view[1] - by),
    ArrowRight: () => look(view[0] + by, view[1] + by) }[event.key];
  if (done && !event.ctrlKey && !event.metaKey) { event.preventDefault(); done(); }
});
const does = { closer: () => zoom(.5), farther: () => zoom(2), whole: () => look(0, data.cycles) };
for (const [name, act] of Object.entries(does))
  document.getElementById(name).addEventListener("click", act);
addEventListener("resize", draw);
draw();

// The table of layers.
const table = document.getElementById("layer-table"), body = table.tBodies[0];
const rows = [...body.rows];
all(table, "th").forEach((heading, column) => {
  const button = heading.querySelector("button");
  if (button) button.addEventListener("click", () => {
    const numeric = heading.dataset.type === "n";
    const up = heading.ariaSort ? heading.ariaSort === "descending" : !numeric || column === 0;
    all(table, "th").forEach(each => each.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", up ? "ascending" : "descending");
    const value = row => row.cells[column].dataset.v ?? row.cells[column].textContent;
    rows.sort((a, b) => (up ? 1 : -1) * (numeric ? value(a) - value(b)
      : value(a).localeCompare(value(b))));
    body.append(...rows);
  });
});
all(table, ".name button").forEach(button => button.addEventListener("click", () => {
  show(+button.dataset.layer);
  document.getElementById("timeline").scrollIntoView({ block: "start", behavior:
    matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
}));
const search = document.getElementById("search"), found = document.getElementById("found");
search.addEventListener("input", () => {
  const wanted = search.value.toLowerCase();
  let count = 0;
  rows.forEach(row => {
    row.hidden = !row.textContent.toLowerCase().includes(wanted);
    count += !row.hidden;
  });
  found.textContent = wanted ? `${count} of ${rows.length}` : "";
});
"""
