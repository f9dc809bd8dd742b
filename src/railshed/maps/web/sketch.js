/* The first picture: what the map will show, on a plain canvas, at once; it stays where a browser has no WebGL. */

/** A picture of a scene that fills its element; it has the methods of a map that the overlay asks for. */
class Sketch {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas, content, arrays) {
    [this.canvas, this.content, this.arrays] = [canvas, content, arrays];
    this.context = canvas.getContext("2d");
  }

  /** Return the element that it fills, as a map does. */
  getContainer() {
    return this.canvas;
  }

  /** Look at bounds, 24 pixels aside, or at a centre and zoom. */
  look({ bounds, center, zoom }) {
    const { clientWidth: wide, clientHeight: high } = this.canvas;
    const [[west, north], [east, south]] = bounds ? [toWorld([bounds[0][0], bounds[1][1]]), toWorld([bounds[1][0], bounds[0][1]])] : [toWorld(center), toWorld(center)];
    this.scale = bounds ? Math.min((wide - 48) / (east - west), (high - 48) / (south - north)) : 512 * 2 ** zoom;
    [this.west, this.north] = [(west + east) / 2 - wide / 2 / this.scale, (north + south) / 2 - high / 2 / this.scale];
  }

  project(at) {
    const [x, y] = toWorld(at);
    return { x: (x - this.west) * this.scale, y: (y - this.north) * this.scale };
  }

  getZoom() {
    return Math.log2(this.scale / 512);
  }

  /** Draw a scene in a look. @param {?Drawing} drawing @param {object} now @param {string} what as `MapView.show` */
  draw(drawing, now, what) {
    const { canvas, context, content: { base, colours } } = this;
    if (!context) return;
    const ratio = window.devicePixelRatio || 1;
    [canvas.width, canvas.height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const patterns = Object.fromEntries(Object.entries(hatches(colours)).map(([name, one]) => {
      const pattern = context.createPattern(one, "repeat");
      pattern.setTransform(new DOMMatrix().scale(0.5));
      return [name, pattern];
    }));
    const paint = (lines, fill) => { context.fillStyle = fill; context.fill(this.path(lines), "evenodd"); };
    const stroke = (lines, colour, width, dash = []) => {
      [context.strokeStyle, context.lineWidth] = [colour, width];
      context.setLineDash(dash);
      context.stroke(this.path(lines));
    };
    const of = (entry) => this.arrays.lines(entry, this.content.steps);
    context.fillStyle = colours.land;
    context.fillRect(0, 0, canvas.clientWidth, canvas.clientHeight);
    if (base.no_data) paint(of(base.no_data), patterns.noData);
    const { areas, outlines } = drawing ? drawing.of(now, what) : { areas: [], outlines: [] };
    for (const { polygons: land, colour, hatch } of areas) paint(land.flat(), colour ?? patterns[hatch]);
    if (now.scene.proper) { context.globalAlpha = VEIL; paint(of(now.scene.proper), "#fff"); context.globalAlpha = 1; }
    if (base.sea) paint(of(base.sea), colours.sea);
    for (const [kind, width] of [["county", 0.7], ["prefecture", 1.3], ["edge", 0.8]]) if (base.borders[kind]) stroke(of(base.borders[kind]), colours[kind], width);
    for (const { polygons: land, colour, width, dash } of outlines) stroke(land.flat(), colour, width, dash ? [4, 3] : []);
    if (now.scene.proper) { stroke(of(now.scene.proper), "#fff", 4); stroke(of(now.scene.proper), colours.properEdge, 2); }
    for (const rail of [...((what !== BEFORE && now.scene.rails) || base.rails)].reverse()) stroke(of(rail.lines), rail.least === null ? colours.metro : colours.rail, rail.width);
    if (now.scene.proposed && what !== BEFORE) stroke(of(now.scene.proposed), colours.proposed, 3, [9, 3]);
  }

  path(lines) {
    const path = new Path2D();
    for (const line of lines) {
      line.forEach((at, k) => { const { x, y } = this.project(at); if (k) path.lineTo(x, y); else path.moveTo(x, y); });
    }
    return path;
  }
}
