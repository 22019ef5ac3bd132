import Basics
import Kernels
import Tensors

/// What a node computes: one type, in one file, with all that is to be known of it.
///
/// How it runs is the business of `Programs`, where an extension binds it to its kernel.
package protocol Operator: Sendable {
  /// The types of the outputs.
  ///
  /// - Parameter inputs: Types of what the node reads, in order.
  /// - Returns: At least one type.
  /// - Throws: Inputs that the operator cannot take, as a sentence.
  func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType]

  /// The product of filters that this is, from which its work follows.
  ///
  /// - Parameter inputs: Shapes of what the node reads.
  /// - Returns: nil for what has no filters.
  func filterShape(_ inputs: [Shape]) -> ConvShape?

  /// Multiply-accumulates of the definition: of filters, or of values with one another.
  ///
  /// - Parameter inputs: Shapes of what the node reads.
  /// - Returns: Their number; 0 for what is not counted.
  func macs(_ inputs: [Shape]) -> MACs

  /// Whether each image's output follows from that image alone, so that a batch may be cut.
  var isPerImage: Bool { get }

  /// Which outputs may, or must, lie where an input lay.
  var aliases: [Alias] { get }

  /// Whether the kernel can write its first output as a range of the channels of a wider tensor.
  var canWriteRange: Bool { get }

  /// What no element of the first output exceeds in magnitude; nil where nothing bounds it.
  var outputBound: Double? { get }

  /// Whether the last input is the numbers of the training step and of the shard of its batch.
  var readsStep: Bool { get }

  /// What takes the operator's place in training.
  ///
  /// An output that must lie where a parameter lay is what that parameter becomes.
  ///
  /// - Parameter seed: Of what is drawn.
  /// - Returns: An operator whose first outputs are the same.
  func trainingForm(seed: UInt64) -> any Operator

  /// Appends the nodes that compute the loss's derivatives by the inputs.
  ///
  /// - Parameters:
  ///   - node: The node that this is the operator of.
  ///   - gradients: The derivative by each output, as far as there is one.
  ///   - tape: What the nodes are appended to, and what knows which derivatives are wanted.
  /// - Returns: A derivative for each input, nil for those that have none.
  /// - Throws: An operator that has no gradient.
  func gradient(
    _ node: Graph.Node, _ gradients: [Graph.Value?], _ tape: inout GradientTape
  ) throws(Problem) -> [Graph.Value?]

  /// The outputs by plain loops in float64, slow and obvious: what kernels are held to.
  ///
  /// - Parameter inputs: What the node reads.
  /// - Returns: One tensor an output.
  func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor]

  /// The same outputs to the bit, in a pool's threads where that makes them bearable.
  ///
  /// - Parameters:
  ///   - inputs: What the node reads.
  ///   - pool: The threads.
  /// - Returns: One tensor an output.
  func reference(_ inputs: [ReferenceTensor], on pool: ThreadPool) -> [ReferenceTensor]
}

/// An output that lies where an input lay.
package struct Alias: Hashable, Sendable {
  /// Index of the output.
  package var output: Int
  /// Index of the input.
  package var input: Int
  /// Whether the kernel knows no other way; otherwise the alias only saves memory.
  ///
  /// Where the input is still wanted afterwards, the output then starts as its copy.
  package var isRequired = false
}

extension Operator {
  package func filterShape(_ inputs: [Shape]) -> ConvShape? { nil }
  package func macs(_ inputs: [Shape]) -> MACs { filterShape(inputs)?.macs ?? MACs(0) }
  package var isPerImage: Bool { true }
  package var aliases: [Alias] { [] }
  package var canWriteRange: Bool { false }
  package var outputBound: Double? { nil }
  package var readsStep: Bool { false }
  package func trainingForm(seed: UInt64) -> any Operator { self }
  package func reference(
    _ inputs: [ReferenceTensor], on pool: ThreadPool
  ) -> [ReferenceTensor] {
    reference(inputs)
  }
  package func gradient(
    _ node: Graph.Node, _ gradients: [Graph.Value?], _ tape: inout GradientTape
  ) throws(Problem) -> [Graph.Value?] {
    throw Problem(.malformed, "\(node.name) has no gradient")
  }

  /// Refuses another number of inputs.
  func require(_ count: Int, of inputs: [TensorType]) throws(Problem) {
    guard inputs.count == count else {
      throw Problem(.malformed, "\(Self.self) reads \(count) values, not \(inputs.count)")
    }
  }
}

/// An operator whose first output is a loss, and the others its derivatives by what it read.
package protocol LossOperator: Operator {}

/// An operator that changes parameters: it reads numbers, the parameters, and the derivative by each,
/// and gives the parameters as they are then.
package protocol UpdateOperator: Operator {}

/// A derivative that can be added to one that exists already.
package protocol AccumulatingOperator: Operator {
  /// Whether the result is added to the last input, in its place.
  var accumulates: Bool { get set }
}

/// An operator that can do more to its sums before it stores them.
package protocol EpilogueOperator: Operator {
  /// What it does already.
  var epilogue: Epilogue { get set }
  /// Whether it can add a tensor of its output's shape, which it then reads as its last input.
  var canAddResidual: Bool { get }
  /// Whether it can end with any function of one number, and not with ReLU alone.
  var canApplyFunctions: Bool { get }
}

extension EpilogueOperator {
  package var canApplyFunctions: Bool { false }
}
