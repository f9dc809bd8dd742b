/* Questions to the server. */

/** A mistake that the server found: what is wrong, and each problem with its remedy. */
export class Mistake extends Error {
  constructor({ detail, issues }) {
    super(detail);
    this.issues = issues ?? [];
  }
}

/** Return the answer of the server as JSON, or as text. @throws {Mistake} */
export async function ask(path, body, { signal, text, method } = {}) {
  const sent = body === undefined ? { method } : { method: method ?? "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  const answer = await fetch(path, { ...sent, signal }).catch((error) => { throw error.name === "AbortError" ? error : new Mistake({ detail: "" }); });
  if (!answer.ok) throw new Mistake(await answer.json().catch(() => ({ detail: `${answer.status} ${answer.statusText}` })));
  return text ? answer.text() : answer.json();
}
