// How the values of the shown column are spread: a histogram, or the share of frames at or below
// each value.

const BINS = 48;
const STEPS = 400;
const distributionPlace = byId("distribution-chart");
let isCumulative = false;
let spread = null;

// The shares of `values` in equal parts from `least` to `greatest`.
function shares(values, least, greatest, parts) {
  const counts = new Array(parts).fill(0);
  const scale = greatest > least ? parts / (greatest - least) : 0;
  let all = 0;
  for (const value of values) {
    if (value === null) continue;
    counts[Math.min(parts - 1, Math.floor((value - least) * scale))] += 1;
    all += 1;
  }
  return counts.map((part) => (all ? (100 * part) / all : 0));
}

function distributionData() {
  const packed = encodes.map((encode) => encode.columns[state.column]).filter(Boolean);
  let least = Math.min(...packed.map((column) => column.min));
  let greatest = Math.max(...packed.map((column) => column.max));
  if (!(greatest > least)) {
    const room = Math.abs(least) * 0.01 || 0.5;
    [least, greatest] = [least - room, greatest + room];
  }
  const parts = isCumulative ? STEPS : BINS;
  const width = (greatest - least) / parts;
  const edges = Array.from({ length: parts + 1 }, (_, i) => least + i * width);
  const ys = encodes.map((_, encode) => {
    const part = shares(valuesOf(encode, state.column), least, greatest, parts);
    if (!isCumulative) return [...part, part[parts - 1]];
    let sum = 0;
    return [0, ...part.map((share) => (sum += share))];
  });
  return [edges, ...ys];
}

// The 1st and 5th percentile and the mean of each encode, as lines with names.
function drawMarks(plot) {
  const { ctx, bbox } = plot;
  const pixel = devicePixelRatio;
  ctx.save();
  ctx.font = `${12 * pixel}px system-ui, sans-serif`;
  ctx.textAlign = "center";
  ctx.textBaseline = "alphabetic";
  const shown = encodes.map((encode, at) => [encode, at]).filter(([, at]) => !state.hidden.has(at));
  shown.forEach(([encode, at], line) => {
    const packed = encode.columns[state.column];
    ctx.strokeStyle = ctx.fillStyle = seriesColor(at);
    let named = -Infinity;
    for (const [name, value] of packed ? packed.marks : []) {
      const x = plot.valToPos(value, "x", true);
      ctx.setLineDash(name === "mean" ? [] : [3 * pixel, 3 * pixel]);
      ctx.lineWidth = pixel;
      // The names of several encodes stand below each other.
      const y = bbox.top + (14 + 15 * (line % 6)) * pixel;
      ctx.beginPath();
      ctx.moveTo(x, y + 3 * pixel);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      // Names that would stand on each other say less than one.
      if (x - named < 18 * pixel) continue;
      named = x;
      ctx.fillText(
        name,
        Math.min(Math.max(x, bbox.left + 16 * pixel), bbox.left + bbox.width - 16 * pixel),
        y,
      );
    }
  });
  ctx.restore();
}

function buildDistribution() {
  spread?.destroy();
  const data = distributionData();
  const series = encodes.map((encode, at) => ({
    label: encode.name,
    show: !state.hidden.has(at),
    stroke: () => seriesColor(at),
    fill: () => (isCumulative ? null : `color-mix(in srgb, ${seriesColor(at)} 16%, transparent)`),
    width: 1.6,
    dash: seriesDash(at),
    paths: isCumulative ? uPlot.paths.linear() : uPlot.paths.stepped({ align: 1 }),
    points: { show: false },
  }));
  const percent = (_, splits) => splits.map((value) => `${value} %`);
  const room = isCumulative ? 1 : 1.12 + 0.04 * Math.min(encodes.length, 6);
  spread = new uPlot(
    {
      width: distributionPlace.clientWidth,
      height: innerWidth < 760 ? 240 : 300,
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false },
        y: { range: (_, __, most) => [0, isCumulative ? 100 : (most || 1) * room] },
      },
      axes: [axisStyle({ size: 36 }), axisStyle({ values: percent, size: labelRoom })],
      series: [{}, ...series],
      hooks: { draw: [drawMarks] },
    },
    data,
    distributionPlace,
  );
  const { name } = columns[state.column];
  const marked = "Marked: the 1st and 5th percentile, and the mean.";
  byId("distribution-help").textContent = isCumulative
    ? `Share of frames whose ${name} is at or below a value. ${marked}`
    : `Share of frames by ${name}. ${marked}`;
  const marks = encodes.map((encode) => {
    const packed = encode.columns[state.column];
    const told = packed ? packed.marks.map(([mark, value]) => `${mark} ${digits(value, state.column)}`) : [];
    return `${encode.name}: ${told.join(", ") || "no values"}`;
  });
  distributionPlace.setAttribute("aria-label", `Distribution of ${name}. ${marks.join("; ")}`);
}

function startDistribution() {
  buildDistribution();
  const kinds = { "as-histogram": false, "as-cumulative": true };
  for (const [id, kind] of Object.entries(kinds)) {
    byId(id).addEventListener("click", () => {
      isCumulative = kind;
      for (const [other, its] of Object.entries(kinds))
        byId(other).setAttribute("aria-pressed", String(its === kind));
      buildDistribution();
    });
  }
  listeners.column.push(buildDistribution);
  listeners.hidden.push(buildDistribution);
  themeListeners.push(() => spread.redraw(false));
  new ResizeObserver(() => {
    const width = distributionPlace.clientWidth;
    if (spread.width !== width) spread.setSize({ width, height: innerWidth < 760 ? 240 : 300 });
  }).observe(distributionPlace);
}
