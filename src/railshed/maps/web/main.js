/* The page: its state, the map, and what pointer, keys and address do. */

/** Return a text without accents, case and anything but letters and digits, as names are searched for. */
function fold(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

/** The page. */
class Page {
  constructor(content, arrays) {
    [this.content, this.arrays] = [content, arrays];
    const browser = navigator.language.startsWith("zh") ? "zh" : "en";
    this.now = { lang: content.lang || browser, sceneAt: 0, mode: "", swipe: 0.5, station: -1, county: -1, cutoff: 0 };
    [this.surfaces, this.drawings] = [new Map(), new Map()];
    const asked = this.readHash();
    this.asked = asked.view;
    this.enter(asked.scene ?? 0, asked.reading);
    if (asked.cutoff) this.now.cutoff = Math.max(1, Math.min(asked.cutoff, this.now.scene.most));
    if (asked.mode && this.now.scene.sides > 1) this.now.mode = asked.mode;
    if (asked.swipe !== undefined) this.now.swipe = asked.swipe;
    if (asked.lang) this.now.lang = asked.lang;
    if (asked.station) this.now.station = this.now.scene.stations.findIndex((s) => s.id === asked.station);
    this.panel = this.makePanel({
      set: (change) => this.set(change), find: (text) => this.find(text), choose: (item) => this.choose(item),
      whole: () => this.whole(), changes: () => this.changes(), surface: () => this.surface(),
    });
    this.panel.rebuild(this.now);
  }

  makePanel(acts) {
    return new Panel(this.content, acts);
  }

  /** Take a scene and one of its readings. */
  enter(sceneAt, reading) {
    const scene = this.content.scenes[sceneAt] ?? this.content.scenes[0];
    const { now } = this;
    [now.sceneAt, now.scene] = [this.content.scenes.indexOf(scene), scene];
    now.reading = scene.readings.find((r) => r.name === reading) ?? scene.readings[0];
    if (!now.cutoff) now.cutoff = now.reading.cutoffs.includes(scene.headline) ? scene.headline : Math.max(...now.reading.cutoffs);
    now.cutoff = Math.min(now.cutoff, scene.most);
    if (scene.sides === 1) now.mode = AFTER;
    else if (!now.mode || this.sides === 1) now.mode = CHANGE;
    this.sides = scene.sides;
  }

  /** Show the first picture at once; return when the map has taken its place. */
  start() {
    const { panel, content, arrays } = this;
    const looked = this.asked ?? { bounds: this.bounds() };
    this.sketch = new Sketch(document.getElementById("sketch"), content, arrays);
    this.sketch.look(looked);
    this.overlay = new Overlay(document.getElementById("overlay"), this.sketch, content);
    this.redraw();
    performance.mark("railshed-picture");
    this.fitSheet();
    if (!document.createElement("canvas").getContext("webgl2")) return this.fail("noWebgl");
    return new Promise(requestAnimationFrame).then(() => this.startMap(looked));
  }

  /** Draw what a browser without WebGL shows, and every browser until its map is there. */
  redraw() {
    const { now } = this;
    if (this.failure) document.getElementById("failure").textContent = this.panel.say(this.failure);
    if (!this.sketch.context) return;
    this.sketch.draw(this.drawing(), now, this.swipes() ? CHANGE : now.mode);
    this.overlay.draw(this.shown().slice(-1).map((side) => ({ ...side, from: 0, to: 1 })));
  }

  startMap(looked) {
    const { panel, content, arrays } = this;
    this.view = new MapView("map", content, arrays, {
      locale: { "NavigationControl.ZoomIn": panel.say("zoomIn"), "NavigationControl.ZoomOut": panel.say("zoomOut"), "Map.Title": panel.say("map") },
      ...looked, fitBoundsOptions: { padding: 24 },
    });
    const { map } = this.view;
    window.railshedMap = map;
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-left");
    map.addControl(new maplibregl.ScaleControl({ maxWidth: 140 }), "bottom-right");
    return this.view.loaded.then(() => {
      performance.mark("railshed-map");
      this.map = map;
      this.view.take(this.now.scene, this.drawing());
      this.listen();
      this.placeDivider();
      this.update();
      map.once("idle", () => {
        this.overlay.map = map;
        this.overlay.draw(this.shown());
        this.sketch.canvas.hidden = true;
        document.documentElement.dataset.ready = "yes";
      });
    });
  }

  fail(key) {
    const failure = document.getElementById("failure");
    failure.textContent = this.panel.say(key);
    failure.hidden = false;
    this.failure = key;
    document.documentElement.dataset.ready = "failed";
  }

  /** Return the south-west and north-east corner of the scene, less than the whole base. */
  bounds() {
    const [west, south, east, north] = this.now.reading.view ?? this.now.scene.view;
    return [[west, south], [east, north]];
  }

  surface() {
    const { scene } = this.now;
    if (!scene.grid) return null;
    if (!this.surfaces.has(scene)) this.surfaces.set(scene, new Surface(scene, this.arrays, this.content));
    return this.surfaces.get(scene);
  }

  /** Return the looks of the scene; null where it has no cells. */
  drawing() {
    const surface = this.surface();
    if (surface && !this.drawings.has(surface)) this.drawings.set(surface, new Drawing(surface, this.content));
    return surface && this.drawings.get(surface);
  }

  listen() {
    const { map } = this;
    map.on("render", () => { if (this.overlay.map === map) this.overlay.draw(this.shown()); });
    map.on("move", () => this.under?.map.jumpTo({ center: map.getCenter(), zoom: map.getZoom() }));
    map.on("moveend", () => { this.writeHash(); if (document.activeElement === map.getCanvas()) this.cross(); });
    map.on("mousemove", (event) => this.point(event));
    map.on("mouseout", () => this.hideTip());
    map.on("click", (event) => this.pick(event));
    map.getCanvas().addEventListener("focus", () => { if (map.getCanvas().matches(":focus-visible")) this.cross(); });
    map.getCanvas().addEventListener("blur", () => { document.getElementById("cross").hidden = true; this.hideTip(); });
    map.getCanvas().addEventListener("keydown", (event) => { if (event.key === "Enter") this.set({ station: this.overlay.stationAt(this.middle()) }); });
    map.on("resize", () => { this.placeDivider(); this.fitSheet(); });
    window.addEventListener("beforeprint", () => {
      document.getElementById("panel").scrollTop = 0; // what is scrolled away would lie above the sheet
      document.querySelectorAll("#words details").forEach((part) => { part.open = true; });
    });
    window.addEventListener("hashchange", () => this.follow());
    this.listenDivider();
  }

  /** Tell the printed page how large the map is on the screen, and by how much it fits on a sheet of A4. */
  fitSheet() {
    const { clientWidth: wide, clientHeight: high, style } = document.getElementById("stage");
    const [sheetWide, sheetHigh] = [735, 545];
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
    const left = now.scene;
    if ("scene" in change) this.go(change.scene);
    else if ("reading" in change) this.enter(now.sceneAt, change.reading);
    for (const key of ["cutoff", "mode", "swipe", "lang", "station", "county"]) if (key in change) now[key] = change[key];
    const focused = document.activeElement?.id;
    if (rebuilt) this.panel.rebuild(now); else if (!("swipe" in change)) this.panel.show(now);
    if (rebuilt && focused) document.getElementById(focused)?.focus();
    if (!this.map) {
      if (now.scene !== left) this.sketch.look({ bounds: this.bounds() });
      return this.redraw();
    }
    if (now.scene !== left) {
      for (const view of [this.view, this.under]) if (view?.scene) view.take(now.scene, this.drawing()); // else it will when loaded
      if (this.panel.pick(left.label) !== this.panel.pick(now.scene.label)) this.whole();
    }
    this.hideTip();
    this.placeDivider();
    this.writeHash();
    this.frame ??= requestAnimationFrame(() => { this.frame = undefined; this.update(); }); // once for many steps of the slider
    return undefined;
  }

  /** Choose the station at a point of the map, else the county. */
  pick({ point, lngLat }) {
    const station = this.overlay.stationAt(point);
    const surface = this.surface();
    const cell = surface ? surface.cellAt([lngLat.lng, lngLat.lat]) : 0;
    const county = cell && surface.county && surface.county[cell - 1] !== this.content.none ? surface.county[cell - 1] : -1;
    this.set({ station, county: station < 0 ? county : -1 });
  }

  /** Take another scene; reading, minutes and the station chosen stay where it has them. */
  go(sceneAt) {
    const { now } = this;
    const [id, elsewhere] = [now.scene.stations[now.station]?.id, this.content.scenes[sceneAt].label.zh !== now.scene.label.zh];
    this.enter(sceneAt, now.reading.name);
    now.station = elsewhere ? -1 : now.scene.stations.findIndex((station) => station.id === id);
  }

  /** Show the state on the map, and on the second one where it is swiped. */
  update() {
    const { now } = this;
    const swipes = this.swipes();
    this.view.show(now, swipes || now.reading.sides.length < 2 && now.mode !== BEFORE ? AFTER : now.mode);
    const under = document.getElementById("map-before");
    under.hidden = !swipes;
    if (swipes && !this.under) this.addUnder();
    if (swipes) {
      under.style.clipPath = `inset(0 ${(1 - now.swipe) * 100}% 0 0)`;
      this.under.show(now, BEFORE);
      this.under.map.resize();
    }
    this.map.triggerRepaint();
  }

  swipes() {
    return this.now.mode === "swipe";
  }

  /** Make the map that shows what is before, left of the divider. */
  addUnder() {
    const { map } = this;
    this.under = new MapView("map-before", this.content, this.arrays, { center: map.getCenter(), zoom: map.getZoom(), interactive: false });
    this.under.map.getCanvas().tabIndex = -1;
    this.under.loaded.then(() => {
      this.under.take(this.now.scene, this.drawing());
      this.under.show(this.now, BEFORE);
    });
  }

  placeDivider() {
    const { now, panel } = this;
    const swipes = this.swipes();
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

  /** Return the side of the state at a point of the screen: before is 0. */
  sideAt(x) {
    const { now } = this;
    if (now.scene.sides === 1 || now.mode === BEFORE) return 0;
    return this.swipes() && x < now.swipe * this.overlay.map.getContainer().clientWidth ? 0 : 1;
  }

  /** Return what is drawn over the map: one side or both. */
  shown() {
    const { now } = this;
    const side = (at, from, to) => ({
      scene: now.scene, lang: now.lang, cutoff: now.cutoff, station: now.station, county: now.county, from, to,
      before: [CHANGE, SAVED].includes(now.mode) ? now.reading.stations[0] : null, minutesOf: (place) => now.reading.stations[at][place], isCore: (place) => now.scene.stations[place].core[at],
      isThere: (place) => now.scene.stations[place].there[at],
    });
    return this.swipes() ? [side(0, 0, now.swipe), side(1, now.swipe, 1)] : [side(this.sideAt(0), 0, 1)];
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

  /** Show what is known of a place next to it. */
  tell(point, { lng, lat }) {
    const { now } = this;
    const surface = this.surface();
    const drawn = surface && now.reading.sides.length > 0;
    const cell = drawn ? surface.cellAt([lng, lat]) : 0;
    if (!drawn) return this.hideTip();
    const tip = document.getElementById("tip");
    tip.replaceChildren(...(cell ? this.read(surface, cell, point) : [this.panel.nothing(now, this.groundAt(point))]));
    tip.hidden = false;
    const { clientWidth, clientHeight } = this.map.getContainer();
    const right = point.x + 16 + tip.offsetWidth <= clientWidth;
    tip.style.left = `${right ? point.x + 16 : Math.max(4, point.x - tip.offsetWidth - 16)}px`;
    tip.style.top = `${Math.max(4, Math.min(point.y + 12, clientHeight - tip.offsetHeight - 4))}px`;
    return undefined;
  }

  read(surface, cell, point) {
    const { now } = this;
    const { reading } = now;
    const sides = reading.sides.length < 2 ? [0] : [CHANGE, SAVED].includes(now.mode) ? [0, 1] : [this.sideAt(point.x)];
    const read = sides.map((side) => ({ side, cell: surface.read(cell, reading.sides[side]) }));
    const county = surface.county ? this.content.base.counties[surface.county[cell - 1]] : null;
    const tenths = now.mode === SAVED ? surface.tenths(reading)(cell - 1) : null;
    return this.panel.tip(now, county, read, tenths);
  }

  /** Return what a point of the map without a cell is: "sea", "noData" (land beyond the boundaries) or "land". */
  groundAt({ x, y }) {
    const on = (layer) => this.map.queryRenderedFeatures([x, y], { layers: [layer] }).length > 0;
    if (on("sea")) return "sea";
    return on("no-data") ? "noData" : "land";
  }

  hideTip() {
    document.getElementById("tip").hidden = true;
  }

  /** Return stations, towns, prefectures and counties whose name holds a text, those that begin with it first. */
  find(text) {
    const folded = fold(text);
    if (!folded) return [];
    const { base } = this.content;
    const { scene, lang } = this.now;
    const named = (kind, list) => list.map((area, place) => ({ kind, names: [area.zh, area.en], at: area.at, place }));
    const all = [
      ...scene.stations.map((station, place) => ({ kind: "station", names: scene.places[place], id: station.id, at: station.at, place })),
      ...named("prefecture", base.prefectures), ...named("county", base.counties), ...named("town", base.towns),
    ];
    const rank = (item) => Math.min(...[...item.names, item.id ?? ""].map((name) => { const at = fold(name).indexOf(folded); return at < 0 ? 9 : Math.min(at, 1); }));
    return all.map((item, k) => ({ ...item, rank: rank(item), k })).filter((item) => item.rank < 9)
      .sort((a, b) => a.rank - b.rank || a.k - b.k).slice(0, 12)
      .map((item) => ({ ...item, text: (lang === "en" ? [item.names[1], item.names[0]] : item.names).filter(Boolean).join(" ") }));
  }

  choose(item) {
    if (item.kind === "station") this.set({ station: item.place, county: -1 });
    if (item.kind === "county") this.set({ station: -1, county: item.place });
    this.map?.jumpTo({ center: item.at, zoom: Math.max(this.map.getZoom(), item.kind === "station" ? 10 : 9) });
  }

  /** Look at what is gained and lost within the minutes shown, all of it where nothing is. */
  changes() {
    const { reading, cutoff } = this.now;
    const box = reading.sides.length > 1 && this.surface()?.changed(reading, cutoff);
    if (!box) return this.whole();
    return this.map?.fitBounds(box, { padding: 60, maxZoom: 10.5, animate: false });
  }

  whole() {
    this.map?.fitBounds(this.bounds(), { padding: 24, animate: false });
  }

  readHash() {
    const query = new URLSearchParams(location.hash.slice(1));
    const number = (key) => (query.has(key) && Number.isFinite(Number(query.get(key))) ? Number(query.get(key)) : undefined);
    const scene = this.content.scenes.findIndex((s) => s.key === query.get("p"));
    const view = (query.get("v") ?? "").split("/").map(Number);
    const one = (key, allowed) => (allowed.includes(query.get(key)) ? query.get(key) : undefined);
    return {
      scene: scene < 0 ? undefined : scene, reading: query.get("r") ?? undefined, cutoff: number("c") && Math.round(number("c")),
      mode: one("m", [BEFORE, AFTER, CHANGE, SAVED, "swipe"]), swipe: number("x") === undefined ? undefined : Math.max(0, Math.min(1, number("x"))),
      lang: one("l", ["zh", "en"]), station: query.get("s") ?? undefined,
      view: view.length === 3 && view.every(Number.isFinite) && Math.abs(view[1]) <= 85 ? { zoom: view[0], center: [view[2], view[1]] } : undefined,
    };
  }

  /** Put the state into the address, so that a link shows the same. */
  writeHash() {
    const { now, map } = this;
    const { lng, lat } = map.getCenter();
    const query = new URLSearchParams({ p: now.scene.key, r: now.reading.name, c: now.cutoff });
    if (now.scene.sides > 1) query.set("m", now.mode);
    if (this.swipes()) query.set("x", now.swipe.toFixed(3));
    query.set("l", now.lang);
    if (now.station >= 0) query.set("s", now.scene.stations[now.station].id);
    query.set("v", `${map.getZoom().toFixed(2)}/${lat.toFixed(4)}/${lng.toFixed(4)}`);
    this.hash = `#${query}`;
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
    if (change.cutoff) change.cutoff = Math.max(1, Math.min(change.cutoff, this.now.scene.most));
    if (this.now.scene.sides === 1) delete change.mode;
    if (asked.view) this.map.jumpTo(asked.view);
    this.set({ ...change, station: this.now.scene.stations.findIndex((s) => s.id === asked.station) });
  }
}
