"""Fills an MLflow store with the runs of a file of JSON lines, asks it questions, and prints what they took.

usage: ask.py <tracking uri> <file>
"""

import json
import logging
import sys
import time

logging.disable(logging.WARNING)

from mlflow.entities import Metric, Param  # noqa: E402
from mlflow.tracking import MlflowClient  # noqa: E402

TURNS = 5


def fill(client, experiment, path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            run = json.loads(line)
            tags = {tag: "" for tag in run.get("tags", [])}
            stored = client.create_run(experiment, start_time=0, tags=tags)
            client.log_batch(
                stored.info.run_id,
                metrics=[
                    Metric(name[len("metrics.") :], value, 0, 0)
                    for name, value in run.items()
                    if name.startswith("metrics.")
                ],
                params=[
                    Param(name[len("params.") :], str(value))
                    for name, value in run.items()
                    if name.startswith("params.")
                ],
            )


def count(client, experiment):
    found, token = 0, None
    while True:
        page = client.search_runs([experiment], max_results=1000, page_token=token)
        found += len(page)
        token = page.token
        if not token:
            return found


def search(client, experiment):
    return len(
        client.search_runs(
            [experiment], "metrics.accuracy >= 0.9", order_by=["metrics.accuracy DESC"], max_results=50
        )
    )


def median_ms(ask):
    times = []
    for _ in range(TURNS):
        start = time.perf_counter()
        found = ask()
        times.append((time.perf_counter() - start) * 1000)
    return found, sorted(times)[TURNS // 2]


def main():
    uri, path = sys.argv[1:]
    client = MlflowClient(uri)
    experiment = client.create_experiment("train")
    fill(client, experiment, path)
    counted, count_ms = median_ms(lambda: count(client, experiment))
    found, search_ms = median_ms(lambda: search(client, experiment))
    print(json.dumps({"counted": counted, "countMs": count_ms, "found": found, "searchMs": search_ms}))


main()
