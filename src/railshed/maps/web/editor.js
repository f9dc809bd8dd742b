/* The line editor: stations on the map and in a list, the service, several lines, and what was done. */

import { ask } from "./ask.js";
import { mistakes, remedyOf } from "./cards.js";
import { EMPTY, History, complete, freeName, isLine, newLine, withStops } from "./scenario.js";

/* global element, terraDraw, terraDrawMaplibreGlAdapter */

/** Pixels within which a click means a station; degrees within which two places are one. */
const NEAR = 16, SAME = 1e-6;
const MODES = ["rail", "suburban", "metro"];
const CLASSES = ["hub", "large", "medium", "small", "halt", "metro"];

const same = (a, b) => Math.abs(a[0] - b[0]) < SAME && Math.abs(a[1] - b[1]) < SAME;

/** The editor of a page's scenario. */
export class Editor {
  constructor(page, scenario) {
    [this.page, this.history, this.at, this.drawing, this.note] = [page, new History(scenario), 0, false, ""];
    this.shipped = [];
    this.stock = [];
    Promise.all([ask("scenarios"), ask("rolling-stock")]).then(([shipped, stock]) => {
      [this.shipped, this.stock] = [shipped, stock];
      this.show();
    }).catch(() => {});
    document.addEventListener("keydown", (event) => this.key(event));
    this.listenClicks();
  }

  /** Give a click to what stands in the place of its target: what was typed is taken when the button goes down, and shown anew. */
  listenClicks() {
    let pressed = null;
    document.addEventListener("pointerdown", ({ target }) => { [this.tabs, pressed] = [false, target.closest?.("#editor [id], #tools [id]")]; }, true);
    document.addEventListener("keydown", ({ key }) => { this.tabs = key === "Tab"; }, true);
    document.addEventListener("pointerup", ({ target }) => {
      const now = pressed && !pressed.isConnected && target.closest("#editor, #tools") ? document.getElementById(pressed.id) : null;
      if (now?.matches("button, [type=checkbox], summary")) now.click(); else now?.focus();
    }, true);
  }

  get scenario() {
    return this.history.now;
  }

  get panel() {
    return this.page.panel;
  }

  /** The lines that are edited, with their places in the scenario. */
  get lines() {
    return this.scenario.modification.map((line, place) => ({ line, place })).filter(({ line }) => isLine(line));
  }

  /** The chosen line; undefined where there is none. */
  get line() {
    return this.lines[Math.min(this.at, this.lines.length - 1)];
  }

  say(key, ...values) {
    return this.panel.say(key, ...values);
  }

  // --- what changes the scenario -----------------------------------------------------------------------------------

  /** Take a scenario as the next state, show it, and ask what it changes. */
  take(scenario, kind = "") {
    this.history.take(scenario, kind);
    if (this.tabs) setTimeout(() => this.changed()); else this.changed(); // the focus moves first, to the next field
  }

  changed() {
    this.tell("");
    this.show();
    this.redraw();
    this.page.changed();
  }

  load(scenario) {
    this.at = 0;
    this.stopDrawing();
    this.take(scenario);
  }

  undo(step) {
    if (!this.history.go(step)) return;
    this.stopDrawing();
    this.changed();
  }

  /** Change the chosen line. @param {string} kind steps of one kind in a row are one to undo */
  set(change, kind = "") {
    const { place, line } = this.line;
    const next = { ...line, ...change };
    for (const [key, value] of Object.entries(change)) if (value === undefined) delete next[key];
    this.put(place, next, kind);
  }

  put(place, line, kind = "") {
    this.take({ ...this.scenario, modification: this.scenario.modification.map((one, k) => (k === place ? line : one)) }, kind);
  }

  setStops(stops) {
    const { place, line } = this.line;
    const next = withStops(line, stops);
    this.note = ["hop_minutes", "hop_km", "length_km", "speed_limits"].some((key) => key in line && !(key in next)) ? this.say("lengthsGone") : "";
    this.put(place, next);
  }

  add() {
    const line = newLine(freeName(this.say("lineWord"), this.scenario));
    this.at = this.lines.length;
    this.take({ ...this.scenario, modification: [...this.scenario.modification, line] });
    this.startDrawing();
  }

