/* The cells of a scene: where each lies, what is known of it, and the land within any minute as polygons. */

/** Return the Web Mercator x and y of a place, in world widths. */
function toWorld([lon, lat]) {
  return [lon / 360 + 0.5, 0.5 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI)];
}

/** Minutes over which an edge is looked for between a cell inside and one outside, on either side. */
const EDGE_MINUTES = 2;

/** Return how far minutes are beyond a cutoff, negative within it, -1 to 1; whole minutes, so never 0. */
function beyond(minutes, cutoff) {
  return Math.max(-1, Math.min(1, (minutes - 0.5 - cutoff) / EDGE_MINUTES));
}

/** The cells of a scene. They are counted from 1; 0 is no cell. */
class Surface {
  constructor(scene, arrays, content) {
    [this.content, this.arrays, this.grid] = [content, arrays, scene.grid];
    const { rows, columns, steps } = scene.grid;
    const [row, column] = [arrays.steps(scene.grid.row), arrays.steps(scene.grid.column)];
    this.spot = row.map((at, k) => at * columns + column[k]);
    this.cell = new Int32Array(rows * columns);
    this.spot.forEach((spot, k) => { this.cell[spot] = k + 1; });
    [this.lon, this.lat] = [scene.grid.lon, scene.grid.lat].map((entry) => Float64Array.from(arrays.steps(entry), (v) => v / steps));
    this.county = scene.county ? arrays.get(scene.county) : null;
    const proper = new Set(scene.proper_counties);
    /** Which cells are the city proper, which is counted apart. */
    this.apart = Uint8Array.from(this.spot, (_, k) => (this.county && proper.has(this.county[k]) ? 1 : 0));
    this.cache = new Map();
  }

  /** Return the place of a column and row, or of a point between cell centres. */
  place(column, row) {
    const { every, across } = this.grid;
    const up = this.lon.length / across;
    const [i, j] = [[column, across], [row, up]].map(([at, n]) => Math.max(0, Math.min(Math.floor(at / every), n - 2)));
    const [s, t] = [column / every - i, row / every - j];
    const k = j * across + i;
    const between = (of) => (1 - t) * ((1 - s) * of[k] + s * of[k + 1]) + t * ((1 - s) * of[k + across] + s * of[k + across + 1]);
    return [between(this.lon), between(this.lat)];
  }

  /** Return the cell at a place, 0 where there is none: the place is looked for step by step. */
  cellAt([lon, lat]) {
    const { rows, columns } = this.grid;
    let [column, row] = [columns / 2, rows / 2];
    for (let step = 0; step < 8; step += 1) {
      const [[x, y], [xa, ya], [xu, yu]] = [this.place(column, row), this.place(column + 1, row), this.place(column, row + 1)];
      const area = (xa - x) * (yu - y) - (xu - x) * (ya - y);
      column += ((lon - x) * (yu - y) - (xu - x) * (lat - y)) / area;
      row += ((xa - x) * (lat - y) - (lon - x) * (ya - y)) / area;
    }
    [column, row] = [Math.round(column), Math.round(row)];
    return column >= 0 && column < columns && row >= 0 && row < rows ? this.cell[row * columns + column] : 0;
  }

  /** Return the arrays of a side of a reading by cell: minutes by rail, without a ride, either, and by rail without trains. */
  side(side) {
    if (!this.cache.has(side)) {
      const [rail, local] = [this.arrays.get(side.rail), this.arrays.get(side.local)];
      const bare = side.bare ? this.arrays.get(side.bare) : null;
      this.cache.set(side, { rail, local, bare });
    }
    return this.cache.get(side);
  }

  /** Return all that is known of a cell on one side of a reading; minutes are null where there are none. */
  read(cell, side) {
    const k = cell - 1;
    const known = (minutes) => (minutes === this.content.never ? null : minutes);
    const { rail, local } = this.side(side);
    const found = { rail: known(rail[k]), local: known(local[k]), parts: null, via: null };
    if (side.parts && found.rail !== null) {
      const [parts, n] = [this.arrays.get(side.parts), rail.length];
      found.parts = Array.from({ length: 7 }, (_, part) => parts[part * n + k]);
      const via = this.arrays.get(side.via)[k];
      found.via = via === this.content.none ? null : via;
      found.city = side.city ? this.arrays.get(side.city)[k] : null;
      found.way = side.ways.length > 1 ? side.ways[this.arrays.get(side.slow)[k]] : null;
    }
    return found;
  }

  /** Return people within `cutoff` and least minutes by rail of a county; null where there are none. */
  ofCounty(county, side, cutoff, most) {
    const at = side.counties ? side.counties.indexOf(county) : -1;
    const people = at < 0 ? 0 : this.arrays.steps(side.county_people)[at * (most + 1) + cutoff];
    let least = this.content.never;
    const { rail } = this.side(side);
    this.county?.forEach((own, k) => { if (own === county && rail[k] < least) least = rail[k]; });
    return { people: !side.counties || people < 0 ? null : people, least: least === this.content.never ? null : least };
  }

  /** Return tenths of minutes saved by cell, negative where slower, infinite from or to beyond what was looked at. */
  tenths(reading) {
    const [tenths, { zero }] = [this.arrays.get(reading.saved.tenths), reading.saved];
    return (k) => {
      const value = tenths[k];
      if (value === 0) return -Infinity;
      return value === 65535 ? Infinity : value - zero;
    };
  }

