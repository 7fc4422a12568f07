"""Our tokenizer beside Hugging Face's `tokenizers`: merges learnt from the same texts, and tokens of all of them.

Prints how many merges and tokens are equal; ends with an error if not all are. With a second argument it writes the
golden vector of crates/neural/src/tokenizer/tests.rs there.

    pip install tokenizers==0.23.3
    python3 crates/xtask/peers/tokenizer.py texts.jsonl.gz [crates/neural/src/tokenizer/golden.json]
"""

import gzip
import json
import subprocess
import sys

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

VOCABULARY = 2048
BUILD = ["cargo", "run", "--quiet", "--release", "-p", "echosphere-neural", "--example", "tokens", "--"]
MARKS = ["<|beginning|>", "<|end|>"]
GOLDEN_TEXT = (
    "The theory of the other: they gather there, and the weather is rather better than the others' was. It's 1"
    "962, we've 1,962 letters; you'll say that they're 26!\n\n\tThe north-eastern régime (établie en 1804) façade"
    "... naïve café, the bothered brother's thirteenth feather; 北京 and Αθήνα; three thousand thirty-three thin"
    "gs that thinkers think through.  The end.\n"
)
GOLDEN_CASES = [
    "The weather there isn't what they'd say.",
    "  two  spaces, then\n\n a line \t and an end  ",
    "1962 12,345.678 x1 1x ½ Ⅷ",
    "été – naïve façade, 北京。 Αθήνα\u00a0🙂 e\u0301",
    "'s 's ''s 'S we'll'll (the) --the-- the_the",
    "\u0000\u0001\u001f\u007f\u0085",
    "",
]


def trained(texts, vocabulary):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, special_tokens=MARKS, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    ids = [(mark, tokenizer.token_to_id(mark)) for mark in MARKS]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<|beginning|> $A <|end|>", pair="<|beginning|> $A <|end|> $B:1 <|end|>:1", special_tokens=ids
    )
    return tokenizer


def merges(file):
    merges = json.loads(file)["model"]["merges"]
    return [merge.split(" ") if isinstance(merge, str) else merge for merge in merges]


def compare(texts):
    lines = "".join(json.dumps(text, ensure_ascii=False) + "\n" for text in texts)
    ours = subprocess.run([*BUILD, str(VOCABULARY)], input=lines.encode(), stdout=subprocess.PIPE, check=True)
    file, *tokens = ours.stdout.decode().splitlines()
    learnt, reference = merges(file), merges(trained(texts, VOCABULARY).to_str())
    same = sum(a == b for a, b in zip(learnt, reference))
    print(f"merges: {same} of {len(reference)} equal, ours {len(learnt)}")
    read = Tokenizer.from_str(file)
    encoded = [encoding.ids for encoding in read.encode_batch(texts, add_special_tokens=False)]
    tokens = [json.loads(line) for line in tokens]
    equal = sum(a == b for a, b in zip(tokens, encoded))
    size = sum(len(text.encode()) for text in texts)
    print(f"texts: {equal} of {len(texts)} equal, {sum(map(len, encoded))} tokens of {size} bytes")
    marked = read.encode(texts[0]).ids
    print("marks:", marked[0], marked[-1])
    assert learnt == reference and tokens == encoded and marked == [256, *tokens[0], 257]


def golden(path):
    tokenizer = trained([GOLDEN_TEXT], 400)
    cases = [{"text": text, "ids": tokenizer.encode(text, add_special_tokens=False).ids} for text in GOLDEN_CASES]
    content = {"text": GOLDEN_TEXT, "tokenizer": json.loads(tokenizer.to_str()), "cases": cases}
    with open(path, "w") as file:
        json.dump(content, file, ensure_ascii=False)
        file.write("\n")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        golden(sys.argv[2])
    with gzip.open(sys.argv[1]) as lines:
        compare([json.loads(line)["text"] for line in lines])
