"""Find which animal calls when in recordings, with model.onnx alone.

    python run.py dawn.wav recordings/ -o events.csv
    arecord -f S16_LE -r 16000 -c 1 -t raw | python run.py - --rate 16000

Needs Python and four packages: pip install numpy soundfile soxr onnxruntime. skaudio
wrote this file beside model.onnx; it needs nothing else of skaudio. The table is that
of `skaudio detect`: which animal, in which recording, from when to when in seconds, and
the score.
"""

import argparse
import csv
import json
import math
import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from skaudio._utils.kept_thresholds import (
    check_as_they_come,
    check_model,
    kept_in,
    read_thresholds,
    settle,
)
from skaudio._utils.recorder_names import clock, comment_start, name_facts

INPUTS = ("waveforms", "lengths")
OUTPUTS = ("probabilities", "p_values")
COLUMNS = (
    "audio_file annotation_file annotation start_time end_time low_f high_f score "
    "peak_start_time peak_end_time datetime time_zone"
).split()
EXTENSIONS = tuple(".wav .flac .mp3 .ogg .opus .aiff .aif .w64 .caf .au".split())
_BATCH = 4  # windows: more need memory, and are no faster on one core
_BLOCK = 30.0  # seconds that are decoded at once
_LARGEST_BLOCK = 1 << 22  # samples of all channels
_PIPE_BLOCK = 0.25  # seconds
_DECIMALS = 10  # of seconds
_SCORE_DECIMALS = 4
_SLACK = 1e-6  # seconds: rounding makes no gap
_P_SLACK = 1e-6  # of p-values, which have 32 bits
_MOST_KEPT = 4096  # windows of a stream in memory, where there are quiet ones


class Model:
    """An exported model, from a path or the bytes of model.onnx.

    ``facts`` is what the file says of itself: ``classes``, ``sample_rate`` in Hz,
    ``channel``, ``window`` and ``overlap`` in seconds, ``longest_clip`` (seconds of a
    clip that are used, or None), ``background`` (classes that are no animal),
    ``multi_label``, ``thresholds`` (by class, or None) and ``calibration`` (what they
    hold for, or None), ``unknown`` (``label``, ``alpha`` and ``as_class``, or None),
    ``networks``, ``int8``, ``model`` (id), ``skaudio`` (version).
    """

    def __init__(self, model, n_threads=1):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = n_threads
        options.log_severity_level = 4  # errors are raised
        self._session = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )
        written = self._session.get_modelmeta().custom_metadata_map
        if "skaudio" not in written:
            raise ValueError("an ONNX file, but not one that `skaudio export` wrote")
        self.facts = {name: json.loads(text) for name, text in written.items()}

    def run(self, waveforms):
        """Compute probabilities of windows or clips, 1-D float32 arrays.

        Returns probabilities, float32 (n, n_classes), and p-values, float32 (n,) or
        None: below ``unknown["alpha"]`` where a clip is of no class.
        """
        # Those of like length together, so that little of a batch is padding.
        order = np.argsort([len(waveform) for waveform in waveforms], kind="stable")
        parts = [
            self._run_batch([waveforms[row] for row in order[first : first + _BATCH]])
            for first in range(0, len(order), _BATCH)
        ]
        outputs = [np.concatenate(part) for part in zip(*parts, strict=True)]
        for output in outputs:
            output[order] = output.copy()
        return outputs[0], outputs[1] if len(outputs) > 1 else None

    def run_windows(self, waveforms):
        """Compute probabilities of windows; of none where a window is of no class."""
        probabilities, p_values = self.run(waveforms)
        if p_values is not None and not self.facts["unknown"].get("as_class"):
            probabilities[self.is_unknown(p_values)] = 0
        return probabilities

    def is_unknown(self, p_values):
        """Return where clips are of no class."""
        return p_values < self.facts["unknown"]["alpha"] - _P_SLACK

    def _run_batch(self, waveforms):
        lengths = np.array([len(waveform) for waveform in waveforms], np.int64)
        batch = np.zeros((len(waveforms), lengths.max()), np.float32)
        for row, waveform in zip(batch, waveforms, strict=True):
            row[: len(waveform)] = waveform
        return self._session.run(None, dict(zip(INPUTS, (batch, lengths), strict=True)))


