// The chart of values by time: zoom, hover, and the selected frame.
//
// uPlot draws the least and the greatest value of each column of pixels where there are more frames
// than that, so that one bad frame of hours still shows.

const TICK = 7;
const TIME_STEPS = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800,
  3600, 7200,
];
const chartPlace = byId("chart");
const tip = byId("tip");
const marker = element("div", { className: "selected" });
const first = axis[0];
const last = axis[count - 1];
// A single frame has no extent to show.
const margin = count > 1 ? 0 : 0.5;
let plot = null;

function axisStyle(more) {
  return {
    stroke: () => color("quiet"),
    grid: { stroke: () => color("grid"), width: 1 },
    ticks: { stroke: () => color("grid"), width: 1, size: 4 },
    font: "13px system-ui, sans-serif",
    ...more,
  };
}

// Room for the widest of the numbers beside an axis.
function labelRoom(_, labels) {
  const longest = (labels || []).reduce((most, label) => Math.max(most, label.length), 0);
  return Math.max(40, 12 + 8 * longest);
}

const chartHeight = () => (innerWidth < 760 ? 260 : 340);

function limits(plot, least, greatest) {
  const gates = raw.gates.filter((gate) => gate.column === columns[state.column].name);
  if (least === null || greatest === null) return [0, 1];
  // Bounds are shown where values come near them.
  const extent = greatest - least || Math.abs(greatest) * 0.01 || 1;
  for (const { bound } of gates) {
    if (Math.abs(bound - greatest) < extent || Math.abs(bound - least) < extent) {
      least = Math.min(least, bound);
      greatest = Math.max(greatest, bound);
    }
  }
  const room = (greatest - least || extent) * 0.06;
  return [least - room, greatest + room];
}

function drawGates(plot) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = color("failed");
  ctx.setLineDash([6, 5]);
  ctx.lineWidth = devicePixelRatio;
  ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = "right";
  ctx.textBaseline = "bottom";
  const gates = raw.gates.filter((gate) => gate.column === columns[state.column].name);
  for (const bound of new Set(gates.map((gate) => gate.bound))) {
    const y = plot.valToPos(bound, "y", true);
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    // Gates of one bound share a line.
    const same = gates.filter((gate) => gate.bound === bound);
    const text = same.map((gate) => gate.text.slice(gate.column.length + 1)).join(", ");
    ctx.fillText(text, bbox.left + bbox.width - 4, y - 2 * devicePixelRatio);
  }
  ctx.restore();
}

function drawMoments(plot) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = color("accent");
  for (const { row } of moments) {
    const x = plot.valToPos(axis[row], "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    const size = TICK * devicePixelRatio;
    ctx.fillRect(Math.round(x) - devicePixelRatio, bbox.top + bbox.height - size, 2 * devicePixelRatio, size);
  }
  ctx.restore();
}

function placeMarker() {
  if (!plot) return;
  const x = plot.valToPos(axis[state.row], "x");
  marker.hidden = x < 0 || x > plot.over.clientWidth;
  marker.style.left = `${x - 1}px`;
}

function showTip(plot) {
  const { idx, left } = plot.cursor;
  const isOver = idx !== null && idx !== undefined && left >= 0;
  tip.hidden = !isOver;
  if (!isOver) return;
  const lines = encodes.map((encode, at) => {
    const value = digits(plot.data[at + 1][idx], state.column);
    return element(
      "div",
      {},
      swatch(at),
      element("span", { textContent: encode.name }),
      element("b", { textContent: value }),
    );
  });
  tip.replaceChildren(
    element("strong", { textContent: frameName(idx) }),
    ...lines.filter((_, at) => !state.hidden.has(at)),
  );
  const over = plot.over.getBoundingClientRect();
  const section = byId("time").getBoundingClientRect();
  const x = over.left - section.left + left;
  const isRight = left > over.width / 2;
  const beside = isRight ? x - tip.offsetWidth - 16 : Math.min(x + 16, section.width - tip.offsetWidth - 4);
  tip.style.left = `${Math.max(4, beside)}px`;
  tip.style.top = `${over.top - section.top + 8}px`;
}

