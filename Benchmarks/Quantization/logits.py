#!/usr/bin/env python3
"""How far logits in int8 are from those in float32: by our quantizer and by ONNX Runtime's.

    make build peers
    .venv-peers/bin/python Benchmarks/Quantization/logits.py

Both read one ONNX file, of ResNet-50 with seeded weights unless told, and the same calibration images.
Both take ranges from the smallest number to the largest (--method changes ours alone), activations as
unsigned bytes with one scale a tensor, filters as signed bytes with one scale each, and write a QDQ
file. Each file is run by both, on other images than those of calibration. float32 is ONNX Runtime's.

Exit code 1 where our file, run by us, is farther from float32 than theirs, run by them. Needs NumPy,
onnx and onnxruntime. On a CPU without VNNI, ONNX Runtime's sums of bytes may saturate.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnxruntime as ort
from onnxruntime.quantization import (
    CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static)
from onnxruntime.quantization.shape_inference import quant_pre_process

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Points of the coarse grid along a side of an image.
GRID = 6


def images(count, seed, lengths):
    """Smooth blobs of colour with noise on top, of mean 0 and deviation 1: N C H W, H = W."""
    channels, size = lengths[0], lengths[-1]
    random = np.random.default_rng(seed)
    places = np.linspace(0, GRID - 1, size)
    weights = np.maximum(0, 1 - np.abs(places[:, None] - np.arange(GRID)[None, :]))
    coarse = random.uniform(-1, 1, (count, channels, GRID, GRID))
    smooth = 1.6 * weights @ coarse @ weights.T
    tint = random.uniform(-1.2, 1.2, (count, channels, 1, 1))
    noise = random.uniform(-0.3, 0.3, (count, channels, size, size))
    return (smooth + tint + noise).astype(np.float32)


class Reader(CalibrationDataReader):
    """The calibration images, one by one."""

    def __init__(self, name, batch):
        self.items = iter([{name: batch[i:i + 1]} for i in range(len(batch))])

    def get_next(self):
        return next(self.items, None)


def their_logits(model, batch):
    session = ort.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return np.concatenate(
        [session.run(None, {name: batch[i:i + 1]})[0] for i in range(len(batch))])


def our_logits(costcurve, model, path, folder):
    output = folder / "logits.npy"
    costcurve("predict", "--model", model, "--input", path, "--output", output,
              "--precision", "int8", "--quiet")
    return np.load(output)


def beside(logits, expected):
    """Largest error over the largest logit, signal over noise in dB, share of the same answers."""
    error = np.abs(logits - expected).max() / np.abs(expected).max()
    noise = np.square(logits.astype(np.float64) - expected).sum()
    decibels = 10 * np.log10(np.square(expected.astype(np.float64)).sum() / noise)
    return error, decibels, (logits.argmax(1) == expected.argmax(1)).mean()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=str(ROOT / ".build/release/costcurve"))
    parser.add_argument("--network", default="resnet50")
    parser.add_argument("--seed", type=int, default=1, help="of the weights")
    parser.add_argument("--method", default="min-max", help="of our quantizer")
    parser.add_argument("--calibration-images", type=int, default=32)
    parser.add_argument("--test-images", type=int, default=64)
    arguments = parser.parse_args()

    def costcurve(*words):
        subprocess.run([arguments.binary, *map(str, words)], check=True)

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        model, ours, theirs = (folder / f"{word}.onnx" for word in ("model", "ours", "theirs"))
        costcurve("export-model", "--network", arguments.network, "--seed", arguments.seed,
                  "-o", model, "--quiet")
        given = ort.InferenceSession(str(model), providers=["CPUExecutionProvider"]).get_inputs()[0]
        calibration = images(arguments.calibration_images, 1, given.shape[1:])
        test = images(arguments.test_images, 2, given.shape[1:])
        np.save(folder / "calibration.npy", calibration)
        np.save(folder / "test.npy", test)

        costcurve("quantize", "--model", model, "--calibration", folder / "calibration.npy",
                  "--method", arguments.method, "-o", ours, "--quiet")
        # Norms are folded into filters first, as its documentation asks.
        quant_pre_process(str(model), str(folder / "prepared.onnx"), skip_symbolic_shape=True)
        quantize_static(
            str(folder / "prepared.onnx"), str(theirs), Reader(given.name, calibration),
            quant_format=QuantFormat.QDQ, per_channel=True, activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8, calibrate_method=CalibrationMethod.MinMax)

        expected = their_logits(model, test)
        rows = [
            ("costcurve", "costcurve", our_logits(costcurve, ours, folder / "test.npy", folder)),
            ("costcurve", "ONNX Runtime", their_logits(ours, test)),
            ("ONNX Runtime", "ONNX Runtime", their_logits(theirs, test)),
            ("ONNX Runtime", "costcurve", our_logits(costcurve, theirs, folder / "test.npy", folder)),
        ]
        found = {row[:2]: beside(row[2], expected) for row in rows}

    print(f"{arguments.network}, seeded weights, {len(calibration)} calibration images, "
          f"{len(test)} others; against float32 by ONNX Runtime {ort.__version__}")
    print(f"{'quantized by':<14}{'run by':<14}{'largest error':>14}{'dB':>8}{'same answer':>13}")
    for (quantizer, runtime), (error, decibels, same) in found.items():
        print(f"{quantizer:<14}{runtime:<14}{error:>13.3%} {decibels:>7.2f}{same:>13.2%}")
    own, other = found["costcurve", "costcurve"], found["ONNX Runtime", "ONNX Runtime"]
    is_near = own[1] >= other[1]
    print(f"Ours is {'not farther' if is_near else 'FARTHER'} from float32 than ONNX Runtime's: "
          f"{own[1]:.2f} dB and {other[1]:.2f} dB, largest errors {own[0]:.3%} and {other[0]:.3%}.")
    return 0 if is_near else 1


if __name__ == "__main__":
    sys.exit(main())
