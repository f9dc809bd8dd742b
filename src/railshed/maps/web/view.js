/* One map: land, the circle of one side or what changes, lines. For the swipe a second one lies over the first. */

/** What a map shows of a comparison: one of its sides, what changes, or minutes saved. */
const BEFORE = "before", AFTER = "after", CHANGE = "change", SAVED = "saved";

/** A map and what it shows. */
class MapView {
  /**
   * @param {string} container id
   * @param {object} content @param {Arrays} arrays
   * @param {object} options of the library, added to those of all maps
   */
  constructor(container, content, arrays, options) {
    [this.content, this.arrays, this.shown] = [content, arrays, ""];
    const [west, south, east, north] = content.base.box;
    this.map = new maplibregl.Map({
      container, style: this.style(), attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false,
      maxBounds: [[west, south], [east, north]], maxZoom: 14, renderWorldCopies: false, fadeDuration: 0,
      canvasContextAttributes: { preserveDrawingBuffer: true, antialias: true }, ...options,
    });
    this.loaded = new Promise((resolve) => { this.map.on("load", resolve); });
    this.loaded.then(() => {
      this.map.addImage("gained", hatched(content.colours.gained, false), { pixelRatio: 2 });
      this.map.addImage("lost", hatched(content.colours.lost, true), { pixelRatio: 2 });
    });
  }

  style() {
    const { base, colours } = this.content;
    const [sources, layers] = [{}, [{ id: "ground", type: "background", paint: { "background-color": base.land ? colours.beyond : colours.land } }]];
    const add = (id, type, data, paint) => {
      sources[id] = { type: "geojson", data, tolerance: 0.2 };
      layers.push({ id, type, source: id, paint });
    };
    if (base.land) add("land", "fill", this.area(base.land), { "fill-color": colours.land, "fill-antialias": false });
    const borders = { edge: [colours.edge, 0.8], county: [colours.county, 0.7], prefecture: [colours.prefecture, 1.3, [7, 1.6, 1.2, 1.6]] };
    for (const [kind, entry] of Object.entries(base.borders)) {
      const [colour, width, dash] = borders[kind];
      add(`border-${kind}`, "line", this.lines(entry), { "line-color": colour, "line-width": width, ...(dash ? { "line-dasharray": dash } : {}) });
    }
    if (base.roads) add("roads", "line", this.lines(base.roads), { "line-color": colours.road, "line-width": 0.5 });
    return { version: 8, sources, layers };
  }

  lines(entry) {
    return multiLine(this.arrays.lines(entry, this.content.steps));
  }

  area(entry) {
    return polygons(this.arrays.lines(entry, this.content.steps));
  }

  /** Put a scene on the map in place of another. @param {object} scene @param {?Surface} surface */
  take(scene, surface) {
    const { map, content } = this;
    const { colours, base } = content;
    for (const id of this.own ?? []) if (map.getLayer(id)) map.removeLayer(id);
    for (const id of this.own ?? []) if (map.getSource(id)) map.removeSource(id);
    [this.scene, this.picture, this.own, this.shown] = [scene, surface && new Picture(surface), [], ""];
    const add = (id, layer, source, before) => {
      if (source) map.addSource(id, source);
      map.addLayer({ id, source: id, ...layer }, before);
      this.own.unshift(id);
    };
    const geojson = (data) => ({ type: "geojson", data, tolerance: 0.1 });
    const beneath = base.land ? "border-edge" : base.roads ? "roads" : undefined;
    if (surface) {
      add("cells", { type: "raster", paint: { "raster-fade-duration": 0, "raster-resampling": "nearest" } },
        { type: "canvas", canvas: this.picture.canvas, coordinates: surface.corners, animate: false }, beneath);
    }
    add("areas", { type: "fill", filter: ["has", "colour"], paint: { "fill-color": ["get", "colour"], "fill-antialias": true } }, geojson(collection([])), beneath);
    add("hatches", { type: "fill", source: "areas", filter: ["has", "hatch"], paint: { "fill-pattern": ["get", "hatch"] } }, null, beneath);
    add("outline", { type: "line", layout: { "line-join": "round" }, paint: { "line-color": ["get", "colour"], "line-width": ["get", "width"] } }, geojson(collection([])), beneath);
    if (scene.proper) {
      add("proper", { type: "fill", paint: { "fill-color": colours.proper } }, geojson(this.area(scene.proper)), beneath);
      add("proper-edge", { type: "line", source: "proper", paint: { "line-color": "#85898d", "line-width": 1 } }, null, beneath);
    }
    for (const [side, rails] of [[BEFORE, base.rails], [AFTER, scene.rails ?? []]]) {
      for (const rail of [...rails].reverse()) {
        add(`rail-${side}-${rail.least}`, { type: "line", layout: { "line-join": "round" }, paint: { "line-color": colours.rail, "line-width": rail.width } }, geojson(this.lines(rail.lines)));
      }
    }
    const bold = (id, entry, colour, dash) => {
      add(`${id}-under`, { type: "line", paint: { "line-color": "#fff", "line-width": 5 } }, geojson(this.lines(entry)));
      add(id, { type: "line", source: `${id}-under`, paint: { "line-color": colour, "line-width": 3, "line-dasharray": dash } }, null);
    };
    if (scene.withdrawn) bold("withdrawn", scene.withdrawn, colours.lost, [1, 0.9]);
    if (scene.proposed) bold("proposed", scene.proposed, colours.proposed, [3.2, 1.1]);
  }

