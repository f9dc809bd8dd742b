/* The live page: the interactive map of a city, on which lines are drawn and the server says what they change. */

import { ask } from "./ask.js";
import { bridgeCard, numberCard, remedyOf, whyCard } from "./cards.js";
import { Editor } from "./editor.js";
import { EMPTY, complete, pack, unpackScenario } from "./scenario.js";

/* global Arrays, BEFORE, Page, Panel, element, maplibregl */

/** Return the bytes of a base64 text. */
function bytesOf(text) {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0)).buffer;
}

/** Give every array of an answer the bytes that it stands in. */
function own(value, buffer) {
  if (Array.isArray(value)) value.forEach((one) => own(one, buffer));
  else if (value && typeof value === "object") {
    if ("at" in value && "n" in value && "type" in value) value.buffer = buffer;
    else Object.values(value).forEach((one) => own(one, buffer));
  }
  return value;
}

/** Return a scene with what a plan changes in it under one reading. */
function withChange(scene, change, arrays) {
  const reading = scene.readings.find((one) => one.name === change.reading);
  const [{ grown, side }, n] = [change, scene.stations.length];
  let [before] = reading.sides;
  if (grown) {
    const from = arrays.get(grown.from);
    const gather = (entry, rows, none) => {
      if (!entry) return null;
      const [old, size] = [arrays.get(entry), from.length];
      const kind = entry.type === "u2" ? Uint16Array : Uint8Array;
      const values = new kind(size * rows).fill(none);
      for (let row = 0; row < rows; row += 1) from.forEach((at, k) => { if (at >= 0) values[row * size + k] = old[(row * old.length) / rows + at]; });
      return { type: entry.type, at: 0, n: values.length, buffer: values.buffer };
    };
    before = { ...before, rail: gather(before.rail, 1, 255), local: gather(before.local, 1, 255), bare: gather(before.bare, 1, 255),
      parts: gather(before.parts, 7, 0), via: gather(before.via, 1, 65535), slow: gather(before.slow, 1, 0) };
  }
  const after = { ...side, local: grown ? grown.local : before.local, parts: null, ways: [] };
  const minutes = [...reading.stations[0]];
  for (const [place, value] of Object.entries(change.minutes)) minutes[place] = value;
  change.stations.forEach((station, k) => { minutes[n + k] = station.minutes; });
  const places = [...scene.places];
  change.stations.forEach(({ names }, k) => { places[n + k] = names; });
  const both = scene.stations.map((station) => ({ ...station, core: [station.core[0], station.core[0]], there: [true, true] }));
  const changed = { ...reading, sides: [before, after], change: change.change, saved: change.saved,
    stations: [reading.stations[0], minutes], trains: [reading.trains[0], {}] };
  return {
    ...scene, sides: 2, plan: change.plan, proposed: change.proposed, withdrawn: change.withdrawn, places,
    ...(grown ? { grid: grown.grid, county: grown.county } : {}), stations: [...both, ...change.stations],
    readings: scene.readings.map((one) => (one === reading ? changed : { ...one, sides: grown ? [] : one.sides })),
  };
}

/** The panel with the three cards. */
class LivePanel extends Panel {
  constructor(content, acts) {
    super(content, acts);
    const section = (id, after) => document.getElementById(after).after(element("section", { id }));
    document.getElementById("subtitle").after(element("div", { id: "place", class: "fields" }));
    section("more", "controls");
    section("editor", "more");
    section("bridge", "editor");
    const over = [{ id: "tools", class: "buttons", role: "toolbar" }, { id: "classes", "aria-hidden": "true" }];
    document.getElementById("stage").append(...over.map((set) => element("div", set)));
  }

  rebuild(now) {
    super.rebuild(now);
    this.acts.editor()?.show();
  }

  /** Show the headline, which stays in sight; where the plan is wrong, that it is not in it. */
  showHeadline(now) {
    super.showHeadline(now);
    const { mistake, instead } = this.acts.known();
    const first = mistake?.issues?.[0];
    const why = first ? `${this.acts.editor()?.wordsOf(first)}${remedyOf(this, first) ? ` → ${remedyOf(this, first)}` : ""}` : mistake?.message;
    const box = document.getElementById("headline");
    if (mistake) box.append(element("p", { id: "not-computed", class: "warning", text: why ? `${this.say("notComputed")} ${why}` : this.say("noAnswer") }));
    else if (instead) box.append(element("p", { id: "minutes-note", class: "small", role: "status", text: this.say("otherMinutes", now.cutoff, instead) }));
  }

