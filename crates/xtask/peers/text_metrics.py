"""Measures of a sample of documents with the tools that others use: self-BLEU (NLTK), Vendi score (vendi-score), Zipf slope (numpy).

    pip install nltk==3.9.1 numpy==2.4.6 vendi-score==0.0.3
    python3 crates/xtask/peers/text_metrics.py

Prints the numbers that the tests of `crates/learn/src/text.rs` compare with, for the documents given below and there. The
Vendi score is that of the cosines of counts of words, because the embeddings of `learn` are its own; the test does the same.
"""

from collections import Counter

import numpy as np
from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu
from vendi_score import vendi

DOCUMENTS = [
    "the ship sailed out of the harbour at dawn and the captain watched the waves",
    "the captain watched the ship as it sailed out of the harbour",
    "by the theorem the order of a group divides the order of the whole",
    "the ship sailed out of the harbour at dawn and the captain watched the waves",
    "a short one",
]


def self_bleu(documents):
    """Texygen's: BLEU-4 of each with all others as references, smoothing method 1."""
    words = [document.split() for document in documents]
    smoothing = SmoothingFunction().method1
    score = lambda i: sentence_bleu(words[:i] + words[i + 1 :], words[i], smoothing_function=smoothing)
    return [score(i) for i in range(len(words))]


def zipf_slope(documents):
    counts = sorted(Counter(" ".join(documents).split()).values(), reverse=True)
    return -np.polyfit(np.log(np.arange(1, len(counts) + 1)), np.log(counts), 1)[0]


def seq_rep_4(documents):
    """1 - unique / all 4-grams, of each document that has one."""
    grams = [list(zip(*(d.split()[i:] for i in range(4)))) for d in documents]
    return [1 - len(set(g)) / len(g) for g in grams if g]


def vendi_of_words(documents):
    vocabulary = sorted(set(" ".join(documents).split()))
    counts = np.array([[document.split().count(word) for word in vocabulary] for document in documents], float)
    return vendi.score_X(counts, normalize=True)


if __name__ == "__main__":
    scores = self_bleu(DOCUMENTS)
    print("self_bleu", *map(repr, map(float, scores)), "mean", repr(float(np.mean(scores))))
    print("zipf_slope", repr(float(zipf_slope(DOCUMENTS))))
    print("repetition_rate", repr(float(np.mean(seq_rep_4(DOCUMENTS + ["to be or to be or to be"])))))
    print("vendi_score", repr(float(vendi_of_words(DOCUMENTS))))
