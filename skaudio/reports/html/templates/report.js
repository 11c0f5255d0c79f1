const data = JSON.parse(document.getElementById("data").textContent);

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
