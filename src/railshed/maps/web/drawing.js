/* What a state looks like, as areas and outlines: the same for the map, the first picture and the legend. */

/** What a map shows of a comparison: one of its sides, what changes, or minutes saved. */
const BEFORE = "before", AFTER = "after", CHANGE = "change", SAVED = "saved";
/** Contours that are not thrown away. */
const MOST_CONTOURS = 60;

/** Return the bands up to the minutes shown, nearest first: minutes and colour of each; the last one ends at them. */
function bandsOf(reading, now, colours) {
  const most = Math.max(...reading.cutoffs);
  const ends = most < now.scene.most ? [...reading.cutoffs, now.scene.most] : reading.cutoffs;
  return ends.map((end, k) => ({ minute: Math.min(end, now.cutoff), colour: colours.bands[ends.length][k] }))
    .filter((_, k) => k === 0 || ends[k - 1] < now.cutoff);
}

/** The looks of a scene. */
class Drawing {
  /** @param {Surface} surface */
  constructor(surface, content) {
    [this.surface, this.content, this.contours] = [surface, content, new Map()];
  }

  /** Return the polygons where a value is negative, from memory where they were asked for before. */
  land(key, valueOf) {
    if (!this.contours.has(key)) {
      if (this.contours.size >= MOST_CONTOURS) this.contours.clear();
      this.contours.set(key, this.surface.contour(valueOf));
    }
    return this.contours.get(key);
  }

  /** Return the land within `cutoff` on one side of a reading: by `rail`, `local` or `bare` of trains. */
  within(reading, side, kind, cutoff) {
    const minutes = this.surface.side(reading.sides[side])[kind];
    return this.land([reading.name, side, kind, cutoff].join(), (k) => beyond(minutes[k], cutoff));
  }

  /** Return the land outside the city proper within `cutoff` by some minutes and not by others. */
  only(key, minutes, others, cutoff) {
    const { apart } = this.surface;
    return this.land([key, cutoff].join(), (k) => (apart[k] ? 1 : Math.max(beyond(minutes[k], cutoff), -beyond(others[k], cutoff))));
  }

  /**
   * Return areas from below, each with polygons and a colour or a hatch, and outlines with colour, width and dash.
   * @param {object} now the state @param {string} what one of BEFORE, AFTER, CHANGE, SAVED
   */
  of(now, what) {
    if (!now.reading.sides.length) return { areas: [], outlines: [] };
    if (what === CHANGE) return this.changes(now);
    if (what === SAVED) return this.saved(now);
    return this.bands(now, what === BEFORE ? 0 : now.reading.sides.length - 1);
  }

  bands(now, side) {
    const { reading, cutoff } = now;
    const { colours } = this.content;
    const { rail, bare } = this.surface.side(reading.sides[side]);
    const areas = bandsOf(reading, now, colours).reverse()
      .map(({ minute, colour }) => ({ polygons: this.within(reading, side, "rail", minute), colour }));
    if (bare) areas.push({ polygons: this.only(`${reading.name},${side},added`, rail, bare, cutoff), hatch: "added" });
    return { areas, outlines: [{ polygons: this.within(reading, side, "local", cutoff), colour: colours.noRide, width: 1.6, dash: true }] };
  }

  changes(now) {
    const { reading, cutoff } = now;
    const { colours } = this.content;
    const [before, after] = reading.sides.map((side) => this.surface.side(side).rail);
    return {
      areas: [
        { polygons: this.within(reading, 1, "rail", cutoff), colour: colours.unchanged },
        { polygons: this.only(`${reading.name},gained`, after, before, cutoff), hatch: "gained" },
        { polygons: this.only(`${reading.name},lost`, before, after, cutoff), hatch: "lost" },
      ],
      outlines: [{ polygons: this.within(reading, 0, "rail", cutoff), colour: colours.byRail, width: 1.8 }],
    };
  }

  saved(now) {
    const { reading, cutoff } = now;
    const { colours } = this.content;
    const [before, after] = reading.sides.map((side) => this.surface.side(side).rail);
    const { apart } = this.surface;
    const tenths = this.surface.tenths(reading);
    const inside = (k) => (apart[k] ? 1 : beyond(Math.min(before[k], after[k]), cutoff));
    const more = (least) => (k) => Math.max(inside(k), Math.max(-1, Math.min(1, (least - 0.5 - tenths(k)) / 20)));
    const less = (k) => Math.max(inside(k), Math.max(-1, Math.min(1, (tenths(k) + 9.5) / 20)));
    const areas = reading.saved.steps.map((least, k) => ({
      polygons: this.land([reading.name, "saved", least, cutoff].join(), more(10 * least)), colour: colours.saved[k],
    })).reverse();
    areas.push({ polygons: this.land([reading.name, "slower", cutoff].join(), less), hatch: "lost" });
    return { areas, outlines: [{ polygons: this.land([reading.name, "after", cutoff].join(), (k) => beyond(after[k], cutoff)), colour: colours.byRail, width: 1.6 }] };
  }
}

/** Return the pictures of hatches by name: what trains add is striped over the fill, land without data on grey. */
function hatches(colours) {
  return {
    added: hatched(null, colours.added, 6, [-1]), gained: hatched(colours.gained, "#ffffff", 10, [1]),
    lost: hatched(colours.lost, "#ffffff", 10, [1, -1]), noData: hatched(colours.noData, colours.noDataHatch, 8, [-1]),
  };
}

/** Return a canvas with stripes each `apart` pixels on a colour, null for none; turns are 1 or -1. */
function hatched(colour, stripe, apart, turns) {
  const size = 2 * apart;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [size, size];
  const context = canvas.getContext("2d");
  if (!context) return canvas;
  if (colour) {
    context.fillStyle = colour;
    context.fillRect(0, 0, size, size);
  }
  [context.strokeStyle, context.lineWidth] = [stripe, colour ? 2.2 : 1.6];
  for (const turn of turns) {
    for (const shift of [-size, 0, size]) {
      context.beginPath();
      context.moveTo(shift, turn > 0 ? size : 0);
      context.lineTo(shift + size, turn > 0 ? 0 : size);
      context.stroke();
    }
  }
  return canvas;
}
