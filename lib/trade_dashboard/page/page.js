// Tables sort by a click on a column's name, with the rows that are folded; without this script the page is whole.
const said = (cell) => {
  const exact = cell.querySelector("data, time");
  return exact ? exact.dateTime || exact.value : cell.textContent.trim();
};
const number = (text) => parseFloat(text.replace("\u2212", "-").replace(/[^-.e\d]/g, ""));
const isNumber = (text) => /\d/.test(text) && !/[a-df-z:]|^\d{4}-/i.test(text);

for (const exhibit of document.querySelectorAll(".td.exhibit")) {
  const tables = [...exhibit.querySelectorAll("table:not(.heat)")];
  const heads = tables.map((table) => [...table.querySelectorAll("thead th")]);
  const rows = () => tables.flatMap((table) => [...table.tBodies[0].rows]).filter((row) => !row.matches(".total"));

  const sort = (column, down) => {
    const keyed = rows().map((row) => [said(row.cells[column]), row]);
    const numeric = column > 0 && keyed.some(([key]) => isNumber(key));
    const compare = ([a], [b]) => {
      if (!numeric) return (down ? -1 : 1) * a.localeCompare(b);
      const [x, y] = [number(a), number(b)];
      return isNaN(x) || isNaN(y) ? isNaN(x) - isNaN(y) : (down ? -1 : 1) * (x - y); // what is undefined stays last
    };
    const sorted = keyed.sort(compare).map(([, row]) => row);
    const sizes = tables.map((table) => table.tBodies[0].querySelectorAll("tr:not(.total)").length);
    tables.forEach((table, i) => {
      const body = table.tBodies[0];
      body.append(...sorted.splice(0, sizes[i]), ...body.querySelectorAll("tr.total"));
    });
  };

  heads.forEach((row) => row.forEach((head, column) => {
    if (!rows().some((one) => one.cells[column].textContent.trim())) return; // nothing but drawings
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") !== "descending";
      heads.flat().forEach((other) => other.removeAttribute("aria-sort"));
      heads.forEach((same) => same[column].setAttribute("aria-sort", down ? "descending" : "ascending"));
      sort(column, down);
    });
  }));
}
