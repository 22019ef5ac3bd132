import Formats
import Kernels

/// All that training changes: parameters, their gradients and momenta, and running statistics.
///
/// Each kind is one block of memory, so that the optimizer passes over it once. Filters are in the
/// kernels' order, `K R S C`; what goes in and out by name is in torchvision's.
package final class TrainingState: WeightSource, @unchecked Sendable {
  /// Where a parameter lies.
  private struct Place {
    var offset: Int
    var parameter: Parameter
    /// Pixels of a filter's window, or of a fully connected layer's input.
    var area: Int
  }

  /// Trainable parameters.
  let values: AlignedBuffer
  /// Their gradients.
  let gradients: AlignedBuffer
  /// Their momenta; zeros before the first step.
  let momenta: AlignedBuffer
  /// Running means and variances.
  let statistics: AlignedBuffer
  private let places: [String: Place]
  private let offsets: [Int: [Parameter.Role: Int]]

  /// The network's parameters in order.
  package let parameters: [Parameter]

  /// All trained parameters, one after the other; for digests and comparisons.
  package var elements: UnsafeBufferPointer<Float> { UnsafeBufferPointer(values.elements) }

  /// Allocates and fills.
  ///
  /// - Parameters:
  ///   - network: What is trained.
  ///   - weights: Asked for each parameter once.
  /// - Throws: A weight file that cannot be read.
  package init(_ network: Network, weights: some WeightSource) throws(FileError) {
    parameters = network.parameters
    let shapes = network.shapes(batch: 1, inputSize: network.usualInputSize)
    var places: [String: Place] = [:]
    var offsets: [Int: [Parameter.Role: Int]] = [:]
    var (trainable, statistic) = (0, 0)
    for parameter in parameters {
      let input = shapes[network.nodes[parameter.node].inputs[0]]
      let area =
        parameter.role != .filters
        ? 1
        : parameter.shape.count == 4 ? parameter.shape[2] * parameter.shape[3] : input.H * input.W
      let offset = parameter.isTrainable ? trainable : statistic
      places[parameter.name] = Place(offset: offset, parameter: parameter, area: area)
      offsets[parameter.node, default: [:]][parameter.role] = offset
      let next = ArenaLayout.aligned(offset + parameter.count)
      if parameter.isTrainable { trainable = next } else { statistic = next }
    }
    (self.places, self.offsets) = (places, offsets)
    values = AlignedBuffer(count: trainable)
    gradients = AlignedBuffer(count: trainable)
    momenta = AlignedBuffer(count: trainable)
    statistics = AlignedBuffer(count: statistic)
    for parameter in parameters { set(parameter, to: try weights.values(parameter)) }
  }

  /// Offset of a parameter in its block, or nil where the layer has none of that kind.
  func offset(_ node: Int, _ role: Parameter.Role) -> Int? { offsets[node]?[role] }

  package func read(
    _ parameter: Parameter, into values: UnsafeMutableBufferPointer<Float>
  ) throws(FileError) {
    let place = place(of: parameter)
    copyOut(place, from: base(parameter) + place.offset, into: values)
  }

  /// Replaces a parameter.
  ///
  /// - Parameters:
  ///   - parameter: One of the network's.
  ///   - elements: `parameter.count` floats in torchvision's order.
  package func set(_ parameter: Parameter, to elements: [Float]) {
    let place = place(of: parameter)
    copyIn(place, elements, into: base(parameter) + place.offset)
  }

  /// The momentum of a trainable parameter, in torchvision's order.
  package func momentum(_ parameter: Parameter) -> [Float] {
    trainableElements(parameter, of: momenta.pointer)
  }

  /// The last gradient of a trainable parameter, in torchvision's order.
  package func gradient(_ parameter: Parameter) -> [Float] {
    trainableElements(parameter, of: gradients.pointer)
  }

  /// Replaces the momentum of a trainable parameter.
  ///
  /// - Parameters:
  ///   - parameter: One of the network's trainable ones.
  ///   - elements: `parameter.count` floats in torchvision's order.
  package func setMomentum(_ parameter: Parameter, to elements: [Float]) {
    let place = place(of: parameter)
    copyIn(place, elements, into: momenta.pointer + place.offset)
  }

  /// Writes parameters and running statistics as safetensors with torchvision's names.
  ///
  /// - Parameter path: Replaced when it exists.
  /// - Throws: `cannotWrite` for a closed directory or a full disk.
  package func write(to path: String) throws {
    try write(parameters, to: path)
  }

  private func trainableElements(
    _ parameter: Parameter, of block: UnsafeMutablePointer<Float>
  ) -> [Float] {
    precondition(parameter.isTrainable, "\(parameter.name) is not trained")
    let place = place(of: parameter)
    return [Float](unsafeUninitializedCapacity: parameter.count) { target, count in
      copyOut(place, from: block + place.offset, into: target)
      count = parameter.count
    }
  }

  private func base(_ parameter: Parameter) -> UnsafeMutablePointer<Float> {
    parameter.isTrainable ? values.pointer : statistics.pointer
  }

  private func place(of parameter: Parameter) -> Place {
    guard let place = places[parameter.name] else {
      preconditionFailure("no parameter \(parameter.name)")
    }
    return place
  }

  /// Calls `body` with each element's index in torchvision's order and in the kernels'.
  private func forEachElement(_ place: Place, _ body: (_ outside: Int, _ inside: Int) -> Void) {
    guard place.area > 1 else {
      for index in 0..<place.parameter.count { body(index, index) }
      return
    }
    let channels = place.parameter.count / place.parameter.shape[0] / place.area
    var outside = 0
    for k in 0..<place.parameter.shape[0] {
      for c in 0..<channels {
        for pixel in 0..<place.area {
          body(outside, (k * place.area + pixel) * channels + c)
          outside += 1
        }
      }
    }
  }

  private func copyOut(
    _ place: Place, from source: UnsafeMutablePointer<Float>,
    into target: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(target.count == place.parameter.count, "\(target.count) floats")
    forEachElement(place) { outside, inside in target[outside] = source[inside] }
  }

  private func copyIn(
    _ place: Place, _ elements: [Float], into target: UnsafeMutablePointer<Float>
  ) {
    precondition(elements.count == place.parameter.count, "\(elements.count) floats")
    forEachElement(place) { outside, inside in target[inside] = elements[outside] }
  }
}