  remove(place) {
    this.stopDrawing();
    const left = this.scenario.modification.filter((_, k) => k !== place);
    this.at = 0;
    this.take(left.length ? { ...this.scenario, modification: left } : EMPTY);
  }

  /** Return a stop at a place of the map: the station that is there, or a new one. */
  stopAt(at, known = null) {
    const station = this.page.now.scene.stations.find((one) => same(one.at, at));
    if (station) return this.newOf(station.id) ?? station.id;
    const [lon, lat] = at.map((value) => Number(value.toFixed(5)));
    return known && typeof known === "object" ? { ...known, lon, lat } : { name: freeName(this.say("stationWord"), this.scenario), lon, lat };
  }

  /** Return the name by which a stop names a station that another line of the scenario adds. */
  newOf(id) {
    const stop = this.scenario.modification.flatMap((one) => (isLine(one) ? one.stops : [])).find((one) => typeof one === "object" && "lon" in one && (one.id ?? one.name) === id);
    return stop && (stop.id ?? stop.name);
  }

  /** Return the place of a stop; null where it is not known before the server answers. */
  placeOf(stop) {
    if (typeof stop === "object" && "lon" in stop) return [stop.lon, stop.lat];
    const name = typeof stop === "object" ? stop.id ?? stop.name : stop;
    for (const line of this.page.answer?.lines ?? []) {
      const found = line.stops.find((one) => one.station_id === name || one.name === name);
      if (found) return [found.lon, found.lat];
    }
    const { stations, places } = this.page.base;
    const place = stations.findIndex(({ id }, k) => id === name || places[k][0] === name);
    if (place >= 0) return stations[place].at;
    const added = this.scenario.modification.flatMap((one) => one.stops ?? []).find((one) => one.name === name && "lon" in one);
    return added ? [added.lon, added.lat] : null;
  }

  nameOf(stop) {
    const name = typeof stop === "object" ? stop.name ?? stop.id : stop;
    const { stations, places } = this.page.base;
    const place = stations.findIndex(({ id }, k) => id === name || places[k][0] === name);
    if (place < 0) return name;
    const [zh, en] = places[place];
    return this.panel.lang === "en" ? en || zh : zh || en;
  }

  /** Return where the middle of the chosen line is between the left and the right of the map; null where out of sight. */
  onScreen() {
    const { map } = this.page;
    const at = this.line?.line.stops.map((stop) => this.placeOf(stop)).filter(Boolean) ?? [];
    if (!map || !at.length) return null;
    const x = at.map((one) => map.project(one).x / map.getContainer().clientWidth);
    const middle = (Math.min(...x) + Math.max(...x)) / 2;
    return middle > 0.05 && middle < 0.95 ? middle : null;
  }

  // --- the map -----------------------------------------------------------------------------------------------------

  startMap() {
    const { map } = this.page;
    if (!map) return;
    const snapping = { toCustom: (event) => this.stationNear(event) };
    const colour = this.page.content.colours.proposed;
    this.draw = new terraDraw.TerraDraw({
      adapter: new terraDrawMaplibreGlAdapter.TerraDrawMapLibreGLAdapter({ map }),
      modes: [
        new terraDraw.TerraDrawLineStringMode({
          snapping, pointerDistance: NEAR, showCoordinatePoints: true, styles: { lineStringColor: colour, lineStringWidth: 3, closingPointColor: colour },
        }),
        new terraDraw.TerraDrawSelectMode({
          pointerDistance: NEAR, allowManualDeselection: false,
          keyEvents: { deselect: null, delete: null, rotate: null, scale: null },
          flags: { linestring: { feature: { draggable: false, coordinates: { midpoints: { draggable: true }, draggable: true, deletable: true, snappable: snapping } } } },
          styles: { selectedLineStringColor: colour, selectedLineStringWidth: 3, selectedLineStringDash: [3, 1], selectionPointColor: "#ffffff", selectionPointOutlineColor: colour, selectionPointOutlineWidth: 3, selectionPointWidth: 6,
            midPointColor: colour, midPointOutlineColor: "#ffffff", midPointWidth: 4 },
        }),
      ],
    });
    this.draw.start();
    this.draw.on("change", (ids, type) => { if (this.drawing && type !== "delete") this.drawn(ids); });
    this.draw.on("finish", (id, { action }) => this.finished(id, action));
    this.redraw();
  }