  /** Readings that are offered: those of the bridge are chosen there. */
  readings(now) {
    return now.scene.readings.filter(({ name }) => !name.startsWith("rung-") || name === now.reading.name);
  }

  show(now) {
    super.show(now);
    document.getElementById("more").replaceChildren(...numberCard(this, now, this.acts.known()));
    document.getElementById("bridge").replaceChildren(...bridgeCard(this, now, this.acts.rungs));
    const classes = new Map([...document.querySelectorAll("#bands tr:has(.swatch), #bands + table tr:first-child")].map((row) => [row.cells[1].textContent, row])); // a swipe has each twice
    document.getElementById("classes").replaceChildren(...[...classes].map(([text, row]) =>
      element("p", { class: row.className }, row.querySelector(".swatch").cloneNode(), ` ${text}`)));
  }

  /** Show also a point of which no minutes are known; offer to say why a place is outside, and what would bring it in. */
  showPlace(now) {
    super.showPlace(now);
    const box = document.getElementById("station");
    if (this.acts.direction !== "to" || !this.acts.editor()) return;
    const point = box.hidden && this.acts.pointed();
    if (point) {
      box.hidden = false;
      box.append(element("h2", { text: point }), element("p", { class: "small", text: this.say("nowhere", now.scene.most) }));
    }
    const minutes = now.station >= 0 ? now.reading.stations.at(-1)[now.station] : null;
    const inside = now.scene.stations[now.station]?.core.at(-1) || (minutes !== null && minutes <= now.cutoff);
    const before = now.scene.sides > 1 ? this.say("beforePlan") : "";
    if (!box.hidden && !inside) box.append(...whyCard(this, this.acts.why(), before, () => this.acts.askWhy(), this.acts.tryChange));
  }

  /** Return the name of a city or a region. */
  named({ name, name_en: english }) {
    return this.lang === "en" ? english || name : name;
  }

  showControls(now) {
    super.showControls(now);
    const { cities, city, direction, openCity, region } = this.acts;
    const select = (id, label, options, chosen, act) => element("div", {}, element("label", { for: id, text: label }),
      element("select", { id, on: { change: (event) => act(event.target.value) } }, ...options.map(([value, text]) => element("option", { value, text, selected: value === chosen }))));
    document.getElementById("place").replaceChildren(
      select("city", [this.say("city"), region && this.named(region)].filter(Boolean).join(" · "), cities.map((one) => [one.slug, this.named(one)]), city, (slug) => openCity({ city: slug })),
      select("direction", this.say("direction"), ["to", "from", "both"].map((way) => [way, this.say(`way_${way}`)]), direction, (way) => openCity({ direction: way })));
  }
}

/** The page of a city. */
class LivePage extends Page {
  /** @param {object} live city, direction, cities, scenario */
  constructor(content, arrays, live) {
    content.scenes[0].readings.push(...content.rungs.map(({ reading }) => reading).filter((reading) => typeof reading === "object"));
    LivePage.live = live; // for `makePanel`, which the constructor of the page calls
    super(content, arrays);
    const { mode, cutoff } = this.readHash();
    Object.assign(this, { live, base: content.scenes[0], more: null, answer: null, mistake: null, instead: 0, linked: mode });
    this.minutesChosen = Boolean(cutoff && live.scenario.modification.length); // of a plan's link
    this.editor = new Editor(this, live.scenario);
    this.panel.rebuild(this.now);
    document.documentElement.dataset.answers = "0";
    this.askMore();
    if (this.editor.scenario.modification.length) this.changed();
  }

