// Puts the page together.

function startControls() {
  const choice = byId("column");
  const group = (label, isModel) => {
    const options = columns
      .map((column, at) => [column, at])
      .filter(([column]) => column.is_model === isModel);
    const made = options.map(([column, at]) => element("option", { value: at, textContent: column.name }));
    if (made.length) choice.append(element("optgroup", { label }, ...made));
  };
  group("Models", true);
  group("Features", false);
  choice.addEventListener("change", () => change("column", Number(choice.value)));
  const title = () => {
    const { name, is_model } = columns[state.column];
    byId("time-title").textContent = `${is_model ? "Score" : name} by ${times ? "time" : "frame"}`;
  };
  title();
  listeners.column.push(title);
  encodes.forEach((encode, at) => {
    const button = element("button", { type: "button", "aria-pressed": "true" }, swatch(at), encode.name);
    button.addEventListener("click", () => {
      if (state.hidden.has(at)) state.hidden.delete(at);
      else state.hidden.add(at);
      button.setAttribute("aria-pressed", String(!state.hidden.has(at)));
      change("hidden", state.hidden);
    });
    byId("legend").append(button);
  });
}

startControls();
startChart();
startDistribution();
startFrame();
startMoments();
// What is the worst of the first encode is what people ask first.
const worstFirst = moments.find((moment) => moment.worst_of.some((of) => of.encode === 0 && of.rank === 1));
select(worstFirst ? worstFirst.row : 0);
document.documentElement.dataset.ready = "true";
