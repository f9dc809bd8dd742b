/* The cells of a scene: what each holds, and their picture, painted anew for every minute of the slider. */

/** Return a colour as the 32 bits of a pixel. */
function pixel(hex, alpha = 255) {
  const [r, g, b] = [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16));
  return ((alpha << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

/** Return the Web Mercator x and y of a place, in world widths. */
function toWorld([lon, lat]) {
  return [lon / 360 + 0.5, 0.5 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI)];
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
    this.canvas = document.createElement("canvas");
    this.canvas.width = columns;
    this.canvas.height = rows;
    this.context = this.canvas.getContext("2d");
    this.image = this.context.createImageData(columns, rows);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.cache = new Map();
  }

  /** Return the column of a longitude, which may lie beyond the raster. */
  columnOf(lon) {
    return ((lon / 360 + 0.5 - this.west) / (this.east - this.west)) * this.columns;
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

  /** Return how the cells look that are within `cutoff` before or after: kept, gained, lost; before is outlined. */
  changes(reading, cutoff) {
    const [before, after] = reading.sides.map((side) => this.side(side).total);
    const { kept, gained, lost } = this.content.colours;
    const [plain, plus, minus, white] = [pixel(kept), pixel(gained), pixel(lost), pixel("#ffffff")];
    const states = (k) => (before[k] <= cutoff ? 1 : 0) + (after[k] <= cutoff ? 2 : 0);
    const colour = [0, minus, plus, plain];
    const hatch = [0, white, white, plain];
    return this.look(before.length, (k) => colour[states(k)], (k) => hatch[states(k)], (k) => before[k] <= cutoff);
  }

  look(n, colourOf, hatchOf, outlined) {
    const [colour, hatch, inside] = [new Uint32Array(n + 1), new Uint32Array(n + 1), new Uint8Array(n + 1)];
    for (let k = 0; k < n; k += 1) {
      colour[k + 1] = colourOf(k);
      hatch[k + 1] = hatchOf ? hatchOf(k) : colour[k + 1];
      inside[k + 1] = outlined(k) ? 1 : 0;
    }
    return { colour, hatch, inside };
  }

  /**
   * Paint the canvas: one look left of a column, another from there on.
   * @param {object} left @param {object} right @param {number} divider column
   * @param {string} edge colour of the outline
   */
  paint(left, right, divider, edge) {
    const { cell, columns, rows, pixels } = this;
    const line = pixel(edge);
    const middle = Math.max(0, Math.min(columns, Math.round(divider)));
    for (let row = 0, at = 0; row < rows; row += 1) {
      for (let column = 0; column < columns; column += 1, at += 1) {
        const look = column < middle ? left : right;
        const k = cell[at];
        const inside = look.inside[k];
        const across = column + 1 < columns ? look.inside[cell[at + 1]] : 0;
        const below = row + 1 < rows ? look.inside[cell[at + columns]] : 0;
        if (inside !== across || inside !== below) pixels[at] = line;
        else pixels[at] = (row + column) % 6 < 1 ? look.hatch[k] : look.colour[k];
      }
    }
    this.context.putImageData(this.image, 0, 0);
  }
}
