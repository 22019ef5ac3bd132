import Basics
import Graphs
import Kernels
import Models
import Tensors

/// What the outputs of a program are held against: the same graph by plain loops.
///
/// Every operator of the graph as it was written, before the passes of inference, is computed by its
/// own reference in float64, and each value stored as its type holds it. Where that would take too
/// long or too much memory, only convolutions and fully connected layers of the compiled graph are
/// plain float64 loops, and its other operators run by the very kernels that are checked.
///
/// Of a graph on bytes the references stand only where all of them give the bits of a run: a function of
/// floats may be rounded to another byte in float64, and all that follows differs. Else its layers are
/// plain loops over whole numbers.
package struct OutputOracle: Sendable {
  /// By what the expected outputs were computed.
  package enum Basis: String, Hashable, Sendable {
    /// Every operator by its reference.
    case operators = "float64 operators"
    /// Convolutions and fully connected layers by plain loops, all else as in any program.
    case kernels = "reference kernels"
  }

  /// Outputs as they have to be.
  package struct Answer: Hashable, Sendable {
    /// The elements of each output in the order of the graph's; whole numbers beyond 2^24 are rounded.
    package var outputs: [[Float]]
    /// How they were found.
    package var basis: Basis

    /// Joins both.
    package init(outputs: [[Float]], basis: Basis) {
      (self.outputs, self.basis) = (outputs, basis)
    }
  }

  /// How much the references of all operators may take.
  package struct Limits: Hashable, Sendable {
    /// Multiply-accumulates, each element of a value counted as `macsPerElement` of them.
    package var macs: Double
    /// Bytes at a time.
    package var bytes: Double

    package init(macs: Double, bytes: Double) { (self.macs, self.bytes) = (macs, bytes) }

    /// Seconds, not minutes, on two threads: room for ResNet-152 and VGG-16 at 224 pixels and for
    /// BERT-base at 128 tokens, not for the latter at 512.
    package static let usual = Limits(macs: 24e9, bytes: 0x1p31)
    /// An element costs a call and a few divisions, a multiply-accumulate a part of a vector.
    static let macsPerElement = 64.0
    /// The part of the free memory that may be taken.
    static let shareOfMemory = 0.5
  }

  private let written: Graph
  let compiled: Graph
  let weights: any WeightSource
  let batch: Int

  /// Names what is computed.
  ///
  /// - Parameters:
  ///   - written: The graph before the passes of inference.
  ///   - compiled: The same after them, with the same inputs and outputs.
  ///   - weights: Where the parameters come from.
  ///   - batch: Items side by side.
  package init(written: Graph, compiled: Graph, weights: any WeightSource, batch: Int) {
    (self.written, self.compiled) = (written, compiled)
    (self.weights, self.batch) = (weights, batch)
  }

  /// The shape of each input, in the order of the compiled graph's.
  ///
  /// - Returns: Shapes for as many items as it computes.
  /// - Throws: A batch too large to count.
  package func inputShapes() throws(Problem) -> [Shape] {
    let shapes = try compiled.shapes(["batch": batch])
    return compiled.inputs.map { shapes[$0.value.index] }
  }

  /// Computes the outputs.
  ///
  /// - Parameters:
  ///   - inputs: Where the elements of each input lie, in the order of `inputShapes`.
  ///   - pool: The threads.
  ///   - limits: What they may take.
  /// - Returns: All outputs, and how they were found.
  /// - Throws: Weights that cannot be read.
  package func answer(
    to inputs: [UnsafeRawPointer], pool: ThreadPool, limits: Limits = .usual
  ) throws(Problem) -> Answer {
    guard keepsBytes, try isWithin(limits) else {
      return Answer(outputs: try run(inputs, pool), basis: .kernels)
    }
    return Answer(outputs: try evaluated(inputs, pool), basis: .operators)
  }

  /// Whether the references round to the bytes that a run rounds to, or there are none.
  private var keepsBytes: Bool { !compiled.isQuantized || written.hasExactReferences }

  private func isWithin(_ limits: Limits) throws(Problem) -> Bool {
    let macs = Double(compiled.macs(batch: batch).count)
    let cost = written.evaluationCost(try written.shapes(["batch": batch]))
    let free = AvailableMemory.bytes().map { Limits.shareOfMemory * Double($0) } ?? .infinity
    return macs + Limits.macsPerElement * cost.elements <= limits.macs
      && cost.bytes <= min(limits.bytes, free)
  }

  /// The outputs by the references of all operators.
  private func evaluated(
    _ inputs: [UnsafeRawPointer], _ pool: ThreadPool
  ) throws(Problem) -> [[Float]] {
    let results = try written.evaluate(on: pool, keepsTypes: true) {
      (name: String, parameter: Parameter?) throws(Problem) -> ReferenceTensor? in
      guard let parameter else { return input(name, inputs) }
      return try weights.reference(parameter)
    }
    var outputs: [[Float]] = []
    for port in compiled.outputs {
      guard let tensor = results[port.name] else {
        throw Problem(.malformed, "there is nothing to hold \(port.name) against")
      }
      outputs.append(tensor.values.map { Float($0) })
    }
    return outputs
  }

  private func input(_ name: String, _ inputs: [UnsafeRawPointer]) -> ReferenceTensor? {
    guard let place = compiled.inputs.firstIndex(where: { $0.name == name }) else { return nil }
    let type = compiled[compiled.inputs[place].value].type
    return type.shape(["batch": batch]).map { shape in
      ReferenceTensor(shape) { type.element.number($0, in: inputs[place]) }
    }
  }

  /// The outputs of a program whose convolutions and fully connected layers are plain loops.
  private func run(
    _ inputs: [UnsafeRawPointer], _ pool: ThreadPool
  ) throws(Problem) -> [[Float]] {
    let program = try Program(
      compiled, parameters: .frozen(weights), batch: batch, pool: pool
    ) { _, _, _ in .reference }
    for (index, input) in inputs.enumerated() { program.bind(index, to: input) }
    program.run()
    return compiled.outputs.indices.map { program.numbers($0) }
  }
}
