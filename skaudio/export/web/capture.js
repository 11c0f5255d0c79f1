// Runs in the audio thread: sends the mean of all channels to the page, in blocks.

const BLOCK = 2048; // samples: the page is woken some 20 times a second

class Capture extends AudioWorkletProcessor {
  block = new Float32Array(BLOCK);
  filled = 0;

  process([channels]) {
    if (!channels.length) return true;
    for (let k = 0; k < channels[0].length; k++) {
      let sum = 0;
      for (const channel of channels) sum += channel[k];
      this.block[this.filled++] = sum / channels.length;
      if (this.filled === BLOCK) {
        this.port.postMessage(this.block, [this.block.buffer]);
        this.block = new Float32Array(BLOCK);
        this.filled = 0;
      }
    }
    return true;
  }
}

registerProcessor("capture", Capture);
