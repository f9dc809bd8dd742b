/* The cells of a scene: what each holds, how they look at a minute, and pictures of that. */

const NO_HATCH = 0, STRIPED = 1, CROSSED = 2;

/** Return a colour as the 32 bits of a pixel. */
function pixel(hex, alpha = 255) {
  const [r, g, b] = [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16));
  return ((alpha << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

/** Return the Web Mercator x and y of a place, in world widths. */
function toWorld([lon, lat]) {
  return [lon / 360 + 0.5, 0.5 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI)];
}

/** Return the place at a Web Mercator x and y. */
function fromWorld([x, y]) {
  return [(x - 0.5) * 360, (Math.atan(Math.sinh((0.5 - y) * 2 * Math.PI)) * 180) / Math.PI];
}

/** The raster of a scene. Cells are counted from 1; 0 is no cell. */
class Surface {
  constructor(scene, arrays, content) {
    this.content = content;
    this.arrays = arrays;
    this.scene = scene;
    const { columns, rows, cell, west_north_east_south: box } = scene.raster;
    [this.columns, this.rows] = [columns, rows];
    this.cell = arrays.steps(cell);
    this.county = scene.county ? arrays.get(scene.county) : null;
    [this.west, this.north] = toWorld([box[0], box[1]]);
    [this.east, this.south] = toWorld([box[2], box[3]]);
    this.corners = [[box[0], box[1]], [box[2], box[1]], [box[2], box[3]], [box[0], box[3]]];
    this.cache = new Map();
  }

  /** Return the cell at a place, 0 where there is none. */
  cellAt(lonLat) {
    const [x, y] = toWorld(lonLat);
    const column = Math.floor(((x - this.west) / (this.east - this.west)) * this.columns);
    const row = Math.floor(((y - this.north) / (this.south - this.north)) * this.rows);
    const inside = column >= 0 && column < this.columns && row >= 0 && row < this.rows;
    return inside ? this.cell[row * this.columns + column] : 0;
  }

  /** Return the arrays of a side of a reading: rail, local, total minutes by cell. */
  side(side) {
    if (!this.cache.has(side)) {
      const [rail, local] = [this.arrays.get(side.rail), this.arrays.get(side.local)];
      this.cache.set(side, { rail, local, total: rail.map((minutes, k) => Math.min(minutes, local[k])) });
    }
    return this.cache.get(side);
  }

  /** Return all that is known of a cell on one side of a reading; minutes are null where there are none. */
  read(cell, side) {
    const k = cell - 1;
    const known = (minutes) => (minutes === this.content.never ? null : minutes);
    const { rail, local, total } = this.side(side);
    const found = { rail: known(rail[k]), local: known(local[k]), total: known(total[k]), parts: null, via: null };
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

  /** Return how the cells of one side look within `cutoff`: colours, and which are within by rail. */
  bands(reading, side, cutoff) {
    const { rail, total } = this.side(side);
    const own = this.content.colours.bands[reading.cutoffs.length];
    const byMinute = new Uint32Array(256);
    for (let minute = 0; minute <= cutoff; minute += 1) {
      const band = reading.cutoffs.findIndex((limit) => minute <= limit);
      byMinute[minute] = pixel(own[band]);
    }
    return this.look(total.length, (k) => byMinute[total[k]], null, (k) => rail[k] <= cutoff);
  }

  /** Return how the cells look that are within `cutoff` before or after: unchanged, gained, lost; before is outlined. */
  changes(reading, cutoff) {
    const [before, after] = reading.sides.map((side) => this.side(side).total);
    const { unchanged, gained, lost } = this.content.colours;
    const colour = [0, pixel(lost), pixel(gained), pixel(unchanged)];
    const states = (k) => (before[k] <= cutoff ? 1 : 0) + (after[k] <= cutoff ? 2 : 0);
    return this.look(before.length, (k) => colour[states(k)], (k) => [NO_HATCH, CROSSED, STRIPED, NO_HATCH][states(k)], (k) => before[k] <= cutoff);
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

  /** Return how the cells look that are within `cutoff` before or after, by minutes saved; after is outlined if asked for. */
  saved(reading, cutoff, outlined) {
    const [before, after] = reading.sides.map((side) => this.side(side).total);
    const { steps } = reading.saved;
    const colours = this.content.colours.saved.map((hex) => pixel(hex));
    const slower = pixel(this.content.colours.lost);
    const tenths = this.tenths(reading);
    const step = (k) => (Math.min(before[k], after[k]) > cutoff ? -1 : steps.findIndex((least) => tenths(k) >= 10 * least));
    const worse = (k) => Math.min(before[k], after[k]) <= cutoff && tenths(k) <= -10;
    return this.look(before.length, (k) => (worse(k) ? slower : step(k) < 0 ? 0 : colours[step(k)]), (k) => (worse(k) ? CROSSED : NO_HATCH), (k) => outlined && after[k] <= cutoff);
  }

  /** Return west, south, east, north of the cells that are gained or lost within `cutoff`; null where there are none. */
  changed(reading, cutoff) {
    const [before, after] = reading.sides.map((side) => this.side(side).total);
    let [left, top, right, bottom] = [Infinity, Infinity, -1, -1];
    this.cell.forEach((cell, at) => {
      if (!cell || (before[cell - 1] <= cutoff) === (after[cell - 1] <= cutoff)) return;
      const [row, column] = [Math.floor(at / this.columns), at % this.columns];
      [left, top, right, bottom] = [Math.min(left, column), Math.min(top, row), Math.max(right, column + 1), Math.max(bottom, row + 1)];
    });
    if (right < 0) return null;
    const [across, down] = [(this.east - this.west) / this.columns, (this.south - this.north) / this.rows];
    const corner = (column, row) => fromWorld([this.west + column * across, this.north + row * down]);
    return [corner(left, bottom), corner(right, top)];
  }

  look(n, colourOf, hatchOf, outlined) {
    const [colour, hatch, inside] = [new Uint32Array(n + 1), new Uint8Array(n + 1), new Uint8Array(n + 1)];
    for (let k = 0; k < n; k += 1) {
      colour[k + 1] = colourOf(k);
      hatch[k + 1] = hatchOf ? hatchOf(k) : NO_HATCH;
      inside[k + 1] = outlined(k) ? 1 : 0;
    }
    return { colour, hatch, inside };
  }
}

/** A canvas with the cells of a surface, as large as its raster. */
class Picture {
  constructor(surface) {
    const { columns, rows } = surface;
    this.surface = surface;
    this.canvas = document.createElement("canvas");
    [this.canvas.width, this.canvas.height] = [columns, rows];
    this.context = this.canvas.getContext("2d");
    this.image = this.context.createImageData(columns, rows);
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  /** Paint a look. @param {object} look @param {string} edge colour of the outline */
  paint({ colour, hatch, inside }, edge) {
    const { pixels } = this;
    const { cell, columns, rows } = this.surface;
    const [line, white] = [pixel(edge), pixel("#ffffff")];
    for (let row = 0, at = 0; row < rows; row += 1) {
      for (let column = 0; column < columns; column += 1, at += 1) {
        const k = cell[at];
        const across = column + 1 < columns ? inside[cell[at + 1]] : 0;
        const below = row + 1 < rows ? inside[cell[at + columns]] : 0;
        if (inside[k] !== across || inside[k] !== below) pixels[at] = line;
        else if (hatch[k] && ((row + column) % 6 === 0 || (hatch[k] === CROSSED && (row - column) % 6 === 0))) pixels[at] = white;
        else pixels[at] = colour[k];
      }
    }
    this.context.putImageData(this.image, 0, 0);
  }
}
