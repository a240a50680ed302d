"""Fits a line to noisy points by gradient descent, with nothing but the standard library.

    runtree run -- python3 examples/python/train.py --rate 0.1 --steps 200

Whatever is appended to the file that RUNTREE_LOG names becomes part of the run: one JSON object a
line. Without RUNTREE_LOG the script just trains.
"""

import argparse
import json
import os
import random


def log(**entry):
    path = os.environ.get("RUNTREE_LOG")
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")


def make_points(count, seed):
    """Points around y = 2x - 1."""
    chance = random.Random(seed)
    xs = [chance.uniform(-1, 1) for _ in range(count)]
    return [(x, 2 * x - 1 + chance.gauss(0, 0.2)) for x in xs]


def mean_square_error(points, slope, intercept):
    return sum((slope * x + intercept - y) ** 2 for x, y in points) / len(points)


def descend(points, slope, intercept, rate):
    """One step down the gradient of the mean square error."""
    errors = [(x, slope * x + intercept - y) for x, y in points]
    slope -= rate * 2 * sum(error * x for x, error in errors) / len(points)
    intercept -= rate * 2 * sum(error for _, error in errors) / len(points)
    return slope, intercept


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rate", type=float, default=0.1, help="learning rate (default: 0.1)")
    parser.add_argument("--steps", type=int, default=100, help="gradient steps (default: 100)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the points (default: 1)")
    parser.add_argument("--output", default="fitted-line.json", help="where the line is written")
    options = parser.parse_args()

    log(params={"rate": options.rate, "steps": options.steps, "seed": options.seed}, tag="line")
    points = make_points(100, options.seed)
    train, test = points[:80], points[80:]

    slope, intercept = 0.0, 0.0
    for step in range(1, options.steps + 1):
        slope, intercept = descend(train, slope, intercept, options.rate)
        log(step=step, split="train", loss=mean_square_error(train, slope, intercept))
        log(step=step, split="test", loss=mean_square_error(test, slope, intercept))

    for index, (x, y) in enumerate(test):
        row = {"index": index, "x": x, "truth": y, "prediction": slope * x + intercept}
        log(result="predictions", row=row)
    with open(options.output, "w", encoding="utf-8") as file:
        json.dump({"slope": slope, "intercept": intercept}, file)
    log(artifact=options.output)
    log(slope=slope, intercept=intercept, text=f"fitted y = {slope:.3f} x {intercept:+.3f}")
    print(f"y = {slope:.3f} x {intercept:+.3f}")


if __name__ == "__main__":
    main()
