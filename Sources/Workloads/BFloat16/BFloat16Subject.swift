import Basics
import Graphs
import Harness
import Interchange
import Kernels
import Models
import Programs

/// A network or a model of a file whose layers multiply bfloat16.
package struct BFloat16Subject: InferenceSubject {
  /// What it is in float32.
  package let base: any InferenceSubject
  /// Layers on bfloat16, and all layers.
  package let layers: (onBFloat16: Int, all: Int)

  /// Casts a subject.
  ///
  /// - Parameter base: Of float32.
  /// - Throws: A QDQ file, which says itself what it is computed in; what of a file is not supported;
  ///   and what has no layer to be cast.
  package init(_ base: any InferenceSubject) throws(Problem) {
    let pass = try base.forwardPass(batch: base.smallestBatch)
    guard !pass.graph.isQuantized else {
      throw Problem(
        .malformed,
        "\(base.weightsName): says itself how it is quantized; give --precision int8")
    }
    self.base = base
    layers = try Self.cast(pass).graph.bfloat16LayerCounts
    guard layers.onBFloat16 > 0 else {
      throw Problem(
        .malformed,
        "\(base.weightsName): none of its \(layers.all) layers can multiply bfloat16, which "
          + "convolutions and fully connected layers with filters of their own can; leave "
          + "--precision out to run it in float32")
    }
  }

  /// A pass whose layers are cast; what a check evaluates is cast in the same way.
  private static func cast(_ pass: ForwardPass) throws(Problem) -> ForwardPass {
    var pass = pass
    pass.graph = try pass.graph.castingToBFloat16()
    pass.written = pass.graph
    return pass
  }

  package var name: String { base.name }
  package var item: WorkItem { base.item }
  package var weightsName: String { base.weightsName }
  package var smallestBatch: Int { base.smallestBatch }
  package func oracleBatch(of batch: Int) -> Int { base.oracleBatch(of: batch) }

  package func oracle(of batch: Int) throws(Problem) -> InferenceOracle {
    var oracle = try base.oracle(of: batch)
    oracle.pass = try Self.cast(oracle.pass)
    return oracle
  }

  package func writtenPass(batch: Int) throws(Problem) -> ForwardPass {
    try base.writtenPass(batch: batch)
  }

  package func forwardPass(batch: Int) throws(Problem) -> ForwardPass {
    try Self.cast(try base.forwardPass(batch: batch))
  }

  package func parameters(of program: Program) -> [String: JSONValue] {
    var result = base.parameters(of: program)
    result.merge(Self.parameters(layers)) { _, own in own }
    return result
  }

  /// What a record says of layers on bfloat16.
  static func parameters(_ layers: (onBFloat16: Int, all: Int)) -> [String: JSONValue] {
    [
      "precision": .string(CaseID.Precision.bf16.rawValue),
      "bf16_layers": .number(Double(layers.onBFloat16)),
      "layers": .number(Double(layers.all)),
    ]
  }

  /// What is to be known of bfloat16 before its figures, in a sentence.
  package var note: String { Self.note(layers) }

  /// The same of so many layers.
  static func note(_ layers: (onBFloat16: Int, all: Int)) -> String {
    let all = Units.count(layers.all, "layer")
    let counts = "bf16: \(layers.onBFloat16) of \(all) multiply bfloat16"
    return BFloat16Algorithm.tile == .dot512
      ? "\(counts) by vdpbf16ps, sums in float32."
      : "\(counts), widened to float32 in registers, as this build has no instruction for it."
  }
}