class Windows:
    """Cut a stream of sound into windows as it comes, resampled as one.

    Windows have `window` seconds and begin every `step` seconds, at `target_rate` Hz;
    the samples come at `sample_rate` Hz.
    """

    def __init__(self, sample_rate, target_rate, window, step):
        self._source, self._rate = sample_rate, target_rate
        self._window, self._step = window, step
        self._samples, self._first = np.zeros(0, np.float32), 0
        self._n_windows = self._n_came = 0
        self._resampler = None
        if sample_rate != target_rate:
            import soxr

            self._resampler = soxr.ResampleStream(
                sample_rate, target_rate, 1, dtype="float32", quality="HQ"
            )

    @property
    def duration(self):
        """Seconds that came so far."""
        return self._n_came / self._source

    def add(self, samples, is_last=False):
        """Return the windows that are whole now: times (n, 2) and a list of waveforms.

        With `is_last`, also those that reach beyond the end; their waveforms end there.
        """
        self._n_came += len(samples)
        if self._resampler is not None:
            samples = self._resampler.resample_chunk(samples, is_last)
        self._samples = np.concatenate([self._samples, samples])
        there = self._first + len(self._samples)
        times, waveforms = [], []
        while True:
            start = self._n_windows * self._step
            end = round(start + self._window, _DECIMALS)
            # Half a sample: a shorter remainder is no window.
            is_over = start >= self.duration - 0.5 / self._source
            start = round(start, _DECIMALS)
            first, last = (round(time * self._rate) for time in (start, end))
            if (is_over and self._n_windows) if is_last else last > there:
                break
            waveform = self._samples[first - self._first : last - self._first].copy()
            waveforms.append(waveform if len(waveform) else np.zeros(1, np.float32))
            times.append((start, end))
            self._n_windows += 1
        n_done = round(self._n_windows * self._step * self._rate) - self._first
        n_done = min(max(0, n_done), len(self._samples))
        self._samples, self._first = self._samples[n_done:], self._first + n_done
        return np.array(times).reshape(-1, 2), waveforms


