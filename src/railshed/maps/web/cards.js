/* Two of the three cards: the number with what it rests on, and the bridge to it. */

/* global BEFORE, element */

/** Return rows of a table: a name, then numbers. */
function rows(...lines) {
  return element("table", {}, ...lines.map(([name, ...values]) => element("tr", {}, element("td", { text: name }), ...values.map((text) => element("td", { class: "n", text })))));
}

/** Return a part that opens. */
function opens(id, summary, ...children) {
  const open = document.getElementById(id)?.open ?? false;
  return element("details", { id, open }, element("summary", { text: summary }), ...children);
}

/** Return what stands below the number: parts, the car, how much hangs on each rule; of a plan who saves and who loses. */
export function numberCard(panel, now, { more, answer }) {
  const parts = [];
  if (answer && now.reading.name !== answer.cities[0].reading) {
    const label = now.scene.readings.find(({ name }) => name === answer.cities[0].reading)?.label;
    parts.push(element("p", { class: "small", text: panel.say("ofReading", label ? panel.pick(label) : "") }));
  }
  if (answer) parts.push(...planCard(panel, answer));
  if (!more) return parts;
  const before = now.scene.sides > 1 ? panel.say("beforePlan") : "";
  const known = more.readings[now.reading.name] ?? more.readings[more.reading];
  const table = Object.fromEntries(known.table.filter(({ kind }) => kind === "by_rail").map((row) => [row.cutoff_min, row]));
  const minutes = [60, 90].filter((minute) => table[minute]);
  if (minutes.length && table[minutes[0]].people_own_prefecture !== null) {
    const line = (key) => [panel.say(key), ...minutes.map((minute) => panel.people(table[minute][`people_${key}`]))];
    parts.push(opens("parts", panel.say("parts") + before, rows(["", ...minutes.map((minute) => panel.say("minutes", minute))], line("own_prefecture"), line("other_prefecture"), line("other_province"))));
  }
  if (more.car?.length) {
    const cars = more.car.filter(({ reading, traffic }) => reading === more.car[0].reading && traffic === "peak");
    const of = (minute) => cars.find(({ cutoff_min: cutoff }) => cutoff === minute);
    const shown = [60, 90].filter((minute) => of(minute));
    if (shown.length) parts.push(opens("car", panel.say("car") + before, rows(["", ...shown.map((minute) => panel.say("minutes", minute))],
      [panel.say("byCar"), ...shown.map((minute) => panel.people(of(minute).people_outside_city_car ?? null))])));
  }
  if (more.sensitivity?.length) {
    const at = (minute) => more.sensitivity.filter(({ cutoff_min: cutoff }) => cutoff === minute);
    const [first, second] = [at(60), at(90)];
    const lines = first.map((row, k) => [panel.pick(row), panel.people(row.people_outside_city), second[k] ? panel.people(second[k].people_outside_city) : ""]);
    parts.push(opens("sensitivity", panel.say("sensitivity") + before, rows(["", panel.say("minutes", 60), panel.say("minutes", 90)], ...lines)));
  }
  return parts;
}

/** Return how to mend a problem, in the language of the page where there is one. */
export const remedyOf = (panel, issue) => (issue.mend ? panel.pick(issue.mend) : issue.remedy);

/** Return a mistake with each problem and how to mend it. @param {function(object): string} named the field of a problem */
export function mistakes(panel, mistake, named = ({ field, message }) => `${field ? `${field}: ` : ""}${message}`) {
  const items = (mistake.issues ?? []).map((issue) => element("li", {}, `${named(issue)}${issue.value ? ` (${issue.value})` : ""}`,
    ...(remedyOf(panel, issue) ? [element("br"), element("strong", { class: "remedy", text: `→ ${remedyOf(panel, issue)}` })] : [])));
  return [element("div", { id: "mistake", role: "alert" }, element("p", { text: items.length ? panel.say("problems", items.length) : mistake.message || panel.say("noAnswer") }), element("ul", {}, ...items))];
}

