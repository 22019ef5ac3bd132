import ArgumentParser
import Basics
import Harness
import Models
import Workloads

/// What the layers of a training step multiply, as the command line names it.
enum StepPrecision: String, CaseIterable, ExpressibleByArgument {
  case f32, bf16

  /// What a step is compiled for.
  var training: TrainingPrecision { self == .bf16 ? .bf16 : .f32 }

  /// Refuses an engine that has no layers in it.
  ///
  /// - Parameter engine: How layers are computed.
  /// - Throws: Usage.
  func refuse(_ engine: Engine) throws(Problem) {
    guard let lower = training.inIDs, let refusal = engine.refusal(of: lower) else { return }
    throw Problem(.usage, "--engine: \(refusal)")
  }
}