class Events:
    """Find events in the scores of windows of one recording, as they come.

    As `skaudio.recordings.find_events`. An event has `threshold` in at least one of its
    windows; None takes the thresholds in `facts` (a class without one is not reported),
    or 0.5 where there are none.
    """

    def __init__(
        self, facts, threshold=None, smoothing=3, min_duration=0.0, merge_gap=0.0
    ):
        given = facts["thresholds"] if threshold is None else None
        threshold = 0.5 if threshold is None else threshold
        animals = [
            (place, label, (given or {}).get(str(label), threshold))
            for place, label in enumerate(facts["classes"])
            if label not in facts["background"]
            and (given is None or str(label) in given)
        ]
        self._places = [place for place, _, _ in animals]
        self._labels = [label for _, label, _ in animals]
        self._thresholds = np.array([value for _, _, value in animals], np.float32)
        self._half = (smoothing or 1) // 2
        self._min_duration, self._merge_gap = min_duration, merge_gap
        self._times = np.zeros((0, 2))
        self._values = np.zeros((0, len(animals)), np.float32)
        self._given = set()

    def add(self, times, probabilities):
        """Take windows in their order; return the events that nothing can change.

        An event is a dict of ``annotation``, ``start_time``, ``end_time``, ``score``,
        ``peak_start_time`` and ``peak_end_time``.
        """
        if not len(times):
            return []
        self._times = np.concatenate([self._times, times])
        values = probabilities[:, self._places]
        self._values = np.concatenate([self._values, values])
        # What is nearer to the end may go on, be merged, or be smoothed otherwise.
        last = self._times[max(0, len(self._times) - self._half - 3), 0]
        events = self._new(last - self._merge_gap)
        self._forget()
        return events

    def finish(self, duration=None):
        """Return the remaining events of a recording of `duration` seconds."""
        return self._new(math.inf, duration) if len(self._times) else []

    def _new(self, before, duration=None):
        """Return the events that end before a time and were not returned yet."""
        new = [
            event
            for event in self._find(duration)
            if event["end_time"] <= before
            and (event["annotation"], event["start_time"]) not in self._given
        ]
        self._given.update((one["annotation"], one["start_time"]) for one in new)
        return sorted(new, key=lambda one: (one["start_time"], one["annotation"]))

    def _forget(self):
        """Drop windows before a quiet time that is long enough to part events."""
        if len(self._times) < _MOST_KEPT:
            return
        step = self._times[1, 0] - self._times[0, 0]
        n_quiet = 2 * self._half + 4 + math.ceil(self._merge_gap / step)
        loud = np.flatnonzero((self._values >= self._thresholds).any(axis=1))
        ends = np.append(loud, len(self._times))
        gaps = np.flatnonzero(np.diff(ends, prepend=-1) > 2 * n_quiet)
        if len(gaps):
            first = ends[gaps[-1]] - n_quiet
            self._times, self._values = self._times[first:], self._values[first:]
            start = self._times[0, 0]
            self._given = {key for key in self._given if key[1] >= start}

    def _find(self, duration=None):
        values, (starts, ends) = self._smoothed(), self._times.T
        heard = ends if duration is None else np.minimum(ends, duration)
        begins, stops = _centres(starts, heard)
        events = []
        for place, label in enumerate(self._labels):
            own = values[:, place]
            for first, last in self._spans(own, place, begins, stops):
                peak = first + int(np.argmax(own[first : last + 1]))
                events.append(
                    {
                        "annotation": label,
                        "start_time": round(float(begins[first]), _DECIMALS),
                        "end_time": round(float(stops[last]), _DECIMALS),
                        "score": float(own[peak]),
                        "peak_start_time": float(starts[peak]),
                        "peak_end_time": float(ends[peak]),
                    }
                )
        return events

    def _smoothed(self):
        half, n = self._half, len(self._values)
        weights = half + 1 - np.abs(np.arange(-half, half + 1.0))
        padded = np.pad(self._values, ((half, half), (0, 0)), mode="edge")
        shifted = (padded[k : k + n].astype(float) for k in range(2 * half + 1))
        total = sum(w * one for w, one in zip(weights, shifted, strict=True))
        return (total / weights.sum()).astype(np.float32)

    def _spans(self, values, place, begins, stops):
        """List the first and the last window of each event of a class."""
        inside = np.flatnonzero(values >= self._thresholds[place])
        spans = []
        for part in np.split(inside, np.flatnonzero(np.diff(inside) > 1) + 1):
            if not len(part):
                continue
            first, last = part[0], part[-1]
            if (
                spans
                and begins[first] - stops[spans[-1][1]] <= self._merge_gap + _SLACK
            ):
                first = spans.pop()[0]
            spans.append((first, last))
        shortest = self._min_duration - _SLACK
        return [span for span in spans if stops[span[1]] - begins[span[0]] >= shortest]


def _centres(starts, ends):
    """Return the start and the end of the part that each window stands for."""
    middles = (starts + ends) / 2
    edges = (middles[:-1] + middles[1:]) / 2
    # A shorter last window may lie at the end of the one before it.
    edges = np.clip(edges, starts[1:], np.maximum(ends[:-1], starts[1:]))
    return np.r_[starts[:1], edges], np.r_[edges, ends[-1:]]


def detect(model, blocks, sample_rate, window=None, overlap=None, **options):
    """Yield the events of a stream of sound, each as soon as nothing can change it.

    `blocks` are float32 arrays at `sample_rate` Hz; `window` and `overlap` are seconds,
    by default those of the model; `options` are those of `Events`.
    """
    facts = model.facts
    if overlap is None:
        overlap = facts["overlap"] if window is None else window / 2
    window = facts["window"] if window is None else window
    longest = facts["longest_clip"] or math.inf
    if not 0 <= overlap < window <= longest:
        raise ValueError(
            f"window {window:g} s, overlap {overlap:g} s: expected the overlap from 0 "
            f"to below the window, and that at most {longest:g} s"
        )
    windows = Windows(sample_rate, facts["sample_rate"], window, window - overlap)
    events = Events(facts, **options)
    blocks = iter(blocks)
    block = next(blocks, None)
    if block is None:
        raise ValueError("holds no samples")
    problem = None
    while block is not None:
        try:
            following = next(blocks, None)
        except Exception as error:  # of a decoder: what came before it counts
            following, problem = None, error
        times, waveforms = windows.add(block, is_last=following is None)
        if len(times):
            yield from events.add(times, model.run_windows(waveforms))
        block = following
    yield from events.finish(windows.duration)
    if problem is not None:
        raise problem


