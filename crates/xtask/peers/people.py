"""People who choose between a full sample and one truncated by AI (Peterson 2024, arXiv 2404.03502), in numpy.

Prints, for three discounts on the truncated sample, the Hellinger distance of public knowledge from the truth in the last 5
of 100 rounds: mean and standard deviation over seeds. The truth is Student's t with 10 degrees of freedom; public knowledge
is a kernel estimate on the last 100 samples; a sample is worth how far it moves that estimate towards the truth. As in the
author's program (aristotle-tek/knowledge-collapse), the samples from which people form their first opinions are the same in
every run. Beside it: what is published, and what that program itself gives, mean and standard deviation over 54 runs at
learning rate 0.05.

    python3 crates/xtask/peers/people.py [learning rate [seeds]]
"""

import sys

import numpy as np
from scipy.stats import t as student

DOF, PEOPLE, ROUNDS, GENERATION, MEMORY, TRUNCATION = 10, 25, 100, 10, 100, 0.75
LAST = 5
GRID = np.arange(-10, 10.0001, 0.1)
STEP = GRID[1] - GRID[0]
TRUTH = student.pdf(GRID, DOF)
UNIT = np.sqrt((DOF - 2) / DOF)  # Makes the variance of a draw one.


def density(points):
    """A normal kernel estimate with Scott's bandwidth."""
    width = points.std(ddof=1) * len(points) ** -0.2
    kernels = np.exp(-0.5 * ((GRID[:, None] - points[None, :]) / width) ** 2)
    return kernels.sum(1) / (len(points) * width * np.sqrt(2 * np.pi))


def hellinger(model):
    return np.sqrt(max(0.0, 0.5 * np.sum((np.sqrt(model) - np.sqrt(TRUTH)) ** 2) * STEP))


def deviation(model):
    mean = (GRID * model).sum() / model.sum()
    return np.sqrt(((GRID - mean) ** 2 * model).sum() / model.sum())


def worth(points, samples):
    """The mean of 100 times how much nearer each sample brings the estimate, nothing if it does not."""
    before = hellinger(density(points))
    return np.mean([100 * max(0.0, before - hellinger(density(np.append(points, x)))) for x in samples])


def truncated(rng, count, scale):
    samples = []
    while len(samples) < count:
        x = rng.standard_t(DOF) * scale
        if abs(x) <= TRUNCATION:
            samples.append(x)
    return samples


def remember(history, value):
    if value != 0:
        history.append(value)


def estimate(history, rate):
    value = history[0]
    for observed in history[1:]:
        value += rate * (observed - value)
    return value


def first_values(people, points):
    """Three rounds of ten samples of either kind, the same in all runs, in which public knowledge takes them in."""
    full, cut = [], []
    for turn in range(3):
        rng = np.random.default_rng(np.random.PCG64(turn))
        cheap = [x for x in rng.standard_t(DOF, 100) if abs(x) <= TRUNCATION][:10]
        dear = list(rng.standard_t(DOF, 10))
        for history, samples in ((cut, cheap), (full, dear)):
            remember(history, worth(points, samples))
        for history in (cut, full):
            history.append((people * np.mean(history)).mean())
        points = np.concatenate([points, cheap, dear])
    for history in (cut, full):
        remember(history, np.mean(history))
    return full, cut


def run(discount, seed, rate):
    rng = np.random.default_rng(seed)
    spread = np.log(1.25)
    people = np.exp(rng.normal(-0.5 * spread, np.sqrt(spread), PEOPLE))
    points = rng.normal(1, 1, 100)
    full, cut = first_values(people, points)
    of_full, of_cut = people * np.mean(full), people * np.mean(cut)
    known = now = deviation(density(points))
    distances = []
    for step in range(1, ROUNDS + 1):
        if step % GENERATION == 0:
            known = now
        cost = np.median(np.concatenate([of_full, of_cut]))
        gain, gain_cut = of_full - cost, of_cut - cost * discount
        dear = list(rng.standard_t(DOF, ((gain > gain_cut) & (gain > 0)).sum()) * known * UNIT)
        cheap = truncated(rng, ((gain_cut >= gain) & (gain_cut > 0)).sum(), known * UNIT)
        # Of either kind at least three are looked at.
        remember(cut, worth(points, cheap + truncated(rng, 3 - len(cheap), 1)))
        remember(full, worth(points, dear + list(rng.standard_t(DOF, max(0, 3 - len(dear))))))
        of_full, of_cut = people * estimate(full, rate), people * estimate(cut, rate)
        points = np.concatenate([points, cheap, dear])[-MEMORY:]
        model = density(points)
        now = deviation(model)
        distances.append(hellinger(model))
    return np.mean(distances[-LAST:])


if __name__ == "__main__":
    rate = float(sys.argv[1]) if len(sys.argv) > 1 else 0.05
    seeds = int(sys.argv[2]) if len(sys.argv) > 2 else 40
    print(f"off   published  author's program  here: mean   sd    {seeds} seeds, learning rate {rate}")
    for off, published, original in ((0.0, 0.09, "0.147 (0.066)"), (0.2, 0.22, "0.168 (0.092)"), (0.5, 0.40, "0.233 (0.117)")):
        distances = [run(1 - off, seed, rate) for seed in range(seeds)]
        mean, deviates = np.mean(distances), np.std(distances, ddof=1)
        print(f"{off:4.0%}  {published:9.2f}  {original:>16}  {mean:10.3f}  {deviates:.3f}", flush=True)