  /** Show a state. @param {object} now @param {string} what one of BEFORE, AFTER, CHANGE, SAVED */
  show(now, what) {
    const key = `${now.reading.name} ${now.cutoff} ${what}`;
    if (!this.scene || key === this.shown) return;
    this.shown = key;
    const { reading, cutoff } = now;
    const exact = reading.edges.find((edge) => edge.cutoff === cutoff);
    const cells = reading.sides.length > 0 && (!exact || what === SAVED);
    if (this.picture) {
      this.visible("cells", cells);
      if (cells) this.paint(reading, cutoff, what, !exact);
    }
    const [areas, outline] = exact ? this.drawn(reading, cutoff, what, exact) : [[], []];
    this.map.getSource("areas").setData(collection(areas));
    this.map.getSource("outline").setData(collection(outline));
    const replaced = Boolean(this.scene.rails);
    for (const id of this.own) {
      if (id.startsWith("rail-before")) this.visible(id, !replaced || what === BEFORE);
      if (id.startsWith("rail-after")) this.visible(id, what !== BEFORE);
      if (id.startsWith("withdrawn")) this.visible(id, what !== AFTER);
      if (id.startsWith("proposed")) this.visible(id, what !== BEFORE);
    }
    this.map.triggerRepaint();
  }

  visible(id, is) {
    this.map.setLayoutProperty(id, "visibility", is ? "visible" : "none");
  }

  /** Paint the cells, at minutes that have no polygons with their outline. */
  paint(reading, cutoff, what, outlined) {
    const { picture } = this;
    const { surface } = picture;
    const side = reading.sides[what === BEFORE ? 0 : reading.sides.length - 1];
    const { ink, byRail } = this.content.colours;
    if (what === CHANGE) picture.paint(surface.changes(reading, cutoff), ink);
    else if (what === SAVED) picture.paint(surface.saved(reading, cutoff, outlined), ink);
    else picture.paint(surface.bands(reading, side, cutoff), byRail);
    const source = this.map.getSource("cells");
    source.play();
    source.pause();
  }

  /** Return polygons and outlines of a cutoff that has them: those of the GeoPackage. */
  drawn(reading, cutoff, what, exact) {
    const { colours } = this.content;
    const feature = (entry, properties) => ({ ...this.area(entry), properties });
    if (what === CHANGE) {
      return [
        [feature(exact.total[1], { colour: colours.unchanged }), feature(exact.gained, { hatch: "gained" }), feature(exact.lost, { hatch: "lost" })],
        [feature(exact.total[0], { colour: colours.ink, width: 2 })],
      ];
    }
    if (what === SAVED) return [[], [feature(exact.total[1], { colour: colours.ink, width: 1.6 })]];
    const side = what === BEFORE ? 0 : exact.total.length - 1;
    const own = colours.bands[reading.cutoffs.length];
    const bands = reading.edges.filter((edge) => edge.cutoff <= cutoff).reverse()
      .map((edge) => feature(edge.total[side], { colour: own[reading.cutoffs.indexOf(edge.cutoff)] }));
    const rail = exact.by_rail[side];
    return [bands, rail ? [feature(rail, { colour: colours.byRail, width: 1.8 })] : []];
  }
}

/** Return a GeoJSON collection. */
function collection(features) {
  return { type: "FeatureCollection", features };
}

/** Return the picture of a hatch, one way or crossed, white on a colour. */
function hatched(colour, crossed) {
  const size = 20;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [size, size];
  const context = canvas.getContext("2d");
  context.fillStyle = colour;
  context.fillRect(0, 0, size, size);
  [context.strokeStyle, context.lineWidth] = ["#ffffff", 2.4];
  for (const turn of crossed ? [1, -1] : [1]) {
    for (const shift of [-size, 0, size]) {
      context.beginPath();
      context.moveTo(shift, turn > 0 ? size : 0);
      context.lineTo(shift + size, turn > 0 ? 0 : size);
      context.stroke();
    }
  }
  return context.getImageData(0, 0, size, size);
}
