"""Dated releases of the same software on one ONNX file: what `worker.py --releases` offers.

ONNX Runtime and OpenVINO read the file themselves, by the code of `runtimes.py`. PyTorch and
TensorFlow do not, so its network is written down anew here, layer by layer as their users would,
with nothing installed beside them: torchvision, Keras' weights and converters fit few releases each.
"""

import operator
import os

import numpy

import onnx_file
import runtimes

Case = runtimes.Case

MODULES = {"onnxruntime": ("onnxruntime",), "openvino": ("openvino",), "pytorch": ("torch",),
           "tensorflow": ("tensorflow",)}


class Network:
    """The nodes of a file with its parameters as arrays; one input and one output are run."""

    def __init__(self, path):
        graph = onnx_file.read(path)
        if len(graph.inputs) != 1 or len(graph.outputs) != 1:
            raise ValueError("only networks with one input and one output are run")
        self.nodes, self.input, self.output = graph.nodes, graph.inputs[0], graph.outputs[0]
        kinds = {1: "<f4", 7: "<i8"}
        self.arrays = {
            name: numpy.frombuffer(tensor.bytes, kinds[tensor.element]).reshape(tensor.lengths)
            for name, tensor in graph.tensors.items()}

    def array(self, node, index):
        """The parameter at a place of a node; nil where it has none there."""
        return self.arrays.get(node.inputs[index]) if len(node.inputs) > index else None

    def values(self, node):
        """What a node reads of other nodes, by name."""
        return [name for name in node.inputs if name not in self.arrays]

    def readers(self, name):
        """How often a value is read, the network's own output included."""
        return sum(node.inputs.count(name) for node in self.nodes) + (name == self.output)


def window(node):
    """Side lengths, strides and borders of a window; borders alike on opposite sides."""
    pads = node.attributes.get("pads", [0, 0, 0, 0])
    if pads[:2] != pads[2:] or node.attributes.get("ceil_mode"):
        raise ValueError(f"{node.operation}: borders that differ, or cut windows, are not run")
    return (tuple(node.attributes["kernel_shape"]), tuple(node.attributes.get("strides", [1, 1])),
            tuple(pads[:2]))


def torch_layer(network, node):
    """The module of `torch.nn` that computes a node of a network, its parameters loaded."""
    import torch
    nn = torch.nn
    attributes = node.attributes

    def tensor(array):
        # A file's bytes may not be written to, and a layer's parameters are.
        return torch.from_numpy(numpy.array(array))

    def loaded(layer, **arrays):
        with torch.no_grad():
            for name, array in arrays.items():
                if array is not None:
                    getattr(layer, name).copy_(tensor(array))
        return layer

    if node.operation == "Conv":
        weight, bias = network.array(node, 1), network.array(node, 2)
        sides, strides, borders = window(node)
        groups = attributes.get("group", 1)
        return loaded(
            nn.Conv2d(weight.shape[1] * groups, weight.shape[0], sides, strides, borders,
                      tuple(attributes.get("dilations", [1, 1])), groups, bias is not None),
            weight=weight, bias=bias)
    if node.operation == "BatchNormalization":
        scale, shift, mean, variance = (network.array(node, place) for place in range(1, 5))
        return loaded(
            nn.BatchNorm2d(len(scale), attributes.get("epsilon", 1e-5)),
            weight=scale, bias=shift, running_mean=mean, running_var=variance)
    if node.operation == "Gemm":
        weight, bias = network.array(node, 1), network.array(node, 2)
        if not attributes.get("transB"):
            weight = weight.T
        return loaded(nn.Linear(weight.shape[1], weight.shape[0], bias is not None),
                      weight=weight, bias=bias)
    if node.operation == "Relu":
        # In place as in torchvision, where nobody else reads what went in.
        name = node.inputs[0]
        return nn.ReLU(inplace=name != network.input and network.readers(name) == 1)
    if node.operation == "MaxPool":
        return nn.MaxPool2d(*window(node))
    if node.operation == "AveragePool":
        return nn.AvgPool2d(*window(node), False, bool(attributes.get("count_include_pad", 0)))
    layers = {"GlobalAveragePool": lambda: nn.AdaptiveAvgPool2d(1), "Tanh": nn.Tanh,
              "Flatten": lambda: nn.Flatten(attributes.get("axis", 1)), "Identity": nn.Identity}
    if node.operation not in layers:
        raise ValueError(f"PyTorch's worker does not run {node.operation}")
    return layers[node.operation]()


