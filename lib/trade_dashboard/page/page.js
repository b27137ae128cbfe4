// Tables sort by a click on a column's name; without this script the page is whole.
const said = (cell) => {
  const exact = cell.querySelector("data, time");
  return exact ? exact.dateTime || exact.value : cell.textContent.trim();
};
const number = (text) => parseFloat(text.replace("\u2212", "-").replace(/[^-.e\d]/g, ""));
for (const table of document.querySelectorAll(".td.exhibit table:not(.heat)")) {
  const body = table.tBodies[0];
  table.querySelectorAll("thead th").forEach((head, column) => {
    if (![...body.rows].some((row) => row.cells[column].textContent.trim())) return; // nothing but drawings
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") !== "descending";
      table.querySelectorAll("thead th").forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const value = (row) => said(row.cells[column]);
      const rows = [...body.rows].filter((row) => !row.matches(".total"));
      const numeric = rows.some((row) => /^[^a-z]*\d[^a-z]*$/i.test(value(row))) && column > 0;
      const order = (a, b) => {
        const [x, y] = [value(a), value(b)];
        if (!numeric || x.includes(":") || /^\d{4}-/.test(x)) return x.localeCompare(y);
        const [m, n] = [number(x), number(y)];
        return (isNaN(m) ? -Infinity : m) - (isNaN(n) ? -Infinity : n);
      };
      rows.sort((a, b) => (down ? -1 : 1) * order(a, b)).forEach((row) => body.append(row));
      body.append(...body.querySelectorAll("tr.total"));
    });
  });
}