  /** Return the place of the station near a point of the screen. */
  stationNear({ containerX: x, containerY: y }) {
    const place = this.page.overlay.stationAt({ x, y });
    return place >= 0 ? [...this.page.now.scene.stations[place].at] : undefined;
  }

  startDrawing() {
    if (!this.draw) return;
    if (!this.line) return this.add();
    [this.drawing, this.start] = [true, this.line.line.stops];
    this.n = 0;
    this.draw.clear();
    this.draw.setMode("linestring");
    return this.show();
  }

  stopDrawing() {
    if (!this.drawing) return;
    this.drawing = false;
    this.redraw();
    this.show();
  }

  /** Take the stations clicked so far behind those that the line had. */
  drawn(ids) {
    const feature = ids.map((id) => this.draw.getSnapshotFeature(id)).find((one) => one?.geometry.type === "LineString");
    const n = feature?.properties.currentlyDrawing ? feature.geometry.coordinates.length - 1 : 0; // the last one is the pointer's
    if (n <= this.n) return;
    this.n = n;
    const at = feature.geometry.coordinates.slice(0, n);
    const { place, line } = this.line;
    const had = line.stops.slice(this.start.length).length === at.length - 1 ? line.stops.slice(this.start.length) : [];
    const stops = at.map((one, k) => had[k] ?? this.stopAt(one));
    const every = [...this.start, ...stops];
    this.put(place, withStops(line, every.filter((stop, k) => k === 0 || stop !== every[k - 1]))); // a second click on one
  }

  /** Take what the mouse did to the line: a station moved, inserted or taken out. */
  finished(id, action) {
    if (action === "draw") return setTimeout(() => this.stopDrawing()); // the library first ends what it does
    const { line } = this.line;
    const at = this.draw.getSnapshotFeature(id).geometry.coordinates;
    const known = line.stops.map((stop) => ({ stop, at: this.placeOf(stop) }));
    const stays = at.map((one) => known.find((old) => old.at && same(old.at, one))?.stop);
    const gone = known.filter(({ stop }) => !stays.includes(stop));
    return setTimeout(() => this.setStops(at.map((one, k) => stays[k] ?? this.stopAt(one, at.length === known.length ? gone[0]?.stop : null))));
  }

  /** Return whether a click is the editor's. */
  takes() {
    return this.drawing;
  }

  /** Put the chosen line on the map, so that its stations can be moved. */
  redraw() {
    if (!this.draw || this.drawing) return;
    this.draw.clear();
    this.draw.setMode("select");
    const at = this.line?.line.enabled === false ? [] : this.line?.line.stops.map((stop) => this.placeOf(stop)) ?? [];
    if (at.length < 2 || at.some((one) => !one)) return;
    const coordinates = at.map((one) => one.map((value) => Number(value.toFixed(9))));
    const [{ id, valid }] = this.draw.addFeatures([{ type: "Feature", properties: { mode: "linestring" }, geometry: { type: "LineString", coordinates } }]);
    if (valid) this.draw.selectFeature(id);
    this.raise();
  }

  /** Put what is drawn above the layers of the scene. */
  raise() {
    const { map } = this.page;
    for (const { id } of map?.getStyle().layers ?? []) if (id.startsWith("td-")) map.moveLayer(id);
  }

