"""The test cases of the package `onnx`: one operator each, and the `light` models.

A case has a model, arrays that it is given, arrays that it has to give, and how near is near enough.
"""

import dataclasses
import glob
import os

import numpy
import onnx
import onnx.backend.test
from onnx.backend.test.loader import load_model_tests

# The element types that a run has, by ONNX's numbers of them.
TYPES = {1: "float32", 7: "int64", 6: "int32", 9: "bool", 2: "uint8", 3: "int8"}
# Operators of earlier versions are not read; many are the same in this one.
OLDEST = 9


@dataclasses.dataclass
class Case:
    """One model with what goes in and what comes out."""

    name: str
    operator: str
    model: onnx.ModelProto
    inputs: dict
    outputs: dict
    relative: float
    absolute: float
    is_expanded: bool

    @property
    def elements(self):
        """ONNX's numbers of the element types of all inputs and outputs; 0 for what is no tensor."""
        ports = [*self.model.graph.input, *self.model.graph.output]
        return [port.type.tensor_type.elem_type for port in ports]

    @property
    def is_within(self):
        """Whether all inputs and outputs are of types that a run has."""
        return all(element in TYPES for element in self.elements)

    @property
    def element(self):
        """The type that it is counted under: that of what it is given first, or gives."""
        return TYPES.get(self.elements[0], "other")


def lifted(model):
    """The model under the oldest version that is read, where its operators mean the same there."""
    for entry in model.opset_import:
        if entry.domain not in ("", "ai.onnx") or entry.version >= OLDEST:
            continue
        for node in model.graph.node:
            now = onnx.defs.get_schema(node.op_type, entry.version)
            then = onnx.defs.get_schema(node.op_type, OLDEST)
            if now.since_version != then.since_version:
                return model
        entry.version = OLDEST
    return model


def plain(value):
    """An array; nil for what is none, such as a sequence."""
    if isinstance(value, onnx.TensorProto):
        value = onnx.numpy_helper.to_array(value)
    return value if isinstance(value, (numpy.ndarray, numpy.generic)) else None


def node_cases():
    """The cases of single operators, and those of what they are put together from."""
    cases, known = [], {}
    for test in load_model_tests(kind="node"):
        inputs, outputs = test.data_sets[0]
        graph = test.model.graph
        base = test.name.split("_expanded")[0]
        is_expanded = base != test.name
        if not is_expanded:
            known[base] = graph.node[0].op_type
        cases.append(Case(
            test.name, known.get(base, graph.node[0].op_type), lifted(test.model),
            dict(zip([port.name for port in graph.input], map(plain, inputs))),
            dict(zip([port.name for port in graph.output], map(plain, outputs))),
            test.rtol, test.atol, is_expanded))
    return cases


def light_cases():
    """Models of well-known networks, whose weights are filled with one number each."""
    folder = os.path.join(os.path.dirname(onnx.backend.test.__file__), "data", "light")
    cases = []
    for path in sorted(glob.glob(os.path.join(folder, "light_*.onnx"))):
        stem = os.path.splitext(path)[0]
        expected = sorted(glob.glob(stem + "_output_*.pb"))
        model = onnx.load(path)
        weights = {tensor.name for tensor in model.graph.initializer}
        inputs = {}
        for port in model.graph.input:
            if port.name in weights:
                continue
            shape = [d.dim_value if d.HasField("dim_value") else 1
                     for d in port.type.tensor_type.shape.dim]
            count = int(numpy.prod(shape))
            inputs[port.name] = (numpy.arange(count).reshape(shape) / count).astype(numpy.float32)
        outputs = {}
        for port, file in zip(model.graph.output, expected):
            with open(file, "rb") as handle:
                outputs[port.name] = onnx.numpy_helper.to_array(
                    onnx.TensorProto.FromString(handle.read()))
        name = os.path.basename(stem)
        relative = 2e-3 if "densenet" in name else 1e-3
        cases.append(Case(name, "models", model, inputs, outputs, relative, 1e-7, False))
    return cases


def difference(case, given):
    """Why outputs are not the expected ones; nil where they are.

    `given` has an array for each name.
    """
    for name, expected in case.outputs.items():
        if expected is None:
            continue
        expected, array = numpy.asarray(expected), given[name]
        if array.shape != expected.shape:
            return f"{name} has shape {array.shape}, not {expected.shape}"
        if array.dtype != expected.dtype:
            return f"{name} is of {array.dtype}, not {expected.dtype}"
        if not numpy.allclose(
                array, expected, rtol=case.relative, atol=case.absolute, equal_nan=True):
            with numpy.errstate(all="ignore"):
                worst = numpy.nanmax(numpy.abs(
                    array.astype(numpy.float64) - expected.astype(numpy.float64)))
            return f"{name} differs by up to {worst:.3g}"
    return None
