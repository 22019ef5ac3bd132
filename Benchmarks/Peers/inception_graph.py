"""Inception v3 without its auxiliary classifier, on a graph of onnx_graph."""

EPSILON = 1e-3


def build(graph):
    """Appends all layers and returns the name of the logits."""
    x = unit(graph, "input", "Conv2d_1a_3x3", stride=2)
    x = unit(graph, x, "Conv2d_2a_3x3")
    x = pool(graph, unit(graph, x, "Conv2d_2b_3x3", padding=1))
    x = unit(graph, x, "Conv2d_3b_1x1")
    x = pool(graph, unit(graph, x, "Conv2d_4a_3x3"))
    for at in ("Mixed_5b", "Mixed_5c", "Mixed_5d"):
        x = join(graph, at, [
            unit(graph, x, f"{at}.branch1x1"),
            chain(graph, x, at, ("branch5x5_1", 0), ("branch5x5_2", 2)),
            chain(graph, x, at, ("branch3x3dbl_1", 0), ("branch3x3dbl_2", 1), ("branch3x3dbl_3", 1)),
            mean(graph, x, at)])
    at = "Mixed_6a"
    x = join(graph, at, [
        unit(graph, x, f"{at}.branch3x3", stride=2),
        unit(graph, chain(graph, x, at, ("branch3x3dbl_1", 0), ("branch3x3dbl_2", 1)),
             f"{at}.branch3x3dbl_3", stride=2),
        pool(graph, x)])
    row, column = (0, 3), (3, 0)
    for at in ("Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"):
        x = join(graph, at, [
            unit(graph, x, f"{at}.branch1x1"),
            chain(graph, x, at, ("branch7x7_1", 0), ("branch7x7_2", row), ("branch7x7_3", column)),
            chain(graph, x, at, ("branch7x7dbl_1", 0), ("branch7x7dbl_2", column),
                  ("branch7x7dbl_3", row), ("branch7x7dbl_4", column), ("branch7x7dbl_5", row)),
            mean(graph, x, at)])
    at = "Mixed_7a"
    x = join(graph, at, [
        unit(graph, unit(graph, x, f"{at}.branch3x3_1"), f"{at}.branch3x3_2", stride=2),
        unit(graph, chain(graph, x, at, ("branch7x7x3_1", 0), ("branch7x7x3_2", row),
                          ("branch7x7x3_3", column)), f"{at}.branch7x7x3_4", stride=2),
        pool(graph, x)])
    for at in ("Mixed_7b", "Mixed_7c"):
        single = unit(graph, x, f"{at}.branch3x3_1")
        double = chain(graph, x, at, ("branch3x3dbl_1", 0), ("branch3x3dbl_2", 1))
        x = join(graph, at, [
            unit(graph, x, f"{at}.branch1x1"),
            unit(graph, single, f"{at}.branch3x3_2a", padding=(0, 1)),
            unit(graph, single, f"{at}.branch3x3_2b", padding=(1, 0)),
            unit(graph, double, f"{at}.branch3x3dbl_3a", padding=(0, 1)),
            unit(graph, double, f"{at}.branch3x3dbl_3b", padding=(1, 0)),
            mean(graph, x, at)])
    x = graph.add("GlobalAveragePool", [x], "avgpool")
    return graph.linear(graph.add("Flatten", [x], "flatten"), "fc")


def unit(graph, x, layer, stride=1, padding=0):
    """A convolution, its batch-norm and ReLU."""
    x = graph.conv(x, layer + ".conv", stride, padding)
    return graph.relu(graph.norm(x, layer + ".bn", EPSILON))


def chain(graph, x, at, *layers):
    """Units of stride 1, each with its padding."""
    for layer, padding in layers:
        x = unit(graph, x, f"{at}.{layer}", padding=padding)
    return x


def pool(graph, x):
    """The largest of 3x3, half the side."""
    return graph.add("MaxPool", [x], x + ".pool", kernel_shape=[3, 3], strides=[2, 2])


def mean(graph, x, at):
    """The mean of 3x3, zeros of the border counted, and a 1x1."""
    x = graph.add("AveragePool", [x], at + ".mean", kernel_shape=[3, 3], strides=[1, 1],
                  pads=[1] * 4, count_include_pad=1)
    return unit(graph, x, at + ".branch_pool")


def join(graph, at, branches):
    return graph.add("Concat", branches, at, axis=1)
