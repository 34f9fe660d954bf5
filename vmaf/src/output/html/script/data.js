// What the page shows, unpacked when it is asked for.

const NONE = 0xffffff;
const raw = JSON.parse(document.getElementById("data").textContent);

function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

// Numbers, one a frame: evenly spaced, or each as a 64-bit float.
function numbers(told) {
  if (told.base64 === undefined) {
    const step = told.count > 1 ? (told.last - told.first) / (told.count - 1) : 0;
    return Float64Array.from({ length: told.count }, (_, i) => told.first + i * step);
  }
  return new Float64Array(bytesOf(told.base64).buffer);
}

const frames = numbers(raw.frames).map(Math.round);
const times = raw.times && numbers(raw.times);
const { columns, encodes } = raw;
const count = frames.length;

// Where frames stand on the axis: their time, or their number where that is not known.
const axis = times || frames;

function number(packed, code) {
  return code === NONE ? null : packed.min + (code / (NONE - 1)) * (packed.max - packed.min);
}

// All values of a column, `null` where there is none.
const unpacked = new Map();
function valuesOf(encode, column) {
  const key = `${encode} ${column}`;
  if (!unpacked.has(key)) {
    const packed = encodes[encode].columns[column];
    const values = new Array(count).fill(null);
    if (packed) {
      const bytes = bytesOf(packed.base64);
      for (let i = 0; i < count; i++) {
        values[i] = number(packed, bytes[3 * i] | (bytes[3 * i + 1] << 8) | (bytes[3 * i + 2] << 16));
      }
    }
    unpacked.set(key, values);
  }
  return unpacked.get(key);
}

// One value: four letters of the packed text are one number.
function valueAt(encode, column, row) {
  const packed = encodes[encode].columns[column];
  if (!packed) return null;
  const bytes = bytesOf(packed.base64.slice(4 * row, 4 * row + 4));
  return number(packed, bytes[0] | (bytes[1] << 8) | (bytes[2] << 16));
}

// The place of the value of a sorted list that is nearest to `wanted`.
function nearest(sorted, wanted) {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low > 0 && wanted - sorted[low - 1] <= sorted[low] - wanted ? low - 1 : low;
}

// Moments with pictures, in order, each with the place of its frame.
const moments = raw.moments.map((moment) => ({ ...moment, row: nearest(frames, moment.frame) }));
const momentRows = moments.map((moment) => moment.row);