  makePanel(acts) {
    const { live } = LivePage;
    return new LivePanel(this.content, {
      ...acts, ...live, rungs: this.content.rungs, editor: () => this.editor, openCity: (change) => this.openCity(change),
      pointed: () => this.pointed?.at, why: () => this.reason?.of === this.placeAsked() ? this.reason : null, askWhy: () => this.askWhy(),
      tryChange: (modifications) => this.editor.load({ ...this.editor.scenario, modification: [...this.editor.scenario.modification, ...modifications] }),
      known: () => ({ more: this.more, answer: this.answer, mistake: this.mistake, instead: this.instead }), step: (rung) => this.step(rung),
    });
  }

  startMap(looked) {
    return super.startMap(looked).then(() => this.editor.startMap());
  }

  /** Show a step of the bridge on the map. */
  step(rung) {
    const name = typeof rung.reading === "object" ? rung.reading.name : rung.reading;
    this.set({ reading: name, cutoff: rung.cutoff_min, ...(this.now.scene.sides > 1 ? { mode: BEFORE } : {}) });
  }

  /** Return the station chosen, else the point that was clicked in the county, else its middle; reading and minutes. */
  placeAsked() {
    const { now } = this;
    const at = this.pointed?.county === now.county ? this.pointed.at : this.content.base.counties[now.county]?.at?.join(",");
    const station = now.scene.stations[now.station];
    const place = !station ? at : this.base.stations[now.station] ? station.id : station.at.join(","); // one of the plan has no id
    const reading = now.reading.sides.length && !now.reading.name.startsWith("rung-") ? now.reading.name : this.base.readings[0].name;
    return String(new URLSearchParams({ place, reading, cutoff: now.cutoff }));
  }

  /** Ask why the place chosen is outside the circle as it is. */
  async askWhy() {
    const of = this.placeAsked();
    this.reason = { of };
    this.panel.showPlace(this.now);
    const found = await ask(`cities/${encodeURIComponent(this.live.city)}/why?${of}`).catch((mistake) => ({ mistake }));
    if (this.reason?.of !== of) return;
    this.reason = { of, ...found };
    this.panel.showPlace(this.now);
  }

  /** Ask for the interval, the car and how much the number hangs on each rule. */
  async askMore() {
    const { city, direction } = this.live;
    const query = new URLSearchParams({ direction, car: "true", sensitivity: "true", draws: "0" });
    const path = `cities/${encodeURIComponent(city)}/circle?`;
    const answer = await ask(path + query).catch(() => null);
    this.more = answer?.figures ?? null;
    this.panel.show(this.now);
    const { figures } = await ask(`${path}${new URLSearchParams({ direction })}`).catch(() => ({}));
    if (!figures) return;
    this.more = { ...this.more, intervals: figures.intervals };
    const ends = (name) => Object.fromEntries(figures.intervals.filter((one) => name in one.low).map((one) => [one.cutoff_min, [one.low[name], one.high[name]]]));
    for (const scene of [this.base, this.now.scene]) scene.intervals = { reading: figures.reading, people: ends("people_outside_city"), km2: ends("area_km2_outside_city") };
    this.panel.show(this.now);
    document.documentElement.dataset.interval = "yes";
  }

  /** Show what the scenario changes, once the server says so; an older question is dropped. */
  async changed(reading = this.now.reading.sides.length && !this.now.reading.name.startsWith("rung-") ? this.now.reading.name : this.base.readings[0].name) {
    this.writeHash();
    this.asking?.abort();
    const scenario = complete(this.editor.scenario);
    if (window.parent !== window) window.parent.postMessage({ railshed: "scenario", scenario }, "*"); // to a notebook
    if (!scenario.modification.some((one) => one.enabled !== false)) return this.take(null, reading);
    const { signal } = this.asking = new AbortController();
    const body = { cities: [this.live.city], direction: this.live.direction, reading, scenario, picture: true };
    document.documentElement.dataset.busy = "yes";
    try {
      const answer = await ask("changes", body, { signal });
      this.take(answer, reading);
      await new Promise((done) => { setTimeout(done, 1000); }); // while a line is edited its next answer comes first
      if (signal.aborted) return undefined;
      const rest = await ask("changes", { ...body, picture: false, compliance: true, plans: 200 }, { signal });
      this.answer = { ...answer, compliance: rest.compliance, forecast: rest.cities[0].forecast };
      this.now.scene.forecast = this.answer.forecast.rows;
      this.panel.show(this.now);
      document.documentElement.dataset.forecast = "yes";
      if (!this.live.region) return undefined;
      const { cities } = await ask("changes", { region: this.live.region.id, direction: body.direction, reading, scenario }, { signal });
      this.answer = { ...this.answer, region: cities };
      this.panel.show(this.now);
    } catch (error) {
      if (error.name === "AbortError") return undefined;
      this.take(null, reading, error);
    }
    return undefined;
  }

