// The selected frame: its pictures, or those of the nearest frame that has any, and all its values.

const picturesPlace = byId("frame-pictures");
let shownMoment = null;

function picture(source, description) {
  const [width, height] = raw.picture_size;
  return element("img", { src: source, alt: description, width, height, loading: "lazy", decoding: "async" });
}

function figure(source, caption, description) {
  return element("figure", {}, picture(source, description), element("figcaption", { textContent: caption }));
}

// Reference, distorted and heat map of an encode at a moment, each with its name and what it is of.
function views(moment, encode) {
  const pictures = moment.encodes[encode];
  if (!pictures) return [];
  const of = `frame ${moment.frame}`;
  const { name } = encodes[encode];
  const all = [
    ["reference", moment.reference, `Reference, ${of}`],
    ["distorted", pictures.distorted, `${name}, ${of}`],
  ];
  if (pictures.heat) all.push(["where quality went", pictures.heat, `Loss of ${name} by place, ${of}`]);
  return all;
}

function three(moment, encode) {
  const figures = views(moment, encode).map(([caption, source, description]) =>
    figure(source, caption, description),
  );
  return figures.length ? element("div", { className: "three" }, ...figures) : null;
}

// One large picture that is changed in place, where the eye sees what differs.
let inPlace = innerWidth < 760;
let view = 1;
function one(moment, encode) {
  const all = views(moment, encode);
  if (!all.length) return null;
  const at = Math.min(view, all.length - 1);
  const shown = picture(all[at][1], all[at][2]);
  const change = (to) => {
    view = to;
    shownMoment = null;
    showPictures(moment);
  };
  // A click on the picture goes from the encode to the reference and back.
  shown.addEventListener("click", () => change(at === 0 ? 1 : 0));
  const buttons = all.map(([caption], to) => {
    const button = element("button", {
      type: "button",
      "aria-pressed": String(to === at),
      textContent: caption,
    });
    button.addEventListener("click", () => {
      change(to);
      picturesPlace.querySelectorAll(".views")[strips.indexOf(encode)]?.children[to].focus();
    });
    return button;
  });
  return element(
    "div",
    { className: "one" },
    element("div", { className: "buttons views", role: "group", "aria-label": "Picture" }, ...buttons),
    shown,
  );
}

// The encodes whose pictures are shown.
let strips = [];

function showPictures(moment) {
  if (moment === shownMoment) return;
  shownMoment = moment;
  if (!moment) return picturesPlace.replaceChildren();
  strips = encodes.map((_, at) => at).filter((at) => moment.encodes[at]);
  const made = strips.map((at) => {
    const value = digits(valueAt(at, state.column, moment.row), state.column);
    const title = element(
      "h3",
      {},
      swatch(at),
      element("span", { textContent: encodes[at].name }),
      element("b", { textContent: value }),
    );
    return element("div", { className: "strip" }, title, (inPlace ? one : three)(moment, at));
  });
  picturesPlace.replaceChildren(...made);
}

function frameNote(moment) {
  if (!moment)
    return raw.pictureless ? `There are no pictures: ${raw.pictureless}.` : "There are no pictures.";
  if (moment.row === state.row) return "";
  const away = Math.abs(frames[moment.row] - frames[state.row]);
  const side = moment.row < state.row ? "before" : "after";
  const distance = `${away} ${away === 1 ? "frame" : "frames"} ${side}`;
  return `Frame ${frames[state.row]} has no picture. Shown is the nearest that has: ${frameName(moment.row)}, ${distance}.`;
}

function showValues() {
  const header = element("tr", {}, element("th", { scope: "col", textContent: "column" }));
  for (const encode of encodes)
    header.append(element("th", { scope: "col", className: "number", textContent: encode.name }));
  const rows = columns.map((column, at) => {
    const row = element("tr", {}, element("th", { scope: "row", textContent: column.name }));
    encodes.forEach((_, encode) => {
      const value = valueAt(encode, at, state.row);
      row.append(element("td", { className: "number", textContent: digits(value, at) }));
    });
    return row;
  });
  byId("values").replaceChildren(element("thead", {}, header), element("tbody", {}, ...rows));
}

function showFrame() {
  byId("frame-title").textContent = times
    ? `Frame ${frames[state.row]} at ${clock(times[state.row])}`
    : `Frame ${frames[state.row]}`;
  const moment = moments.length ? moments[nearest(momentRows, state.row)] : null;
  showPictures(moment);
  byId("frame-note").textContent = frameNote(moment);
  showValues();
  const values = encodes.map(
    (encode, at) => `${encode.name} ${digits(valueAt(at, state.column, state.row), state.column)}`,
  );
  const told = {
    min: frames[0],
    max: frames[count - 1],
    now: frames[state.row],
    text: `${frameName(state.row)}: ${values.join(", ")}`,
  };
  for (const [name, value] of Object.entries(told)) chartPlace.setAttribute(`aria-value${name}`, value);
  byId("previous-frame").disabled = state.row === 0;
  byId("next-frame").disabled = state.row === count - 1;
  byId("previous-picture").disabled = !momentRows.some((row) => row < state.row);
  byId("next-picture").disabled = !momentRows.some((row) => row > state.row);
}

function startFrame() {
  byId("heat-legend").hidden = !moments.some((moment) => moment.encodes.some((pictures) => pictures?.heat));
  const goes = {
    "previous-picture": () => nextPicture(-1),
    "previous-frame": () => select(state.row - 1),
    "next-frame": () => select(state.row + 1),
    "next-picture": () => nextPicture(1),
  };
  const place = byId("in-place");
  const say = () => place.setAttribute("aria-pressed", String(inPlace));
  place.hidden = !moments.length;
  place.addEventListener("click", () => {
    inPlace = !inPlace;
    shownMoment = null;
    say();
    showFrame();
  });
  say();
  for (const [id, go] of Object.entries(goes)) byId(id).addEventListener("click", go);
  for (const button of document.querySelectorAll(".jump")) {
    button.addEventListener("click", () => {
      select(nearest(frames, Number(button.dataset.frame)));
      byId("time").scrollIntoView({ block: "start" });
    });
  }
  listeners.row.push(showFrame);
  listeners.column.push(() => {
    // Its values are those of the column.
    shownMoment = null;
    showFrame();
  });
}
