/* Tables of class "sortable" sort by a press on a heading. Without this script they stay readable. */
"use strict";
for (const table of document.querySelectorAll("table.sortable")) {
  const headings = table.tHead.rows[0].cells;
  const collator = new Intl.Collator(document.documentElement.lang);
  const keyOf = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.key !== undefined ? cell.dataset.key : cell.classList.contains("num") ? "" : cell.textContent.trim();
  };
  Array.from(headings).forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    heading.textContent = "";
    heading.append(button);
    button.addEventListener("click", () => {
      const down = heading.getAttribute("aria-sort") === "ascending";
      for (const other of headings) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = Array.from(table.tBodies[0].rows);
      rows.sort((one, two) => {
        const a = keyOf(one, column), b = keyOf(two, column);
        if (a === "" || b === "") return (a === "") - (b === "");
        const order = Number.isFinite(+a) && Number.isFinite(+b) ? a - b : collator.compare(a, b);
        return down ? -order : order;
      });
      table.tBodies[0].append(...rows);
    });
  });
}
