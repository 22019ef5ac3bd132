import Basics
import Graphs
import Harness
import Kernels
import Models
import Programs

/// A training step whose layers multiply bfloat16, as cases and commands name it.
extension CaseID {
  /// What layers of the step multiply.
  var trainingPrecision: TrainingPrecision { precision == .bf16 ? .bf16 : .f32 }
}

extension TrainingPrecision {
  /// As ids name it; nil for float32.
  package var inIDs: CaseID.Precision? { CaseID.Precision(rawValue: rawValue) }

  /// What is to be known of it before figures, in a sentence; nil for float32.
  ///
  /// - Parameter network: What is trained.
  /// - Returns: How many layers multiply bfloat16, and by which instruction.
  package func note(_ network: Network) -> String? {
    guard self == .bf16 else { return nil }
    let step = network.trainingGraph(inputSize: network.usualInputSize, precision: self)
    return BFloat16Subject.note(step.bfloat16LayerCounts)
  }
}

extension Program {
  /// The work of a run that its rate is of: that of layers on bfloat16, where there are some.
  ///
  /// - Parameter work: One of a unit's counts.
  /// - Returns: The sum.
  func ratedFLOPs(_ work: KeyPath<Program.Unit, FLOPs>) -> FLOPs {
    isOnBFloat16 ? bfloat16FLOPs(work) : units.reduce(FLOPs(0)) { $0 + $1[keyPath: work] }
  }

  /// The work in float32 beside that; 0 where all of it is.
  var float32FLOPsBeside: FLOPs { isOnBFloat16 ? float32FLOPs : FLOPs(0) }
}

extension Graph {
  /// What a record says of layers on bfloat16; nothing where there are none.
  var bfloat16Parameters: [String: JSONValue] {
    let layers = bfloat16LayerCounts
    return layers.onBFloat16 == 0 ? [:] : BFloat16Subject.parameters(layers)
  }
}