def read_file(path, channel="mix"):
    """Open a sound file; return its blocks and its sample rate."""
    import soundfile

    sound = soundfile.SoundFile(path)
    if channel != "mix" and channel >= sound.channels:
        raise ValueError(f"has {sound.channels} channel(s), so there is no {channel}")
    n_frames = round(min(_BLOCK * sound.samplerate, _LARGEST_BLOCK / sound.channels))
    if sound.subtype.startswith("MPEG"):
        # soundfile seeks after each block, where this decoder begins anew.
        sound.seekable = lambda: False

    def blocks():
        with sound:
            while len(block := sound.read(n_frames, "float32", always_2d=True)):
                yield _one_channel(block, channel)

    return blocks(), sound.samplerate


def read_pipe(stream, sample_rate, n_channels=1, channel="mix"):
    """Yield blocks of raw 16-bit little-endian samples as they come; Ctrl-C ends it."""
    n_bytes, rest = 2 * n_channels, b""
    n_wanted = n_bytes * max(1, round(_PIPE_BLOCK * sample_rate))
    try:
        while data := stream.read(n_wanted):
            data = rest + data
            n_whole = len(data) - len(data) % n_bytes
            rest = data[n_whole:]
            block = np.frombuffer(data[:n_whole], "<i2").reshape(-1, n_channels)
            yield _one_channel(block.astype(np.float32) / np.float32(32768), channel)
    except KeyboardInterrupt:
        return


def _one_channel(block, channel):
    if channel != "mix":
        waveform = block[:, channel]
    elif block.shape[1] == 2:
        waveform = (block[:, 0] + block[:, 1]) * np.float32(0.5)
    else:
        waveform = block[:, 0] if block.shape[1] == 1 else block.mean(axis=1)
    if not np.isfinite(waveform).all():
        raise ValueError("holds NaN or infinite samples")
    return np.ascontiguousarray(waveform)


def list_files(paths):
    """List the sound files of files and folders; hidden ones are passed over."""
    files = []
    for path in paths:
        if not os.path.isdir(path):
            files.append(path)
            continue
        inside = sorted(Path(path).rglob("*"))
        files += [
            str(one)
            for one in inside
            if one.suffix.lower() in EXTENSIONS
            and not any(part.startswith(".") for part in one.relative_to(path).parts)
        ]
    return list(dict.fromkeys(files))


