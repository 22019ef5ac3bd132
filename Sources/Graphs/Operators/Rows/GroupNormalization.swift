import Basics
import Tensors

/// Groups of an image's channels divided by their own spread, each channel scaled and shifted.
///
/// Reads the images, then a scale and a shift for each channel.
package struct GroupNormalization: Operator {
  /// Groups of channels; as many as channels normalise each on its own.
  package var groups: Int
  /// Added to the variance.
  package var epsilon: Double
  /// Whether the channels are the innermost dimension; otherwise they are the second.
  package var isChannelsLast: Bool

  package init(groups: Int, epsilon: Double, isChannelsLast: Bool) {
    (self.groups, self.epsilon, self.isChannelsLast) = (groups, epsilon, isChannelsLast)
  }

  package var aliases: [Alias] { [Alias(output: 0, input: 0)] }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(3, of: inputs)
    try requireFloats(inputs)
    let dimensions = inputs[0].dimensions
    guard dimensions.count >= 2,
      let channels = dimensions[isChannelsLast ? dimensions.count - 1 : 1].length, groups > 0,
      channels % groups == 0, !dimensions.dropFirst().contains(.batch)
    else { throw Problem(.malformed, "\(inputs[0]) has no \(groups) groups of channels") }
    let type = TensorType(.f32, [.fixed(channels)])
    guard inputs[1] == type, inputs[2] == type else {
      throw Problem(.malformed, "\(inputs[1]) and \(inputs[2]) are not one number a channel")
    }
    return [inputs[0]]
  }

  /// Channels of an image, and its pixels.
  package func parts(_ shape: Shape) -> (channels: Int, area: Int) {
    let channels = isChannelsLast ? shape.C : shape.dimensions[1]
    return (channels, shape.count / shape.N / channels)
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let (shape, values) = (inputs[0].shape, inputs[0].values)
    let (channels, area) = parts(shape)
    let size = channels / groups
    /// The channel of an element.
    func channel(_ index: Int) -> Int {
      isChannelsLast ? index % channels : index / area % channels
    }
    var members = [[Double]](repeating: [], count: shape.N * groups)
    func part(_ index: Int) -> Int { index / (channels * area) * groups + channel(index) / size }
    for index in values.indices { members[part(index)].append(values[index]) }
    let means = members.map { $0.reduce(0, +) / Double($0.count) }
    let variances = zip(members, means).map { part, mean in
      part.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(part.count)
    }
    return [
      ReferenceTensor(shape) { index in
        let (group, c) = (part(index), channel(index))
        let factor = inputs[1].values[c] / (variances[group] + epsilon).squareRoot()
        return (values[index] - means[group]) * factor + inputs[2].values[c]
      }
    ]
  }
}
