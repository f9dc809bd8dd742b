/* Stations and names, drawn over the map on a canvas of their own: no fonts need to be fetched, no name meets another. */

const FAMILY = 'system-ui, "Railshed Sans SC", sans-serif';

/** The colour of what is chosen. */
const CHOSEN = "#c2570c";

/** Draws stations and labels, and tells which station is at a point. */
class Overlay {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas, map, content) {
    [this.canvas, this.map, this.content] = [canvas, map, content];
    this.context = canvas.getContext("2d");
    this.widths = new Map();
    this.stations = [];
  }

  /**
   * Draw a frame of one side or of both; no name crosses to the other side.
   * @param {object[]} sides each with scene, language, cutoff, chosen station, `from` and `to` as shares of the width,
   * `minutesOf(station)` in minutes or null, `isCore`, `isThere`
   */
  draw(sides) {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const ratio = window.devicePixelRatio || 1;
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      [this.canvas.width, this.canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
    }
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.context.clearRect(0, 0, width, height);
    this.stations = [];
    for (const shown of sides) {
      this.span = [shown.from * width, shown.to * width, height];
      this.context.save();
      this.context.beginPath();
      this.context.rect(this.span[0], 0, this.span[1] - this.span[0], height);
      this.context.clip();
      this.drawSide(shown);
      this.context.restore();
    }
  }

  drawSide(shown) {
    this.taken = [...this.furniture()];
    const stations = this.find(shown);
    const here = ({ x }) => x >= this.span[0] && x < this.span[1];
    const labels = [...this.stationLabels(shown, stations), ...this.areaLabels(shown)].filter(here).sort((a, b) => b.rank - a.rank);
    for (const station of stations) {
      if (station.kind !== "far") this.taken.push(boxOf(station.x, station.y, station.radius + 1));
    }
    const placed = labels.map((label) => this.place(label)).filter(Boolean);
    for (const station of stations) this.drawStation(station, shown);
    for (const label of placed) this.drawLabel(label);
    this.stations.push(...stations.filter(here));
  }

  /** Return the boxes of what stands over the map already: notice, scale, zoom, tools, classes. */
  furniture() {
    const stage = this.canvas.getBoundingClientRect();
    return ["#notice", ".maplibregl-ctrl-scale", ".maplibregl-ctrl-group", "#tools", "#classes"].flatMap((what) => {
      const box = document.querySelector(`#stage ${what}`)?.getBoundingClientRect();
      return box?.width ? [[box.left - stage.left, box.top - stage.top, box.right - stage.left, box.bottom - stage.top]] : [];
    });
  }

  find(shown) {
    const found = [];
    const size = Math.max(0.4, Math.min(1, (this.map.getZoom() - 5.5) / 3)); // smaller where much is seen: the land counts
    shown.scene.stations.forEach((station, place) => {
      const { x, y } = this.map.project(station.at);
      if (!shown.isThere(place)) return;
      const [left, right, bottom] = this.span;
      if (x < left - 20 || y < -20 || x > right + 20 || y > bottom + 20) return;
      const minutes = shown.minutesOf(place);
      const core = shown.isCore(place);
      const kind = core ? "core" : minutes !== null && minutes <= shown.cutoff ? "inside" : "far";
      const small = station.class === "metro";
      const radius = size * { core: small ? 3.5 : 5.5, inside: small ? 3 : 4.5, far: small ? 1.5 : 2.5 }[kind];
      found.push({ place, station, x, y, minutes, kind, radius });
    });
    const order = { far: 0, inside: 1, core: 2 };
    return found.sort((a, b) => order[a.kind] - order[b.kind] || a.place - b.place);
  }

  name(pair, lang) {
    return lang === "en" ? pair.en || pair.zh : pair.zh || pair.en;
  }

  stationLabels(shown, stations) {
    const colours = this.content.colours;
    const zoom = this.map.getZoom();
    return stations.flatMap((found) => {
      const chosen = found.place === shown.station;
      if (found.kind === "far" && zoom < 9 && !chosen) return [];
      const [zh, en] = shown.scene.places[found.place];
      const name = this.name({ zh, en }, shown.lang);
      const was = shown.before && shown.before[found.place];
      const changed = typeof was === "number" && was !== found.minutes ? fill(this.content.texts["was"][shown.lang], was) : "";
      const text = found.kind === "inside" ? `${name} ${found.minutes}${changed}` : name;
      const rank = { core: 3000, inside: 2000, far: 100 }[found.kind] + Math.min(900, found.station.trains);
      const font = `${found.kind === "far" ? 400 : 600} ${found.kind === "far" ? 11 : 12.5}px ${FAMILY}`;
      const colour = found.kind === "far" ? colours.countyText : colours.ink;
      return [{ ...found, text, font, colour, rank: chosen ? 9000 : rank, high: 15, around: found.radius + 3 }];
    });
  }

  areaLabels(shown) {
    const { base, colours } = this.content;
    const scale = (256 * 2 ** (this.map.getZoom() + 1)) / 360;
    const chosen = base.counties[shown.county];
    const of = (areas, rank, font, colour) =>
      areas.flatMap((area) => {
        if (Math.sqrt(area.size) * scale < 70 || area === chosen) return [];
        const { x, y } = this.map.project(area.at);
        const text = this.name(area, shown.lang);
        return [{ x, y, text, font, colour, rank: rank + Math.min(90, area.size * 30), high: 16, around: 0 }];
      });
    const towns = base.towns.map((town) => ({
      ...this.map.project(town.at), text: town.zh, font: `500 12px ${FAMILY}`, colour: colours.townText,
      rank: 1000 + Math.log10(town.people + 1), high: 15, around: 0,
    }));
    const mark = chosen && { ...this.map.project(chosen.at), text: this.name(chosen, shown.lang), font: `700 14px ${FAMILY}`, colour: CHOSEN, rank: 9000, high: 18, around: 0 };
    return [
      ...(mark ? [mark] : []),
      ...of(base.prefectures, 1500, `700 15px ${FAMILY}`, colours.prefectureText),
      ...of(base.counties, 500, `400 11.5px ${FAMILY}`, colours.countyText),
      ...towns,
    ];
  }

  width(text, font) {
    const key = font + text;
    if (!this.widths.has(key)) {
      this.context.font = font;
      this.widths.set(key, this.context.measureText(text).width);
    }
    return this.widths.get(key);
  }

  /**
   * Return the label where it meets nothing that stands already; null where there is no such place.
   * The name of a core station may stand aside, tied by a line.
   */
  place(label) {
    const width = this.width(label.text, label.font);
    const { x, y, high, around } = label;
    const spots = around
      ? [around, ...(label.kind === "core" ? ASIDE : [])].flatMap((away) =>
        [[x + away, y - high / 2], [x - away - width, y - high / 2], [x - width / 2, y - away - high], [x - width / 2, y + away]])
      : [0, -1.1, 1.1].map((rows) => [Math.max(this.span[0] + 1, Math.min(this.span[1] - width - 1, x - width / 2)), y - high / 2 + rows * high]);
    for (const [nth, [left, top]] of spots.entries()) {
      const box = [left - 1, top, left + width + 1, top + high];
      const seen = box[0] >= this.span[0] && box[1] >= 0 && box[2] <= this.span[1] && box[3] <= this.span[2];
      if (seen && !this.taken.some((other) => meet(box, other))) {
        this.taken.push(box);
        return { ...label, left, top, width, tied: around > 0 && nth > 3 };
      }
    }
    return null;
  }

  drawStation({ x, y, kind, radius, place }, shown) {
    const { context } = this;
    const ink = this.content.colours.ink;
    context.lineWidth = kind === "inside" ? Math.min(2, radius / 1.5) : 1;
    context.fillStyle = { core: ink, inside: "#ffffff", far: "#8d949a" }[kind];
    context.strokeStyle = kind === "inside" ? ink : "#ffffff";
    context.beginPath();
    if (kind === "core") context.rect(x - radius, y - radius, 2 * radius, 2 * radius);
    else context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
    if (place === shown.station) {
      context.lineWidth = 3;
      context.strokeStyle = CHOSEN;
      context.beginPath();
      context.arc(x, y, radius + 5, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  drawLabel({ x, y, left, top, width, high, text, font, colour, tied }) {
    const { context } = this;
    for (const [stroke, wide] of tied ? [["#ffffff", 3], [colour, 1]] : []) {
      [context.strokeStyle, context.lineWidth] = [stroke, wide];
      context.beginPath();
      context.moveTo(x, y);
      context.lineTo(Math.max(left, Math.min(x, left + width)), Math.max(top, Math.min(y, top + high)));
      context.stroke();
    }
    context.font = font;
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.lineWidth = 3.5;
    context.strokeStyle = "#ffffffe6";
    context.strokeText(text, left, top + high / 2);
    context.fillStyle = colour;
    context.fillText(text, left, top + high / 2);
  }

  /** Return the place of the station that is nearest to a point of the screen, -1 where none is near. */
  stationAt({ x, y }) {
    let [best, least] = [-1, 14];
    for (const found of this.stations) {
      // a click on a terminal is not for the metro below
      const edge = (found.kind === "far" ? 0 : 3) + (found.kind === "core" ? found.radius : 0);
      const away = Math.hypot(found.x - x, found.y - y) - edge;
      if (away < least) [best, least] = [found.place, away];
    }
    return best;
  }
}

/** Pixels from a core station at which its name may stand. */
const ASIDE = [30, 45, 65, 90, 120, 155];

function boxOf(x, y, radius) {
  return [x - radius, y - radius, x + radius, y + radius];
}

function meet(a, b) {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}
