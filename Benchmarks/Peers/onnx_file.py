#!/usr/bin/env python3
"""Reads what this folder needs of an ONNX file, with nothing but the standard library.

Releases of TensorFlow and of the `onnx` package want protobufs that exclude each other, so no
environment could have both. As a program it prints how many operators and parameters a file has:

    python3 onnx_file.py model.onnx

Field numbers are those of onnx.proto3 (github.com/onnx/onnx).
"""

import json
import math
import struct
import sys


class Node:
    """An operator with the names of what it reads and gives."""

    def __init__(self, data):
        self.operation, self.inputs, self.outputs, self.attributes = "", [], [], {}
        for number, value in fields(data):
            if number == 1:
                self.inputs.append(text(value))
            elif number == 2:
                self.outputs.append(text(value))
            elif number == 4:
                self.operation = text(value)
            elif number == 5:
                name, content = attribute(value)
                self.attributes[name] = content


class Tensor:
    """A parameter: its lengths, its element type's number, and its bytes, low byte first."""

    def __init__(self, data):
        self.name, self.lengths, self.element, self.bytes = "", [], 0, None
        for number, value in fields(data):
            if number == 1:
                self.lengths += integers(value)
            elif number == 2:
                self.element = value
            elif number == 8:
                self.name = text(value)
            elif number in (4, 7) and not isinstance(value, int):
                # Packed floats are their bytes; whole numbers are not.
                self.bytes = value if number == 4 else struct.pack(
                    f"<{len(integers(value))}q", *integers(value))
            elif number == 9:
                self.bytes = value
            elif number == 13:
                raise ValueError("a parameter lies in another file, which is not read here")
        if self.bytes is None:
            raise ValueError(f"{self.name or 'a tensor'} holds its numbers in a way that is not read")


class Graph:
    """Nodes in their order, parameters by name, and the names of inputs and outputs."""

    def __init__(self, data):
        self.nodes, self.tensors, self.inputs, self.outputs = [], {}, [], []
        for number, value in fields(data):
            if number == 1:
                self.nodes.append(Node(value))
            elif number == 5:
                tensor = Tensor(value)
                self.tensors[tensor.name] = tensor
            elif number in (11, 12):
                names = [text(part) for field, part in fields(value) if field == 1]
                (self.inputs if number == 11 else self.outputs).extend(names)
        # Older files name parameters among the inputs.
        self.inputs = [name for name in self.inputs if name not in self.tensors]


def read(path):
    """The graph of a file."""
    with open(path, "rb") as file:
        data = memoryview(file.read())
    for number, value in fields(data):
        if number == 7:
            return Graph(value)
    raise ValueError(f"{path} has no graph: it is no ONNX file")


def attribute(data):
    """Its name, and the one number, text or list that it has."""
    name, content, floats, whole = "", None, [], []
    for number, value in fields(data):
        if number == 1:
            name = text(value)
        elif number == 2:
            content = struct.unpack("<f", value)[0]
        elif number == 3:
            content = signed(value)
        elif number == 4:
            content = text(value)
        elif number == 7:
            floats += [part[0] for part in struct.iter_unpack("<f", value)]
        elif number == 8:
            whole += integers(value)
    return name, whole or floats or content


def fields(data):
    """Number and value of each field of a message: an integer, or the bytes of all else."""
    place = 0
    while place < len(data):
        key, place = varint(data, place)
        kind = key & 7
        if kind == 0:
            value, place = varint(data, place)
        elif kind in (1, 2, 5):
            length = {1: 8, 5: 4}.get(kind)
            if length is None:
                length, place = varint(data, place)
            if place + length > len(data):
                raise ValueError("the file is cut off")
            value, place = data[place:place + length], place + length
        else:
            raise ValueError(f"a field is coded as {kind}, which protobuf has no use for")
        yield key >> 3, value


def varint(data, place):
    result = shift = 0
    while place < len(data):
        byte = data[place]
        result |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return result, place
    raise ValueError("the file is cut off")


def signed(value):
    """A whole number of 64 bits, which may be negative."""
    return value - (1 << 64) if value >= 1 << 63 else value


def integers(value):
    """One whole number, or several in a row."""
    if isinstance(value, int):
        return [signed(value)]
    place, found = 0, []
    while place < len(value):
        number, place = varint(value, place)
        found.append(signed(number))
    return found


def text(value):
    return bytes(value).decode("utf-8")


def main():
    graph = read(sys.argv[1])
    counts = {}
    for node in graph.nodes:
        counts[node.operation] = counts.get(node.operation, 0) + 1
    print(json.dumps({
        "inputs": graph.inputs, "outputs": graph.outputs, "operators": counts,
        "parameters": sum(math.prod(tensor.lengths) for tensor in graph.tensors.values()),
        "bytes": sum(len(tensor.bytes) for tensor in graph.tensors.values())}))


if __name__ == "__main__":
    main()
