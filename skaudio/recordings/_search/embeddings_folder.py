"""A folder of embeddings: a Parquet file per recording, as a folder of scores has."""

import json
from pathlib import Path

import numpy as np

from skaudio._utils.atomic import atomic_write
from skaudio.recordings._scoring.scores_folder import (
    FACTS,
    named_column,
    pyarrow,
    read_facts,
)

KIND = "embeddings"
_BLOCK = 4096  # windows


def write_embeddings(path, scored):
    """Write the embeddings of a recording, whole or not at all.

    Parameters
    ----------
    path : path
        As of `scores_path`.
    scored : ScoredRecording
        Its `scores` are the embeddings, of float16.
    """
    pa, parquet = pyarrow()
    vectors = np.ascontiguousarray(scored.scores, np.float16)
    n_windows, n_features = vectors.shape
    # As bytes: a list in Parquet takes sixty times as long to read.
    kind = pa.binary(2 * n_features)
    columns = {
        "file": named_column(pa, scored.facts["file"], n_windows),
        "start_time": pa.array(scored.times[:, 0]),
        "end_time": pa.array(scored.times[:, 1]),
        "embedding": pa.FixedSizeBinaryArray.from_buffers(
            kind, n_windows, [None, pa.py_buffer(vectors)]
        ),
    }
    table = pa.table(columns).replace_schema_metadata({FACTS: json.dumps(scored.facts)})
    with atomic_write(path, "the embeddings") as file:
        parquet.write_table(
            table,
            file,
            row_group_size=_BLOCK,
            compression="none",  # it takes longer, and saves nothing
            use_dictionary=["file"],
            write_statistics=False,
        )


def read_index_facts(folder):
    """Read what each file of a folder of embeddings is of.

    Parameters
    ----------
    folder : path

    Returns
    -------
    facts : dict of Path to dict
        Sorted by recording.

    Raises
    ------
    ValueError
        Where there are no embeddings, or those of several embedders or parameters.
    """
    paths = sorted(Path(folder).glob("*.parquet"))
    facts = {path: one for path in paths if (one := read_facts(path)) is not None}
    facts = {path: one for path, one in facts.items() if one.get("kind") == KIND}
    if not facts:
        raise ValueError(
            f"{folder}: no embeddings in it: expected a folder of embed_recordings, "
            "which `skaudio embed` writes."
        )
    kinds = {json.dumps([one["model"], one["parameters"]]) for one in facts.values()}
    if len(kinds) > 1:
        raise ValueError(
            f"{folder}: has embeddings of {len(kinds)} embedders or parameters: "
            "expected one; embed all of the recordings again, or into another folder."
        )
    return dict(sorted(facts.items(), key=lambda item: item[1]["file"]))


def read_times(path):
    """Return start and end of the windows of a recording: (n_windows, 2), seconds."""
    _, parquet = pyarrow()
    table = parquet.read_table(path, columns=["start_time", "end_time"])
    return np.column_stack([column.to_numpy() for column in table.columns])


def read_blocks(path, n_features):
    """Yield the embeddings of a recording in blocks: float16, (n, n_features)."""
    _, parquet = pyarrow()
    with parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(_BLOCK, columns=["embedding"]):
            column = batch.column(0)
            first = column.offset * n_features
            values = np.frombuffer(column.buffers()[1], np.float16)
            values = values[first : first + len(column) * n_features]
            yield values.reshape(len(column), n_features)
