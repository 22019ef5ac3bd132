import Basics
import Graphs
import Kernels
import Models

/// All that training changes: parameters, their gradients and moments, and running statistics.
///
/// Each kind is one block of memory, so that the optimizer passes over it once. Filters are in the
/// kernels' order, `K R S C`; what goes in and out by name is in torchvision's.
package final class TrainingState: WeightSource, @unchecked Sendable {
  /// Where a parameter lies.
  private struct Place {
    var offset: Int
    var parameter: Parameter
  }

  /// Trainable parameters.
  let values: AlignedBuffer
  /// Their gradients.
  let gradients: AlignedBuffer
  /// Their momenta; zeros before the first step.
  let momenta: AlignedBuffer
  /// Means of the squares of gradients, likewise; empty where no optimizer keeps them.
  let squares: AlignedBuffer
  /// Running means and variances.
  let statistics: AlignedBuffer
  private let places: [String: Place]
  /// Whether an optimizer keeps means of squares.
  package let keepsSquares: Bool

  /// What sums the gradients over the shards of a batch where other processes have some of them.
  package var reduction: (any GradientReduction)?

  package let parameters: [Parameter]

  /// All trained parameters, one after the other; for digests and comparisons.
  package var elements: UnsafeBufferPointer<Float> { UnsafeBufferPointer(values.elements) }

  /// Allocates and fills.
  ///
  /// - Parameters:
  ///   - network: What is trained.
  ///   - weights: Asked for each parameter once.
  ///   - keepsSquares: Whether the optimizer keeps means of squares.
  /// - Throws: A weight file that cannot be read.
  package init(
    _ network: Network, weights: some WeightSource, keepsSquares: Bool = false
  ) throws(Problem) {
    parameters = network.trainingParameters
    var places: [String: Place] = [:]
    var (trainable, statistic) = (0, 0)
    for parameter in parameters {
      let offset = parameter.isTrainable ? trainable : statistic
      places[parameter.name] = Place(offset: offset, parameter: parameter)
      // Each begins at a cache line, 16 floats.
      let next = (offset + parameter.count + 15) / 16 * 16
      if parameter.isTrainable { trainable = next } else { statistic = next }
    }
    (self.places, self.keepsSquares) = (places, keepsSquares)
    values = AlignedBuffer(count: trainable)
    gradients = AlignedBuffer(count: trainable)
    momenta = AlignedBuffer(count: trainable)
    squares = AlignedBuffer(count: keepsSquares ? trainable : 0)
    statistics = AlignedBuffer(count: statistic)
    for parameter in parameters { set(parameter, to: try weights.values(parameter)) }
  }

  /// Where a parameter lies.
  func pointer(_ parameter: Parameter) -> UnsafeMutablePointer<Float> {
    base(parameter) + place(of: parameter).offset
  }

  /// Where the derivative by a trainable parameter lies.
  func gradientPointer(_ parameter: Parameter) -> UnsafeMutablePointer<Float> {
    gradients.pointer + place(of: parameter).offset
  }

  /// Takes over all that another state of the same network holds.
  func take(_ other: TrainingState) {
    precondition(
      (values.count, squares.count, statistics.count)
        == (other.values.count, other.squares.count, other.statistics.count),
      "a state of another network")
    values.pointer.update(from: other.values.pointer, count: values.count)
    gradients.pointer.update(from: other.gradients.pointer, count: gradients.count)
    momenta.pointer.update(from: other.momenta.pointer, count: momenta.count)
    squares.pointer.update(from: other.squares.pointer, count: squares.count)
    statistics.pointer.update(from: other.statistics.pointer, count: statistics.count)
  }

  /// Where in the block of gradients the derivative by a trainable parameter lies.
  func gradientRange(_ parameter: Parameter) -> Range<Int> {
    let first = place(of: parameter).offset
    return first..<first + parameter.count
  }

  /// All that goes on from step to step: parameters, moments and running statistics, as they lie in
  /// memory.
  package var blocks: [UnsafeMutableRawBufferPointer] {
    [values.elements, momenta.elements, squares.elements, statistics.elements].map {
      UnsafeMutableRawBufferPointer($0)
    }
  }

  /// Running means and variances, one after the other.
  package var runningStatistics: [Float] {
    get { Array(statistics.elements) }
    set {
      precondition(newValue.count == statistics.count, "\(newValue.count) running statistics")
      statistics.pointer.update(from: newValue, count: newValue.count)
    }
  }

  /// The trainable parameters in the order of memory, as an optimizer passes over them.
  ///
  /// - Parameter decaying: Names of those that weight decay is for.
  /// - Returns: A segment for each.
  func segments(decaying: Set<String>) -> [OptimizerPass.Segment] {
    parameters.filter(\.isTrainable).map { parameter in
      OptimizerPass.Segment(
        range: gradientRange(parameter), decays: decaying.contains(parameter.name))
    }
  }

  package func read(
    _ parameter: Parameter, into values: UnsafeMutableBufferPointer<Float>
  ) throws(Problem) {
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

  /// The mean of squares of a trainable parameter's gradients, in torchvision's order.
  package func square(_ parameter: Parameter) -> [Float] {
    precondition(keepsSquares, "no means of squares are kept")
    return trainableElements(parameter, of: squares.pointer)
  }

  /// Replaces the mean of squares of a trainable parameter's gradients.
  ///
  /// - Parameters:
  ///   - parameter: One of the network's trainable ones.
  ///   - elements: `parameter.count` floats in torchvision's order.
  package func setSquare(_ parameter: Parameter, to elements: [Float]) {
    precondition(keepsSquares, "no means of squares are kept")
    let place = place(of: parameter)
    copyIn(place, elements, into: squares.pointer + place.offset)
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
    guard let place = places[parameter.name], place.parameter == parameter else {
      preconditionFailure("no parameter \(parameter.name) of shape \(parameter.shape)")
    }
    return place
  }

  private func copyOut(
    _ place: Place, from source: UnsafeMutablePointer<Float>,
    into target: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(target.count == place.parameter.count, "\(target.count) floats")
    place.parameter.forEachElement { outside, inside in target[outside] = source[inside] }
  }

  private func copyIn(
    _ place: Place, _ elements: [Float], into target: UnsafeMutablePointer<Float>
  ) {
    precondition(elements.count == place.parameter.count, "\(elements.count) floats")
    place.parameter.forEachElement { outside, inside in target[inside] = elements[outside] }
  }
}
