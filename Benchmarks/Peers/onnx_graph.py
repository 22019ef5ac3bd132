"""Builds the ONNX graph of a ResNet, AlexNet or Inception v3 from torchvision-named weights.

The graph is what torch's exporter would give for the same network in evaluation mode: Conv,
BatchNormalization, Relu, Add, Concat, MaxPool, AveragePool, GlobalAveragePool, Gemm. Folding and fusing is left to the
runtime under test, which is part of what is measured.
"""

from onnx import TensorProto, checker, helper, numpy_helper

import inception_graph

# Blocks per stage, and whether a block is a bottleneck (He et al. 2015, table 1).
RESNETS = {
    "resnet18": ((2, 2, 2, 2), False),
    "resnet34": ((3, 4, 6, 3), False),
    "resnet50": ((3, 4, 6, 3), True),
    "resnet101": ((3, 4, 23, 3), True),
    "resnet152": ((3, 8, 36, 3), True),
}


class Graph:
    """Nodes and initialisers in the making; every method returns the name of its output."""

    def __init__(self, weights):
        self.weights = weights
        self.nodes = []
        self.initializers = {}

    def weight(self, name):
        self.initializers[name] = numpy_helper.from_array(self.weights[name], name)
        return name

    def add(self, kind, inputs, name, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def conv(self, x, layer, stride=1, padding=0):
        """`padding` is one number, or one for rows and one for columns."""
        rows, columns = (padding, padding) if isinstance(padding, int) else padding
        kernel = list(self.weights[layer + ".weight"].shape[2:])
        inputs = [x, self.weight(layer + ".weight")]
        if layer + ".bias" in self.weights:
            inputs.append(self.weight(layer + ".bias"))
        return self.add("Conv", inputs, layer, kernel_shape=kernel, strides=[stride] * 2,
                        pads=[rows, columns] * 2)

    def norm(self, x, layer, epsilon=1e-5):
        parts = [layer + "." + part for part in ("weight", "bias", "running_mean", "running_var")]
        return self.add("BatchNormalization", [x] + [self.weight(part) for part in parts], layer,
                        epsilon=epsilon)

    def relu(self, x):
        return self.add("Relu", [x], x + ".relu")

    def linear(self, x, layer):
        return self.add("Gemm", [x, self.weight(layer + ".weight"), self.weight(layer + ".bias")],
                        layer, transB=1)


def resnet(graph, name):
    blocks, bottleneck = RESNETS[name]
    x = graph.relu(graph.norm(graph.conv("input", "conv1", 2, 3), "bn1"))
    x = graph.add("MaxPool", [x], "maxpool", kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    for stage, count in enumerate(blocks, 1):
        for block in range(count):
            at = f"layer{stage}.{block}"
            stride = 2 if stage > 1 and block == 0 else 1
            y = x
            steps = [(1, 1, 0), (2, stride, 1), (3, 1, 0)] if bottleneck else [
                (1, stride, 1), (2, 1, 1)]
            for index, s, p in steps:
                y = graph.norm(graph.conv(y, f"{at}.conv{index}", s, p), f"{at}.bn{index}")
                if index != len(steps):
                    y = graph.relu(y)
            if f"{at}.downsample.0.weight" in graph.weights:
                x = graph.norm(graph.conv(x, f"{at}.downsample.0", stride), f"{at}.downsample.1")
            x = graph.relu(graph.add("Add", [y, x], at + ".add"))
    x = graph.add("GlobalAveragePool", [x], "avgpool")
    return graph.linear(graph.add("Flatten", [x], "flatten"), "fc")


def alexnet(graph):
    x = "input"
    for index, stride, padding, pool in ((0, 4, 2, True), (3, 1, 2, True), (6, 1, 1, False),
                                         (8, 1, 1, False), (10, 1, 1, True)):
        x = graph.relu(graph.conv(x, f"features.{index}", stride, padding))
        if pool:
            x = graph.add("MaxPool", [x], x + ".pool", kernel_shape=[3, 3], strides=[2, 2])
    # At 224x224 the adaptive average pool to 6x6 has one cell per output, so it is the identity.
    x = graph.add("Flatten", [x], "flatten")
    x = graph.relu(graph.linear(x, "classifier.1"))
    x = graph.relu(graph.linear(x, "classifier.4"))
    return graph.linear(x, "classifier.6")


def model(name, weights, batch, size):
    """The whole model with a fixed input shape `batch 3 size size`, which helps every runtime."""
    graph = Graph(weights)
    if name not in ("alexnet", "inception_v3") and name not in RESNETS:
        raise ValueError(f"no ONNX graph for '{name}'; there is one for alexnet, inception_v3 and "
                         + ", ".join(RESNETS))
    if name == "alexnet" and size != 224:
        raise ValueError("the AlexNet graph is for 224x224 inputs")
    if name == "alexnet":
        output = alexnet(graph)
    else:
        output = inception_graph.build(graph) if name == "inception_v3" else resnet(graph, name)
    classes = int(weights["classifier.6.bias" if name == "alexnet" else "fc.bias"].shape[0])
    made = helper.make_model(
        helper.make_graph(
            graph.nodes, name,
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, [batch, 3, size, size])],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, [batch, classes])],
            list(graph.initializers.values())),
        opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    checker.check_model(made)
    return made
