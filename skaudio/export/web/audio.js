// From samples to windows, and from their scores to events: as `skaudio detect`.

const DECIMALS = 10; // of seconds, so that 3 * 0.1 is 0.3
const SLACK = 1e-6; // seconds: rounding makes no gap
const ZEROS = 72; // of the resampler's sinc, on each side
const CUTOFF = 0.956; // of half of the lower rate, as soxr has it at "HQ"
const BETA = 10; // of the Kaiser window: what lies above is lost by 100 dB

const rounded = (seconds) => Number(seconds.toFixed(DECIMALS));

/** Round to a whole number, halves to the even one, as Python does. */
function whole(value) {
  const low = Math.floor(value);
  if (value - low !== 0.5) return Math.round(value);
  return low % 2 ? low + 1 : low;
}

function joined(first, second) {
  const both = new Float32Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** Modified Bessel function of order 0, for the Kaiser window. */
function bessel(x) {
  let sum = 1, term = 1;
  for (let k = 1; term > 1e-12 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/** Resample a stream block by block, by a sinc under a Kaiser window. */
export class Resampler {
  constructor(source, target) {
    let [a, b] = [source, target];
    while (b) [a, b] = [b, a % b];
    this.up = target / a;
    this.down = source / a;
    const scale = CUTOFF * Math.min(1, this.up / this.down);
    this.half = Math.ceil(ZEROS / scale);
    this.samples = new Float32Array(this.half); // silence before the beginning
    this.first = -this.half; // place of samples[0] in the stream
    this.given = 0;
    if (this.up === this.down) return;
    const taps = 2 * this.half;
    this.phases = Array.from({ length: this.up }, (_, phase) => {
      const weights = new Float32Array(taps);
      for (let k = 0; k < taps; k++) {
        const x = k - this.half + 1 - phase / this.up; // from the output's place
        const sinc = x ? Math.sin(Math.PI * scale * x) / (Math.PI * x) : scale;
        weights[k] = sinc * bessel(BETA * Math.sqrt(Math.max(0, 1 - (x / this.half) ** 2))) / bessel(BETA);
      }
      return weights;
    });
  }

  /** Return what is complete now; with `isLast`, all up to the end. */
  add(block, isLast = false) {
    if (this.up === this.down) return block;
    this.samples = joined(this.samples, block);
    const there = this.first + this.samples.length;
    if (isLast) this.samples = joined(this.samples, new Float32Array(this.half + 1));
    const ready = isLast ? there : there - this.half;
    const until = Math.max(this.given, Math.ceil((ready * this.up) / this.down));
    const out = new Float32Array(until - this.given);
    for (let n = this.given; n < until; n++) {
      const base = Math.floor((n * this.down) / this.up);
      const weights = this.phases[(n * this.down) % this.up];
      const start = base - this.half + 1 - this.first;
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k] * this.samples[start + k];
      out[n - this.given] = sum;
    }
    this.given = until;
    const over = Math.max(0, Math.floor((until * this.down) / this.up) - this.half + 1 - this.first);
    this.samples = this.samples.slice(over);
    this.first += over;
    return out;
  }
}

/** Cut a stream into windows as it comes, resampled as one. */
export class Windows {
  constructor(source, { sample_rate: rate, window, overlap }) {
    Object.assign(this, { source, rate, window, step: window - overlap });
    this.resampler = new Resampler(source, rate);
    this.samples = new Float32Array(0);
    this.first = this.count = this.came = 0;
  }

  get duration() {
    return this.came / this.source;
  }

  /** Return the windows that are whole now; with `isLast`, the shorter ones too. */
  add(block, isLast = false) {
    this.came += block.length;
    this.fresh = this.resampler.add(block, isLast);
    this.samples = joined(this.samples, this.fresh);
    const there = this.first + this.samples.length;
    const found = [];
    for (;;) {
      const start = this.count * this.step;
      const end = rounded(start + this.window);
      // Half a sample: a shorter remainder is no window.
      const isOver = start >= this.duration - 0.5 / this.source;
      const first = whole(rounded(start) * this.rate), last = whole(end * this.rate);
      if (isLast ? isOver && this.count : last > there) break;
      const waveform = this.samples.slice(first - this.first, last - this.first);
      found.push({ start: rounded(start), end, waveform: waveform.length ? waveform : new Float32Array(1) });
      this.count++;
    }
    const done = whole(this.count * this.step * this.rate) - this.first;
    const over = Math.min(Math.max(0, done), this.samples.length);
    this.samples = this.samples.slice(over);
    this.first += over;
    return found;
  }
}

/** Find events in the scores of windows, as they come. */
export class Events {
  constructor(facts, threshold) {
    // The thresholds of the model hold; without one, a class is not reported. Those of a
    // calibration are of events that are found at one lower threshold.
    const least = (label) => (facts.thresholds ? facts.thresholds[label] : threshold);
    const low = facts.calibration?.parameters.threshold;
    this.isCalibrated = low !== undefined;
    this.animals = facts.classes
      .map((label, place) => ({ label, place, least: least(String(label)) }))
      .filter(({ label, least }) => !facts.background.includes(label) && least !== undefined)
      .map((one) => ({ ...one, threshold: Math.fround(low ?? one.least) }));
    this.windows = []; // those that can still be of an event
    this.before = 0; // windows at the front that are of no event any more
    this.given = new Map(); // label to the end of its last event
  }

  /** Take a window; `scores` are null where it was not scored, which ends an event. */
  add(start, end, scores) {
    this.windows.push({ start, end, scores });
    const n = this.windows.length;
    // What is nearer to the end may go on, or be smoothed otherwise.
    return this.#fresh(n > 4 ? this.windows[n - 4].start : -Infinity);
  }

  finish(duration) {
    return this.windows.length ? this.#fresh(Infinity, duration) : [];
  }

  #fresh(until, duration = Infinity) {
    const all = this.#find(duration);
    const kept = all.filter(({ annotation, start_time }) => start_time >= (this.given.get(annotation) ?? -1));
    const done = kept.filter(({ end_time }) => end_time <= until);
    for (const { annotation, end_time } of done) this.given.set(annotation, end_time);
    this.#forget(Math.min(until, ...kept.filter((one) => !done.includes(one)).map((one) => one.start_time)));
    const counted = done.filter(({ counts }) => counts).map(({ counts, ...event }) => event);
    return counted.sort((a, b) => a.start_time - b.start_time || (a.annotation < b.annotation ? -1 : 1));
  }

  /** Drop windows long before a time, so that a day of listening fits in memory. */
  #forget(time) {
    let over = 0;
    while (over < this.windows.length && this.windows[over].end < time) over++;
    over -= 8;
    if (over > 64) {
      this.windows = this.windows.slice(over);
      this.before = 3; // smoothed and bounded as if the sound began there
    }
  }

  #find(duration) {
    const ends = this.windows.map(({ end }) => Math.min(end, duration));
    const [begins, stops] = centres(this.windows.map(({ start }) => start), ends);
    const events = [];
    for (const { label, place, threshold, least } of this.animals) {
      const own = this.windows.map((_, row) => this.#smoothed(row, place));
      for (let row = this.before; row < own.length; row++) {
        if (!(own[row] >= threshold)) continue;
        const first = row;
        while (own[row + 1] >= threshold) row++;
        let peak = first;
        for (let k = first; k <= row; k++) if (own[k] > own[peak]) peak = k;
        const { start, end } = this.windows[peak];
        events.push({
          annotation: label, start_time: rounded(begins[first]), end_time: rounded(stops[row]),
          score: own[peak], peak_start_time: start, peak_end_time: end,
          counts: !this.isCalibrated || Number(own[peak].toFixed(4)) >= least,
        });
      }
    }
    return events;
  }

  /** Half of the window's own score, and a quarter of each neighbour's. */
  #smoothed(row, place) {
    const own = this.windows[row].scores;
    if (!own) return NaN;
    const beside = (other) => (this.windows[other]?.scores ?? own)[place];
    return Math.fround((beside(row - 1) + 2 * own[place] + beside(row + 1)) / 4);
  }
}

