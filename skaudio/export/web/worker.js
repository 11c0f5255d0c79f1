// Runs the model apart from the page, so that the page and its sound never wait.

let ort, session;

const hex = (bytes) => [...new Uint8Array(bytes)].map((one) => one.toString(16).padStart(2, "0")).join("");

async function fetchChecked(url, sha256) {
  const answer = await fetch(url).catch((error) => {
    throw new Error(`${url} cannot be had (${error.message}): load the page once while online`);
  });
  if (!answer.ok) throw new Error(`${url} cannot be had: ${answer.status} ${answer.statusText}`);
  const bytes = await answer.arrayBuffer();
  const found = hex(await crypto.subtle.digest("SHA-256", bytes));
  if (found !== sha256) throw new Error(`${url} is another file than expected (sha256 ${found}): it is not used`);
  return bytes;
}

async function load({ runtime, model }) {
  const [script, wasm] = await Promise.all(
    [runtime.script, runtime.wasm].map((name) => fetchChecked(runtime.base + name, runtime.sha256[name])),
  );
  // The very bytes that were checked are run, not fetched again.
  ort = await import(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
  ort.env.wasm.wasmBinary = wasm;
  ort.env.wasm.numThreads = 1; // more would need special headers of the server
  const graph = await fetchChecked(model.file, model.sha256);
  session = await ort.InferenceSession.create(new Uint8Array(graph), { logSeverityLevel: 3 });
}

async function run(waveforms) {
  const n = waveforms.length;
  const size = Math.max(...waveforms.map((one) => one.length));
  const batch = new Float32Array(n * size);
  waveforms.forEach((one, row) => batch.set(one, row * size));
  const lengths = BigInt64Array.from(waveforms, (one) => BigInt(one.length));
  const started = performance.now();
  const found = await session.run({
    waveforms: new ort.Tensor("float32", batch, [n, size]),
    lengths: new ort.Tensor("int64", lengths, [n]),
  });
  const seconds = (performance.now() - started) / 1000;
  const { data, dims } = found.probabilities;
  const probabilities = waveforms.map((_, row) => data.slice(row * dims[1], (row + 1) * dims[1]));
  return { probabilities, pValues: found.p_values?.data ?? null, seconds };
}

// One at a time: a session runs nothing beside what it is running.
let last = Promise.resolve();
self.onmessage = ({ data: { id, task, content } }) => {
  const work = task === "load" ? load : run;
  last = last.then(() => work(content)).then(
    (result) => self.postMessage({ id, result }),
    (error) => self.postMessage({ id, error: error.message }),
  );
};
