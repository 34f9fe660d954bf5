// Helpers of the page: elements, words for numbers and times, colours, and the theme.

const byId = (id) => document.getElementById(id);

function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

// A time as minutes, seconds and milliseconds, with hours where there are any.
function clock(seconds) {
  const sign = seconds < 0 ? "-" : "";
  const whole = Math.round(Math.abs(seconds) * 1000);
  const pad = (value, digits) => String(value).padStart(digits, "0");
  const hours = Math.floor(whole / 3600000);
  const [minutes, rest] = [Math.floor(whole / 60000) % 60, whole % 60000];
  const text = `${pad(minutes, 2)}:${pad(Math.floor(rest / 1000), 2)}.${pad(rest % 1000, 3)}`;
  return sign + (hours ? `${hours}:${text}` : text);
}

// A time on an axis, as exact as its ticks are apart.
function shortClock(seconds, step) {
  const text = clock(seconds);
  if (step >= 1) return text.slice(0, -4);
  return step >= 0.1 ? text.slice(0, -2) : text;
}

const digits = (value, column) => (value === null ? "\u2013" : value.toFixed(columns[column].digits));

function frameName(row) {
  const name = `frame ${frames[row]}`;
  return times ? `${clock(times[row])}, ${name}` : name;
}

const SERIES = 8;
// An element's colour is computed for the theme; the property itself names the colours of both.
const palette = document.body.appendChild(element("i", { hidden: true }));
function color(name) {
  palette.style.color = `var(--${name})`;
  return getComputedStyle(palette).color;
}
const seriesVariable = (encode) => `--series-${(encode % SERIES) + 1}`;
const seriesColor = (encode) => color(seriesVariable(encode).slice(2));
const seriesDash = (encode) => (encode < SERIES ? [] : [8, 4]);

function swatch(encode) {
  const made = element("span", { className: encode < SERIES ? "swatch" : "swatch dashed" });
  made.style.setProperty("--color", `var(${seriesVariable(encode)})`);
  return made;
}

// Tells of a change between light and dark, by the button or by the system.
const themeListeners = [];
function themeChanged() {
  themeListeners.forEach((listener) => listener());
}
const prefersDark = matchMedia("(prefers-color-scheme: dark)");
prefersDark.addEventListener("change", themeChanged);
byId("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : prefersDark.matches;
  root.dataset.theme = isDark ? "light" : "dark";
  themeChanged();
});

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", () => {
    const text = byId(button.dataset.copy);
    getSelection().selectAllChildren(text);
    // Pages from disk may lack the clipboard; the text is selected all the same.
    const copied = navigator.clipboard ? navigator.clipboard.writeText(text.textContent) : Promise.reject();
    copied.then(
      () => (button.textContent = "Copied"),
      () => (button.textContent = "Selected"),
    );
  });
}

// What is shown now, and who wants to know of changes.
const state = { column: 0, row: 0, hidden: new Set() };
const listeners = { column: [], row: [], hidden: [] };
function change(what, value) {
  state[what] = value;
  listeners[what].forEach((listener) => listener());
}
function select(row) {
  change("row", Math.max(0, Math.min(count - 1, row)));
}
