/* The page: its state, the map, and what pointer, keys and address do. */

/** Return a text without accents, case and anything but letters and digits, as names are searched for. */
function fold(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

/** The page. */
class Page {
  constructor(content, arrays) {
    [this.content, this.arrays] = [content, arrays];
    this.now = { lang: content.lang, sceneAt: 0, mode: "", swipe: 0.5, station: -1, cutoff: 0 };
    this.surfaces = new Map();
    const asked = this.readHash();
    this.view = asked.view;
    this.enter(asked.scene ?? 0, asked.reading);
    if (asked.cutoff) this.now.cutoff = Math.max(1, Math.min(asked.cutoff, Math.max(...this.now.reading.cutoffs)));
    if (asked.mode && this.now.scene.sides > 1) this.now.mode = asked.mode;
    if (asked.swipe !== undefined) this.now.swipe = asked.swipe;
    if (asked.lang && content.switch) this.now.lang = asked.lang;
    if (asked.station) this.now.station = this.now.scene.stations.findIndex((s) => s.id === asked.station);
    this.panel = new Panel(content, {
      set: (change) => this.set(change), find: (text) => this.find(text), choose: (item) => this.choose(item),
      whole: () => this.whole(),
    });
    this.panel.rebuild(this.now);
  }

  /** Take a scene and one of its readings. */
  enter(sceneAt, reading) {
    const scene = this.content.scenes[sceneAt] ?? this.content.scenes[0];
    const { now } = this;
    [now.sceneAt, now.scene] = [this.content.scenes.indexOf(scene), scene];
    now.reading = scene.readings.find((r) => r.name === reading) ?? scene.readings[0];
    const most = Math.max(...now.reading.cutoffs);
    if (!now.cutoff) now.cutoff = now.reading.cutoffs.includes(scene.headline) ? scene.headline : most;
    now.cutoff = Math.min(now.cutoff, most);
    if (scene.sides === 1) now.mode = "after";
    else if (!now.mode || this.sides === 1) now.mode = "change";
    this.sides = scene.sides;
  }

  start() {
    if (!document.createElement("canvas").getContext("webgl2")) return this.fail("noWebgl");
    const { base } = this.content;
    const [west, south, east, north] = base.box;
    this.map = new maplibregl.Map({
      container: "map", style: this.style(), attributionControl: false, dragRotate: false, pitchWithRotate: false,
      touchPitch: false, maxBounds: [[west, south], [east, north]], maxZoom: 14, renderWorldCopies: false, fadeDuration: 0,
      canvasContextAttributes: { preserveDrawingBuffer: true, antialias: true },
      locale: { "NavigationControl.ZoomIn": this.panel.say("zoomIn"), "NavigationControl.ZoomOut": this.panel.say("zoomOut"), "Map.Title": this.panel.say("map") },
      ...(this.view ?? { bounds: this.bounds(), fitBoundsOptions: { padding: 24 } }),
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-left");
    this.map.addControl(new maplibregl.ScaleControl({ maxWidth: 140 }), "bottom-right");
    this.overlay = new Overlay(document.getElementById("overlay"), this.map, this.content);
    this.map.on("load", () => {
      performance.mark("railshed-map");
      this.addSurface();
      this.listen();
      this.update();
      this.map.once("idle", () => { document.documentElement.dataset.ready = "yes"; });
    });
    return document.fonts?.load('13px "Railshed Sans SC"', "字").then(() => { this.overlay.widths.clear(); this.map.triggerRepaint(); });
  }

  fail(key) {
    const told = document.getElementById("failure");
    told.textContent = this.panel.say(key);
    told.hidden = false;
    document.documentElement.dataset.ready = "failed";
  }

  /** Return west, south, east, north of the scene, less than the whole base. */
  bounds() {
    const { raster, stations } = this.now.scene;
    if (raster) { const [west, north, east, south] = raster.west_north_east_south; return [[west, south], [east, north]]; }
    const places = stations.filter((s) => s.core.some(Boolean)).map((s) => s.at);
    const [lons, lats] = [0, 1].map((k) => places.map((p) => p[k]));
    return [[Math.min(...lons) - 0.3, Math.min(...lats) - 0.3], [Math.max(...lons) + 0.3, Math.max(...lats) + 0.3]];
  }

  style() {
    const { base, colours, steps } = this.content;
    const lines = (told) => multiLine(this.arrays.lines(told, steps));
    const [sources, layers] = [{}, [{ id: "ground", type: "background", paint: { "background-color": base.land ? "#e9edef" : colours.land } }]];
    const add = (id, type, data, paint, more = {}) => {
      sources[id] = { type: "geojson", data, tolerance: 0.2 };
      layers.push({ id, type, source: id, paint, ...more });
    };
    if (base.land) add("land", "fill", polygons(this.arrays.lines(base.land, steps)), { "fill-color": colours.land, "fill-antialias": false });
    const borders = { edge: [colours.edge, 0.8], county: [colours.county, 0.7], prefecture: [colours.prefecture, 1.3, [7, 1.6, 1.2, 1.6]] };
    for (const [kind, told] of Object.entries(base.borders)) {
      const [colour, width, dash] = borders[kind];
      add(`border-${kind}`, "line", lines(told), { "line-color": colour, "line-width": width, ...(dash ? { "line-dasharray": dash } : {}) });
    }
    if (base.roads) add("roads", "line", lines(base.roads), { "line-color": colours.road, "line-width": 0.5 });
    [...base.rails].reverse().forEach((rail) => add(`rail-${rail.least}`, "line", lines(rail.lines), { "line-color": colours.rail, "line-width": rail.width }, { layout: { "line-join": "round" } }));
    return { version: 8, sources, layers };
  }

  surface() {
    const { scene } = this.now;
    if (!scene.raster) return null;
    if (!this.surfaces.has(scene)) this.surfaces.set(scene, new Surface(scene, this.arrays, this.content));
    return this.surfaces.get(scene);
  }

  /** Put the raster, the city proper and the proposed lines of the scene on the map, in place of another scene's. */
  addSurface() {
    const { map, content } = this;
    for (const id of ["cells", "proper", "proper-edge", "proposed-under", "proposed"]) if (map.getLayer(id)) map.removeLayer(id);
    for (const id of ["cells", "proper", "proposed"]) if (map.getSource(id)) map.removeSource(id);
    const { scene } = this.now;
    const [beneath, above] = [this.content.base.land ? "border-edge" : map.getStyle().layers[1]?.id, undefined];
    const surface = this.surface();
    if (surface) {
      map.addSource("cells", { type: "canvas", canvas: surface.canvas, coordinates: surface.corners, animate: false });
      map.addLayer({ id: "cells", type: "raster", source: "cells", paint: { "raster-fade-duration": 0, "raster-opacity": 0.92, "raster-resampling": "linear" } }, beneath);
    }
    if (scene.proper) {
      map.addSource("proper", { type: "geojson", data: polygons(this.arrays.lines(scene.proper, content.steps)) });
      map.addLayer({ id: "proper", type: "fill", source: "proper", paint: { "fill-color": content.colours.proper } }, beneath);
      map.addLayer({ id: "proper-edge", type: "line", source: "proper", paint: { "line-color": "#85898d", "line-width": 1 } }, beneath);
    }
    if (scene.proposed) {
      map.addSource("proposed", { type: "geojson", data: multiLine(this.arrays.lines(scene.proposed, content.steps)) });
      map.addLayer({ id: "proposed-under", type: "line", source: "proposed", paint: { "line-color": "#fff", "line-width": 5 } }, above);
      map.addLayer({ id: "proposed", type: "line", source: "proposed", paint: { "line-color": content.colours.proposed, "line-width": 3, "line-dasharray": [3.2, 1.1] } }, above);
    }
  }

  listen() {
    const { map } = this;
    map.on("render", () => this.overlay.draw(this.shown()));
    map.on("move", () => { if (this.now.mode === "swipe") this.paint(); });
    map.on("moveend", () => { this.writeHash(); if (document.activeElement === map.getCanvas()) this.cross(); });
    map.on("mousemove", (event) => this.point(event));
    map.on("mouseout", () => this.hideTip());
    map.on("click", (event) => { const at = this.overlay.stationAt(event.point); if (at >= 0) this.set({ station: at }); });
    map.getCanvas().addEventListener("focus", () => { if (map.getCanvas().matches(":focus-visible")) this.cross(); });
    map.getCanvas().addEventListener("blur", () => { document.getElementById("cross").hidden = true; this.hideTip(); });
    map.getCanvas().addEventListener("keydown", (event) => { if (event.key === "Enter") this.set({ station: this.overlay.stationAt(this.middle()) }); });
    map.on("resize", () => { this.placeDivider(); this.fitSheet(); });
    window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((part) => { part.open = true; }));
    this.fitSheet();
    window.addEventListener("hashchange", () => this.follow());
    this.listenDivider();
  }

  /** Tell the printed page how large the map is on the screen, and by how much it fits on a sheet of A4. */
  fitSheet() {
    const { clientWidth: wide, clientHeight: high, style } = document.getElementById("stage");
    const [sheetWide, sheetHigh] = [1040, 690];
    style.setProperty("--wide", `${wide}px`);
    style.setProperty("--high", `${high}px`);
    style.setProperty("--to-sheet", String(Math.min(sheetWide / wide, sheetHigh / high)));
  }

  listenDivider() {
    const handle = document.getElementById("divider");
    const to = (share) => this.set({ swipe: Math.max(0, Math.min(1, share)) });
    handle.addEventListener("pointerdown", (event) => handle.setPointerCapture(event.pointerId));
    handle.addEventListener("pointermove", (event) => {
      if (!handle.hasPointerCapture(event.pointerId)) return;
      const box = document.getElementById("stage").getBoundingClientRect();
      to((event.clientX - box.left) / box.width);
    });
    handle.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -0.02, ArrowDown: -0.02, ArrowRight: 0.02, ArrowUp: 0.02, Home: -1, End: 1 }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      to(this.now.swipe + step);
    });
  }

  /** Change the state and show it. */
  set(change) {
    const { now } = this;
    const rebuilt = ["scene", "reading", "lang"].some((key) => key in change);
    if ("scene" in change) { now.cutoff = 0; now.station = -1; this.enter(change.scene); }
    else if ("reading" in change) this.enter(now.sceneAt, change.reading);
    for (const key of ["cutoff", "mode", "swipe", "lang", "station"]) if (key in change) now[key] = change[key];
    const focused = document.activeElement?.id;
    if (rebuilt) this.panel.rebuild(now); else if (!("swipe" in change)) this.panel.show(now);
    if (rebuilt && focused) document.getElementById(focused)?.focus();
    if (!this.map) return;
    if ("scene" in change) { this.addSurface(); this.whole(); }
    this.hideTip();
    this.update();
    this.writeHash();
  }

  update() {
    this.placeDivider();
    this.paint();
    const planned = this.now.mode === "before" ? "none" : "visible";
    for (const id of ["proposed-under", "proposed"]) if (this.map.getLayer(id)) this.map.setLayoutProperty(id, "visibility", planned);
    this.map.triggerRepaint();
  }

  placeDivider() {
    const { now, panel } = this;
    const swipes = now.mode === "swipe" && now.reading.sides.length > 1;
    const left = `${now.swipe * 100}%`;
    for (const [id, text] of [["divider", ""], ["divider-left", panel.say("before")], ["divider-right", panel.say("after")]]) {
      const shown = document.getElementById(id);
      shown.hidden = !swipes;
      shown.style.left = left;
      if (text) shown.textContent = text;
    }
    const handle = document.getElementById("divider");
    handle.setAttribute("aria-valuenow", String(Math.round(now.swipe * 100)));
    handle.setAttribute("aria-label", panel.say("swipeHandle"));
  }

  /** Paint the cells for the state. */
  paint() {
    const surface = this.surface();
    const { now, map } = this;
    if (!surface || !map.getLayer("cells")) return;
    const drawn = now.reading.sides.length > 0;
    map.setLayoutProperty("cells", "visibility", drawn ? "visible" : "none");
    if (!drawn) return;
    const { colours } = this.content;
    const key = `${now.reading.name} ${now.cutoff} ${now.mode}`;
    if (this.lookOf !== surface || this.lookKey !== key) this.looks = this.looksOf(surface);
    [this.lookOf, this.lookKey] = [surface, key];
    const x = now.mode === "swipe" ? now.swipe * map.getContainer().clientWidth : 0;
    const divider = now.mode === "swipe" ? surface.columnOf(map.unproject([x, 0]).lng) : 0;
    surface.paint(this.looks[0], this.looks[1], divider, now.mode === "change" ? colours.ink : colours.byRail);
    const source = map.getSource("cells");
    source.play();
    source.pause();
  }

  looksOf(surface) {
    const { now } = this;
    const { reading, mode, cutoff } = now;
    if (mode === "change") { const look = surface.changes(reading, cutoff); return [look, look]; }
    const bands = (k) => surface.bands(reading, reading.sides[k], cutoff);
    if (mode === "swipe") return [bands(0), bands(1)];
    const look = bands(mode === "before" ? 0 : reading.sides.length - 1);
    return [look, look];
  }

  /** Return the side of the state at a point of the screen: before is 0. */
  sideAt(x) {
    const { now } = this;
    if (now.scene.sides === 1 || now.mode === "before") return 0;
    if (now.mode === "swipe") return x < now.swipe * this.map.getContainer().clientWidth ? 0 : 1;
    return 1;
  }

  shown() {
    const { now } = this;
    const of = (list, x) => list[Math.min(this.sideAt(x), list.length - 1)];
    return { scene: now.scene, lang: now.lang, cutoff: now.cutoff, station: now.station,
      minutesOf: (place, x) => of(now.reading.stations, x)[place], isCore: (place, x) => of(now.scene.stations[place].core, x),
      isThere: (place, x) => of(now.scene.stations[place].there, x) };
  }

  middle() {
    const { clientWidth, clientHeight } = this.map.getContainer();
    return { x: clientWidth / 2, y: clientHeight / 2 };
  }

  cross() {
    document.getElementById("cross").hidden = false;
    const point = this.middle();
    this.tell(point, this.map.unproject([point.x, point.y]));
  }

  point(event) {
    document.getElementById("cross").hidden = true;
    this.map.getCanvas().style.cursor = this.overlay.stationAt(event.point) >= 0 ? "pointer" : "";
    this.tell(event.point, event.lngLat);
  }

  /** Show what is known of a place beside it. */
  tell(point, { lng, lat }) {
    const surface = this.surface();
    const { now } = this;
    const cell = surface && now.reading.sides.length ? surface.cellAt([lng, lat]) : 0;
    if (!cell) return this.hideTip();
    const mine = this.sideAt(point.x);
    const sides = now.reading.sides.length > 1 ? (now.mode === "change" ? [0, 1] : [mine]) : [0];
    const read = sides.map((side) => ({ side, cell: surface.read(cell, now.reading.sides[side]) }));
    const county = surface.county ? this.content.base.counties[surface.county[cell - 1]] : null;
    const tip = document.getElementById("tip");
    tip.replaceChildren(...this.panel.tip(now, county, read));
    tip.hidden = false;
    const { clientWidth, clientHeight } = this.map.getContainer();
    tip.style.left = `${point.x + 16 + tip.offsetWidth > clientWidth ? point.x - tip.offsetWidth - 16 : point.x + 16}px`;
    tip.style.top = `${Math.max(4, Math.min(point.y + 12, clientHeight - tip.offsetHeight - 4))}px`;
    return undefined;
  }

  hideTip() {
    document.getElementById("tip").hidden = true;
  }

  /** Return stations, towns, prefectures and counties whose name holds a text, those that begin with it first. */
  find(text) {
    const wanted = fold(text);
    if (!wanted) return [];
    const { base } = this.content;
    const { scene, lang } = this.now;
    const named = (kind, list) => list.map((area) => ({ kind, names: [area.zh, area.en], at: area.at }));
    const all = [
      ...scene.stations.map((station, place) => ({ kind: "station", names: scene.places[place], id: station.id, at: station.at, place })),
      ...named("prefecture", base.prefectures), ...named("county", base.counties), ...named("town", base.towns),
    ];
    const rank = (item) => Math.min(...[...item.names, item.id ?? ""].map((name) => { const at = fold(name).indexOf(wanted); return at < 0 ? 9 : Math.min(at, 1); }));
    return all.map((item, k) => ({ ...item, rank: rank(item), k })).filter((item) => item.rank < 9)
      .sort((a, b) => a.rank - b.rank || a.k - b.k).slice(0, 12)
      .map((item) => ({ ...item, text: (lang === "en" ? [item.names[1], item.names[0]] : item.names).filter(Boolean).join(" ") }));
  }

  choose(item) {
    if (item.kind === "station") this.set({ station: item.place });
    this.map?.jumpTo({ center: item.at, zoom: Math.max(this.map.getZoom(), item.kind === "station" ? 10 : 9) });
  }

  whole() {
    this.map?.fitBounds(this.bounds(), { padding: 24, animate: false });
  }

  readHash() {
    const told = new URLSearchParams(location.hash.slice(1));
    const number = (key) => (told.has(key) && Number.isFinite(Number(told.get(key))) ? Number(told.get(key)) : undefined);
    const scene = this.content.scenes.findIndex((s) => s.key === told.get("p"));
    const view = (told.get("v") ?? "").split("/").map(Number);
    const one = (key, allowed) => (allowed.includes(told.get(key)) ? told.get(key) : undefined);
    return {
      scene: scene < 0 ? undefined : scene, reading: told.get("r") ?? undefined, cutoff: number("c") && Math.round(number("c")),
      mode: one("m", ["before", "after", "change", "swipe"]), swipe: number("x") === undefined ? undefined : Math.max(0, Math.min(1, number("x"))),
      lang: one("l", ["zh", "en"]), station: told.get("s") ?? undefined,
      view: view.length === 3 && view.every(Number.isFinite) && Math.abs(view[1]) <= 85 ? { zoom: view[0], center: [view[2], view[1]] } : undefined,
    };
  }

  /** Put the state into the address, so that a link shows the same. */
  writeHash() {
    const { now, map } = this;
    const { lng, lat } = map.getCenter();
    const told = new URLSearchParams({ p: now.scene.key, r: now.reading.name, c: now.cutoff });
    if (now.scene.sides > 1) told.set("m", now.mode);
    if (now.mode === "swipe") told.set("x", now.swipe.toFixed(3));
    if (this.content.switch) told.set("l", now.lang);
    if (now.station >= 0) told.set("s", now.scene.stations[now.station].id);
    told.set("v", `${map.getZoom().toFixed(2)}/${lat.toFixed(4)}/${lng.toFixed(4)}`);
    this.hash = `#${told}`;
    try { history.replaceState(null, "", this.hash); } catch { /* a frame without an address of its own */ }
  }

  /** Follow an address that was typed or pasted. */
  follow() {
    if (location.hash === this.hash) return;
    const asked = this.readHash();
    const { scene, reading } = asked;
    if (scene !== undefined && scene !== this.now.sceneAt) this.set({ scene });
    if (reading && reading !== this.now.reading.name) this.set({ reading });
    const change = Object.fromEntries(["cutoff", "mode", "swipe", "lang"].filter((key) => asked[key] !== undefined).map((key) => [key, asked[key]]));
    if (change.cutoff) change.cutoff = Math.max(1, Math.min(change.cutoff, Math.max(...this.now.reading.cutoffs)));
    if (this.now.scene.sides === 1) delete change.mode;
    if (!this.content.switch) delete change.lang;
    if (asked.view) this.map.jumpTo(asked.view);
    this.set({ ...change, station: this.now.scene.stations.findIndex((s) => s.id === asked.station) });
  }
}

/** Unpack the page and start it. */
async function main() {
  if (typeof DecompressionStream === "undefined") {
    const told = document.getElementById("failure");
    told.textContent = "此浏览器版本过旧，请更新。 This browser is too old: please update it.";
    told.hidden = false;
    return;
  }
  const [content, bytes] = await Promise.all([unpack("content"), unpack("bytes")]);
  const page = new Page(JSON.parse(new TextDecoder().decode(content)), new Arrays(bytes));
  await page.start();
  window.railshedMap = page.map;
}

main();
