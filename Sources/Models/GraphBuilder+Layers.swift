import Basics
import Graphs
import Kernels

/// The layers that networks are written in, each with its parameters under PyTorch's names.
extension GraphBuilder {
  /// Appends a convolution over square images.
  ///
  /// - Parameters:
  ///   - name: The module's name.
  ///   - input: Images `N H W C`.
  ///   - filters: Output channels.
  ///   - window: Rows and columns of a window.
  ///   - strides: Distance between windows.
  ///   - paddings: Zeros on each side.
  ///   - groups: Parts of the channels that do not see one another.
  ///   - hasBias: Whether a bias is added.
  /// - Returns: `N P Q K`.
  /// - Throws: Images smaller than the window.
  package mutating func convolution(
    _ name: String, _ input: Graph.Value, filters: Int, window: PerAxis, strides: PerAxis = 1,
    paddings: PerAxis = 0, groups: Int = 1, hasBias: Bool = false
  ) throws(Problem) -> Graph.Value {
    let channels = length(input, 3) / groups
    let weight = parameter(
      Parameter(
        name: "\(name).weight",
        shape: [filters, channels, window.vertical, window.horizontal], role: .filters,
        area: window.vertical * window.horizontal))
    let op = Convolution(
      filters: filters, window: window, strides: strides, paddings: paddings, groups: groups,
      hasBias: hasBias)
    return try append(name, op, [input, weight] + (hasBias ? [bias(name, filters)] : []))[0]
  }

  /// Appends a fully connected layer over all that one image has, weights in the order `C H W`.
  ///
  /// - Parameters:
  ///   - name: The module's name.
  ///   - input: Images, or rows.
  ///   - outputs: Length of a row of the result.
  /// - Returns: `N × outputs`.
  /// - Throws: An input that cannot be flattened.
  package mutating func linear(
    _ name: String, _ input: Graph.Value, outputs: Int
  ) throws(Problem) -> Graph.Value {
    let isImage = self[input].type.dimensions.count == 4
    let weight = parameter(
      Parameter(
        name: "\(name).weight", shape: [outputs, self[input].type.countPerImage ?? 0],
        role: .filters, area: isImage ? length(input, 1) * length(input, 2) : 1))
    let op = Convolution.linear(outputs: outputs)
    return try append(name, op, [input, weight, bias(name, outputs)])[0]
  }

  /// Appends a batch-norm, with PyTorch's ε unless told.
  package mutating func batchNorm(
    _ name: String, _ input: Graph.Value, epsilon: Double = BatchNormalization.defaultEpsilon
  ) throws(Problem) -> Graph.Value {
    let channels = [length(input, self[input].type.dimensions.count - 1)]
    let tensors: [(String, Parameter.Role)] = [
      ("weight", .normScale), ("bias", .normShift), ("running_mean", .runningMean),
      ("running_var", .runningVariance),
    ]
    var inputs = [input]
    for (suffix, role) in tensors {
      inputs.append(parameter(Parameter(name: "\(name).\(suffix)", shape: channels, role: role)))
    }
    return try append(name, BatchNormalization(epsilon: epsilon), inputs)[0]
  }

  /// Appends `max(x, 0)`.
  package mutating func relu(
    _ name: String, _ input: Graph.Value
  ) throws(Problem) -> Graph.Value { try append(name, ReLU(), [input])[0] }

  package mutating func add(
    _ name: String, _ a: Graph.Value, _ b: Graph.Value
  ) throws(Problem) -> Graph.Value { try append(name, Addition(), [a, b])[0] }

  /// Appends a max pool over square windows.
  package mutating func maxPool(
    _ name: String, _ input: Graph.Value, window: Int, stride: Int, padding: Int = 0
  ) throws(Problem) -> Graph.Value {
    try append(name, MaxPooling(window: window, stride: stride, padding: padding), [input])[0]
  }

  /// Appends the mean over `side × side` parts of the image.
  package mutating func averagePool(
    _ name: String, _ input: Graph.Value, side: Int = 1
  ) throws(Problem) -> Graph.Value {
    try append(name, AdaptiveAveragePooling(side: side), [input])[0]
  }

  /// Appends the mean over square windows, zeros of the border counted.
  package mutating func averagePool(
    _ name: String, _ input: Graph.Value, window: Int, stride: Int, padding: Int = 0
  ) throws(Problem) -> Graph.Value {
    let op = AveragePooling(window: window, stride: stride, padding: padding)
    return try append(name, op, [input])[0]
  }

  /// Appends branches side by side, the channels of the first before those of the second.
  package mutating func concatenation(
    _ name: String, _ branches: [Graph.Value]
  ) throws(Problem) -> Graph.Value { try append(name, Concatenation(), branches)[0] }

  package mutating func tanh(
    _ name: String, _ input: Graph.Value
  ) throws(Problem) -> Graph.Value { try append(name, Tanh(), [input])[0] }

  /// Appends all that an image has as one row, in the order `C H W`.
  package mutating func flatten(
    _ name: String, _ input: Graph.Value
  ) throws(Problem) -> Graph.Value { try append(name, Flattening(), [input])[0] }

  package mutating func dropout(
    _ name: String, _ input: Graph.Value, probability: Double
  ) throws(Problem) -> Graph.Value {
    // The input counts as a node, so that draws stay what they were when it was one.
    let op = RandomDropout(probability: probability, stream: UInt64(nodes.count + 1))
    return try append(name, op, [input])[0]
  }

  /// The bias of a layer, by the layer's name.
  mutating func bias(_ name: String, _ count: Int) -> Graph.Value {
    parameter(Parameter(name: "\(name).bias", shape: [count], role: .bias))
  }

  /// A dimension's length; 1 where there is none, which operators then refuse by name.
  private func length(_ value: Graph.Value, _ dimension: Int) -> Int {
    let dimensions = self[value].type.dimensions
    return dimensions.indices.contains(dimension) ? dimensions[dimension].length ?? 1 : 1
  }
}
