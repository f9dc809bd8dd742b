/* The panel: controls, figures, words, and the trains of a station. It shows a state and changes none. */

const PARTS = ["access", "entry", "wait", "ride", "changeTrains", "exit", "egress"];
const PART_COLOURS = ["#8fb7d6", "#4d7ea8", "#d9c27a", "#12395f", "#e07b39", "#6f8f72", "#a9c7a0"];

/**
 * Return an element.
 * @param {string} tag @param {object} set attributes; `text` is its text, `on` its listeners
 * @param {...(Node|string)} children
 */
function element(tag, set = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(set)) {
    if (key === "text") made.textContent = value;
    else if (key === "on") for (const [event, act] of Object.entries(value)) made.addEventListener(event, act);
    else if (key === "style") made.style.cssText = value;
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

/** Return what tells the place of a scene, and what its scenario. */
const placeOf = (scene) => scene.label.zh;
const planOf = (scene) => scene.plan?.zh ?? "";

/** Return the scene that has a value, if possible with what the other scene has. */
function sceneOf(scenes, of, value, other, now) {
  const mine = scenes.filter((scene) => of(scene) === value);
  return scenes.indexOf(mine.find((scene) => other(scene) === other(now)) ?? mine[0]);
}

/** The panel of a page. */
class Panel {
  /** @param {object} content @param {object} acts what the controls do: `set(change)`, `find(text)`, `choose(item)` */
  constructor(content, acts) {
    [this.content, this.acts] = [content, acts];
    this.legend = new Legend(this);
  }

  say(key, ...values) {
    return fill(this.content.texts[key][this.lang], ...values);
  }

  pick(words) {
    return words[this.lang];
  }

  people(count) {
    return figures.people(count, this.lang, this.say("noData"));
  }

  area(km2) {
    return figures.area(km2, this.say("noData"));
  }

  /** Show everything for a state. @param {object} now */
  show(now) {
    this.lang = now.lang;
    document.documentElement.lang = now.lang === "zh" ? "zh-CN" : "en";
    this.showTitle(now);
    this.showHeadline(now);
    this.showFigures(now);
    this.legend.show(now);
    this.showPlace(now);
  }

  /** Build the controls and the words, which change with scene, reading and language only. */
  rebuild(now) {
    this.lang = now.lang;
    this.showControls(now);
    this.showWords(now);
    this.show(now);
  }

  showTitle(now) {
    const city = this.pick(now.scene.city);
    const title = this.say(now.cutoff === 60 ? "titleHour" : "titleMinutes", city, now.cutoff);
    const plan = now.scene.plan ? `${now.lang === "zh" ? "：" : ": "}${this.pick(now.scene.plan)}` : "";
    document.getElementById("title").textContent = document.title = title + plan;
    document.getElementById("panel").setAttribute("aria-label", this.say("panel"));
    document.getElementById("subtitle").textContent = `${this.pick(now.reading.label)} · ${this.say("within", now.cutoff)} · ${this.say("timetable", now.scene.date)}`;
    document.getElementById("notice").textContent =
      `${this.pick(this.content.notice)} · ${this.say("timetable", now.scene.date)} · railshed · MapLibre GL JS`;
  }

  showControls(now) {
    const { content, acts } = this;
    const form = document.getElementById("controls");
    const parts = [];
    const select = (id, label, options, chosen, act) =>
      element("div", {}, element("label", { for: id, text: label }),
        element("select", { id, on: { change: (event) => act(event.target.value) } },
          ...options.map(([value, text]) => element("option", { value, text, selected: value === chosen }))));
    for (const [id, key, of, other] of [["scene", "place", placeOf, planOf], ["plan", "scenario", planOf, placeOf]]) {
      const known = [...new Set(content.scenes.map(of))].filter(Boolean);
      const named = known.map((value) => [value, this.pick(content.scenes.find((scene) => of(scene) === value)[id === "scene" ? "label" : "plan"])]);
      if (known.length > 1) parts.push(select(id, this.say(key), named, of(now.scene), (value) => acts.set({ scene: sceneOf(content.scenes, of, value, other, now.scene) })));
    }
    const readings = this.readings(now).map((reading) => [reading.name, this.pick(reading.label)]);
    parts.push(select("reading", this.say("reading"), readings, now.reading.name, (value) => acts.set({ reading: value })));
    parts.push(this.slider(now));
    if (now.scene.sides > 1) parts.push(this.modes(now));
    parts.push(this.finder());
    const buttons = [element("button", { type: "button", id: "whole", text: this.say("wholeView"), on: { click: acts.whole } }),
      ...(now.scene.sides > 1 ? [element("button", { type: "button", id: "changes", text: this.say("changesView"), on: { click: acts.changes } })] : []),
      element("button", { type: "button", id: "print", text: this.say("print"), on: { click: () => window.print() } })];
    const tongue = now.lang === "zh" ? "en" : "zh";
    buttons.push(element("button", { type: "button", id: "language", lang: tongue, text: this.say("language"), on: { click: () => acts.set({ lang: tongue }) } }));
    parts.push(element("div", { class: "buttons" }, ...buttons));
    form.replaceChildren(...parts);
  }

  /** Return the readings that are offered. */
  readings(now) {
    return now.scene.readings;
  }

  slider(now) {
    const { most } = now.scene;
    const input = element("input", {
      id: "cutoff", type: "range", min: 1, max: most, step: 1, value: now.cutoff, "aria-describedby": "cutoff-text",
      on: { input: (event) => this.acts.set({ cutoff: Number(event.target.value) }) },
    });
    const ticks = [...new Set([...now.reading.cutoffs, most])].map((cutoff) =>
      element("button", { type: "button", tabindex: -1, text: cutoff, style: `left:${((cutoff - 1) / (most - 1)) * 100}%`,
        "aria-label": this.say("minutes", cutoff), on: { click: () => this.acts.set({ cutoff }) } }));
    return element("div", {},
      element("output", { id: "cutoff-text", for: "cutoff" }), element("output", { id: "cutoff-people", for: "cutoff" }),
      element("label", { for: "cutoff", text: this.say("cutoff") }), input, element("div", { class: "ticks" }, ...ticks));
  }

  modes(now) {
    const radios = [BEFORE, AFTER, CHANGE, SAVED, "swipe"].map((mode) =>
      element("label", {}, element("input", { type: "radio", name: "mode", value: mode, checked: mode === now.mode,
        on: { change: () => this.acts.set({ mode }) } }), this.say(mode)));
    return element("fieldset", {}, element("legend", { text: this.say("show") }), element("div", { class: "modes" }, ...radios));
  }

  /** Return a search box with its list. @param {string} id @param {function(object): void} act what choosing does */
  finder(id = "search", act = this.acts.choose, label = this.say("search")) {
    const input = element("input", {
      id, type: "search", role: "combobox", autocomplete: "off", "aria-expanded": "false",
      "aria-controls": `${id}-results`, "aria-autocomplete": "list", placeholder: label, "aria-label": label,
    });
    const list = element("ul", { id: `${id}-results`, class: "results", role: "listbox", hidden: true, "aria-label": label });
    const status = element("p", { class: "small", role: "status", id: `${id}-found` });
    let [items, at] = [[], -1];
    const mark = (next) => {
      at = next;
      [...list.children].forEach((item, k) => item.setAttribute("aria-selected", String(k === at)));
      if (at >= 0) list.children[at].scrollIntoView({ block: "nearest" });
      if (at >= 0) input.setAttribute("aria-activedescendant", `${id}-${at}`);
      else input.removeAttribute("aria-activedescendant");
    };
    const close = () => {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
    };
    const choose = (item) => {
      close();
      act(item);
    };
    input.addEventListener("input", () => {
      items = this.acts.find(input.value);
      const message = items.length ? this.say("found", items.length) : this.say("nothingFound");
      status.textContent = input.value.trim() ? message : "";
      list.replaceChildren(...items.map((item, k) => element("li", {
        id: `${id}-${k}`, role: "option", text: `${item.text} · ${this.say(item.kind)}`, on: { click: () => choose(item) },
      })));
      list.hidden = !items.length;
      input.setAttribute("aria-expanded", String(items.length > 0));
      mark(-1);
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
      if (list.hidden) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        mark(event.key === "ArrowDown" ? (at + 1) % items.length : (Math.max(at, 0) + items.length - 1) % items.length);
      } else if (event.key === "Enter") choose(items[Math.max(at, 0)]);
      else if (event.key === "Escape") close();
    });
    return element("div", { class: "finder" }, input, list, status);
  }

  showFigures(now) {
    const slider = document.getElementById("cutoff");
    slider.value = now.cutoff;
    slider.setAttribute("aria-valuetext", this.say("minutes", now.cutoff));
    document.getElementById("cutoff-text").textContent = this.say("minutes", now.cutoff);
    document.getElementById("cutoff-people").textContent = this.atCutoff(now);
    for (const radio of document.querySelectorAll("input[name=mode]")) radio.checked = radio.value === now.mode;
    const box = document.getElementById("figures");
    if (!now.reading.sides.length) {
      box.replaceChildren(element("p", { text: this.say("noArea") }));
      return;
    }
    const cards = now.reading.change && now.mode === SAVED ? this.faster(now)
      : now.reading.change && [CHANGE, "swipe"].includes(now.mode) ? this.changed(now) : this.reached(now);
    box.replaceChildren(...cards);
  }

  outside(now) {
    return now.scene.proper ? this.say("outside") : "";
  }

  /** Show the headline: by rail at its minutes with the interval, and without trains; of a plan, what it changes. */
  showHeadline(now) {
    const { reading } = now;
    const cards = !reading.sides.length ? [] : reading.headlines.map((minute) => (reading.change ? this.changedAt(now, minute) : this.reachedAt(now, minute)));
    const [first, second] = reading.change ? ["railChange", "railChange"] : ["peopleByRail", "areaByRail"];
    const known = cards.length && (reading.change?.after ?? { people: reading.sides[0].figures.rail_people }).people[0] !== null;
    document.getElementById("headline").replaceChildren(
      ...(cards.length ? [element("h2", { text: this.say(known ? first : second) + this.outside(now) }), element("div", { class: "key" }, ...cards)] : []));
  }

  /** Return the people of the minutes shown, as a text; "" where a card has them. */
  atCutoff({ reading, mode, cutoff }) {
    if (!reading.sides.length || reading.headlines.includes(cutoff)) return "";
    const { figures: known } = reading.sides[mode === BEFORE ? 0 : reading.sides.length - 1];
    if (!reading.change || [BEFORE, AFTER].includes(mode)) return this.amount(known.rail_people[cutoff], known.rail_km2[cutoff]);
    const { people, km2 } = reading.change.gained;
    return `${people[cutoff] ?? km2[cutoff] ? "+" : ""}${this.amount(people[cutoff], km2[cutoff])}`;
  }

  /** Return people (without any, km2) as printed. */
  amount(people, km2) {
    return people === null || people === undefined ? this.area(km2) : this.people(people);
  }

  /** Return what the headline would be without trains, as a text; "" where that is not known. */
  bare(known, minute) {
    if (!known.added_km2.length) return "";
    const [people, added] = [known.rail_people[minute], known.added_people[minute]];
    return this.say("withoutTrains", this.amount(people === null || added === null ? null : people - added, known.rail_km2[minute] - known.added_km2[minute]));
  }

  card(minute, id, value, lines) {
    return element("div", {}, element("span", { text: this.say("within", minute) }), element("strong", { id, text: value }),
      ...lines.filter(Boolean).map((text) => element("span", { class: "line", text })));
  }

  reachedAt(now, minute) {
    const { figures: known } = now.reading.sides[now.reading.sides.length - 1];
    const { intervals } = now.scene;
    const own = intervals?.reading === now.reading.name;
    const [people, km2] = ["people", "km2"].map((what) => own && intervals[what][minute]);
    const ends = people ? people.map((v) => this.people(v)) : km2 ? km2.map((v) => this.area(v)) : null;
    const other = known.own_prefecture[minute] === null || !now.scene.proper ? "" : this.say("elsewhere", this.people(known.other_prefecture[minute] + known.other_province[minute]));
    return this.card(minute, `people-${minute}`, this.amount(known.rail_people[minute], known.rail_km2[minute]),
      [ends ? `${this.say("range")} ${ends[0]} – ${ends[1]}` : "", this.bare(known, minute), other]);
  }

  changedAt(now, minute) {
    const of = (state) => this.amount(now.reading.change[state].people[minute], now.reading.change[state].km2[minute]);
    const zero = ({ people, km2 }) => !(people[minute] ?? km2[minute]);
    const { gained, lost } = now.reading.change;
    const row = now.scene.forecast?.find((one) => one.reading === now.reading.name && one.cutoff_min === minute);
    const drawn = row && [...new Set(["low", "high"].map((end) => this.amount(row[`people_${end}`], row[`area_km2_${end}`])))].join(" – ");
    const [value, what] = gained.people[minute] === null ? [gained.km2[minute], "area_km2"] : [gained.people[minute], "people"];
    const beyond = row && (value > row[`${what}_high`] || value < row[`${what}_low`]);
    return this.card(minute, `gained-${minute}`, (zero(gained) ? "" : "+") + of("gained"),
      [`${this.say("lost")} ${zero(lost) ? "" : "−"}${of("lost")}`, `${of("before")} → ${of("after")}`, drawn ? this.say("drawnRange", drawn) : "", beyond ? this.say("beyondRange") : ""]);
  }

  /** Return the figures of the minutes shown. */
  reached(now) {
    const { figures: known } = now.reading.sides[now.mode === BEFORE ? 0 : now.reading.sides.length - 1];
    const bare = this.bare(known, now.cutoff);
    return [element("p", {}, `${this.say("byRail", now.cutoff)}${now.lang === "zh" ? "：" : ": "}`, element("strong", { id: "people", text: this.people(known.rail_people[now.cutoff]) }),
      " · ", element("strong", { id: "km2", text: this.area(known.rail_km2[now.cutoff]) }), this.outside(now)),
    ...(bare ? [element("p", { class: "small", id: "bare", text: bare })] : [])];
  }

  changed(now) {
    const { change } = now.reading;
    const card = (state, sign) => {
      const count = change[state].people[now.cutoff];
      const [people, km2] = [this.people(count), this.area(change[state].km2[now.cutoff])];
      return element("div", {}, element("span", { text: this.say(state) + this.outside(now) }),
        element("strong", { id: state, text: count ? sign + people : people }), element("span", { text: km2 }));
    };
    const { caution, headline } = now.scene;
    const cautions = caution && now.reading === now.scene.readings[0] && now.cutoff === headline;
    return [element("div", { class: "key" }, card("gained", "+"), card("lost", "−")),
      ...(cautions ? [element("p", { class: "small", text: this.pick(caution) })] : [])];
  }

  faster(now) {
    const { figures: known, steps } = now.reading.saved;
    const card = (id, label, key) => element("div", {}, element("span", { text: label + this.outside(now) }),
      element("strong", { id, text: this.people(known[key].people[now.cutoff]) }), element("span", { text: this.area(known[key].km2[now.cutoff]) }));
    const least = Math.min(...steps);
    return [element("div", { class: "key" }, card("faster", `${this.say("saved")} ${this.say("minutesOrMore", least)}`, least), card("slower-people", this.say("slower"), "slower"))];
  }

  showWords(now) {
    const list = (key, lines, open) => element("details", { open },
      element("summary", { text: this.say(key).replace(/[：:]\s*$/, "") }), element("ul", {}, ...lines.map((text) => element("li", { text }))));
    const notes = [...now.scene.notes.map((text) => this.pick(text)), this.edges(now), ...(now.scene.cities.length ? [this.say("cityFirst")] : []), this.say("mercator")];
    document.getElementById("words").replaceChildren(
      list("definition", now.reading.definition.map((text) => this.pick(text)), true),
      list("notes", notes, true),
      list("sources", now.scene.sources.map((text) => this.pick(text)), true));
  }

  /** Return where the edges that are drawn come from. */
  edges(now) {
    return this.say("edges", now.scene.grid ? now.scene.grid.cell_m : 0);
  }

  /** Show the station or the county that is chosen. */
  showPlace(now) {
    const box = document.getElementById("station");
    const { zh, en } = this.content.base.counties[now.county] ?? {};
    const names = now.station >= 0 ? now.scene.places[now.station] : now.county >= 0 ? [zh, en] : null;
    box.hidden = !names;
    if (!names) return box.replaceChildren();
    const name = now.lang === "en" ? names[1] || names[0] : names.filter(Boolean).join(" ");
    const sides = now.scene.sides === 1 ? [0] : now.mode === BEFORE ? [0] : now.mode === AFTER ? [1] : [0, 1];
    const blocks = sides.flatMap((side) => (now.station < 0 ? this.countySide(now, side, sides.length > 1)
      : this.stationSide(now, Math.min(side, now.reading.stations.length - 1), sides.length > 1)));
    const close = element("button", { type: "button", text: this.say("close"), on: { click: () => this.acts.set({ station: -1, county: -1 }) } });
    return box.replaceChildren(element("h2", { text: name }), ...blocks, close);
  }

  /** Return people of the chosen county within the minutes shown by rail, their share, and its least minutes. */
  countySide(now, side, named) {
    if (!now.reading.sides.length) return [element("p", { text: this.say("noArea") })];
    const { surface } = this.acts;
    const { most } = now.scene;
    const { people, least } = surface().ofCounty(now.county, now.reading.sides[side], now.cutoff, most);
    const all = this.content.base.counties[now.county].people;
    const share = people === null || !all ? "" : this.say("shareOf", `${((100 * people) / all).toFixed(1)}%`, this.people(all));
    const before = named ? `${this.say(side ? "after" : "before")}${now.lang === "zh" ? "：" : ": "}` : "";
    return [element("p", {}, `${before}${this.say("byRail", now.cutoff)} `, element("strong", { class: "county-people", text: this.people(people) }), share),
      element("p", { class: "small", text: least === null ? this.say("nowhere", most) : this.say("least", least) })];
  }

  stationSide(now, side, named) {
    const minutes = now.reading.stations[side][now.station];
    const { core: cores, there } = now.scene.stations[now.station];
    const core = cores[side];
    const { most } = now.scene;
    const answer = !there[side] ? this.say("notThere") : core ? this.say("coreStation") : minutes === null ? this.say("nowhere", most) : this.say("byRail", minutes);
    const city = now.reading.station_city ? now.reading.station_city[side][now.station] : 0;
    const where = now.scene.cities.length && !core && there[side] ? ` · ${this.say("ofCity", this.pick(now.scene.cities[city]))}` : "";
    const head = element("p", { text: `${named ? `${this.say(side ? "after" : "before")}${now.lang === "zh" ? "：" : ": "}` : ""}${answer}${where}` });
    const ways = Object.values(now.reading.trains[side] || {});
    return core || !there[side] ? [head] : [head, ...ways.flatMap((way) => this.trains(now, way, city))];
  }

  trains(now, way, city) {
    const rows = (way.rows[now.station] || []);
    const within = rows.filter((row) => row[2] <= now.cutoff).length;
    const window = way.windows[city].map((minute) => figures.clock(minute)).join("–");
    const title = element("p", { class: "small", text: this.say("trains", window, now.cutoff, within) });
    if (!rows.length) return [title, element("p", { class: "small", text: this.say("noTrains") })];
    const place = (at) => { const [zh, en] = now.scene.places[at]; return now.lang === "en" ? en || zh : zh || en; };
    const ride = ([train, , to]) => `${train} → ${place(to)}`;
    const head = element("tr", {}, ...["depart", "train", "arrive", "taken"].map((key, k) => element("th", { class: k === 1 ? null : "n", text: this.say(key) })));
    const lines = rows.map(([start, end, taken, rides]) => element("tr", { class: taken <= now.cutoff ? null : "late" },
      element("td", { class: "n", text: figures.clock(rides.length ? rides[0][3] : start) }), element("td", { text: rides.map(ride).join(now.lang === "zh" ? "，" : ", ") }),
      element("td", { class: "n", text: figures.clock(rides.length ? rides[rides.length - 1][4] : end) }), element("td", { class: "n", text: taken })));
    return [title, element("table", { class: "trains" }, head, ...lines)];
  }

  /** Return what the tip says where there is no cell. @param {string} ground as `Page.groundAt` */
  nothing(now, ground) {
    return element("div", { text: ground === "land" ? this.say("nowhere", now.scene.most) : this.say(ground === "sea" ? "sea" : "beyond") });
  }

  /** Return what the tip says of minutes saved. @param {number} tenths negative where slower */
  tipSaved(now, tenths) {
    const { limit } = now.reading.saved;
    if (!Number.isFinite(tenths)) return this.say(tenths > 0 ? "fromBeyond" : "toBeyond", limit);
    const minutes = (Math.abs(tenths) / 10).toFixed(1);
    return tenths < 0 ? this.say("slowerBy", minutes) : this.say("savedMinutes", minutes);
  }

  /** Return what the tip says of a cell, one block a side. @param {?number} tenths of minutes saved, null for none */
  tip(now, county, read, tenths) {
    const blocks = [];
    if (county) blocks.push(element("strong", { text: now.lang === "en" ? county.en || county.zh : county.zh || county.en }));
    for (const { side, cell } of read) {
      const label = read.length > 1 ? `${this.say(side ? "after" : "before")}${now.lang === "zh" ? "：" : ": "}` : "";
      const { most } = now.scene;
      const times = [];
      if (cell.rail !== null) times.push(this.say("byRail", cell.rail));
      if (cell.local !== null) times.push(this.say("local", cell.local));
      const over = Math.min(cell.rail ?? Infinity, cell.local ?? Infinity) - now.cutoff;
      if (over > 0 && over < Infinity) times.push(this.say("short", over, now.cutoff));
      blocks.push(element("div", { text: label + (times.length ? times.join(now.lang === "zh" ? "，" : ", ") : this.say("nowhere", most)) }));
      if (cell.parts && tenths === null) blocks.push(...this.split(now, cell));
    }
    if (tenths !== null) blocks.push(element("strong", { text: this.tipSaved(now, tenths) }));
    return blocks;
  }

  split(now, cell) {
    const shown = cell.parts.map((minutes, k) => ({ minutes, k })).filter(({ minutes }) => minutes > 0);
    const bar = element("div", { class: "split" }, ...shown.map(({ minutes, k }) => element("i", { style: `flex:${minutes};background:${PART_COLOURS[k]}` })));
    const words = shown.map(({ minutes, k }) => `${this.say(PARTS[k])} ${minutes}`).join(" + ");
    const of = now.scene.cities.length ? ` · ${this.say("ofCity", this.pick(now.scene.cities[cell.city]))}` : "";
    const via = cell.via === null ? "" : this.say("via", this.place(now, cell.via)) + of;
    const way = cell.way ? `${this.pick(cell.way)} · ` : "";
    return [bar, element("div", { class: "parts", text: `${way}${words}` }), element("div", { class: "parts", text: via })];
  }

  place(now, at) {
    const [zh, en] = now.scene.places[at];
    return now.lang === "en" ? en || zh : zh || en;
  }
}
