"""Exact theory of linear ecosystems in numpy and scipy, side by side with `echosphere theory`.

    theory.py race PROGRAM FOLDER REPETITIONS

makes two systems, lets the program and this file solve them in turn, compares what they say, and prints a table.

    theory.py solve FILE

is this side: the stacked recursion with dense matrices; where all readers read alike the same pooled recursion that the
program uses, for the stacked one of 8,000 x 8,000 would take hours. One thread, as the program has.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import time

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np
import scipy.linalg


def make(models, dimension, generations, general):
    rng = random.Random(models)
    rows = lambda n, d: [[rng.gauss(0, 1) for _ in range(d)] for _ in range(n)]

    def shares():
        row = [rng.random() for _ in range(models)]
        return [x / sum(row) for x in row]

    records = 2 * dimension
    return {
        "d": dimension, "K": models, "T": generations,
        "alpha": [0.5] * models, "beta": [0.5] * models,
        "W": [shares() for _ in range(models)] if general else [[1 / models] * models] * models,
        "X_pub": rows(records, dimension), "theta_pub": [1.0] * dimension, "sigma_pub": 1.0,
        "X_priv": [rows(records, dimension) for _ in range(models)],
        "theta_priv": rows(models, dimension), "sigma_priv": [1.0] * models,
        "X_syn": [rows(records, dimension) for _ in range(models)], "sigma_syn": [1.0] * models,
        "theta_ref": [[1.0] * dimension] * models,
        "noise_mode": "shared", "retention": {"kind": "replace"},
    }


class System:
    def __init__(self, inputs):
        array = lambda key: np.asarray(inputs[key], dtype=float)
        self.K, self.d, self.T = inputs["K"], inputs["d"], inputs["T"]
        self.alpha, self.beta, self.W = array("alpha"), array("beta"), array("W")
        gram = lambda x: np.swapaxes(x, -1, -2) @ x / x.shape[-2]
        self.Gt, self.Gs, self.G = gram(array("X_priv")), gram(array("X_pub")), gram(array("X_syn"))
        variance = lambda sigma, n: array(sigma) ** 2 / n
        n = array("X_syn").shape[1]
        self.noise = variance("sigma_syn", n)[:, None, None] * self.G
        self.S = variance("sigma_priv", n)[:, None, None] * self.Gt
        self.S_pub = variance("sigma_pub", n) * self.Gs
        self.u = np.einsum("kij,kj->ki", self.Gt, array("theta_priv"))
        self.u_pub = self.Gs @ array("theta_pub")
        self.reference = array("theta_ref")
        a, b = self.alpha[:, None, None], self.beta[:, None, None]
        self.R0 = self.gains(np.zeros_like(a), b)
        self.R = self.gains(a, b)

    def gains(self, a, b):
        pooled = np.einsum("kj,jab->kab", self.W, self.G)
        H = (1 - a) * (b * self.Gt + (1 - b) * self.Gs) + a * pooled
        inverse = np.linalg.pinv(H, rcond=1e-12, hermitian=True)
        return (1 - a) * b * inverse, (1 - a) * (1 - b) * inverse, a * inverse


def stacked(s):
    K, d = s.K, s.d
    D = K * d
    cut = lambda k: slice(k * d, (k + 1) * d)

    def real(private, public):
        R = np.zeros((D, D + d))
        for k in range(K):
            R[cut(k), cut(k)] = private[k]
            R[cut(k), D:] = public[k]
        return R

    R0, R = real(*s.R0[:2]), real(*s.R[:2])
    A = s.R[2]
    B = np.einsum("kab,kj,jbc->kajc", A, s.W, s.G).reshape(D, D)
    omega = np.einsum("kj,lj,jab->kalb", s.W, s.W, s.noise).reshape(K, d, D)
    N = np.einsum("kab,kbn->kan", A, omega).reshape(D, D)
    N = np.einsum("nkb,kab->nka", N.reshape(D, K, d), A).reshape(D, D)
    U = scipy.linalg.block_diag(*s.S, s.S_pub)
    u = np.concatenate([s.u.ravel(), s.u_pub])
    M, C, mse = R0, np.zeros((D, D)), []
    for t in range(s.T + 1):
        if t:
            M, C = R + B @ M, B @ C @ B.T + N
        V = M @ U @ M.T + C
        bias = (M @ u).reshape(K, d) - s.reference
        mse.append((bias ** 2).sum(1) + np.diag(V).reshape(K, d).sum(1))
    rho = abs(np.linalg.eigvals(B)).max()
    np.linalg.solve(np.eye(D) - B, R)
    scipy.linalg.solve_discrete_lyapunov(B, N, method="bilinear")
    return np.array(mse), rho, (C, V, B)


def pooled(s):
    w = s.W[0]
    L = np.einsum("j,jab->jab", w, s.G)
    noise = np.einsum("j,jab->ab", w ** 2, s.noise)
    (P0, Q0, _), (P, Q, A) = s.R0, s.R
    feedback = np.einsum("jab,jbc->ac", L, A)
    drive = lambda P, Q: (L @ P, np.einsum("jab,jbc->ac", L, Q))
    mse, response, C = [], None, np.zeros((s.d, s.d))
    for t in range(s.T + 1):
        if t == 0:
            private, public, a = P0, Q0, np.zeros_like(A)
            response = np.zeros_like(L), np.zeros((s.d, s.d))
        else:
            fresh = drive(P0, Q0) if t == 1 else drive(P, Q)
            old = response
            response = fresh[0] + (0 if t == 1 else feedback @ old[0]), fresh[1] + (0 if t == 1 else feedback @ old[1])
            C = noise if t == 1 else feedback @ C @ feedback.T + noise
            private, public, a = P, Q, A
        n, n_pub = response
        mean = np.einsum("kab,kb->ka", private, s.u) + public @ s.u_pub
        mean += a @ (np.einsum("jab,jb->a", n, s.u) + n_pub @ s.u_pub)
        V = C + np.einsum("jab,jbc,jdc->ad", n, s.S, n) + n_pub @ s.S_pub @ n_pub.T
        trace = np.einsum("kab,bc,kac->k", a, V, a)
        trace += np.einsum("kab,kbc,kac->k", private, s.S, private) + np.einsum("kab,bc,kac->k", public, s.S_pub, public)
        trace += 2 * np.einsum("kab,kbc,kcd,kad->k", a, n, s.S, private)
        trace += 2 * np.einsum("kab,bc,cd,kad->k", a, n_pub, s.S_pub, public)
        mse.append(((mean - s.reference) ** 2).sum(1) + trace)
    return np.array(mse), abs(np.linalg.eigvals(feedback)).max(), ()


def solve(path):
    with open(path) as file:
        system = System(json.load(file))
    alike = bool((system.W == system.W[0]).all())
    mse, rho, matrices = (pooled if alike else stacked)(system)
    json.dump({"mse": mse.tolist(), "rho_B": rho, "matrices": [m.tolist() for m in matrices]}, sys.stdout)


def timed(command, out):
    """Seconds and peak MiB of a command."""
    with open(out, "w") as file:
        start = time.monotonic()
        child = subprocess.Popen(command, stdout=file)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.monotonic() - start
    if status != 0:
        sys.exit(f"{command} failed")
    return seconds, usage.ru_maxrss / 1024


def race(program, folder, repetitions):
    cases = [("K = 1,000, d = 8, T = 100, uniform pool", 1000, False), ("K = 64, d = 8, T = 100, general W", 64, True)]
    print(f"{'':42}{'echosphere':>20}{'numpy, scipy':>20}{'ratio':>8}{'largest difference':>20}")
    for title, models, general in cases:
        path = os.path.join(folder, f"theory-{models}.json")
        with open(path, "w") as file:
            json.dump(make(models, 8, 100, general), file)
        sides = {"ours": [program, "theory", path], "theirs": [sys.executable, __file__, "solve", path]}
        found = {side: [] for side in sides}
        for _ in range(repetitions):
            for side, command in sides.items():
                found[side].append(timed(command, os.path.join(folder, f"theory-{side}.json")))
        ours, theirs = (json.load(open(os.path.join(folder, f"theory-{side}.json"))) for side in sides)
        a, b = np.array(ours["per_generation"]["mse"]), np.array(theirs["mse"])
        difference = max(abs(a / b - 1).max(), abs(ours["limit"]["rho_B"] / theirs["rho_B"] - 1))
        median = {side: [statistics.median(x) for x in zip(*found[side])] for side in sides}
        cell = lambda side: f"{median[side][0]:.2f} s, {median[side][1]:.0f} MiB"
        ratio = median["ours"][0] / median["theirs"][0]
        print(f"{title:42}{cell('ours'):>20}{cell('theirs'):>20}{ratio:8.2f}{difference:20.1e}")


if __name__ == "__main__":
    if sys.argv[1] == "solve":
        solve(sys.argv[2])
    else:
        race(sys.argv[2], sys.argv[3], int(sys.argv[4]))
