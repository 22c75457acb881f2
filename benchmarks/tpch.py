"""TPC-H's 22 queries on Iceberg tables: this product, DuckDB on the same files, DuckDB's own iceberg extension."""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks import peers
from benchmarks.measure import Figure, Pair, geometric_mean, interleaved, seconds
from benchmarks.options import Options, lake_settings
from benchmarks.peers import Peer
from benchmarks.tpch_data import NAMESPACE, Lake, lake, queries
from olo_jupyter.config import EmbeddedSettings

RUNS = 7
GOAL = 1.10
MEMORY = 8 * 2**30
_NEEDED = 12 * 2**30


def figures(options: Options) -> Iterator[Figure]:
    """Scale 1: time. Scale 10, where asked for: memory."""
    yield from _times(lake(options.cache / "tpch-1", 1))
    for scale in options.scales[1:]:
        with tempfile.TemporaryDirectory(prefix=f"olo-tpch-{scale}-") as folder:
            if shutil.disk_usage(folder).free < _NEEDED * scale / 10:
                raise SystemExit(f"TPC-H at scale {scale} needs {_NEEDED * scale / 10 / 2**30:.0f} GiB in {folder}.")
            yield from _memory(lake(Path(folder) / "lake", scale), scale)


def _times(data: Lake) -> Iterator[Figure]:
    threads = os.cpu_count() or 1
    plain: dict[str, Pair] = {}
    proofs: list[float] = []
    extension: dict[str, Pair] = {}
    with ExitStack() as stack:
        embedded = EmbeddedSettings(threads=threads)
        settings = lake_settings(data.folder, embedded).model_dump_json()
        files = {name: f"SELECT * FROM read_parquet({paths!r})" for name, paths in data.files.items()}
        engines = [
            stack.enter_context(peer)
            for peer in (
                peers.ours(settings, NAMESPACE),
                peers.duckdb(files, threads),
                peers.iceberg_extension(data.metadata, threads),
            )
        ]
        for name, text in queries().items():
            rows = {peer.run(text)["rows"] for peer in engines}
            if len(rows) > 1:  # values are the parity tests' matter
                raise SystemExit(f"{name}: the engines give {sorted(rows)} rows")
            ours, theirs, its = interleaved([_runner(peer, text) for peer in engines], RUNS)
            plain[name], extension[name] = Pair(ours, theirs), Pair(ours, its)
            proofs.append(float(engines[0].run(text)["fingerprint"]))
    yield _whole(plain)
    slower = [name for name, pair in extension.items() if pair.ratio >= 1]
    yield Figure(
        "TPC-H scale 1, 22 queries on Iceberg, faster than DuckDB's iceberg extension",
        _total(extension, 0),
        _total(extension, 1),
        f"{22 - len(slower)} of 22, geometric mean {geometric_mean(p.ratio for p in extension.values()):.2f} ×",
        "all 22",
        not slower,
        f"slower: {', '.join(slower)}",
    )
    yield Figure(
        "Fingerprint of the rows of a query, besides",
        seconds(proofs),
        "",
        f"worst {max(proofs) * 1000:.1f} ms",
        "",
        None,
    )
    for name, pair in plain.items():
        figure = f"{pair.ratio:.2f} ×; {extension[name].ratio:.2f} × of the extension"
        yield Figure(f"TPC-H {name}, scale 1", seconds(pair.ours), seconds(pair.theirs), figure, "", None)


def _whole(plain: dict[str, Pair]) -> Figure:
    mean = geometric_mean(pair.ratio for pair in plain.values())
    slowest = sorted(plain, key=lambda name: -plain[name].ratio)[:4]
    return Figure(
        "TPC-H scale 1, 22 queries on Iceberg / DuckDB on the same Parquet files",
        _total(plain, 0),
        _total(plain, 1),
        f"geometric mean {mean:.3f} ×",
        f"≤ {GOAL:.2f} ×",
        mean <= GOAL,
        "most in " + ", ".join(f"{name} ({plain[name].ratio:.2f} ×)" for name in slowest),
    )


def _total(pairs: dict[str, Pair], side: int) -> str:
    medians = [statistics.median((pair.ours, pair.theirs)[side]) for pair in pairs.values()]
    return f"{sum(medians):.2f} s in all"


def _runner(peer: Peer, text: str) -> Callable[[], float]:
    return lambda: float(peer.run(text)["seconds"])


def _memory(data: Lake, scale: int) -> Iterator[Figure]:
    """The most memory that the process ever held over all queries, results included."""
    spill = data.folder / "spill"
    embedded = EmbeddedSettings(threads=os.cpu_count() or 1, memory_limit="6GB", spill=spill)
    times: list[float] = []
    peak = 0
    with peers.ours(lake_settings(data.folder, embedded).model_dump_json(), NAMESPACE) as engine:
        for text in queries().values():
            answer = engine.run(text)
            times.append(float(answer["seconds"]))
            peak = max(peak, int(answer["peak"]))
    yield Figure(
        f"TPC-H scale {scale}, 22 queries on Iceberg: the process's most memory (memory_limit 6GB)",
        f"{sum(times):.1f} s in all",
        "",
        f"{peak / 2**30:.2f} GiB",
        f"≤ {MEMORY / 2**30:.0f} GiB",
        peak <= MEMORY,
    )
