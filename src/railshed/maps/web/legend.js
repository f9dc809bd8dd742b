/* The legend: what is drawn, with its figures. */

const STRIPES = (colour) => `background:repeating-linear-gradient(135deg,${colour} 0 5px,#fff 5px 6px)`;
const CROSSES = (colour) =>
  `background:repeating-linear-gradient(135deg,#0000 0 4px,#fff 4px 5px),repeating-linear-gradient(45deg,${colour} 0 4px,#fff 4px 5px)`;

const ADDED = (colour, line) => `background:repeating-linear-gradient(45deg,${colour} 0 3px,${line} 3px 4px)`;
const UNKNOWN = (colour, line) => `background:repeating-linear-gradient(45deg,${colour} 0 4px,${line} 4px 5px)`;

/** The legend of a panel. */
class Legend {
  /** @param {Panel} panel whose words and figures it takes */
  constructor(panel) {
    [this.panel, this.content] = [panel, panel.content];
  }

  /** Show the legend of a state. */
  show(now) {
    const { panel } = this;
    const areas = now.reading.sides.length ? this.areas(now) : [];
    document.getElementById("legend").replaceChildren(
      element("h2", { text: panel.say("legend") }), element("table", { id: "bands" }, ...areas), element("table", {}, ...this.drawn(now)));
  }

  row(swatch, text, ...numbers) {
    const span = numbers.length ? null : 3;
    return element("tr", {}, element("td", {}, swatch), element("td", { text, colspan: span }), ...numbers.map((n) => element("td", { class: "n", text: n })));
  }

  patch(style) {
    return element("span", { class: "swatch", style });
  }

  head(text) {
    const { panel } = this;
    return element("tr", {}, element("th", { colspan: 2, text }), element("th", { class: "n", text: panel.say("people") }), element("th", { class: "n", text: panel.say("area") }));
  }

  note(text) {
    return element("tr", {}, element("td", { colspan: 4, class: "small", text }));
  }

  areas(now) {
    if (now.reading.change && now.mode === CHANGE) return this.changes(now);
    if (now.reading.saved && now.mode === SAVED) return this.saved(now);
    return this.bands(now);
  }

  changes(now) {
    const { panel, content: { colours } } = this;
    const { change } = now.reading;
    const state = (key, style) => this.row(this.patch(style), panel.say(key), panel.people(change[key].people[now.cutoff]), panel.area(change[key].km2[now.cutoff]));
    return [this.head(panel.say("within", now.cutoff) + panel.outside(now)), state("gained", STRIPES(colours.gained)), state("lost", CROSSES(colours.lost)),
      state("after", `background:${colours.unchanged}`), state("before", `background:none;border:2px solid ${colours.byRail}`)];
  }

  saved(now) {
    const { panel, content: { colours } } = this;
    const { figures, steps } = now.reading.saved;
    const numbers = (key) => [panel.people(figures[key].people[now.cutoff]), panel.area(figures[key].km2[now.cutoff])];
    const own = (least, k) => !k || figures[least].km2[now.cutoff] > figures[steps[k - 1]].km2[now.cutoff]; // land that no class above has
    const rows = steps.flatMap((least, k) => (own(least, k) ? [this.row(this.patch(`background:${colours.saved[k]}`), panel.say("minutesOrMore", least), ...numbers(least))] : []));
    return [this.head(panel.say("savedHead", now.cutoff) + panel.outside(now)), ...rows,
      this.row(this.patch(CROSSES(colours.lost)), panel.say("slower"), ...numbers("slower")), this.note(panel.say("savedNote", now.reading.saved.limit)),
      this.row(this.patch(`background:none;border:2px solid ${colours.byRail}`), `${panel.say("after")} ${panel.say("within", now.cutoff)}`)];
  }

  bands(now) {
    const { panel, content: { colours } } = this;
    const sides = now.mode === "swipe" ? [0, 1] : [now.mode === BEFORE ? 0 : now.reading.sides.length - 1];
    const rows = sides.flatMap((side) => {
      const known = now.reading.sides[side].figures;
      const row = (style, text, kind, minute) => this.row(this.patch(style), text, panel.people(known[`${kind}_people`][minute]), panel.area(known[`${kind}_km2`][minute]));
      const bands = bandsOf(now.reading, now, colours).map(({ minute, colour }) => {
        const made = row(`background:${colour}`, panel.say("within", minute), "rail", minute);
        if (minute === now.cutoff) made.className = "now";
        return made;
      });
      const added = known.added_km2.length ? [row(ADDED(colours.bands[3][1], colours.added), panel.say("addedWithin", now.cutoff), "added", now.cutoff)] : [];
      const title = panel.say("byRailHead") + panel.outside(now) + (now.scene.sides > 1 ? ` ${panel.say(side ? "after" : "before")}` : "");
      return [this.head(title), ...bands, ...added];
    });
    return [...rows, this.note(panel.say("cumulativeAll")),
      this.row(this.patch(`background:none;border:2px dashed ${colours.noRide}`), panel.say("noRide", now.cutoff))];
  }

  /** Return the rows of all but areas. */
  drawn(now) {
    const { panel, content: { colours, base } } = this;
    const { scene } = now;
    const line = (colour, key) => this.row(element("span", { class: "swatch line", style: `border-color:${colour}` }), panel.say(key));
    const bold = (style, colour, key) => this.row(element("span", { class: "swatch line", style: `border-top:3px ${style} ${colour}` }), panel.say(key));
    const dot = (kind, key) => this.row(element("span", { class: `swatch ${kind}` }), panel.say(key));
    const rails = (now.mode !== BEFORE && scene.rails) || base.rails;
    return [
      ...(scene.proper ? [this.row(this.patch(`background:none;border:2px solid ${colours.properEdge}`), panel.say("proper"))] : []),
      this.row(this.patch(`background:${colours.land}`), panel.say("unreached", now.cutoff)),
      ...(base.no_data ? [this.row(this.patch(UNKNOWN(colours.noData, colours.noDataHatch)), panel.say("beyond"))] : []),
      ...(base.sea ? [this.row(this.patch(`background:${colours.sea}`), panel.say("sea"))] : []),
      dot("square", "core"), dot("dot", "inside"), dot("far", "outsideStation"),
      ...(scene.proposed && now.mode !== BEFORE ? [bold("dashed", colours.proposed, "proposed")] : []),
      ...(scene.withdrawn && now.mode !== AFTER ? [bold("dotted", colours.lost, "withdrawn")] : []),
      ...(base.prefectures.some((p) => p.zh) ? [line(colours.prefecture, "prefectureBorder")] : []),
      ...(base.counties.length ? [line(colours.county, "countyBorder")] : []),
      ...(base.roads ? [line(colours.road, "road")] : []),
      ...(rails.some(({ least }) => least === null) ? [line(colours.metro, "metroLine")] : []),
      ...(rails.length ? [element("tr", {}, element("td", { colspan: 4, text: panel.say("rail") }))] : []),
      ...rails.filter(({ least }) => least !== null).map((rail, k) => {
        const below = k ? rails[k - 1].least : null;
        const text = below === null ? `≥ ${rail.least}` : rail.least ? `${rail.least} – ${below - 1}` : `< ${below}`;
        return this.row(element("span", { class: "swatch rail", style: `background:${colours.rail};transform:scaleY(${rail.width / 3})` }), text);
      }),
    ];
  }
}
