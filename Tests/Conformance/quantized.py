"""Holds `costcurve` against ONNX Runtime on files that other tools quantize.

usage: quantized.py BINARY [--only REGEX] [--json FILE]

Models are exported by BINARY, or made here; `onnxruntime.quantization` quantizes them in each style
that it has, and NNCF where that is installed. Each file has to run in int8 with all of its layers on
bytes, equal to plain integers bit for bit (`verify`), and near to ONNX Runtime's own answer. Ends
with 1 where one does not, and with 0 and a sentence where a package is missing.

How near: ONNX Runtime's answers to the quantized file and to the float one are e apart, which is what
all roundings do; software that rounds elsewhere is as far from the float answer in another direction,
so 2e is allowed, and 1e-3 for float32.
"""

import argparse
import dataclasses
import json
import os
import re
import subprocess
import sys
import tempfile

try:
    import numpy
    import onnx
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper
    from onnxruntime import quantization
except ImportError as error:
    print(f"SKIPPED: {error.name} is not installed; quantized files are held to our own tests only",
          file=sys.stderr)
    sys.exit(0)

IMAGES, TIMEOUT = 16, 120
FLOAT = 1e-3


@dataclasses.dataclass
class Style:
    """One way to call `quantize_static`; whether all layers run on bytes here."""

    name: str
    format: str = "QDQ"
    activation: str = "QUInt8"
    weight: str = "QInt8"
    per_channel: bool = True
    extra: dict = dataclasses.field(default_factory=dict)


STYLES = [
    Style("u8s8-channel"),
    Style("u8s8-tensor", per_channel=False),
    Style("u8u8-tensor", weight="QUInt8", per_channel=False, extra={"WeightSymmetric": True}),
    Style("s8s8-channel", activation="QInt8",
          extra={"ActivationSymmetric": True, "WeightSymmetric": True}),
    Style("s8s8-asymmetric", activation="QInt8", per_channel=False),
    Style("u8s8-pairs", extra={"DedicatedQDQPair": True}),
    Style("u8s8-rounded-by-file", extra={"AddQDQPairToWeight": True}),
    Style("u8s8-float-bias", extra={"QuantizeBias": False}),
    Style("operators-channel", format="QOperator"),
    Style("operators-tensor", format="QOperator", per_channel=False),
]


class Images(quantization.CalibrationDataReader):
    """Seeded images, one at a time."""

    def __init__(self, name, shape):
        self.all = iter([{name: array} for array in images(shape, IMAGES)])

    def get_next(self):
        return next(self.all, None)


def images(shape, count, seed=7):
    """Arrays that are the same each time."""
    random = numpy.random.default_rng(seed)
    return [random.standard_normal([1, *shape]).astype(numpy.float32) for _ in range(count)]