def torch_model(case):
    """The network of a case's file as a module of PyTorch, written out in Python by `torch.fx`."""
    import torch
    network = Network(case.model_path)
    root, graph = torch.nn.Module(), torch.fx.Graph()
    values = {network.input: graph.placeholder("images")}
    for number, node in enumerate(network.nodes):
        inputs = tuple(values[name] for name in network.values(node))
        if node.operation == "Add":
            names = network.values(node)
            owned = names[0] != network.input and network.readers(names[0]) == 1
            value = graph.call_function(operator.iadd if owned else operator.add, inputs)
        elif node.operation == "Concat":
            value = graph.call_function(torch.cat, (list(inputs), node.attributes["axis"]))
        else:
            root.add_module(f"layer{number}", torch_layer(network, node))
            value = graph.call_module(f"layer{number}", inputs)
        values[node.outputs[0]] = value
    graph.output(values[network.output])
    return torch.fx.GraphModule(root, graph)


class TensorFlow:
    """TensorFlow's function of a frozen network, images as its CPU kernels want them: N H W C."""

    def __init__(self, case):
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
        import tensorflow
        self.tf = tensorflow
        tensorflow.config.threading.set_intra_op_parallelism_threads(case.threads)
        tensorflow.config.threading.set_inter_op_parallelism_threads(1)
        self.case = case
        network = Network(case.model_path)
        images = case.inputs[0]
        if images.ndim == 4:
            images = numpy.ascontiguousarray(images.transpose(0, 2, 3, 1))
        self.images = tensorflow.constant(images)

        def forward(images):
            values = {network.input: images}
            for node in network.nodes:
                inputs = [values[name] for name in network.values(node)]
                values[node.outputs[0]] = self.layer(network, node, inputs)
            return values[network.output]

        self.forward = tensorflow.function(forward).get_concrete_function(
            tensorflow.TensorSpec(images.shape, tensorflow.float32))
        self.images_per_call = case.batch
        self.settings = (f"tensorflow {tensorflow.__version__}, function of a frozen network, "
                         f"{case.threads} threads")

    def layer(self, network, node, inputs):
        """What a node gives, in operations that the graph optimiser knows how to fuse."""
        tf, attributes = self.tf, node.attributes
        value = inputs[0]
        if node.operation == "Conv":
            _, strides, borders = window(node)
            result = tf.nn.conv2d(
                value, network.array(node, 1).transpose(2, 3, 1, 0), strides,
                [[0, 0], [borders[0]] * 2, [borders[1]] * 2, [0, 0]],
                dilations=attributes.get("dilations", [1, 1]))
            bias = network.array(node, 2)
            return result if bias is None else tf.nn.bias_add(result, bias)
        if node.operation == "BatchNormalization":
            scale, shift, mean, variance = (network.array(node, place) for place in range(1, 5))
            return tf.compat.v1.nn.fused_batch_norm(
                value, scale, shift, mean, variance, attributes.get("epsilon", 1e-5),
                is_training=False)[0]
        if node.operation == "Gemm":
            result = tf.linalg.matmul(
                value, network.array(node, 1), transpose_b=bool(attributes.get("transB")))
            bias = network.array(node, 2)
            return result if bias is None else tf.nn.bias_add(result, bias)
        if node.operation in ("MaxPool", "AveragePool"):
            sides, strides, borders = window(node)
            if node.operation == "MaxPool":
                return tf.nn.max_pool2d(
                    value, sides, strides,
                    [[0, 0], [borders[0]] * 2, [borders[1]] * 2, [0, 0]] if any(borders) else "VALID")
            if any(borders):
                raise ValueError("TensorFlow's worker averages no borders")
            return tf.nn.avg_pool2d(value, sides, strides, "VALID")
        if node.operation == "GlobalAveragePool":
            return tf.reduce_mean(value, axis=[1, 2], keepdims=True)
        if node.operation == "Flatten":
            # As the file has it: channels before rows and columns.
            if len(value.shape) == 4 and value.shape[1:3] != [1, 1]:
                value = tf.transpose(value, [0, 3, 1, 2])
            return tf.reshape(value, [value.shape[0], -1])
        if node.operation == "Concat":
            axis = attributes["axis"]
            return tf.concat(inputs, {1: 3, 2: 1, 3: 2}.get(axis, axis)
                             if len(value.shape) == 4 else axis)
        simple = {"Relu": tf.nn.relu, "Tanh": tf.tanh, "Identity": tf.identity,
                  "Add": lambda value: value + inputs[1]}
        if node.operation not in simple:
            raise ValueError(f"TensorFlow's worker does not run {node.operation}")
        return simple[node.operation](value)

    def call(self):
        self.output = self.forward(self.images)

    def error(self):
        return self.case.error_of([self.output.numpy()])


PEERS = {
    "onnxruntime": runtimes.OnnxRuntime,
    "openvino-latency": lambda case: runtimes.OpenVINO(case, "LATENCY"),
    "pytorch-jit": lambda case: runtimes.PyTorch(case, "jit", torch_model),
    "pytorch-channels-last": lambda case: runtimes.PyTorch(case, "channels-last", torch_model),
    "pytorch-compile": lambda case: runtimes.PyTorch(case, "compile", torch_model),
    "tensorflow": TensorFlow,
}
