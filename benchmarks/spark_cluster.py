"""Sums by a real Spark cluster of two workers, compared bit for bit with numpy and DuckDB.

    pip install 'xhh[engine,spark]'     (Java 17 is needed as well)
    python benchmarks/spark_cluster.py [answers]

Ends with 1 if any sum differs.
"""

import sys
import tempfile
import time
from pathlib import Path

from pyspark.sql import SparkSession
from waves import BOOK, CLUSTERS, make_wave

from analysis import aggregate


def main(answers: int) -> int:
    wave = make_wave(answers)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "wave.parquet"
        wave.to_parquet(path)
        session = (
            SparkSession.builder.master("local-cluster[2,1,1024]")
            .appName("sums of answers")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "4")
            .getOrCreate()
        )
        session.sparkContext.setLogLevel("ERROR")
        session.read.parquet(str(path)).createOrReplaceTempView("wave")
        found = {}
        for name, source, more in (
            ("numpy", wave, {"level": "psu"}),
            ("DuckDB", path, {"backend": "duckdb"}),
            ("Spark, 2 workers", "wave", {"backend": session}),
        ):
            start = time.perf_counter()
            found[name] = aggregate(source, CLUSTERS, BOOK, **more).source.digest()
            print(f"{name:18} {time.perf_counter() - start:8.2f} s  {found[name]}")
        session.stop()
    same = len(set(found.values())) == 1
    print("equal to the last bit" if same else "DIFFERENT")
    return 0 if same else 1


if __name__ == "__main__":
    raise SystemExit(main(int(float(sys.argv[1])) if len(sys.argv) > 1 else 200_000))