def branches(path):
    """Branches that meet, pools of both kinds and a plain product."""
    random = numpy.random.default_rng(3)

    def weights(name, *lengths):
        values = random.standard_normal(lengths) / numpy.sqrt(numpy.prod(lengths[1:]))
        return numpy_helper.from_array(values.astype(numpy.float32), name)

    tensors = [weights("w0", 8, 3, 3, 3), weights("b0", 8), weights("w1", 8, 8, 1, 1),
               weights("w2", 12, 8, 3, 3), weights("b2", 12), weights("w3", 28, 5)]
    nodes = [
        helper.make_node("Conv", ["images", "w0", "b0"], ["c0"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c0"], ["r0"]),
        helper.make_node("MaxPool", ["r0"], ["p0"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Conv", ["p0", "w1"], ["c1"]),
        helper.make_node("Relu", ["c1"], ["r1"]),
        helper.make_node("Conv", ["p0", "w2", "b2"], ["c2"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c2"], ["r2"]),
        helper.make_node("Concat", ["r1", "r2", "p0"], ["join"], axis=1),
        helper.make_node("GlobalAveragePool", ["join"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["row"]),
        helper.make_node("MatMul", ["row", "w3"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes, "branches",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["N", 3, 16, 16])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", 5])], tensors)
    onnx.save(helper.make_model(
        graph, opset_imports=[helper.make_operatorsetid("", 17)], ir_version=8), path)


def command(binary, *words):
    """What a call of ours said, and whether it succeeded."""
    done = subprocess.run(
        [binary, *words], capture_output=True, text=True, timeout=TIMEOUT, check=False)
    return done.returncode, done.stdout + done.stderr


def exported(binary, network, path):
    """A network of ours as a file."""
    code, said = command(binary, "export-model", "--network", network, "-o", path)
    if code:
        raise RuntimeError(said)


def folded(path, target):
    """The same model with norms folded into the layers before them, as tools advise."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = target
    onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def quantized(path, target, style):
    """Quantizes a file in a style."""
    graph = onnx.load(path).graph
    given = {tensor.name for tensor in graph.initializer}
    port = next(port for port in graph.input if port.name not in given)
    shape = [length.dim_value for length in port.type.tensor_type.shape.dim[1:]]
    quantization.quantize_static(
        path, target, Images(port.name, shape),
        quant_format=getattr(quantization.QuantFormat, style.format),
        activation_type=getattr(quantization.QuantType, style.activation),
        weight_type=getattr(quantization.QuantType, style.weight),
        per_channel=style.per_channel, extra_options=dict(style.extra))


def by_nncf(path, target):
    """Quantizes a file by NNCF's default preset; false where it is not installed."""
    try:
        import nncf
    except ImportError:
        return False
    model = onnx.load(path)
    port = model.graph.input[0]
    shape = [length.dim_value for length in port.type.tensor_type.shape.dim[1:]]
    data = nncf.Dataset([{port.name: array} for array in images(shape, IMAGES)])
    onnx.save(nncf.quantize(model, data, subset_size=IMAGES), target)
    return True


def answer(path, image):
    """What ONNX Runtime gives, without sums that stop at 16 bits."""
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.x64quantprecision", "1")
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: image})[0]


def held(binary, floats, path, folder):
    """Why a file is not run as it should be, or None, and how far its answer is from theirs."""
    shape = [length.dim_value
             for length in onnx.load(floats).graph.input[0].type.tensor_type.shape.dim[1:]]
    image = images(shape, 1, seed=11)[0]
    given, got = os.path.join(folder, "x.npy"), os.path.join(folder, "y.npy")
    numpy.save(given, image)
    code, said = command(
        binary, "predict", "--model", path, "--input", given, "--output", got, "--precision", "int8",
        "--threads", "1")
    if code:
        return f"predict ends with {code}: {said.strip()[-400:]}", None
    layers = re.search(r"(\d+) of (\d+) layers? multipl", said)
    if not layers or layers[1] != layers[2]:
        return f"layers on bytes: {layers[0] if layers else said.strip()[-200:]}", None
    own, other, plain = numpy.load(got), answer(path, image), answer(floats, image)
    largest = numpy.abs(other).max() or 1
    moved = numpy.abs(other - plain).max() / largest
    error = numpy.abs(own.reshape(other.shape) - other).max() / largest
    if not error <= 2 * moved + FLOAT:
        return f"{error:.3g} from ONNX Runtime, {2 * moved + FLOAT:.3g} allowed", float(error)
    code, said = command(
        binary, "verify", "--model", path, "--precision", "int8", "--threads", "1")
    return (f"verify ends with {code}: {said.strip()[-400:]}" if code else None), float(error)


def main():
    """Goes through models and styles."""
    options = argparse.ArgumentParser()
    options.add_argument("binary")
    options.add_argument("--only", default="")
    options.add_argument("--json")
    options = options.parse_args()

    results, faults = {}, []
    with tempfile.TemporaryDirectory(prefix="costcurve-quantized-") as folder:
        for name in ("resnet20", "alexnet-small", "branches"):
            raw, floats = (os.path.join(folder, f"{name}{end}.onnx") for end in ("-raw", ""))
            if name == "branches":
                branches(raw)
            else:
                exported(options.binary, name, raw)
            folded(raw, floats)
            for style in [*STYLES, None]:
                case = f"{name}/{style.name if style else 'nncf'}"
                if not re.search(options.only, case):
                    continue
                path = os.path.join(folder, case.replace("/", "-") + ".onnx")
                if style:
                    quantized(floats, path, style)
                elif not by_nncf(floats, path):
                    print(f"SKIPPED: {case}: NNCF is not installed", file=sys.stderr)
                    continue
                why, error = held(options.binary, floats, path, folder)
                results[case] = {"error": error, "fault": why}
                print(f"{case}: {why or f'passed, {error:.3g} from ONNX Runtime'}")
                if why:
                    faults.append(case)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as handle:
            json.dump({"onnxruntime": onnxruntime.__version__, "cases": results}, handle, indent=1)
    print(f"{len(results) - len(faults)} passed, {len(faults)} failed")
    sys.exit(1 if faults or not results else 0)


if __name__ == "__main__":
    main()