/** Return what a plan is worth: person-minutes, who saves, who loses, rules, assumptions. */
function planCard(panel, answer) {
  const [city] = answer.cities;
  const { worth } = city;
  const { forecast } = answer;
  const minutes = (value) => (value === null ? "" : panel.say("minutes", value));
  const whole = (value) => Math.round(value).toLocaleString("en-US");
  const parts = answer.warnings.map((text) => element("div", { class: "warning", role: "alert", text: panel.pick(text) }));
  if (city.person_minutes !== null) {
    const drawn = forecast?.person_minutes;
    const lines = drawn ? [panel.say("savedRange", drawn.n_plans, ...["mean", "low", "high"].map((end) => whole(drawn[end]))), panel.pick(forecast.text)] : [panel.say("asWritten")];
    parts.push(element("p", { id: "saved" }, element("strong", { id: "person-minutes", text: whole(city.person_minutes) }), ` ${panel.say("personMinutes", worth.from_min, worth.to_min)}`),
      ...lines.map((text, k) => element("p", { class: "small", id: `forecast-${k}`, text })));
    parts.push(rows([panel.say("savers", worth.from_min, worth.to_min), panel.people(worth.people_faster), minutes(worth.minutes_faster)], [panel.say("losers"), panel.people(worth.people_slower), minutes(worth.minutes_slower)]));
  }
  const of = (row, how) => (row[`people_${how}`] === null ? panel.area(row[`area_km2_${how}`]) : panel.people(row[`people_${how}`]));
  const counties = city.losers.map((row) => element("li", { text: `${panel.lang === "en" ? row.county_en || row.county : row.county}: −${of(row, "lost")}, ${panel.say("slowerOf", of(row, "slower"))}` }));
  if (counties.length) parts.push(element("ul", { id: "losers", class: "small" }, ...counties));
  if (answer.region) parts.push(opens("region", panel.say("regionCities"), rows(["", panel.say("within", 60), panel.say("within", 90)], ...answer.region.map((one) => [
    panel.acts.cities.filter(({ slug }) => slug === one.city).map((known) => panel.named(known))[0] ?? one.city,
    ...[60, 90].map((minute) => { const row = one.table.find(({ cutoff_min: cutoff, kind }) => cutoff === minute && kind === "by_rail"); return `+${panel.people(row.people_gained)} −${panel.people(row.people_lost)}`; })]))));
  const others = Object.keys(city.table[0]).filter((key) => key.endsWith("_before") && !/^(people|area_km2|counties)/.test(key)).map((key) => key.slice(0, -7));
  for (const name of others) {
    const row = city.table.find(({ cutoff_min: cutoff, kind }) => cutoff === 60 && kind === "by_rail");
    parts.push(rows([`${name}, ${panel.say("within", 60)}`, `${whole(row[`${name}_before`] ?? 0)} → ${whole(row[`${name}_after`] ?? 0)}`]));
  }
  if (answer.compliance?.length) {
    const kinds = ["met", "not met", "not known"].map((verdict) => [verdict, answer.compliance.filter((row) => row.verdict === verdict)]);
    const zh = panel.lang === "zh";
    const lines = kinds.flatMap(([verdict, of]) => of.map((row) => [`${row.line}: ${zh ? row.clause_zh : row.clause_en}: ${zh ? row.value_zh : row.value} (${zh ? row.required_zh : row.required})`, panel.say(`verdict_${verdict.replace(" ", "_")}`)]));
    parts.push(opens("rules", panel.say("rules", ...kinds.map(([, of]) => of.length)), rows(...lines)));
  }
  if (answer.assumed.length) parts.push(opens("assumed", panel.say("assumed", answer.assumed.length), element("ul", {}, ...answer.assumed.map((text) => element("li", { text: panel.pick(text) })))));
  return parts;
}

/** Return the bridge: a row a step, each of which the map shows when it is chosen. */
export function bridgeCard(panel, now, rungs) {
  if (!rungs.length) return [];
  const lines = rungs.map((rung) => {
    const name = typeof rung.reading === "object" ? rung.reading.name : rung.reading;
    const chosen = now.reading.name === name && now.cutoff === rung.cutoff_min && (now.scene.sides === 1 || now.mode === BEFORE);
    return element("tr", { class: chosen ? "now" : null },
      element("td", {}, element("button", { type: "button", id: `step-${rung.key}`, "aria-pressed": String(chosen), text: panel.pick(rung.label), on: { click: () => panel.acts.step(rung) } })),
      element("td", { class: "n", text: rung.stations }), element("td", { class: "n", text: rung.people === undefined || rung.people === null ? "–" : panel.people(rung.people) }));
  });
  const head = element("tr", {}, element("th", { text: panel.say("step") }), element("th", { class: "n", text: panel.say("stations") }), element("th", { class: "n", text: panel.say("people") }));
  return [element("h2", { text: panel.say("bridge") }), element("table", {}, head, ...lines), element("p", { class: "small", text: panel.say(now.scene.sides > 1 ? "bridgeBefore" : "bridgeNote") })];
}

/** Return why a place is outside: a button, or the answer with a change of each family and one to try. */
export function whyCard(panel, found, before, askWhy, tryChange) {
  if (!found) return [element("button", { type: "button", id: "ask-why", text: panel.say("askWhy") + before, on: { click: askWhy } })];
  if (found.mistake) return mistakes(panel, found.mistake);
  if (!found.text) return [element("p", { id: "why-busy", role: "status", text: panel.say("whyBusy") })];
  const families = found.families.map((one) => element("tr", { class: one.inside ? "now" : null }, element("td", { text: panel.pick(one) }),
    element("td", { class: "n", text: one.minutes ?? panel.say("whyBeyond") }), element("td", { class: "n", text: panel.people(one.people_gained) })));
  const head = element("tr", {}, element("th", { text: panel.say("whyChange") }), element("th", { class: "n", text: panel.say("whyMin") }), element("th", { class: "n", text: panel.say("letsIn") }));
  const modifications = found.best?.modifications ?? [];
  const act = element("button", { type: "button", id: "try-change", text: panel.say("tryChange"), on: { click: () => tryChange(modifications) } });
  return [element("p", { id: "why", role: "status", text: panel.pick(found.text) }), ...(families.length ? [element("table", { id: "why-changes" }, head, ...families)] : []), ...(modifications.length ? [act] : [])];
}