  /** Return west, south, east, north of the cells that are gained or lost by rail within `cutoff`; null where there are none. */
  changed(reading, cutoff) {
    const [before, after] = reading.sides.map((side) => this.side(side).rail);
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    this.spot.forEach((spot, k) => {
      if ((before[k] <= cutoff) === (after[k] <= cutoff)) return;
      const [lon, lat] = this.place(spot % this.grid.columns, Math.floor(spot / this.grid.columns));
      [box[0], box[1], box[2], box[3]] = [Math.min(box[0], lon), Math.min(box[1], lat), Math.max(box[2], lon), Math.max(box[3], lat)];
    });
    return box[0] > box[2] ? null : box;
  }

  /**
   * Return the land where a value is negative, as polygons of rings of places: marching squares between cell centres.
   * Each centre lies on its own side of the edge.
   * @param {function(number): number} valueOf by cell from 0, -1 to 1 and never 0
   */
  contour(valueOf) {
    const { rows, columns } = this.grid;
    const value = new Float32Array(rows * columns).fill(1);
    this.spot.forEach((spot, k) => { value[spot] = valueOf(k); });
    const next = segments(value, rows, columns);
    const rings = [];
    for (let start = 0; start < next.length; start += 1) {
      if (next[start] < 0) continue;
      const ring = [];
      for (let edge = start; next[edge] >= 0;) {
        const at = edge >> 1;
        const along = value[at] / (value[at] - value[at + (edge & 1 ? columns : 1)]);
        ring.push([(at % columns) + (edge & 1 ? 0 : along), Math.floor(at / columns) + (edge & 1 ? along : 0)]);
        const from = edge;
        edge = next[from];
        next[from] = -1;
      }
      ring.push(ring[0]);
      rings.push(ring);
    }
    return nest(rings).map((polygon) => polygon.map((ring) => ring.map(([column, row]) => this.place(column, row))));
  }
}

/* Edges of a square of four centres: below, left, above, right. By which corners are inside (below left 1, below right
   2, above right 4, above left 8), from which edge to which the land's edge runs, with the land at its left. */
const [BELOW, LEFT, ABOVE, RIGHT] = [0, 1, 2, 3];
const RUNS = [
  [], [BELOW, LEFT], [RIGHT, BELOW], [RIGHT, LEFT], [ABOVE, RIGHT], [BELOW, LEFT, ABOVE, RIGHT], [ABOVE, BELOW], [ABOVE, LEFT],
  [LEFT, ABOVE], [BELOW, ABOVE], [RIGHT, BELOW, LEFT, ABOVE], [RIGHT, ABOVE], [LEFT, RIGHT], [BELOW, RIGHT], [LEFT, BELOW], [],
];
/* The same for two opposite corners that are joined through the middle. */
const JOINED = { 5: [BELOW, RIGHT, ABOVE, LEFT], 10: [LEFT, BELOW, RIGHT, ABOVE] };

/** Return by edge between two centres the next one of the land's edge, -1 for none; edges are 2 a centre, right and up. */
function segments(value, rows, columns) {
  const next = new Int32Array(2 * rows * columns).fill(-1);
  for (let row = 0; row + 1 < rows; row += 1) {
    for (let at = row * columns; at + 1 < (row + 1) * columns; at += 1) {
      const a = value[at], b = value[at + 1], c = value[at + columns + 1], d = value[at + columns];
      const inside = (a < 0 ? 1 : 0) + (b < 0 ? 2 : 0) + (c < 0 ? 4 : 0) + (d < 0 ? 8 : 0);
      if (inside === 0 || inside === 15) continue;
      const edges = [2 * at, 2 * at + 1, 2 * (at + columns), 2 * at + 3];
      const runs = (a + b + c + d < 0 && JOINED[inside]) || RUNS[inside];
      for (let k = 0; k < runs.length; k += 2) next[edges[runs[k]]] = edges[runs[k + 1]];
    }
  }
  return next;
}

/** Return rings as polygons, each an outer ring (anticlockwise) and the holes in it. */
function nest(rings) {
  const known = rings.map((ring) => {
    const [xs, ys] = [ring.map(([x]) => x), ring.map(([, y]) => y)];
    const least = (values) => values.reduce((one, other) => Math.min(one, other));
    const most = (values) => values.reduce((one, other) => Math.max(one, other));
    let area = 0;
    for (let k = 1; k < ring.length; k += 1) area += xs[k - 1] * ys[k] - xs[k] * ys[k - 1];
    return { ring, area, box: [least(xs), least(ys), most(xs), most(ys)] };
  });
  const outer = known.filter(({ area }) => area > 0).sort((a, b) => a.area - b.area).map((one) => ({ ...one, holes: [] }));
  for (const { ring, area } of known) {
    if (area > 0) continue;
    const [x, y] = ring[0];
    outer.find(({ box, ring: around }) => x > box[0] && y > box[1] && x < box[2] && y < box[3] && holds(around, x, y))?.holes.push(ring);
  }
  return outer.map(({ ring, holes }) => [ring, ...holes]);
}

/** Return whether a ring holds a point. */
function holds(ring, x, y) {
  let inside = false;
  for (let k = 1; k < ring.length; k += 1) {
    const [[x0, y0], [x1, y1]] = [ring[k - 1], ring[k]];
    if (y0 > y !== y1 > y && x < x0 + ((y - y0) / (y1 - y0)) * (x1 - x0)) inside = !inside;
  }
  return inside;
}