  /** Take the answer of the server, null for none: the scene before any plan. */
  take(answer, reading, mistake = null) {
    const { now, content } = this;
    const left = now.scene;
    const picture = answer?.picture;
    const scene = picture ? withChange(this.base, own(picture.content, bytesOf(picture.bytes)), this.arrays) : this.base;
    const station = now.scene.stations[now.station]?.id;
    Object.assign(this, { answer, mistake });
    content.scenes[0] = scene;
    const stays = scene.sides === left.sides ? now.mode : "";
    this.drawings.delete(this.surfaces.get(left));
    this.surfaces.delete(left);
    now.mode = stays;
    this.enter(0, scene.sides > 1 ? reading : now.reading.name);
    if (scene.sides > 1) [now.mode, this.linked] = [this.linked ?? now.mode, undefined];
    this.instead = 0;
    if (scene.sides === 1) this.minutesChosen = false;
    else if (!this.minutesChosen) {
      const found = this.firstChange(now.cutoff);
      [this.instead, now.cutoff] = [found === now.cutoff ? 0 : now.cutoff, found];
    }
    now.station = scene.stations.findIndex(({ id }) => id === station);
    now.county = scene.sides === left.sides ? now.county : -1;
    document.documentElement.dataset.busy = "no";
    delete document.documentElement.dataset.forecast;
    if (scene.sides === left.sides) this.panel.show(now); else this.panel.rebuild(now);
    this.editor.show();
    this.hideTip();
    if (this.map) {
      for (const view of [this.view, this.under]) if (view?.scene) view.take(scene, this.drawing());
      this.editor.raise();
      this.placeDivider();
      this.update();
    } else this.redraw();
    document.documentElement.dataset.answers = String(Number(document.documentElement.dataset.answers) + 1);
  }

  /** Return the minutes shown, or the first cutoff within which the plan changes anything where it changes nothing there. */
  firstChange(cutoff) {
    const { change, headlines } = this.now.reading;
    const changes = (minute) => change.gained.km2[minute] > 0 || change.lost.km2[minute] > 0;
    const found = changes(cutoff) ? cutoff : headlines.find(changes) ?? cutoff;
    return found;
  }

  /** Look at what changes, at minutes within which anything does. */
  changes() {
    const { reading, cutoff } = this.now;
    const found = reading.change ? this.firstChange(cutoff) : cutoff;
    if (found !== cutoff) this.set({ cutoff: found });
    this.instead = found === cutoff ? 0 : cutoff;
    this.panel.showHeadline(this.now);
    return super.changes();
  }

  /** Change the state; another reading of a plan is asked for first. */
  set(change) {
    const { now } = this;
    if ("cutoff" in change) [this.minutesChosen, this.instead] = [true, 0];
    if ("station" in change || "county" in change) { // `pick` sets them again
      this.pointed = null;
      this.pin?.remove();
    }
    if (change.mode === "swipe" && now.mode !== "swipe") now.swipe = this.editor.onScreen() ?? now.swipe;
    const planned = this.answer && "reading" in change && change.reading !== now.reading.name;
    const next = planned && this.base.readings.find(({ name }) => name === change.reading);
    if (this.editor?.drawing && "station" in change) return undefined; // Enter ends the line
    if (next?.sides?.length && !next.name.startsWith("rung-")) {
      const { reading, ...rest } = change;
      if (Object.keys(rest).length) super.set(rest);
      this.changed(reading);
      return undefined;
    }
    return super.set(planned ? { ...change, county: -1, mode: BEFORE } : change);
  }

