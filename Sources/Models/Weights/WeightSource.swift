import Basics
import Formats
import Graphs

/// Where a network's parameters come from, one tensor at a time.
///
/// A plan asks for each tensor once, packs it and lets it go, so that no second copy of all
/// weights ever exists.
package protocol WeightSource: Sendable {
  /// Writes a parameter's elements in torchvision's order.
  ///
  /// - Parameters:
  ///   - parameter: One of the network's.
  ///   - values: `parameter.count` floats.
  /// - Throws: A file that cannot be read.
  func read(
    _ parameter: Parameter, into values: UnsafeMutableBufferPointer<Float>
  ) throws(Problem)
}

extension WeightSource {
  /// Writes parameters as safetensors with torchvision's names.
  ///
  /// - Parameters:
  ///   - parameters: Of the network, in the order of the file.
  ///   - path: Replaced when it exists.
  /// - Throws: A place that cannot be written, or a source that cannot be read; nothing is left
  ///   behind then.
  package func write(_ parameters: [Parameter], to path: String) throws {
    let byName = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0) })
    try SafetensorsFile.write(parameters.map { ($0.name, $0.shape) }, to: path) { name in
      guard let parameter = byName[name] else {
        throw Problem(.cannotWrite, "\(path): there is no tensor \(name) to write")
      }
      return try self.values(parameter)
    }
  }

  /// A parameter's elements in torchvision's order.
  ///
  /// - Parameter parameter: One of the network's.
  /// - Returns: `parameter.count` floats.
  /// - Throws: A file that cannot be read.
  package func values(_ parameter: Parameter) throws(Problem) -> [Float] {
    var result = [Float](repeating: 0, count: parameter.count)
    try result.withUnsafeMutableBufferPointer { buffer throws(Problem) in
      try read(parameter, into: buffer)
    }
    return result
  }
}

/// Weights made from a seed, such that activations keep a sane range through 152 layers.
///
/// Of networks for sequences, whose norms take means out, matrices and tables are uniform with the
/// variance `1 / inputs`.
///
/// Filters are uniform with the variance `2 / inputs` of He et al., "Delving Deep into Rectifiers"
/// (2015), section 2.2, and each filter sums to zero: activations after a ReLU are positive, and
/// without that their mean would drown what differs between two images. Batch-norm's statistics
/// are near what such filters give, and the last one of each residual branch scales down.
package struct SeededWeights: WeightSource {
  private let seed: UInt32
  /// Names of the scales of the batch-norms that end a residual branch.
  private let branchEnds: Set<String>
  private let isForSequences: Bool

  /// Weights for one network.
  ///
  /// - Parameters:
  ///   - network: The network that will ask for them.
  ///   - seed: Any number; another one gives other weights.
  package init(for network: Network, seed: UInt32) {
    self.seed = seed
    self.branchEnds = network.branchEnds
    isForSequences = network.item == .sequence
  }

  package func read(
    _ parameter: Parameter, into values: UnsafeMutableBufferPointer<Float>
  ) throws(Problem) {
    let fill = HashFill(name: parameter.name, seed: seed)
    func set(_ value: (Double) -> Double) {
      for index in values.indices { values[index] = Float(value(fill.unit(index))) }
    }
    switch parameter.role {
    case .filters where isForSequences:
      let scale = Float((12 / Double(parameter.inputs)).squareRoot() * 0x1p-20)
      for index in values.indices {
        values[index] = Float(Int(fill.word(index)) - (1 << 19)) * scale
      }
    case .filters: fillFilters(parameter, fill, values)
    case .bias, .constant: set { ($0 - 0.5) * 0.1 }
    case .normScale where branchEnds.contains(parameter.name): set { 0.15 + 0.2 * $0 }
    case .normScale: set { 0.8 + 0.4 * $0 }
    case .normShift: set { ($0 - 0.5) * 0.2 }
    case .runningMean: set { ($0 - 0.5) * 0.1 }
    case .runningVariance: set { 0.5 + 0.5 * $0 }
    }
  }

  /// Whole numbers less their filter's mean, scaled once: every rounding is the same in NumPy.
  private func fillFilters(
    _ parameter: Parameter, _ fill: HashFill, _ values: UnsafeMutableBufferPointer<Float>
  ) {
    let inputs = parameter.count / parameter.shape[0]
    let scale = Float((24 / Double(inputs)).squareRoot() * 0x1p-20)
    for filter in 0..<parameter.shape[0] {
      let range = filter * inputs..<(filter + 1) * inputs
      var sum = 0
      for index in range { sum += Int(fill.word(index)) }
      let mean = sum / inputs
      for index in range { values[index] = Float(Int(fill.word(index)) - mean) * scale }
    }
  }
}
