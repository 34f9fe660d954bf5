// The worst moments of each encode, and those at even distances along the chart.

function momentButton(moment, encode, rank) {
  const score = digits(valueAt(encode, 0, moment.row), 0);
  const time = times ? `${clock(times[moment.row])} \u00b7 ` : "";
  const what = element(
    "span",
    { className: "what" },
    element("span", { textContent: `${rank}. ${time}frame ${moment.frame}` }),
    element("b", { textContent: score }),
  );
  const button = element("button", { type: "button", className: "moment" });
  const pictures = three(moment, encode);
  if (pictures) {
    pictures.querySelectorAll("figcaption").forEach((caption) => caption.remove());
    button.append(pictures);
  }
  button.append(what);
  return goesTo(button, moment, true);
}

const momentButtons = [];

function goesTo(button, moment, scrolls) {
  button.addEventListener("click", () => {
    select(moment.row);
    if (scrolls) byId("frame").scrollIntoView({ block: "start" });
  });
  momentButtons.push([button, moment]);
  return button;
}

function startMoments() {
  const place = byId("moments");
  encodes.forEach((encode, at) => {
    const worst = moments
      .flatMap((moment) => moment.worst_of.filter((of) => of.encode === at).map((of) => [moment, of.rank]))
      .sort((a, b) => a[1] - b[1]);
    if (!worst.length) return;
    const items = worst.map(([moment, rank]) => element("li", {}, momentButton(moment, at, rank)));
    place.append(
      element("h3", {}, swatch(at), ` ${encode.name}`),
      element("ul", { className: "moments" }, ...items),
    );
  });
  byId("worst").hidden = !place.children.length;
  if (place.children.length) {
    const missing = raw.pictureless ? ` Some are missing: ${raw.pictureless}.` : "";
    const how = `By ${columns[0].name}, at least a second apart: reference, distorted, and where quality went.${missing}`;
    place.prepend(element("p", { className: "help", textContent: how }));
  }
  const spaced = moments.filter((moment) => !moment.worst_of.length);
  for (const moment of spaced) {
    const name = frameName(moment.row);
    const button = element(
      "button",
      { type: "button", "aria-label": `Go to ${name}`, title: name },
      picture(moment.reference, ""),
    );
    byId("filmstrip").append(goesTo(button, moment, false));
  }
  listeners.row.push(() => {
    for (const [button, moment] of momentButtons) {
      if (moment.row === state.row) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  });
}