  key(event) {
    if (event.target.closest?.("input, select, textarea")) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
      event.preventDefault();
      this.undo(event.shiftKey ? 1 : -1);
    } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "y") {
      event.preventDefault();
      this.undo(1);
    } else if (event.key === "Escape" && this.drawing) this.stopDrawing();
  }

  // --- the card ----------------------------------------------------------------------------------------------------

  /** Show the card; what is being typed stays. */
  show(keep = true) {
    const box = document.getElementById("editor");
    if (!box) return;
    const active = keep && document.activeElement?.closest("#editor") ? document.activeElement : null;
    const typed = active?.tagName === "INPUT" && active.type !== "checkbox" ? active.value : null;
    const open = document.getElementById("more-service")?.open ?? false;
    this.showTools();
    const { mistake } = this.page;
    const head = element("h2", { text: this.say("editor") });
    box.replaceChildren(head, ...this.list(), ...(this.line ? this.form(this.line.line, open) : [element("p", { class: "small", text: this.say("editorHint") })]), this.files());
    for (const issue of mistake?.issues ?? []) this.inputOf(issue)?.setAttribute("aria-invalid", "true");
    if (mistake) head.after(...mistakes(this.panel, mistake, (issue) => this.wordsOf(issue)));
    const again = active && document.getElementById(active.id);
    again?.focus();
    if (!again || typed === null || again.value === typed) return;
    again.value = typed;
    again.dispatchEvent(new Event("input"));
  }

  /** Return the input of the chosen line that a mistake is in; null where it is elsewhere. */
  inputOf({ field, message }) {
    if (!this.line || !message.startsWith(`modification ${this.line.place + 1}:`)) return null;
    const [, name, nth, part] = /^(\w+)(?:\[(\d+)\])?(?:\.(\w+))?/.exec(field) ?? [];
    const id = part ? { start_time: "start", end_time: "end", headway_minutes: "headway" }[part]
      : { name: "line-name", top_speed_kmh: "speed", rolling_stock: "stock", dwell_minutes: "dwell", departures: "departures", departures_back: "departures-back", through: "through", stops: "stop" }[name];
    return id ? document.getElementById(nth ? `${id}-${nth - 1}` : id) : null;
  }

  /** Return a mistake in the words of the card: the name of the line for its place, the label of the input for its key. */
  wordsOf(issue) {
    const input = this.inputOf(issue);
    const label = input ? input.labels[0]?.textContent ?? input.getAttribute("aria-label") ?? input.textContent : issue.field;
    const [, n, message] = /^modification (\d+): (.*)$/s.exec(issue.message) ?? [null, 0, issue.message];
    const kind = this.panel.lang === "zh" && issue.kind?.zh;
    const more = issue.mend?.zh === issue.mend?.en ? `（${message}）` : ""; // where the remedy is English, so is what it mends
    return [this.scenario.modification[n - 1]?.name, label, kind ? `${kind}${more}` : message].filter(Boolean).join(": ");
  }

  button(id, key, act, more = {}) {
    return element("button", { type: "button", id, text: this.say(key), on: { click: act }, ...more });
  }

  /** Show the buttons over the map. */
  showTools() {
    const tools = document.getElementById("tools");
    tools.setAttribute("aria-label", this.say("editor"));
    const focused = document.activeElement?.closest("#tools") ? document.activeElement.id : "";
    tools.replaceChildren(
      this.button("add-line", "addLine", () => this.add()),
      ...(this.line ? [this.button("draw", this.drawing ? "drawDone" : "drawOn", () => (this.drawing ? this.stopDrawing() : this.startDrawing()), { "aria-pressed": String(this.drawing) })] : []),
      this.button("undo", "undo", () => this.undo(-1), { disabled: !this.history.can(-1) }),
      this.button("redo", "redo", () => this.undo(1), { disabled: !this.history.can(1) }));
    if (focused) document.getElementById(focused)?.focus();
  }

  list() {
    const others = this.scenario.modification.length - this.lines.length;
    const rows = this.lines.map(({ line, place }, k) => element("li", {},
      element("input", { type: "checkbox", id: `on-${k}`, checked: line.enabled !== false, "aria-label": this.say("lineOn", line.name), on: { change: (event) => this.put(place, { ...line, enabled: event.target.checked }) } }),
      element("button", { type: "button", id: `line-${k}`, class: "name", "aria-pressed": String(line === this.line?.line), text: line.name, on: { click: () => { this.at = k; this.stopDrawing(); this.show(); this.redraw(); } } }),
      element("button", { type: "button", id: `remove-${k}`, "aria-label": this.say("removeLine", line.name), text: "×", on: { click: () => this.remove(place) } })));
    return [...(rows.length ? [element("ul", { class: "lines" }, ...rows)] : []), ...(others ? [element("p", { class: "small", text: this.say("others", others) })] : [])];
  }

  /** Return a named field. */
  field(id, key, input) {
    return element("div", { class: "field" }, element("label", { for: id, text: this.say(key) }), input);
  }

  number(id, key, value, set, { min, max, step }) {
    return this.field(id, key, element("input", { id, type: "number", min, max, step, value: value ?? "", on: { change: (event) => set(event.target.value === "" ? undefined : Number(event.target.value)) } }));
  }

  select(id, key, options, chosen, set) {
    return this.field(id, key, element("select", { id, on: { change: (event) => set(event.target.value) } }, ...options.map(([value, text]) => element("option", { value, text, selected: value === chosen }))));
  }

  form(line, open) {
    const stock = this.stock.map((one) => [one.stock_id, `${one.stock_id} · ${one.top_kmh} km/h`]);
    const answer = this.page.answer?.lines.find(({ line: id, name }) => id === line.name || name === line.name);
    const length = answer ? element("p", { class: "small", id: "line-facts", text: this.say("lineFacts", answer.km_straight, Math.round(answer.minutes * 10) / 10) + this.say("trains_a_day", answer.trips_a_day) }) : null;
    return [
      this.field("line-name", "lineName", element("input", { id: "line-name", value: line.name, on: { change: (event) => (event.target.value.trim() ? this.set({ name: event.target.value.trim() }) : this.show(false)) } })),
      element("div", { class: "fields" },
        this.select("mode", "mode", MODES.map((mode) => [mode, this.say(`mode_${mode}`)]), line.mode ?? "rail", (mode) => this.set({ mode })),
        "hop_minutes" in line ? this.field("hops", "hopMinutes", element("input", { id: "hops", value: line.hop_minutes.join(", "), on: { change: (event) => this.set({ hop_minutes: event.target.value.split(/[,，\s]+/).map(Number) }) } }))
          : this.number("speed", "speed", line.top_speed_kmh, (value) => (value === undefined ? this.show(false) : this.set({ top_speed_kmh: value })), { min: 20, max: 450, step: 10 }),
        this.select("stock", "stock", [["", this.say("usualStock")], ...stock], line.rolling_stock ?? "", (value) => this.set({ rolling_stock: value || undefined })),
        this.number("dwell", "dwell", Array.isArray(line.dwell_minutes) ? "" : line.dwell_minutes, (value) => this.set({ dwell_minutes: value }), { min: 0, max: 120, step: 0.5 })),
      ...(length ? [length] : []),
      ...this.stations(line, answer),
      ...this.service(line, open),
      ...[this.note, line.stops.length < 2 && this.say("needsTwo")].filter(Boolean).map((text) => element("p", { class: "small", role: "status", text })),
    ];
  }

  stations(line, answer) {
    const rows = line.stops.map((stop, k) => {
      const added = typeof stop === "object" && "lon" in stop;
      const move = (to) => { const stops = [...line.stops]; stops.splice(to, 0, ...stops.splice(k, 1)); this.setStops(stops); };
      const name = added ? element("input", { id: `stop-${k}`, value: stop.name ?? stop.id, "aria-label": this.say("stationName", k + 1), on: { change: (event) => event.target.value.trim() && this.setStops(line.stops.map((one) => (one === stop ? { ...stop, name: event.target.value.trim() } : one))) } })
        : element("span", { text: this.nameOf(stop) });
      const kind = added ? [element("select", { id: `class-${k}`, "aria-label": this.say("stationClass", stop.name), on: { change: (event) => this.setStops(line.stops.map((one) => (one === stop ? { ...stop, station_class: event.target.value } : one))) } },
        ...CLASSES.map((value) => element("option", { value, text: this.say(`class_${value}`), selected: value === (stop.station_class ?? "small") })))] : [];
      const minutes = answer && answer.stops.length === line.stops.length && k > 0 ? this.say("minutes", answer.stops[k].run_s / 60) : "";
      return element("li", {}, name, ...kind, element("span", { class: "run", text: minutes }),
        element("button", { type: "button", id: `up-${k}`, disabled: k === 0, "aria-label": this.say("stationUp", k + 1), text: "↑", on: { click: () => move(k - 1) } }),
        element("button", { type: "button", id: `out-${k}`, "aria-label": this.say("stationOut", k + 1), text: "×", on: { click: () => this.setStops(line.stops.filter((_, j) => j !== k)) } }));
    });
    const find = this.panel.finder("add-stop", (item) => { const stop = this.newOf(item.id) ?? item.id; document.getElementById("add-stop").value = ""; if (item.kind === "station" && stop !== line.stops[line.stops.length - 1]) this.setStops([...line.stops, stop]); else this.show(false); }, this.say("addStation"));
    return [element("h3", { text: this.say("stationsOf", line.stops.length) }), element("ol", { class: "stops" }, ...rows), find];
  }

  service(line, open) {
    const periods = line.frequencies ?? [];
    const put = (k, change) => this.set({ frequencies: periods.map((one, j) => (j === k ? { ...one, ...change } : one)) });
    const clock = (id, k, key, value) => element("input", { id, value, size: 5, "aria-label": this.say(key, k + 1), on: { change: (event) => put(k, { [key]: event.target.value }) } });
    const rows = periods.map((period, k) => element("tr", {},
      element("td", {}, clock(`start-${k}`, k, "start_time", period.start_time)), element("td", {}, clock(`end-${k}`, k, "end_time", period.end_time)),
      element("td", {}, element("input", { id: `headway-${k}`, type: "number", min: 0.5, max: 1440, step: 0.5, value: period.headway_minutes, "aria-label": this.say("headway", k + 1), on: { change: (event) => (event.target.value ? put(k, { headway_minutes: Number(event.target.value) }) : this.show(false)) } })),
      element("td", {}, element("button", { type: "button", id: `period-out-${k}`, "aria-label": this.say("periodOut", k + 1), text: "×", on: { click: () => this.set({ frequencies: periods.filter((_, j) => j !== k) }) } }))));
    const last = periods[periods.length - 1];
    const more = () => this.set({ frequencies: [...periods, { start_time: last?.end_time ?? "06:00", end_time: "23:59", headway_minutes: last?.headway_minutes ?? 15 }], departures: undefined, departures_back: undefined });
    const texts = (key) => (line[key] ?? []).join(", ");
    const times = (event) => event.target.value.split(/[,，;\s]+/).filter(Boolean);
    const departures = (key) => (event) => { const all = times(event); this.set(all.length ? { [key]: all, frequencies: undefined } : { [key]: undefined, ...(key === "departures" ? { frequencies: newLine("").frequencies } : {}) }); };
    const to = line.through?.to ?? "";
    return [
      ...(periods.length ? [element("table", { class: "periods" }, element("tr", {}, ...["from", "until", "every", ""].map((key) => element("th", { text: key && this.say(key) }))), ...rows)] : []),
      element("div", { class: "buttons" }, this.button("add-period", "addPeriod", more)),
      element("label", { class: "check" }, element("input", { type: "checkbox", id: "both-ways", checked: line.bidirectional !== false, on: { change: (event) => this.set({ bidirectional: event.target.checked ? undefined : false }) } }), this.say("bothWays")),
      element("details", { id: "more-service", open: open || "departures" in line || "through" in line }, element("summary", { text: this.say("moreService") }),
        this.field("departures", "departures", element("input", { id: "departures", value: texts("departures"), placeholder: "06:30, 07:00", on: { change: departures("departures") } })),
        this.field("departures-back", "departuresBack", element("input", { id: "departures-back", value: texts("departures_back"), on: { change: departures("departures_back") } })),
        this.field("through", "through", element("input", { id: "through", value: this.nameOf(to), on: { change: (event) => this.set({ through: event.target.value.trim() ? { from: this.idOf(line.stops[line.stops.length - 1]), to: event.target.value.trim() } : undefined }) } }))),
    ];
  }

  idOf(stop) {
    return typeof stop === "object" ? stop.id ?? stop.name : stop;
  }

  // --- files, links, long work -------------------------------------------------------------------------------------

  files() {
    const { scenario } = this;
    const open = element("input", { type: "file", id: "open-file", accept: ".toml,.json,.geojson", hidden: true, on: { change: (event) => this.open(event.target.files[0]) } });
    const shipped = element("select", { id: "shipped", "aria-label": this.say("shipped"), on: { change: (event) => event.target.value && ask(`scenarios/${event.target.value}`).then((found) => this.load(found), (error) => this.fail(error)) } },
      element("option", { value: "", text: this.say("shipped") }), ...this.shipped.map((one) => element("option", { value: one.name, text: this.panel.lang === "en" ? one.title_en : one.title_zh })));
    const has = scenario.modification.length > 0;
    return element("div", {}, element("div", { class: "buttons" },
      this.button("open", "openFile", () => open.click()), open,
      ...(has ? [this.button("save", "saveFile", () => this.save()), this.button("link", "copyLink", () => this.link()),
        this.button("job-files", "jobFiles", () => this.job("compare", { format: ["gpkg"], html: true })), this.button("job-report", "jobReport", () => this.job("report", {}))] : [])),
    shipped, element("p", { class: "small", id: "file-status", role: "status", text: this.status ?? "" }), element("ul", { id: "job-results", class: "small" }, ...this.made()));
  }

  /** Return the files that were made, and whether they are those of the plan as it is. */
  made() {
    if (!this.results) return [];
    return [...(this.results.of === this.scenario ? [] : [element("li", { text: this.say("earlierPlan") })]), ...this.results.links];
  }

  fail(error) {
    this.tell(`${error.message}${(error.issues ?? []).map((issue) => ` · ${this.wordsOf(issue)} ${remedyOf(this.panel, issue)}`).join("")}`);
  }

  tell(text) {
    this.status = text;
    const shown = document.getElementById("file-status");
    if (shown) shown.textContent = text;
  }

  async open(file) {
    try {
      this.load(await ask("scenario-text", { text: await file.text(), name: file.name }));
    } catch (error) {
      this.fail(error);
    }
  }

  async save() {
    try {
      const text = await ask("scenario-file", { scenario: complete(this.scenario) }, { text: true });
      const url = URL.createObjectURL(new Blob([text], { type: "application/toml" }));
      const name = (this.scenario.title ?? this.line?.line.name ?? "scenario").replace(/[^\p{L}\p{N} _-]/gu, "").trim() || "scenario";
      element("a", { href: url, download: `${name}.toml` }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    } catch (error) {
      this.fail(error);
    }
  }

  async link() {
    await navigator.clipboard.writeText(location.href).then(() => this.tell(this.say("linkCopied")), () => this.tell(location.href));
  }

  /** Start a job, follow it, and offer its files. */
  async job(process, more) {
    const { page: { live: { city, direction } }, scenario: of } = this;
    try {
      const job = await ask(`processes/${process}/execution`, { inputs: { cities: [city], scenario: [complete(of)], direction, lang: this.panel.lang, ...more } });
      const events = new EventSource(`jobs/${job.jobID}/events`);
      events.onmessage = async ({ data }) => {
        const state = JSON.parse(data);
        this.tell(`${this.say(`job_${state.status}`)}${[null, 100].includes(state.progress) || state.status !== "running" ? "" : ` ${state.progress} %`}${state.status === "failed" ? `: ${state.message}` : ""}`);
        if (!["successful", "failed", "dismissed"].includes(state.status)) return;
        events.close();
        if (state.status !== "successful") return;
        const { files } = await ask(`jobs/${job.jobID}/results`);
        const links = files.map(({ name, href }) => element("li", {}, element("a", { href: href.slice(1), download: name.split("/").pop(), text: name })));
        this.results = { of, links };
        document.getElementById("job-results")?.replaceChildren(...this.made());
        document.documentElement.dataset.job = "done";
      };
    } catch (error) {
      this.fail(error);
    }
  }
}
