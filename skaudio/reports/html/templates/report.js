"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
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
  const audio = spectrogram.parentElement.querySelector("audio");
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

// A cell of a confusion matrix opens the list of its clips.
const dialog = document.getElementById("cell");
const score = (value) => (value === null ? "–" : value.toFixed(2));

function listClips(model, place) {
  const [nClips, rows] = data.cells[model][place];
  const [truth, predicted] = place.split(",").map((label) => data.labels[label]);
  dialog.querySelector("h2").textContent =
    truth === predicted ? `${truth}, predicted correctly` : `${truth} predicted as ${predicted}`;
  const rest = nClips - rows.length;
  dialog.querySelector("p").textContent =
    (data.models.length > 1 ? `${data.models[model]}: ` : "") +
    `${nClips} clip${nClips === 1 ? "" : "s"}` +
    (rest ? `; the ${rows.length} ${truth === predicted ? "least" : "most"} confident are listed` : "");
  const repeated = rows.some(([, times]) => times > 1);
  const columns = ["Clip", `Probability of ${predicted}`];
  if (truth !== predicted) columns.push(`Probability of ${truth}`);
  if (repeated) columns.push("Times");
  const table = make("table", undefined, "sortable listed");
  const head = table.createTHead().insertRow();
  for (const name of columns) {
    const cell = make("th", name);
    cell.scope = "col";
    head.append(cell);
  }
  const body = table.createTBody();
  for (const [clip, times, confidence, trueProbability] of rows) {
    const row = body.insertRow();
    const name = make("th");
    name.scope = "row";
    name.append(make("span", data.clips[clip], "name"));
    const card = data.cards[clip];
    if (card !== undefined) name.append(player(card, data.clips[clip]));
    row.append(name);
    const values = [[confidence, score(confidence)]];
    if (truth !== predicted) values.push([trueProbability, score(trueProbability)]);
    if (repeated) values.push([times, times]);
    for (const [value, text] of values) {
      const cell = make("td", text, "number");
      cell.dataset.v = value ?? "";
      row.append(cell);
    }
  }
  sortable(table);
  dialog.querySelector(".scroll").replaceChildren(table);
  dialog.showModal();
}

// The sound is embedded once, in its card.
function player(card, name) {
  const audio = make("audio");
  audio.controls = true;
  audio.preload = "metadata";
  audio.setAttribute("aria-label", name);
  audio.src = document.querySelectorAll(".card")[card].querySelector("audio").src;
  return audio;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-cell]");
  if (button) listClips(button.closest("table").dataset.model, button.dataset.cell);
  if (event.target === dialog) dialog.close(); // a click outside
});
dialog.addEventListener("close", () => dialog.querySelector(".scroll").replaceChildren());

// Print with all details open.
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});
