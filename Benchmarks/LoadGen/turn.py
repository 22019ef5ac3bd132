#!/usr/bin/env python3
"""One test of MLPerf's LoadGen with a costcurve worker as the system under test.

LoadGen issues the queries, takes the times and computes the metric; this script passes each query
on to the worker and says when it is answered. What LoadGen found is written to a file as JSON.
"""

import argparse
import importlib.metadata
import json
import os
import statistics
import sys
import tempfile

from worker import Worker, WorkerError

PACKAGE = "mlcommons-loadgen"
# As many as early stopping asks for at the 90th percentile.
LEAST_QUERIES = 64
# Samples that LoadGen may draw from; the worker has one batch of seeded ones in their place.
LIBRARY = 1024


def settings_for(loadgen, scenario, median_ns, seconds, samples):
    """LoadGen's settings: a duration for single-stream, a number of samples for offline."""
    settings = loadgen.TestSettings()
    settings.mode = loadgen.TestMode.PerformanceOnly
    if scenario == "single-stream":
        settings.scenario = loadgen.TestScenario.SingleStream
        # It makes its queries beforehand: with too long a latency it would run out of them.
        settings.single_stream_expected_latency_ns = max(1, int(median_ns / 2))
        settings.min_query_count = LEAST_QUERIES
        settings.min_duration_ms = round(1000 * seconds)
    else:
        settings.scenario = loadgen.TestScenario.Offline
        settings.min_query_count = samples
        settings.min_duration_ms = 0
    return settings


def logged(folder):
    """Keys and values of LoadGen's detailed log, the last of each."""
    found = {}
    with open(os.path.join(folder, "mlperf_log_detail.txt"), encoding="utf-8") as log:
        for line in log:
            if line.startswith(":::MLLOG "):
                entry = json.loads(line[len(":::MLLOG "):])
                found[entry["key"]] = entry["value"]
    return found


def test(loadgen, worker, scenario, batch, seconds, samples, folder):
    """Runs one test and returns what LoadGen logged."""
    median_ns = statistics.median(worker.run(8))
    failures = []

    def issue(queries):
        ids = [query.id for query in queries]
        for first in range(0, len(ids), batch):
            # A failure in a callback would end the process without a word: it is told afterwards.
            if not failures:
                try:
                    worker.run()
                except WorkerError as error:
                    failures.append(error)
            loadgen.QuerySamplesComplete([
                loadgen.QuerySampleResponse(identity, 0, 0)
                for identity in ids[first:first + batch]])

    log = loadgen.LogSettings()
    log.log_output.outdir = folder
    log.log_output.copy_summary_to_stdout = False
    log.enable_trace = False
    system = loadgen.ConstructSUT(issue, lambda: None)
    library = loadgen.ConstructQSL(LIBRARY, LIBRARY, lambda _: None, lambda _: None)
    loadgen.StartTestWithLogSettings(
        system, library, settings_for(loadgen, scenario, median_ns, seconds, samples), log)
    loadgen.DestroyQSL(library)
    loadgen.DestroySUT(system)
    if failures:
        raise failures[0]
    return logged(folder)


def result(scenario, log):
    """The metric in the unit that costcurve tells it in, with LoadGen's own verdict."""
    value = (log["early_stopping_latency_ss"] / 1e6 if scenario == "single-stream"
             else log["result_samples_per_second"])
    return {"value": value, "queries": log.get("result_query_count"),
            "validity": log.get("result_validity"), "version": version()}


def version():
    """Of the package; nothing where it is not installed as one."""
    try:
        return importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--case", required=True, help="such as infer/resnet50/b1/t2/native")
    parser.add_argument("--scenario", choices=["single-stream", "offline"], required=True)
    parser.add_argument("--batch-size", type=int, default=1, help="samples of a call")
    parser.add_argument("--seconds", type=float, default=0, help="of a single-stream test")
    parser.add_argument("--samples", type=int, default=0, help="of an offline query")
    parser.add_argument("--into", required=True, help="the file for the result")
    arguments = parser.parse_args()
    try:
        import mlperf_loadgen
    except ImportError:
        sys.exit(f"{PACKAGE} is not installed; 'make loadgen' does it")
    into = os.path.abspath(arguments.into)
    binary = os.path.abspath(arguments.binary)
    with tempfile.TemporaryDirectory() as folder:
        # LoadGen looks for an audit.config where it runs.
        os.chdir(folder)
        try:
            worker = Worker(binary, arguments.case)
            try:
                log = test(mlperf_loadgen, worker, arguments.scenario, arguments.batch_size,
                           arguments.seconds, arguments.samples, folder)
            finally:
                worker.quit()
        except WorkerError as error:
            sys.exit(str(error))
        with open(into, "w", encoding="utf-8") as file:
            json.dump(result(arguments.scenario, log), file)
        os.chdir("/")


if __name__ == "__main__":
    main()
