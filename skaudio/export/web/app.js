// The page: sound from the microphone or from files, through the model, to events.

import { Events, Windows, csvOf, oneChannel, wavRate } from "./audio.js";
import { SECONDS, View } from "./view.js";

const MOST_WAITING = 60; // seconds of windows that may wait for a slow device
const BATCH = 4; // windows
const LARGEST = 2 ** 29; // bytes of a sound file: all of it is decoded in memory
const STEP_OF_FILES = 1; // seconds that are cut at once

const $ = (id) => document.getElementById(id);
const log = []; // all events
let facts, view, listening = null, busy = Promise.resolve(), modelSeconds = null;

// The worker, asked by numbered messages.
const worker = new Worker("worker.js", { type: "module" });
const asked = new Map();
worker.onmessage = ({ data: { id, result, error } }) => {
  const { resolve, reject } = asked.get(id);
  asked.delete(id);
  if (error === undefined) resolve(result);
  else reject(new Error(error));
};
worker.onerror = () => problem("worker.js cannot be run: is this browser up to date?");
let nextId = 0;
const ask = (task, content) =>
  new Promise((resolve, reject) => {
    asked.set(++nextId, { resolve, reject });
    worker.postMessage({ id: nextId, task, content });
  });

function problem(text) {
  $("problem").textContent = text;
  $("problem").hidden = !text;
}

function status(text) {
  $("status").textContent = text;
}

const threshold = () => Number($("threshold").value);
const two = (number) => String(number).padStart(2, "0");

