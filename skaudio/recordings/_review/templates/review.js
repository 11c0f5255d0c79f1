{
const at = (id) => document.getElementById(id);
const data = JSON.parse(at("data").textContent);
at("data").remove();  // what is hidden is not to be found in the page
const windows = data.windows.filter((one) => one.sound);
const verdicts = new Map();  // from window to [verdict, label, reviewer]
const undone = [];  // what each step has changed: [window, verdict before]
const KEY = `skaudio review ${data.digest}`, NAME = "skaudio reviewer";
let place = 0, filter = null, canStore = true, isSaved = true, typedFor = null;
const ANSWERS = { y: "yes", n: "no", u: "unsure" };

const hiddenOf = (one) => JSON.parse(atob(one.hidden));
const listed = () => windows.filter((one) => filter === null || one.label === filter);
const current = () => windows[place];
const isJudged = (one) => verdicts.has(one);
const nOf = (list) => `${list.filter(isJudged).length} of ${list.length}`;
const saidOf = ([verdict, label]) => (label ? `no, ${label}` : verdict);

// The browser keeps what is done, where it does.
function stored(name, value) {
  try {
    if (value === undefined) return localStorage.getItem(name);
    localStorage.setItem(name, value);
    return localStorage.getItem(name);
  } catch {
    canStore = false;
    return null;
  }
}
function store() {
  const said = windows.flatMap((one, k) => (isJudged(one) ? [[k, ...verdicts.get(one)]] : []));
  stored(KEY, JSON.stringify({ said, place, filter }));
  stored(NAME, at("reviewer").value);
}
function restore() {
  at("reviewer").value = stored(NAME) ?? "";
  at("autoplay").checked = stored(`${NAME} autoplay`) !== "no";
  let kept = null;
  try { kept = JSON.parse(stored(KEY)); } catch { /* of another version */ }
  const before = windows.flatMap((one, k) => (one.said ? [[k, ...one.said]] : []));
  for (const [k, ...said] of kept?.said ?? before) if (windows[k]) verdicts.set(windows[k], said);
  filter = labels.includes(kept?.filter) ? kept.filter : null;
  place = windows[kept?.place] ? kept.place : Math.max(0, windows.findIndex((one) => !isJudged(one)));
}

// What is shown.
function ticks(box, from, to, side, most) {
  const wide = to - from;
  const step = [1, 2, 5].flatMap((n) => [-3, -2, -1, 0, 1, 2, 3].map((k) => n * 10 ** k))
    .sort((a, b) => a - b).find((one) => wide / one <= most) ?? wide;
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  box.replaceChildren();
  for (let k = Math.ceil(from / step - 1e-6); k * step <= to + 1e-9; k++) {
    const tick = make("span", (k * step).toFixed(digits).replace(/^-(0\.?0*)$/, "$1"));
    const share = (k * step - from) / wide;
    tick.style[side] = `${100 * share}%`;
    if (share > (side === "left" ? 0.9 : 0.97)) tick.className = "last";
    box.append(tick);
  }
  return box.lastChild;
}
function show() {
  const one = current(), [from, to] = one.shown, [first, last] = one.heard;
  const share = (time) => 100 * Math.min(1, Math.max(0, (time - from) / (to - from)));
  const list = listed();
  at("question").replaceChildren(make("span", one.label, "name"), "?");
  at("place").textContent = `${list.indexOf(one) + 1} of ${list.length} · ${one.at} · `;
  at("name").textContent = one.name;
  at("spectrogram").src = one.spectrogram;
  at("spectrogram").alt = `Spectrogram, 0 to ${one.khz} kHz, ${(to - from).toFixed(1)} s`;
  at("before").style.width = `${share(one.start)}%`;
  at("after").style.width = `${100 - share(one.end)}%`;
  at("before").hidden = share(one.start) < 0.2;
  at("after").hidden = share(one.end) > 99.8;
  const isPart = last - first < to - from - 0.01;
  at("heard").hidden = !isPart;
  at("heard").style.left = `${share(first)}%`;
  at("heard").style.right = `${100 - share(last)}%`;
  at("cursor").hidden = true;
  ticks(at("khz"), 0, one.khz, "bottom", 5).append(" kHz");
  ticks(at("seconds"), from - one.start, to - one.start, "left", 6).append(" s");
  at("caption").textContent = [
    at("before").hidden && at("after").hidden ? "" : "The window is between the white lines.",
    one.slowed > 1 ? `The sound is slowed down ${one.slowed} times, and as much deeper.` : "",
    isPart ? "The sound is the loudest part, marked in blue." : "",
  ].join(" ").trim();
  at("sound").src = one.sound;
  if (at("autoplay").checked) play();
  showVerdict();
}
function showVerdict() {
  const said = verdicts.get(current());
  const score = said ? hiddenOf(current())[0] : null;
  at("verdict").textContent = said
    ? `Your verdict: ${saidOf(said)}.${score === null ? "" : ` Score ${score.toFixed(2)}.`}`
    : "Not judged yet.";
  for (const button of document.querySelectorAll(".answers button")) {
    const mine = ANSWERS[button.dataset.key] === said?.[0] && !said?.[1];
    button.setAttribute("aria-pressed", Boolean(said) && mine);
  }
  [...at("others").children].forEach((button, k) => {
    button.setAttribute("aria-pressed", said?.[1] === data.classes[k] && Boolean(said));
    button.disabled = data.classes[k] === current().label;
  });
  at("counts").textContent = `${nOf(windows)} judged`;
  at("bar").max = windows.length;
  at("bar").value = windows.filter(isJudged).length;
  [...at("filter").options].forEach((option, k) => {
    const own = k ? windows.filter((one) => one.label === labels[k - 1]) : windows;
    option.textContent = `${k ? labels[k - 1] : "All"} (${nOf(own)})`;
  });
  at("stored").textContent = canStore
    ? "This browser keeps your verdicts as you go, on this device. Download the table to be sure, also before you are done: it can be loaded here again."
    : "This browser does not keep your verdicts: download the table before you close the page. It can be loaded here again.";
}
function play() {
  at("sound").currentTime = 0;
  at("sound").play().catch((error) => {
    if (error.name === "NotAllowedError") say("Press space, or Play, for the sound.");
  });
}
function say(text) { at("status").textContent = text; }

// What a key or a button does.
function go(one) {
  place = windows.indexOf(one);
  store();
  show();
}
function move(by) {
  const list = listed(), next = list[list.indexOf(current()) + by];
  if (next) go(next); else say(by > 0 ? "This is the last window." : "This is the first window.");
}
function judge(verdict, label) {
  const one = current();
  if (label === one.label) [verdict, label] = ["yes", ""];
  undone.push([[one, verdicts.get(one)]]);
  verdicts.set(one, [verdict, label, ""]);
  isSaved = false;
  const score = hiddenOf(one)[0];
  say(`${one.label}: ${saidOf([verdict, label])}${score === null ? "" : ` (score ${score.toFixed(2)})`}.`);
  const list = listed(), k = list.indexOf(one);
  const next = [...list.slice(k + 1), ...list.slice(0, k)].find((other) => !isJudged(other));
  if (next) return go(next);
  store();
  showVerdict();
  const all = windows.every(isJudged);
  say(all
    ? `All ${windows.length} windows are judged: download the table.`
    : `All windows of ${filter} are judged: choose another class, or all.`);
}
function undo() {
  const step = undone.pop();
  if (!step) return say("There is nothing to take back.");
  for (const [one, before] of step) {
    if (before) verdicts.set(one, before); else verdicts.delete(one);
  }
  isSaved = false;
  if (!listed().includes(step[0][0])) setFilter(null);
  go(step[0][0]);
  say(step.length > 1 ? `${step.length} verdicts are taken back.` : "The verdict is taken back.");
}
function setFilter(label) {
  filter = label;
  at("filter").selectedIndex = labels.indexOf(label) + 1;
}
function ask() {
  typedFor = current();
  at("typed").value = "";
  choices();
  at("other").showModal();
  at("typed").focus();
}
function choices() {
  const typed = at("typed").value.trim(), small = typed.toLowerCase();
  const known = data.classes.filter((name) => name.toLowerCase().includes(small));
  known.sort((a, b) => (b.toLowerCase() === small) - (a.toLowerCase() === small));
  const isNew = typed && !data.classes.some((name) => name.toLowerCase() === small);
  const buttons = known.map((name) => [name, name]);
  if (isNew) buttons.push([`New: ${typed}`, typed]);
  at("choices").replaceChildren(...buttons.map(([text, name]) => {
    const button = make("button");
    button.type = "button";
    button.append(make("span", text));
    button.addEventListener("click", () => {
      at("other").close();
      if (!data.classes.includes(name)) addClass(name);
      if (current() === typedFor) judge("no", name);
    });
    return button;
  }));
}
function addClass(name) {
  data.classes.push(name);
  showOthers();
}
function showOthers() {
  at("others").replaceChildren(...data.classes.slice(0, 9).map((name, k) => {
    const button = make("button");
    button.type = "button";
    button.setAttribute("aria-keyshortcuts", k + 1);
    button.append(make("kbd", String(k + 1)), " ", make("span", name));
    button.title = name;
    button.addEventListener("click", (event) => { judge("no", name); leave(event); });
    return button;
  }));
}
function press(key) {
  if (ANSWERS[key]) judge(ANSWERS[key], "");
  else if (key === "z" || key === "Backspace") undo();
  else if (key === " ") play();
  else if (key === "ArrowLeft") move(-1);
  else if (key === "ArrowRight") move(1);
  else if (key === "o") ask();
  else if (key === "d") at("download").requestSubmit();
  else if (key >= "1" && key <= "9" && data.classes[key - 1]) judge("no", data.classes[key - 1]);
  else return false;
  return true;
}
// After a click the space bar plays again, and does not press the button once more.
function leave(event) {
  if (event.detail) event.currentTarget.blur();
}
addEventListener("keydown", (event) => {
  const { target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || at("other").open) return;
  if (target.matches("input:not([type=checkbox]), select, textarea")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key === " " && target.matches("button, input")) return;  // presses it
  if (event.repeat && !key.startsWith("Arrow")) return event.preventDefault();
  if (press(key)) event.preventDefault();
});
for (const button of document.querySelectorAll("button[data-key]")) {
  button.addEventListener("click", (event) => { press(button.dataset.key); leave(event); });
}
at("typed").addEventListener("input", choices);
at("other").addEventListener("keydown", (event) => {
  const buttons = [...at("choices").children], k = buttons.indexOf(event.target);
  if (event.key === "Enter" && event.target === at("typed")) buttons[0]?.click();
  else if (event.key === "ArrowDown") (buttons[k + 1] ?? buttons.at(-1))?.focus();
  else if (event.key === "ArrowUp") (buttons[k - 1] ?? at("typed")).focus();
  else return;
  event.preventDefault();
});
at("filter").addEventListener("change", () => {
  filter = at("filter").selectedIndex ? labels[at("filter").selectedIndex - 1] : null;
  const list = listed();
  at("filter").blur();  // so that the next key judges
  go(list.includes(current()) ? current() : list.find((one) => !isJudged(one)) ?? list[0]);
});
at("autoplay").addEventListener("change", () => {
  stored(`${NAME} autoplay`, at("autoplay").checked ? "yes" : "no");
  if (!at("autoplay").checked) at("sound").pause();
});
at("reviewer").addEventListener("change", store);

// The line over the spectrogram follows the sound.
const [sound, picture] = [at("sound"), at("picture")];
const calm = matchMedia("(prefers-reduced-motion: reduce)");
let frame = 0;
function follow() {
  const [from, to] = current().shown, [first, last] = current().heard;
  const time = first + (sound.currentTime / sound.duration || 0) * (last - first);
  at("cursor").hidden = !sound.currentTime;
  at("cursor").style.left = `${100 * (time - from) / (to - from)}%`;
  cancelAnimationFrame(frame);
  if (!sound.paused && !calm.matches) frame = requestAnimationFrame(follow);
}
for (const name of ["play", "seeked", "ended", "timeupdate"]) sound.addEventListener(name, follow);
picture.addEventListener("click", (event) => {
  const [from, to] = current().shown, [first, last] = current().heard;
  const box = picture.getBoundingClientRect();
  const time = from + (event.clientX - box.left) / box.width * (to - from);
  const part = Math.min(1, Math.max(0, (time - first) / (last - first)));
  sound.currentTime = part * sound.duration || 0;
  sound.play().catch(() => {});
});

// The table, out and in.
at("download").addEventListener("submit", (event) => {
  event.preventDefault();
  const reviewer = at("reviewer").value.trim();
  const rows = data.windows.map((one) => {
    const [verdict, label, other] = verdicts.get(one) ?? ((!one.sound && one.said) || ["", "", ""]);
    const name = verdict && (other || reviewer);
    return [one.file, one.start, one.end, one.label, ...hiddenOf(one), verdict, label, name];
  });
  const link = make("a");
  link.href = URL.createObjectURL(new Blob([csvOf(rows)], { type: "text/csv" }));
  link.download = "verdicts.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  isSaved = true;
  store();
  const left = windows.length - windows.filter(isJudged).length;
  say(left ? `Downloaded; ${left} windows are not judged yet.` : "Downloaded: all windows are judged.");
});
const identity = (file, start, end, label) =>
  JSON.stringify([file, Number(start).toFixed(3), Number(end).toFixed(3), label]);
function load(text) {
  const known = new Map(windows.map((one) => [
    identity(encodable(one.file), one.start, one.end, encodable(one.label)), one,
  ]));
  const step = [];
  let nOther = 0, nWrong = 0;
  for (const row of rowsOf(text)) {
    const verdict = row.verdict.trim().toLowerCase();
    if (!verdict) continue;
    const [start, end] = [row.start_time, row.end_time].map((time) => time.replace(",", "."));
    const one = known.get(identity(row.file, start, end, row.label));
    if (!one) nOther++;
    else if (!Object.values(ANSWERS).includes(verdict)) nWrong++;
    else {
      step.push([one, verdicts.get(one)]);
      const label = verdict === "no" ? row.verdict_label : "";
      if (label && !data.classes.includes(label)) addClass(label);
      const mine = row.reviewer === at("reviewer").value.trim();
      verdicts.set(one, [verdict, label, mine ? "" : row.reviewer]);
      if (!at("reviewer").value) at("reviewer").value = row.reviewer;
    }
  }
  if (step.length) undone.push(step);
  isSaved = false;
  const list = listed();
  go(list.find((one) => !isJudged(one)) ?? current());
  say([
    `${step.length} verdicts are loaded.`,
    nOther ? `${nOther} are of windows that are not on this page.` : "",
    nWrong ? `${nWrong} are none of yes, no and unsure.` : "",
  ].join(" ").trim());
}
at("load").addEventListener("change", async () => {
  const [file] = at("load").files;
  if (!file) return;
  try {
    load(await file.text());
  } catch (error) {
    say(`${file.name}: cannot be loaded, ${error.message}.`);
  }
  at("load").value = "";
  at("load").blur();
});
addEventListener("beforeunload", (event) => {
  if (!canStore && !isSaved) event.preventDefault();
});

const labels = [...new Set(windows.map((one) => one.label))];
at("filter").append(make("option"), ...labels.map(() => make("option")));
restore();
for (const [, label] of verdicts.values()) {
  if (label && !data.classes.includes(label)) data.classes.push(label);
}
setFilter(filter);
showOthers();
store();
show();
}