function build() {
  plot?.destroy();
  const data = [axis, ...encodes.map((_, encode) => valuesOf(encode, state.column))];
  const series = encodes.map((encode, at) => ({
    label: encode.name,
    show: !state.hidden.has(at),
    stroke: () => seriesColor(at),
    width: 1.6,
    dash: seriesDash(at),
    points: { show: count === 1 ? true : undefined, size: 5 },
  }));
  const options = {
    width: chartPlace.clientWidth,
    height: chartHeight(),
    legend: { show: false },
    cursor: { y: false, drag: { x: true, y: false, dist: 5 }, points: { size: 7 } },
    scales: {
      x: { time: false, range: (_, least, greatest) => [least - margin, greatest + margin] },
      y: { range: limits },
    },
    axes: [
      axisStyle(
        times
          ? {
              incrs: TIME_STEPS,
              space: 70,
              values: (_, splits, __, ___, step) => splits.map((value) => shortClock(value, step)),
            }
          : {
              incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5],
              label: "frame",
              labelSize: 20,
            },
      ),
      axisStyle({ size: labelRoom }),
    ],
    series: [{}, ...series],
    hooks: {
      draw: [drawGates, drawMoments],
      setScale: [placeMarker, sayRange],
      setSize: [placeMarker],
      setCursor: [showTip],
    },
  };
  const before = plot && { min: plot.scales.x.min, max: plot.scales.x.max };
  plot = new uPlot(options, data, chartPlace);
  plot.over.append(marker);
  if (typeof before?.min === "number") plot.setScale("x", before);
  placeMarker();
  plot.over.addEventListener("click", () => {
    if (plot.cursor.idx !== null && plot.cursor.idx !== undefined) select(plot.cursor.idx);
  });
  plot.over.addEventListener("wheel", turned, { passive: false });
}

// Shows `least` to `greatest`, within what there is.
function show(least, greatest) {
  const shortest = count > 1 ? (last - first) / (count - 1) : 0;
  const extent = Math.min(last - first, Math.max(greatest - least, 4 * shortest));
  const from = Math.max(first, Math.min(least, last - extent));
  plot.setScale("x", { min: from, max: from + extent });
}

// Zooms by a factor, the place at `share` of the width staying where it is.
function zoom(factor, share = 0.5) {
  if (count < 2) return;
  const { min, max } = plot.scales.x;
  const extent = (max - min) * factor;
  const still = min + share * (max - min);
  show(still - share * extent, still - share * extent + extent);
}

function turned(event) {
  // A wheel turned with nothing to zoom into scrolls the page.
  const isAll = plot.scales.x.min <= first && plot.scales.x.max >= last;
  if (event.deltaY > 0 && isAll) return;
  event.preventDefault();
  const over = plot.over.getBoundingClientRect();
  zoom(event.deltaY < 0 ? 0.8 : 1.25, (event.clientX - over.left) / over.width);
}

// Says which part is shown.
function sayRange(plot) {
  const { min, max } = plot.scales.x;
  const [from, to] = [nearest(axis, min), nearest(axis, max)];
  const part = times ? `${clock(axis[from])} to ${clock(axis[to])}` : `frames ${axis[from]} to ${axis[to]}`;
  byId("range").textContent = `Shown: ${part}`;
}

// Keeps the selected frame in sight.
function follow() {
  const { min, max } = plot.scales.x;
  const place = axis[state.row];
  // Before it was drawn there are no limits.
  const isDrawn = typeof min === "number";
  if (isDrawn && (place < min || place > max)) show(place - (max - min) / 2, place + (max - min) / 2);
  placeMarker();
}

function nextPicture(direction) {
  const rows = direction > 0 ? momentRows : [...momentRows].reverse();
  const next = rows.find((row) => (row - state.row) * direction > 0);
  if (next !== undefined) select(next);
}

function secondOn(direction) {
  if (!times) return state.row + 25 * direction;
  const row = nearest(times, times[state.row] + direction);
  return row === state.row ? row + direction : row;
}

const KEYS = {
  ArrowLeft: (event) => select(event.shiftKey ? secondOn(-1) : state.row - 1),
  ArrowRight: (event) => select(event.shiftKey ? secondOn(1) : state.row + 1),
  PageUp: () => nextPicture(-1),
  PageDown: () => nextPicture(1),
  Home: () => select(0),
  End: () => select(count - 1),
  "+": () => zoom(0.5),
  "=": () => zoom(0.5),
  "-": () => zoom(2),
  0: () => show(first, last),
};

function startChart() {
  build();
  chartPlace.addEventListener("keydown", (event) => {
    const act = !event.ctrlKey && !event.metaKey && !event.altKey && KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act(event);
  });
  byId("zoom-in").addEventListener("click", () => zoom(0.5));
  byId("zoom-out").addEventListener("click", () => zoom(2));
  byId("zoom-reset").addEventListener("click", () => show(first, last));
  listeners.column.push(build);
  listeners.row.push(follow);
  listeners.hidden.push(() =>
    encodes.forEach((_, at) => plot.setSeries(at + 1, { show: !state.hidden.has(at) })),
  );
  themeListeners.push(() => plot.redraw(false));
  new ResizeObserver(() => {
    if (plot.width !== chartPlace.clientWidth)
      plot.setSize({ width: chartPlace.clientWidth, height: chartHeight() });
  }).observe(chartPlace);
}
