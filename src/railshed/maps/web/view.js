/* One map: land, the circle of one side or what changes, lines. For the swipe a second one lies over the first. */

/** How much paler the city proper is. */
const VEIL = 0.45;

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
      container, style: { version: 8, sources: {}, layers: [] }, attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false,
      maxBounds: [[west, south], [east, north]], maxZoom: 14, renderWorldCopies: false, fadeDuration: 0,
      canvasContextAttributes: { preserveDrawingBuffer: true, antialias: true }, ...options,
    });
    this.loaded = new Promise((resolve) => { this.map.on("load", resolve); }).then(() => this.addBase());
  }

  /** Put the ground on the map: land, hatched where no data are, the sea over what lies on it, borders. */
  addBase() {
    const { map, content: { base, colours } } = this;
    for (const [name, canvas] of Object.entries(hatches(colours))) {
      map.addImage(name, canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height), { pixelRatio: 2 });
    }
    map.addLayer({ id: "ground", type: "background", paint: { "background-color": colours.land } });
    const add = (id, type, data, paint) => {
      map.addSource(id, { type: "geojson", data, tolerance: 0.2 });
      map.addLayer({ id, type, source: id, paint });
    };
    add("no-data", "fill", base.no_data ? this.area(base.no_data) : collection([]), { "fill-pattern": "noData" });
    add("sea", "fill", base.sea ? this.area(base.sea) : collection([]), { "fill-color": colours.sea });
    const borders = { edge: [colours.edge, 0.8], county: [colours.county, 0.7], prefecture: [colours.prefecture, 1.3, [7, 1.6, 1.2, 1.6]] };
    for (const [kind, entry] of Object.entries(base.borders)) {
      const [colour, width, dash] = borders[kind];
      add(`border-${kind}`, "line", this.lines(entry), { "line-color": colour, "line-width": width, ...(dash ? { "line-dasharray": dash } : {}) });
    }
    if (base.roads) add("roads", "line", this.lines(base.roads), { "line-color": colours.road, "line-width": 0.5 });
  }

  lines(entry) {
    return multiLine(this.arrays.lines(entry, this.content.steps));
  }

  area(entry) {
    return polygons(this.arrays.lines(entry, this.content.steps));
  }

  /** Put a scene on the map in place of another. @param {object} scene @param {?Drawing} drawing its looks */
  take(scene, drawing) {
    const { map, content } = this;
    const { colours, base } = content;
    for (const id of this.own ?? []) if (map.getLayer(id)) map.removeLayer(id);
    for (const id of this.own ?? []) if (map.getSource(id)) map.removeSource(id);
    [this.scene, this.drawing, this.own, this.shown] = [scene, drawing, [], ""];
    const add = (id, layer, source, before) => {
      if (source) map.addSource(id, source);
      map.addLayer({ id, source: id, ...layer }, before);
      this.own.unshift(id);
    };
    const geojson = (data) => ({ type: "geojson", data, tolerance: 0.1 });
    add("areas", { type: "fill", filter: ["has", "colour"], paint: { "fill-color": ["get", "colour"], "fill-antialias": true } }, geojson(collection([])), "sea");
    add("hatches", { type: "fill", source: "areas", filter: ["has", "hatch"], paint: { "fill-pattern": ["get", "hatch"] } }, null, "sea");
    const outline = (id, filter, dash) => add(id, { type: "line", source: "outline", filter, layout: { "line-join": "round" },
      paint: { "line-color": ["get", "colour"], "line-width": ["get", "width"], ...dash } }, id === "outline" ? geojson(collection([])) : null);
    outline("outline", ["!", ["has", "dash"]], {});
    outline("outline-dashed", ["has", "dash"], { "line-dasharray": [2.5, 1.8] });
    if (scene.proper) { // paler, since its people are not counted
      add("proper-under", { type: "line", paint: { "line-color": "#fff", "line-width": 4 } }, geojson(this.area(scene.proper)));
      add("proper-veil", { type: "fill", source: "proper-under", paint: { "fill-color": "#fff", "fill-opacity": VEIL } }, null, "sea");
      add("proper", { type: "line", source: "proper-under", paint: { "line-color": colours.properEdge, "line-width": 2 } }, null);
    }
    for (const [side, rails] of [[BEFORE, base.rails], [AFTER, scene.rails ?? []]]) {
      for (const rail of [...rails].reverse()) {
        add(`rail-${side}-${rail.least}`, { type: "line", layout: { "line-join": "round" }, paint: { "line-color": rail.least === null ? colours.metro : colours.rail, "line-width": rail.width } }, geojson(this.lines(rail.lines)));
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
    const { areas, outlines } = this.drawing ? this.drawing.of(now, what) : { areas: [], outlines: [] };
    const features = (all) => collection(all.filter((one) => one.polygons.length).map(({ polygons: coordinates, ...properties }) => (
      { type: "Feature", properties, geometry: { type: "MultiPolygon", coordinates } })));
    this.map.getSource("areas").setData(features(areas));
    this.map.getSource("outline").setData(features(outlines.map(({ dash, ...rest }) => (dash ? { dash, ...rest } : rest))));
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
}

/** Return a GeoJSON collection. */
function collection(features) {
  return { type: "FeatureCollection", features };
}