/** The local time, as pandas writes it. */
function localTime(date) {
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  return `${day} ${clock}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** The zone of the local time, such as UTC+02:00. */
function zone(date) {
  const minutes = -date.getTimezoneOffset();
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return minutes ? `UTC${minutes < 0 ? "-" : "+"}${two(hours)}:${two(rest)}` : "UTC";
}

/** One sound on its way through the model. */
class Sound {
  constructor(name, rate, began = null) {
    Object.assign(this, { name, began, skipped: 0 });
    this.windows = new Windows(rate, facts);
    this.events = new Events(facts, threshold());
    this.step = facts.window - facts.overlap;
    this.waiting = [];
    this.scoring = null;
    view.clear();
  }

  /** Take samples; a window that finds too many before it is skipped, and counted. */
  add(samples, isLast = false, mayWait = false) {
    const found = this.windows.add(samples, isLast);
    view.add(this.windows.fresh);
    for (const one of found) {
      if (!mayWait && this.waiting.length * this.step > MOST_WAITING) {
        one.waveform = null;
        this.skipped++;
        problem(`${this.skipped} windows were skipped: this device is slower than the sound.`);
      }
      this.waiting.push(one);
    }
    this.scoring ??= this.#score().finally(() => (this.scoring = null));
    return this.scoring;
  }

  async #score() {
    while (this.waiting.length) {
      const batch = this.waiting.splice(0, BATCH);
      const there = batch.filter(({ waveform }) => waveform);
      const { probabilities, pValues, seconds } = there.length
        ? await ask("run", there.map(({ waveform }) => waveform))
        : { probabilities: [] };
      if (there.length) modelSeconds = seconds / there.length;
      let row = 0;
      for (const { start, end, waveform } of batch) {
        this.#take(start, end, waveform && probabilities[row], waveform && pValues?.[row]);
        if (waveform) row++;
      }
    }
  }

  #take(start, end, scores, pValue) {
    if (scores) {
      // Of 32 bits; with as_class it is a class of its own.
      const isUnknown = facts.unknown && !facts.unknown.as_class && pValue < facts.unknown.alpha - 1e-6;
      const least = new Map(this.events.animals.map((one) => [one.place, one.least]));
      const heard = isUnknown ? [] : [...least.keys()].filter((place) => scores[place] >= least.get(place));
      view.addWindow(start, end, this.step, scores, heard);
      showNow(scores, heard, isUnknown);
      // What is of no known class is an event of none.
      if (isUnknown) scores = scores.map(() => 0);
    }
    this.#log(this.events.add(start, end, scores));
  }

  /** All was heard: the last windows and events. */
  async finish() {
    if (!this.windows.came) return;
    await this.add(new Float32Array(0), true, true);
    this.#log(this.events.finish(this.windows.duration));
  }

  #log(events) {
    for (const one of events) {
      const event = { ...one, audio_file: this.name, score: Number(one.score.toFixed(4)) };
      if (this.began !== null) {
        event.datetime = localTime(new Date(this.began + 1000 * one.start_time));
        event.time_zone = zone(new Date(this.began));
      }
      log.push(event);
      showEvent(event);
    }
  }
}

function showNow(scores, heard, isUnknown) {
  const named = heard.map((place) => `${facts.classes[place]} ${scores[place].toFixed(2)}`);
  const best = scores.indexOf(Math.max(...scores));
  const quiet = document.createElement("span");
  quiet.className = "muted";
  quiet.textContent = isUnknown
    ? `${facts.unknown.label}: like none of the classes`
    : `No event; most probable is ${facts.classes[best]}, ${scores[best].toFixed(2)}`;
  $("now").replaceChildren(named.length ? named.join(", ") : quiet);
}

function showEvent(event) {
  const clock = (seconds) => `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, "0")}`;
  const row = $("events").tBodies[0].insertRow(0);
  const texts = [event.annotation, clock(event.start_time), clock(event.end_time), event.score.toFixed(2), event.audio_file];
  for (const text of texts) row.insertCell().textContent = text;
  row.cells[3].className = "number";
  row.cells[4].title = event.datetime ?? event.audio_file;
  countEvents();
}

function countEvents() {
  $("count").textContent = log.length;
  $("download").disabled = $("clear").disabled = !log.length;
}

async function listen() {
  problem("");
  const wanted = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  let stream;
  try {
    // Phones would take animals for noise, and remove them.
    stream = await navigator.mediaDevices.getUserMedia({ audio: wanted });
  } catch (error) {
    const what = { NotAllowedError: "it is not allowed: allow it for this page", NotFoundError: "there is none" };
    problem(`The microphone cannot be used: ${what[error.name] ?? error.message}.`);
    return;
  }
  const context = new AudioContext();
  await context.audioWorklet.addModule("capture.js");
  await context.resume();
  const source = context.createMediaStreamSource(stream);
  const capture = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0 });
  const sound = new Sound("microphone", context.sampleRate, Date.now());
  // A dark screen would end the sound.
  const lock = await navigator.wakeLock?.request("screen").catch(() => null);
  capture.port.onmessage = ({ data }) => sound.add(data).catch(fail);
  source.connect(capture);
  const shown = setInterval(() => {
    const cost = modelSeconds === null ? "" : `; the model takes ${modelSeconds.toFixed(2)} s per window`;
    status(`Listening for ${Math.round(sound.windows.duration)} s${cost}.`);
  }, 500);
  $("listen").textContent = "Stop";
  $("threshold").disabled = true;
  listening = async () => {
    listening = null;
    clearInterval(shown);
    stream.getTracks().forEach((track) => track.stop());
    capture.port.onmessage = null;
    await context.close();
    await lock?.release();
    await sound.finish();
    $("listen").textContent = "Listen";
    $("threshold").disabled = false;
    status(`Listened for ${Math.round(sound.windows.duration)} s.`);
  };
}

async function readFile(file) {
  if (file.size > LARGEST) throw new Error("is larger than 512 MB: use skaudio detect");
  const bytes = await file.arrayBuffer();
  // A browser decodes to the rate that it is asked for: the file's own, where known.
  let rate = wavRate(bytes) ?? facts.sample_rate;
  if (rate < 8000 || rate > 96000) rate = facts.sample_rate;
  const decoder = new OfflineAudioContext(1, 1, rate);
  const decoded = await decoder.decodeAudioData(bytes).catch(() => {
    throw new Error("cannot be decoded by this browser");
  });
  const samples = oneChannel(decoded, facts.channel);
  const sound = new Sound(file.name, rate);
  const size = STEP_OF_FILES * rate;
  for (let at = 0; at < samples.length; at += size) {
    status(`${file.name}: ${Math.round(at / rate)} of ${Math.round(samples.length / rate)} s`);
    await sound.add(samples.slice(at, at + size), false, true);
  }
  await sound.finish();
  return samples.length / rate;
}

async function readFiles(files) {
  if (listening) await listening();
  problem("");
  const failed = [];
  const started = performance.now();
  let seconds = 0, n = 0;
  enable(false);
  for (const file of files) {
    try {
      seconds += await readFile(file);
      n++;
    } catch (error) {
      failed.push(`${file.name}: ${error.message}`);
    }
  }
  enable(true);
  const took = (performance.now() - started) / 1000;
  status(`Read ${n} of ${files.length} files, ${seconds.toFixed(1)} s of sound in ${took.toFixed(1)} s.`);
  problem(failed.join("\n"));
}

function fail(error) {
  problem(error.message);
}

function enable(is) {
  $("listen").disabled = $("files").disabled = $("threshold").disabled = !is;
  $("choose").classList.toggle("off", !is);
}

/** Do one thing after the other, and show what goes wrong. */
function soon(work) {
  busy = busy.then(work).catch(fail);
  return busy;
}

$("listen").onclick = () => soon(() => (listening ? listening() : listen()));
$("files").onchange = () => {
  const files = [...$("files").files];
  $("files").value = "";
  if (files.length) soon(() => readFiles(files));
};
addEventListener("dragover", (event) => {
  event.preventDefault();
  document.body.classList.add("dropping");
});
addEventListener("dragleave", () => document.body.classList.remove("dropping"));
addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("dropping");
  const files = [...event.dataTransfer.files];
  if (files.length && facts) soon(() => readFiles(files));
});
$("threshold").oninput = () => ($("threshold-value").textContent = threshold().toFixed(2));
$("clear").onclick = () => {
  log.length = 0;
  $("events").tBodies[0].replaceChildren();
  countEvents();
};
$("download").onclick = () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([csvOf(log)], { type: "text/csv" }));
  link.download = "events.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
};

async function keepOffline() {
  const isUpdate = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (isUpdate) problem("A new version of this page is here: reload it.");
  });
  await navigator.serviceWorker.register("sw.js");
  await navigator.serviceWorker.ready;
  document.body.dataset.offline = "ready";
}

async function start() {
  if (!isSecureContext) {
    throw new Error(
      "This page was served from plain http, where browsers give no microphone: it must be served from https or " +
        "localhost. On this computer: python -m http.server -d DIR, then open http://localhost:8000.",
    );
  }
  const config = await (await fetch("app.json")).json();
  facts = config.model.facts;
  const about = facts.classes.filter((label) => !facts.background.includes(label)).join(", ");
  $("about").textContent = `Names ${about}. Sound stays on this device: nothing is sent anywhere.`;
  $("top").textContent = `${facts.sample_rate / 2000} kHz`;
  $("span").textContent = `The last ${SECONDS} s, and the probability of each class in them`;
  $("least").hidden = Boolean(facts.thresholds);
  if (facts.thresholds) {
    const named = Object.entries(facts.thresholds).map(([label, least]) => `${label} ${least}`);
    $("hint").textContent += ` Thresholds of the model: ${named.join(", ") || "none"}; no other class is reported.`;
  }
  const names = facts.networks.map(({ name, licence }) => `${name} (${licence})`).join(", ");
  $("facts").textContent =
    `Model: ${facts.model}. Windows of ${facts.window} s at ${facts.sample_rate} Hz. ` +
    (names ? `Networks inside: ${names}. ` : "") +
    `Written by skaudio ${facts.skaudio}; runs by onnxruntime-web ${config.runtime.version} (MIT licence).`;
  view = new View($("spectrogram"), $("classes").tBodies[0], facts);
  status("Loading the model…");
  await Promise.all([ask("load", config), keepOffline().catch(() => (document.body.dataset.offline = "never"))]);
  const offline = document.body.dataset.offline === "ready" ? " Works offline from now on." : "";
  status(`Ready.${offline}`);
  enable(true);
  document.body.dataset.model = "ready";
}

start().catch((error) => {
  status("");
  fail(error);
});
