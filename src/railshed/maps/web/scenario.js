/* The scenario that is drawn, in the words of its file, and what was done to it. */

/** A scenario without a line. */
export const EMPTY = { modification: [] };

/** Return whether a modification is a line that is drawn here. */
export const isLine = (one) => one.type === "add-trips" && !("timetable" in one);

/** Return a new line of a name. @param {(string|object)[]} stops ids of stations, or new ones with lon and lat */
export function newLine(name, stops = []) {
  return {
    type: "add-trips", name, mode: "suburban", stops, top_speed_kmh: 160,
    frequencies: [{ start_time: "06:00", end_time: "23:00", headway_minutes: 15 }],
  };
}

/** Return a line with other stops; lengths and minutes that were given for the former ones are left out. */
export function withStops(line, stops) {
  const { hop_minutes: _minutes, hop_km: _hops, length_km: _length, speed_limits: _limits, ...rest } = line;
  const given = "hop_minutes" in line && !("top_speed_kmh" in line) ? { top_speed_kmh: 160 } : {};
  return stops.length === line.stops.length && stops.every((stop, k) => stop === line.stops[k]) ? line : { ...rest, ...given, stops };
}

/** Return a name that no line and no new station has. @param {string} word @param {object} scenario */
export function freeName(word, scenario) {
  const taken = new Set(scenario.modification.flatMap((one) => [one.name, ...(one.stops ?? []).map((stop) => stop.name)]));
  let n = 1;
  while (taken.has(`${word} ${n}`)) n += 1;
  return `${word} ${n}`;
}

/** Return what is computed of a scenario: lines of two stations and more, and all else. */
export function complete(scenario) {
  return { ...scenario, modification: scenario.modification.filter((one) => !isLine(one) || one.stops.length > 1) };
}

/** Where a tab stores what was done in it; steps that can be undone after the page was loaded again. */
const STORED = "railshed", MOST_STORED = 50;

/** What was done in this tab before the page was loaded; where it was not loaded again nothing of it stays stored. */
const before = (() => {
  try {
    const [states, at] = JSON.parse(sessionStorage.getItem(STORED));
    const again = performance.getEntriesByType("navigation")[0].type === "reload"; // its address may be a moment behind
    if (!again) sessionStorage.removeItem(STORED);
    return { states, at, again };
  } catch {
    return null;
  }
})();

/** The states of a scenario, of which one is shown. */
export class History {
  /** Those of this tab where the page was loaded again, or another city opened with the same scenario; else one. */
  constructor(state) {
    const same = before && (before.again || JSON.stringify(before.states[before.at]) === JSON.stringify(state));
    [this.states, this.at] = same ? [before.states, before.at] : [[state], 0];
    this.store();
  }

  store() {
    const first = Math.max(0, this.at - MOST_STORED);
    try { sessionStorage.setItem(STORED, JSON.stringify([this.states.slice(first), this.at - first])); } catch { /* the browser stores nothing */ }
  }

  get now() {
    return this.states[this.at];
  }

  /** Take a new state; those that were undone are gone. A step of the same `kind` as the last takes its place. */
  take(state, kind = "") {
    const replaced = kind && kind === this.kind && this.at > 0 ? 1 : 0;
    this.states = [...this.states.slice(0, this.at + 1 - replaced), state];
    [this.at, this.kind] = [this.states.length - 1, kind];
    this.store();
  }

  /** Go back, or forward, by a step; returns whether there was one. */
  go(step) {
    const to = this.at + step;
    if (to < 0 || to >= this.states.length) return false;
    [this.at, this.kind] = [to, ""];
    this.store();
    return true;
  }

  can(step) {
    return this.at + step >= 0 && this.at + step < this.states.length;
  }
}

async function through(bytes, stream) {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}

/** Return a scenario as the text of an address. */
export async function pack(scenario) {
  const bytes = await through(new TextEncoder().encode(JSON.stringify(scenario)), new CompressionStream("deflate-raw"));
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** Return the scenario of an address; null where the text is none. */
export async function unpackScenario(text) {
  try {
    const bytes = Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
    const found = JSON.parse(new TextDecoder().decode(await through(bytes, new DecompressionStream("deflate-raw"))));
    return Array.isArray(found?.modification) ? found : null;
  } catch {
    return null;
  }
}
