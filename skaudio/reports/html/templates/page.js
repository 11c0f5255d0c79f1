"use strict";
const make = (name, text, className) => {
  const node = document.createElement(name);
  if (text !== undefined) node.textContent = text;
  if (className) node.className = className;
  return node;
};

// A click on a header sorts its table; numbers in descending order first.
function sortable(table) {
  const heads = [...table.tHead.rows].at(-1).cells;
  [...heads].forEach((head, column) => {
    const button = make("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const numeric = table.tBodies[0].rows[0]?.cells[column].dataset.v !== undefined;
      const before = head.getAttribute("aria-sort");
      const descending = before ? before === "ascending" : numeric;
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      const rows = [...table.tBodies[0].rows].map((row) => {
        const cell = row.cells[column];
        const value = cell.dataset.v;
        if (!numeric) return [row, cell.textContent.trim()];
        return [row, value === "" ? null : Number(value)];
      });
      rows.sort(([, a], [, b]) => {
        // Unknown values come last in both orders.
        if (a === null || b === null) return (a === null) - (b === null);
        const order = numeric ? a - b : a.localeCompare(b, undefined, { numeric: true });
        return descending ? -order : order;
      });
      table.tBodies[0].append(...rows.map(([row]) => row));
    });
  });
}
document.querySelectorAll("table.sortable").forEach(sortable);

// One sound plays at a time; a line over its spectrogram shows the position.
document.addEventListener("play", (event) => {
  for (const other of document.querySelectorAll("audio")) {
    if (other !== event.target) other.pause();
  }
}, true);
for (const spectrogram of document.querySelectorAll(".spectrogram")) {
  const audio = spectrogram.closest(".axes").parentElement.querySelector("audio");
  const follow = () => {
    spectrogram.style.setProperty("--at", audio.currentTime / audio.duration || 0);
    if (!audio.paused) requestAnimationFrame(follow);
  };
  for (const name of ["play", "seeked", "ended"]) audio.addEventListener(name, follow);
  spectrogram.addEventListener("click", (event) => {
    const box = spectrogram.getBoundingClientRect();
    audio.currentTime = ((event.clientX - box.left) / box.width) * audio.duration || 0;
    audio.play();
  });
}

// Print with all details open.
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});
