"""The network of crates/neural in PyTorch, eager, on one thread: how fast it learns and writes.

Prints one number a line, `name value unit`, as crates/neural/examples/throughput.rs does.
"""

import resource
import statistics
import time

import torch
import torch.nn.functional as F
from torch import nn

VOCABULARY, CONTEXT, WIDTH, LAYERS, HEADS, KV_HEADS, HIDDEN = 2048, 128, 64, 2, 4, 4, 176
ROWS, REPEATS, STEPS = 32, 5, 12


def rotary_table():
    head = WIDTH // HEADS
    frequencies = 1e4 ** (-torch.arange(0, head, 2) / head)
    angles = torch.arange(CONTEXT)[:, None] * frequencies
    return torch.cos(angles), torch.sin(angles)


def rotate(x, cosines, sines):
    """Turns the pairs (2i, 2i+1) of the last axis."""
    a, b = x[..., ::2], x[..., 1::2]
    return torch.stack((a * cosines - b * sines, a * sines + b * cosines), -1).flatten(-2)


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        kv = WIDTH // HEADS * KV_HEADS
        self.attention_norm = nn.RMSNorm(WIDTH, 1e-5)
        self.qkv = nn.Linear(WIDTH, WIDTH + 2 * kv, bias=False)
        self.output = nn.Linear(WIDTH, WIDTH, bias=False)
        self.block_norm = nn.RMSNorm(WIDTH, 1e-5)
        self.gate_up = nn.Linear(WIDTH, 2 * HIDDEN, bias=False)
        self.down = nn.Linear(HIDDEN, WIDTH, bias=False)

    def forward(self, x, cosines, sines, cache=None, position=0):
        rows, length, _ = x.shape
        head = WIDTH // HEADS
        qkv = self.qkv(self.attention_norm(x)).view(rows, length, -1, head).transpose(1, 2)
        q, k, v = qkv.split([HEADS, KV_HEADS, KV_HEADS], 1)
        q, k = rotate(q, cosines, sines), rotate(k, cosines, sines)
        if cache is not None:
            keys, values = cache
            keys[:, :, position] = k[:, :, 0]
            values[:, :, position] = v[:, :, 0]
            k, v = keys[:, :, : position + 1], values[:, :, : position + 1]
        said = F.scaled_dot_product_attention(
            q, k, v, is_causal=cache is None, enable_gqa=KV_HEADS != HEADS
        )
        x = x + self.output(said.transpose(1, 2).reshape(rows, length, WIDTH))
        gate, up = self.gate_up(self.block_norm(x)).chunk(2, -1)
        return x + self.down(F.silu(gate) * up)


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, WIDTH)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.norm = nn.RMSNorm(WIDTH, 1e-5)
        for matrix in (p for p in self.parameters() if p.dim() == 2):
            nn.init.normal_(matrix, std=0.02)
        cosines, sines = rotary_table()
        self.register_buffer("cosines", cosines)
        self.register_buffer("sines", sines)

    def forward(self, tokens, caches=None, position=0):
        x = self.embedding(tokens)
        end = position + tokens.shape[1]
        cosines, sines = self.cosines[position:end], self.sines[position:end]
        for number, layer in enumerate(self.layers):
            x = layer(x, cosines, sines, None if caches is None else caches[number], position)
        return F.linear(self.norm(x), self.embedding.weight)


def learns():
    network = Network()
    norms = [p for p in network.parameters() if p.dim() == 1]
    matrices = [p for p in network.parameters() if p.dim() == 2]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": norms, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.95))
    rows = torch.randint(VOCABULARY, (8 * ROWS, CONTEXT + 1))

    def run(steps):
        clock = time.perf_counter()
        for _ in range(steps):
            batch = rows[torch.randint(len(rows), (ROWS,))]
            logits = network(batch[:, :-1])
            loss = F.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten())
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
        return steps * ROWS * CONTEXT / (time.perf_counter() - clock)

    run(2)
    return statistics.median(run(STEPS) for _ in range(REPEATS))


@torch.inference_mode()
def writes(rows, top_k=0):
    network = Network().eval()

    def run():
        head = WIDTH // HEADS
        empty = lambda: torch.zeros(rows, KV_HEADS, CONTEXT, head)
        caches = [(empty(), empty()) for _ in range(LAYERS)]
        tokens = torch.zeros(rows, 1, dtype=torch.long)
        clock = time.perf_counter()
        for position in range(CONTEXT):
            logits = network(tokens, caches, position)[:, -1]
            if top_k:
                bound = logits.topk(top_k).values[:, -1:]
                logits = logits.masked_fill(logits < bound, float("-inf"))
            tokens = torch.multinomial(F.softmax(logits, -1), 1)
        return rows * CONTEXT / (time.perf_counter() - clock)

    run()
    return statistics.median(run() for _ in range(REPEATS))


def peak(size=1024):
    """Products of matrices of one size, in 10^9 operations a second: what the processor can do at best."""
    left, right = torch.randn(size, size), torch.randn(size, size)

    def run():
        clock = time.perf_counter()
        left @ right
        return 2 * size**3 / (time.perf_counter() - clock) / 1e9

    run()
    return max(run() for _ in range(REPEATS))


def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main():
    torch.set_num_threads(1)
    torch.manual_seed(1)
    before = memory()
    print(f"learn {learns():.0f} tokens/s")
    print(f"write {writes(32):.0f} tokens/s")
    print(f"write-top50 {writes(32, 50):.0f} tokens/s")
    print(f"write-single {writes(1):.0f} tokens/s")
    print(f"memory-before {before:.1f} MiB")
    print(f"memory {memory():.1f} MiB")
    print(f"peak {peak():.1f} GFLOP/s")


if __name__ == "__main__":
    main()
