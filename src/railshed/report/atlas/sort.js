"use strict";
// A click on a head, or Enter on it, sorts by its column: figures from the largest, texts from the first; again: turned.
for (const table of document.querySelectorAll("table.sort")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = head.querySelector("button");
    if (button === null) return;
    button.addEventListener("click", () => {
      const figures = head.classList.contains("n");
      const before = head.getAttribute("aria-sort");
      const down = before === null ? figures : before === "ascending";
      const key = (row) => row.cells[column].dataset.v ?? "";
      const order = (a, b) => {
        const [x, y] = [key(a), key(b)];
        if (x === "" || y === "") return (x === "") - (y === "");
        const found = figures ? Number(x) - Number(y) : x.localeCompare(y, document.documentElement.lang);
        return down ? -found : found;
      };
      table.tBodies[0].append(...[...table.tBodies[0].rows].sort(order));
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
    });
  });
}
