// Draws the last seconds: a spectrogram, and a strip of probabilities per class.

export const SECONDS = 30;
const RANGE = 65; // dB from black to the brightest
const LEAST = -45; // dB: quieter than this stays dark, or hiss would look loud
const STOPS = [[11, 13, 18], [38, 42, 92], [22, 108, 140], [77, 170, 116], [222, 200, 90], [255, 252, 220]];

const COLOURS = Array.from({ length: 256 }, (_, level) => {
  const place = (level / 255) * (STOPS.length - 1);
  const low = Math.min(Math.floor(place), STOPS.length - 2);
  return STOPS[low].map((one, k) => Math.round(one + (place - low) * (STOPS[low + 1][k] - one)));
});

/** Power of a spectrum in place, by a radix-2 FFT. */
function spectrum(re, im) {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) [re[i], re[j]] = [re[j], re[i]];
  }
  for (let size = 2; size <= n; size *= 2) {
    const half = size / 2;
    for (let k = 0; k < half; k++) {
      const angle = (-2 * Math.PI * k) / size, c = Math.cos(angle), s = Math.sin(angle);
      for (let i = k; i < n; i += size) {
        const j = i + half;
        const a = re[j] * c - im[j] * s, b = re[j] * s + im[j] * c;
        re[j] = re[i] - a;
        im[j] = im[i] - b;
        re[i] += a;
        im[i] += b;
      }
    }
  }
}

function sized(canvas) {
  const scale = Math.min(devicePixelRatio, 2);
  const width = Math.max(1, Math.round(canvas.clientWidth * scale));
  const height = Math.max(1, Math.round(canvas.clientHeight * scale));
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  return canvas.getContext("2d");
}

export class View {
  constructor(spectrogram, table, facts) {
    this.canvas = spectrogram;
    this.rate = facts.sample_rate;
    this.size = 2 ** Math.round(Math.log2(this.rate / 31));
    this.taper = Float32Array.from({ length: this.size }, (_, k) => 0.5 - 0.5 * Math.cos((2 * Math.PI * k) / this.size));
    this.rows = facts.classes.map((label) => {
      const row = table.insertRow();
      const name = document.createElement("th");
      name.scope = "row";
      name.textContent = name.title = label;
      const canvas = document.createElement("canvas");
      canvas.setAttribute("aria-hidden", "true");
      row.append(name);
      row.insertCell().append(canvas);
      row.classList.toggle("background", facts.background.includes(label));
      return { row, canvas, value: row.insertCell() };
    });
    new ResizeObserver(() => this.drawStrips()).observe(spectrogram);
    this.clear();
  }

  clear() {
    this.samples = new Float32Array(0);
    this.time = 0; // seconds that were drawn
    this.loudest = LEAST;
    this.windows = [];
    const context = sized(this.canvas);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.drawStrips();
  }

  /** Draw samples at the rate of the model. */
  add(samples) {
    const all = new Float32Array(this.samples.length + samples.length);
    all.set(this.samples);
    all.set(samples, this.samples.length);
    const context = sized(this.canvas);
    const { width, height } = this.canvas;
    const hop = (SECONDS * this.rate) / width;
    const n = Math.max(0, Math.floor((all.length - this.size) / hop) + 1);
    if (n) {
      const shown = Math.min(n, width);
      const image = context.createImageData(shown, height);
      for (let k = 0; k < shown; k++) this.#column(all, Math.floor((n - shown + k) * hop), image, k);
      context.drawImage(this.canvas, -shown, 0);
      context.putImageData(image, width - shown, 0);
      this.time += (n * hop) / this.rate;
    }
    this.samples = all.slice(Math.floor(n * hop));
    if (n && this.windows.length) this.drawStrips();
  }

  #column(samples, first, image, x) {
    const re = new Float32Array(this.size), im = new Float32Array(this.size);
    for (let k = 0; k < this.size; k++) re[k] = samples[first + k] * this.taper[k];
    spectrum(re, im);
    const half = this.size / 2, full = (this.size / 4) ** 2; // of a sine of amplitude 1
    const levels = Float32Array.from({ length: half }, (_, k) => 10 * Math.log10((re[k] ** 2 + im[k] ** 2) / full + 1e-12));
    this.loudest = Math.max(LEAST, this.loudest - 0.02, ...levels.subarray(1));
    for (let y = 0; y < image.height; y++) {
      const low = Math.floor(((image.height - 1 - y) / image.height) * half);
      const high = Math.max(low + 1, Math.floor(((image.height - y) / image.height) * half));
      const level = Math.max(...levels.subarray(low, high));
      const shade = Math.round(255 * Math.min(1, Math.max(0, 1 + (level - this.loudest) / RANGE)));
      image.data.set([...COLOURS[shade], 255], 4 * (y * image.width + x));
    }
  }

  /** Show the scores of a window; `heard` are the places of classes that it may name. */
  addWindow(start, end, step, scores, heard) {
    const middle = (start + end) / 2;
    this.windows.push({ from: middle - step / 2, to: middle + step / 2, scores });
    while (this.windows[0].to < this.time - SECONDS) this.windows.shift();
    this.rows.forEach(({ row, value }, place) => {
      value.textContent = scores[place].toFixed(2);
      row.classList.toggle("heard", heard.includes(place));
    });
    this.drawStrips();
  }

  drawStrips() {
    const colour = getComputedStyle(this.canvas).getPropertyValue("--accent");
    this.rows.forEach(({ canvas, value }, place) => {
      const context = sized(canvas);
      const { width, height } = canvas;
      const x = (time) => Math.round(width * (1 - (this.time - time) / SECONDS));
      context.clearRect(0, 0, width, height);
      context.fillStyle = colour;
      for (const { from, to, scores } of this.windows) {
        context.globalAlpha = scores[place];
        context.fillRect(x(from), 0, x(to) - x(from), height);
      }
      if (!this.windows.length) value.textContent = "";
    });
  }
}