def main(arguments=None):
    """Run the command line; return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        model = Model(options.model, options.threads)
        least, events, channel = _settled(model.facts, options)
        if channel == "loudest":
            raise ValueError("takes the loudest channel of a clip: pass --channel")
        if not (options.output or ".csv").endswith(".csv"):
            raise ValueError(f"{options.output}: expected a name that ends in .csv")
        _refuse_others(options.output)
    except Exception as error:  # onnxruntime's have no common base
        return _fail(options.model, error)
    target, status = sys.stdout, 0
    if options.output:
        target = open(options.output, "w", newline="", encoding="utf-8")
    try:
        table = csv.DictWriter(target, COLUMNS, restval="", lineterminator="\n")
        table.writeheader()
        for path in list_files(options.sounds):
            rows = []
            try:
                began = began_at(path)
                for event in _events(model, path, channel, options, events):
                    score = round(event["score"], _SCORE_DECIMALS)
                    if least is not None and not score >= least.get(
                        str(event["annotation"]), math.inf
                    ):
                        continue
                    event |= {"audio_file": path, "score": score}
                    rows.append(event | _times(began, event["start_time"]))
                    if path == "-":  # as they come
                        table.writerow(rows.pop())
                        target.flush()
            except BrokenPipeError:  # nobody reads on
                raise
            except Exception as error:  # of one file: the others count all the same
                status = _fail(path, error)
            table.writerows(
                sorted(rows, key=lambda one: (one["start_time"], one["annotation"]))
            )
    except (BrokenPipeError, KeyboardInterrupt):
        return 130
    finally:
        if options.output:
            target.close()
    return status


def _refuse_others(path):
    """Raise where a table is there that is none of events, and would be replaced."""
    if not path or not os.path.exists(path):
        return
    with open(path, encoding="utf-8", errors="replace") as file:
        if file.readline().rstrip() not in ("", ",".join(COLUMNS)):
            raise ValueError(
                f"{path}: holds something other than a table of events, which these "
                "would replace: choose another name, or move that file away"
            )


def _settled(facts, options):
    """Choose thresholds: of a file, one number, or those that the model carries.

    Returns the score by class that an event needs, or None; options of `detect`; and
    the channel.
    """
    kept = None
    if options.thresholds:
        kept = read_thresholds(options.thresholds)
        check_model(kept, facts["model"])
        check_as_they_come(kept)
    elif options.min_confidence is None:
        kept = kept_in(facts, Path(options.model).name)
    channel = options.channel
    if channel is not None and channel != "mix":
        channel = int(channel)
    events = {"threshold": options.min_confidence, "merge_gap": options.merge}
    windows = {"clip_duration": options.window, "clip_overlap": options.overlap}
    window, overlap = windows.values()
    carried = facts["thresholds"] if options.min_confidence is None else None
    if kept is not None:
        carried = kept["thresholds"]
        events |= {"continue_threshold": None, "smoothing": 3, "min_duration": 0.0}
        events, windows = settle(kept, events, windows | {"channel": channel})
        del events["continue_threshold"]
        window, channel = windows["clip_duration"], windows["channel"]
        overlap = window - windows["clip_step"]
    if carried is not None:
        listed = ", ".join(f"{label} {value:g}" for label, value in carried.items())
        source = options.thresholds or Path(options.model).name
        print(f"thresholds of {source}: {listed or 'none'}", file=sys.stderr)
    events |= {"window": window, "overlap": overlap}
    return kept and carried, events, facts["channel"] if channel is None else channel


def began_at(path):
    """Return when a sound began: now, by AudioMoth's comment, or by the file's name."""
    if path == "-":
        return datetime.now().astimezone()
    import soundfile

    with soundfile.SoundFile(path) as sound:
        texts = sound.copy_metadata()
    start = comment_start(texts.get("comment", ""), texts.get("artist", ""))
    return start or name_facts(path).start


def _times(began, seconds):
    """Return the time of an event by the clock of the recorder, where it is known."""
    if began is None:
        return {}
    local, zone = clock(began)
    local += timedelta(seconds=seconds)
    text = local.isoformat(" ", "microseconds")
    return {"datetime": text, "time_zone": zone or ""}


def _events(model, path, channel, options, events):
    if path == "-":
        rate = options.rate or model.facts["sample_rate"]
        blocks = read_pipe(sys.stdin.buffer, rate, options.channels, channel)
    else:
        blocks, rate = read_file(path, channel)
    return detect(model, blocks, rate, **events)


def _parser():
    parser = argparse.ArgumentParser(
        prog="run.py", description="Find which animal calls when in recordings."
    )
    here = str(Path(__file__).resolve().parent / "model.onnx")
    seconds = {"type": float, "metavar": "SECONDS"}
    add = parser.add_argument
    add("sounds", nargs="+", help="sound files, folders, or - for raw 16-bit samples")
    add("-o", "--output", help="table to write, instead of printing it")
    add("--model", default=here, help="default: model.onnx beside this file")
    add("--min-confidence", type=float, help="default: what the model says, or 0.5")
    add("--thresholds", help="thresholds.json, instead of those in the model")
    add("--window", **seconds, help="default: what the model says")
    add("--overlap", **seconds, help="default: half of a window")
    add("--merge", default=0.0, **seconds, help="events so near each other are one")
    add("--rate", type=int, help="of -, in Hz; default: the model's")
    add("--channels", type=int, default=1, help="of -; default: 1")
    add("--channel", help="mix, or a number from 0 on; default: the model's")
    add("--threads", type=int, default=1, help="cores; default: 1")
    return parser


def _fail(path, error):
    reason = " ".join(str(error).split()) or type(error).__name__
    print(f"error: {path}: {reason}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
