"""Workload G1 in Python: `numpy` steps all models at once in float32, `mesa` has an agent a model.

Usage: gauss.py {numpy,mesa} MODELS STEPS SEED THREADS; prints one line of JSON. The number of
threads is the caller's to bound through the usual variables and must be 1.
"""

import json
import resource
import sys
import time

import numpy as np

PUBLISHED, READ = 10, 100


def run_numpy(models, steps, seed):
    """Steps all models at once; returns the clock readings and the mean deviation."""
    random = np.random.default_rng(seed)
    mean, deviation = np.zeros(models, np.float32), np.ones(models, np.float32)
    pool = random.standard_normal((models, PUBLISHED), dtype=np.float32).ravel()
    started = clocks()
    for _ in range(steps):
        fresh = random.standard_normal((models, PUBLISHED), dtype=np.float32)
        fresh *= deviation[:, None]
        fresh += mean[:, None]
        positions = random.integers(0, pool.size, size=(models, READ), dtype=np.int32)
        values = pool[positions]
        mean, deviation = values.mean(axis=1), values.std(axis=1, ddof=1)
        pool = fresh.ravel()
    return elapsed(started), float(deviation.mean())


def run_mesa(models, steps, seed):
    """Steps a Mesa model; returns the clock readings and the mean deviation."""
    import mesa

    class Web(mesa.Model):
        def __init__(self):
            super().__init__(seed=seed)
            self.numbers = np.random.default_rng(seed)
            self.last = self.numbers.standard_normal(models * PUBLISHED)
            self.fresh = []
            for _ in range(models):
                Gaussian(self)

        def step(self):
            self.fresh = []
            self.agents.shuffle_do("step")
            self.last = np.concatenate(self.fresh)

    class Gaussian(mesa.Agent):
        def __init__(self, web):
            super().__init__(web)
            self.mean, self.deviation = 0.0, 1.0

        def step(self):
            web = self.model
            web.fresh.append(web.numbers.normal(self.mean, self.deviation, PUBLISHED))
            values = web.last[web.numbers.integers(0, web.last.size, READ)]
            self.mean, self.deviation = values.mean(), values.std(ddof=1)

    web = Web()
    started = clocks()
    for _ in range(steps):
        web.step()
    return elapsed(started), float(np.mean([agent.deviation for agent in web.agents]))


def clocks():
    """Wall and processor time now."""
    return time.perf_counter(), time.process_time()


def elapsed(started):
    """Wall and processor seconds since `started`."""
    return [now - then for now, then in zip(clocks(), started)]


def main():
    """Runs the implementation that the first argument names."""
    models, steps, seed, threads = map(int, sys.argv[2:])
    assert threads == 1, "both implementations are bound to one thread"
    run = {"numpy": run_numpy, "mesa": run_mesa}[sys.argv[1]]
    (wall, cpu), deviation = run(models, steps, seed)
    # Linux counts the peak in KiB, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    print(
        json.dumps(
            dict(
                wall_seconds=wall,
                cpu_seconds=cpu,
                standard_deviation=deviation,
                peak_memory_bytes=peak,
            )
        )
    )


if __name__ == "__main__":
    main()
