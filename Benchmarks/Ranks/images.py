"""A made-up data set in Fashion-MNIST's files: noisy images that are bright above, or bright below."""

import os
import random

BRIGHT = bytes(120 + value * 136 // 256 for value in range(256))
DARK = bytes(value * 131 // 256 for value in range(256))


def idx(shape, content):
    """A file of the IDX format: bytes in so many dimensions."""
    head = bytes([0, 0, 8, len(shape)]) + b"".join(length.to_bytes(4, "big") for length in shape)
    return head + content


def make(folder, train, test, size=28, seed=1):
    """Writes all four files; as many images of either kind as are drawn."""
    source = random.Random(seed)
    half = size // 2 * size
    for prefix, count in [("train", train), ("t10k", test)]:
        labels = bytes(source.getrandbits(1) for _ in range(count))
        pixels = []
        for label in labels:
            noise = source.randbytes(size * size)
            above, below = (BRIGHT, DARK) if label == 0 else (DARK, BRIGHT)
            pixels += [noise[:half].translate(above), noise[half:].translate(below)]
        for name, content in [("images-idx3", idx([count, size, size], b"".join(pixels))),
                              ("labels-idx1", idx([count], labels))]:
            with open(os.path.join(folder, f"{prefix}-{name}-ubyte"), "wb") as file:
                file.write(content)