/** The start and the end of the part that each window stands for. */
function centres(starts, ends) {
  const edges = [];
  for (let k = 0; k + 1 < starts.length; k++) {
    const edge = ((starts[k] + ends[k]) / 2 + (starts[k + 1] + ends[k + 1]) / 2) / 2;
    edges.push(Math.min(Math.max(edge, starts[k + 1]), Math.max(ends[k], starts[k + 1])));
  }
  return [[starts[0], ...edges], [...edges, ends.at(-1)]];
}

const COLUMNS = [
  "audio_file", "annotation_file", "annotation", "start_time", "end_time", "low_f", "high_f",
  "score", "peak_start_time", "peak_end_time", "datetime", "time_zone",
];

/** The table of events as CSV, with the columns of `skaudio detect`. */
export function csvOf(events) {
  const cell = (value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  const rows = events.map((one) => COLUMNS.map((name) => cell(String(one[name] ?? ""))));
  return [COLUMNS, ...rows].map((row) => row.join(",") + "\n").join("");
}

/** Read the sample rate of a WAV file; null of other files, which the browser knows. */
export function wavRate(bytes) {
  const view = new DataView(bytes);
  const name = (at) => String.fromCharCode(...new Uint8Array(bytes, at, 4));
  if (bytes.byteLength < 44 || name(0) !== "RIFF" || name(8) !== "WAVE") return null;
  for (let at = 12; at + 16 <= bytes.byteLength; ) {
    if (name(at) === "fmt ") return view.getUint32(at + 12, true);
    at += 8 + view.getUint32(at + 4, true) + (view.getUint32(at + 4, true) % 2);
  }
  return null;
}

/** One channel of a decoded sound: the mean, a number, or the loudest. */
export function oneChannel(sound, channel) {
  const channels = Array.from({ length: sound.numberOfChannels }, (_, k) => sound.getChannelData(k));
  if (Number.isInteger(channel)) {
    if (channel >= channels.length) throw new Error(`has ${channels.length} channel(s), so there is no ${channel}`);
    return channels[channel];
  }
  if (channels.length === 1) return channels[0];
  if (channel === "loudest") {
    const power = channels.map((one) => one.reduce((sum, value) => sum + value * value, 0));
    return channels[power.indexOf(Math.max(...power))];
  }
  const mean = new Float32Array(channels[0].length);
  for (const one of channels) one.forEach((value, k) => (mean[k] += value / channels.length));
  return mean;
}