  /** A reading that the plan was not computed under has one side: that before it. */
  sideAt(x) {
    return this.now.reading.stations.length > 1 ? super.sideAt(x) : 0;
  }

  swipes() {
    return super.swipes() && this.now.reading.stations.length > 1;
  }

  tell(point, at) {
    if (this.editor?.drawing && this.overlay.stationAt(point) < 0) this.hideTip(); else super.tell(point, at);
  }

  pick(event) {
    if (this.editor.takes(event)) return;
    super.pick(event);
    const { lng, lat } = event.lngLat;
    this.pointed = this.groundAt(event.point) === "land" ? { county: this.now.county, at: `${lng.toFixed(4)},${lat.toFixed(4)}` } : null;
    this.panel.showPlace(this.now);
    this.pin ??= new maplibregl.Marker({ color: this.content.colours.proposed, scale: 0.6 });
    if (this.pointed) this.pin.setLngLat(event.lngLat).addTo(this.map);
    document.getElementById("station").scrollIntoView({ block: "nearest" });
  }

  /** Open another city, or direction, with the same scenario, reading, minutes and language; of a city the view too. */
  async openCity(change) {
    const query = new URLSearchParams({ city: this.live.city, direction: this.live.direction, ...change });
    const hash = new URLSearchParams(location.hash.slice(1));
    for (const key of ["p", "s", "d", ...(change.city ? ["v"] : [])]) hash.delete(key);
    const { scenario } = this.editor;
    location.assign(`?${query}#${hash}${scenario.modification.length ? `&d=${await pack(scenario)}` : ""}`);
  }

  /** Put the state and the scenario into the address. */
  writeHash() {
    if (!this.map || !this.editor) return;
    const packed = this.editor.scenario.modification.length ? pack(this.editor.scenario) : Promise.resolve("");
    packed.then((text) => {
      super.writeHash();
      if (text) this.hash += `&d=${text}`;
      history.replaceState(null, "", `?${new URLSearchParams({ city: this.live.city, direction: this.live.direction })}${this.hash}`);
    });
  }

  /** Follow an address that was pasted: another scenario too. */
  async follow() {
    if (location.hash === this.hash) return;
    const text = new URLSearchParams(location.hash.slice(1)).get("d");
    const scenario = text ? await unpackScenario(text) : EMPTY;
    if (scenario && JSON.stringify(scenario) !== JSON.stringify(this.editor.scenario)) this.editor.load(scenario);
    super.follow();
  }
}

async function open() {
  const failure = document.getElementById("failure");
  const say = (text) => { failure.textContent = text; failure.hidden = false; };
  try {
    const query = new URLSearchParams(location.search);
    say("正在读取网络…… Loading the network ...");
    const start = await ask("start");
    const cities = await ask(start.region ? `cities?${new URLSearchParams({ region: start.region.id })}` : "cities");
    const [city, direction] = [query.get("city") || start.city.slug, query.get("direction") || "to"];
    say("正在计算…… Computing the circle ...");
    const of = (what) => ask(`cities/${encodeURIComponent(city)}/${what}?${new URLSearchParams({ direction })}`);
    const first = await of("headline").catch(() => null); // the scene says what is wrong
    const lang = (new URLSearchParams(location.hash.slice(1)).get("l") || navigator.language).startsWith("zh") ? "zh" : "en";
    document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
    for (const [id, words] of first ? [["subtitle", first.title], ["headline", first.text]] : []) document.getElementById(id).textContent = words[lang];
    say("正在绘图…… Drawing the map ...");
    const { content, bytes } = await of("scene");
    await document.fonts.load('13px "Railshed Sans SC"', "字");
    const drawn = new URLSearchParams(location.hash.slice(1)).get("d");
    const scenario = (drawn && await unpackScenario(drawn)) || EMPTY;
    const core = cities.filter(({ role }) => role === "core");
    failure.hidden = true;
    const page = new LivePage(content, new Arrays(bytesOf(bytes)), { city, direction, scenario, region: start.region, cities: core.some(({ slug }) => slug === city) ? core : cities });
    window.railshedPage = page;
    await page.start();
  } catch (error) {
    say(error.message);
    document.documentElement.dataset.ready = "failed";
  }
}

open();
