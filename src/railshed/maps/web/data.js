"use strict";
/* What the page holds, unpacked: one JSON text, and one stream of bytes that its arrays stand in. */

/**
 * Return the bytes of a deflated, base64 element.
 * @param {string} id
 * @returns {Promise<ArrayBuffer>}
 */
async function unpack(id) {
  const text = atob(document.getElementById(id).textContent);
  const packed = Uint8Array.from(text, (char) => char.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

/** The arrays of the page. */
class Arrays {
  /** @param {ArrayBuffer} buffer */
  constructor(buffer) {
    this.buffer = buffer;
  }

  /**
   * Return the array that stands at a reference.
   * @param {{type: string, at: number, n: number}} entry
   */
  get(entry) {
    const kind = { u1: Uint8Array, u2: Uint16Array, i4: Int32Array }[entry.type];
    return new kind(entry.buffer ?? this.buffer, entry.at, entry.n);
  }

  /** Return an array that is stored as differences. */
  steps(entry) {
    const values = this.get(entry).slice();
    for (let k = 1; k < values.length; k += 1) values[k] += values[k - 1];
    return values;
  }

  /**
   * Return lines as lists of [lon, lat].
   * @param {{n: object, x: object, y: object}} entry
   * @param {number} steps a degree
   */
  lines(entry, steps) {
    const [x, y] = [this.steps(entry.x), this.steps(entry.y)];
    let at = 0;
    return Array.from(this.get(entry.n), (n) => {
      const line = [];
      for (const end = at + n; at < end; at += 1) line.push([x[at] / steps, y[at] / steps]);
      return line;
    });
  }
}

/** Return a GeoJSON feature of lines. */
function multiLine(lines) {
  return { type: "Feature", properties: {}, geometry: { type: "MultiLineString", coordinates: lines } };
}

/** Return a GeoJSON feature of rings; a ring that runs the other way than an outer one is a hole of the last outer one. */
function polygons(rings) {
  const found = [];
  for (const ring of rings) {
    let area = 0;
    for (let k = 1; k < ring.length; k += 1) area += ring[k - 1][0] * ring[k][1] - ring[k][0] * ring[k - 1][1];
    if (area > 0 || !found.length) found.push([ring]);
    else found[found.length - 1].push(ring);
  }
  return { type: "Feature", properties: {}, geometry: { type: "MultiPolygon", coordinates: found } };
}

/** Return a text with its gaps filled. */
function fill(text, ...values) {
  return text.replace(/\{(\d)\}/g, (_, k) => values[Number(k)]);
}

/** How figures are written, as on printed maps. */
const figures = {
  /** @param {?number} count @param {string} lang @param {string} none what stands for no data */
  people(count, lang, none) {
    if (count === null || count === undefined) return none;
    const plain = (value, digits) =>
      value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
    if (lang === "zh") return count >= 9999.5 ? `${plain(count / 1e4, 1)} 万人` : `${plain(count, 0)} 人`;
    return count >= 999999.5 ? `${plain(count / 1e6, 2)} million` : plain(count, 0);
  },
  /** @param {?number} km2 */
  area(km2, none) {
    return km2 === null || km2 === undefined ? none : `${Math.round(km2).toLocaleString("en-US")} km²`;
  },
  /** Return minutes of the day as HH:MM; after midnight the hours go on. */
  clock(minute) {
    return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  },
};
