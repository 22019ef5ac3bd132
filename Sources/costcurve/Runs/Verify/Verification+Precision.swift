import Basics
import Harness
import Interchange
import Kernels
import Models
import Programs
import Workloads

extension Verification {
  /// Holds a lower precision against the same arithmetic in plain loops: of int8 where no layer is
  /// left in floats not a bit may differ, elsewhere as much as roundings explain.
  ///
  /// - Parameters:
  ///   - precision: What layers multiply.
  ///   - file: A model; nil for networks of ours with seeded weights.
  ///   - calibration: Arrays that ranges of int8 are taken from; seeded ones for none.
  ///   - weightBits: Bits of the weights of int8; nil for those that this build is fastest with.
  /// - Returns: A comparison for each subject.
  /// - Throws: What cannot be computed so.
  func check(
    in precision: CaseID.Precision, _ file: ModelOfFile?, calibration: [String],
    weightBits: WeightBits?
  ) throws -> [CheckResult] {
    if let engine = engines.first, engines.count == 1,
      let refusal = engine.refusal(of: precision)
    {
      throw Problem(.usage, "--engine: \(refusal)")
    }
    var results: [CheckResult] = []
    for subject in try subjects(file) {
      if Interrupt.wasRequested { throw Problem.interrupted }
      let lower: any InferenceSubject
      let layers: String
      switch precision {
      case .int8:
        let quantizer = Quantizer(threads: pool.threads, weightBits: weightBits)
        let quantized = try quantizer.quantized(
          subject, table: nil, calibration: calibration)
        (lower, layers) = (quantized, "\(quantized.layers.onBytes) of \(quantized.layers.all)")
      case .bf16:
        let cast = try BFloat16Subject(subject)
        (lower, layers) = (cast, "\(cast.layers.onBFloat16) of \(cast.layers.all)")
      }
      let pass = try lower.forwardPass(batch: lower.smallestBatch)
      let (oracle, name) = (pass.oracle, subject.name)
      let shapes = try oracle.inputShapes()
      let program = try pass.program(pool: pool) { Engine.native.algorithm(for: $0) }
      let inputs = InputBlock(for: program, tables: pass.tables)
      inputs.fill(seed: 1)
      let answer = try oracle.answer(to: inputs.lastItems(shapes), pool: pool)
      inputs.bindLast(to: program)
      let bound = try withExtendedLifetime(inputs) {
        program.run()
        return try oracle.errorBound(
          of: program, for: inputs.lastItems(shapes), beside: answer, pool: pool)
      }
      try add(
        CheckResult(
          name: "\(program.outputNames.joined(separator: " and ")) of \(name), "
            + "\(precision.rawValue), \(layers) layers",
          error: program.error(beside: answer.outputs), bound: bound,
          against: answer.basis),
        to: &results)
    }
    if precision == .bf16, file == nil { try checkStep(to: &results) }
    return results
  }

  /// Holds the units of a training step of the network that was named, or of one, against plain loops,
  /// where it learns from labels or sequences.
  private func checkStep(to results: inout [CheckResult]) throws {
    let named = try Network.named(network ?? "resnet18")
    guard named.readsLabels || named.training != nil else { return }
    try add(SelfCheck.stepOnBFloat16(named, pool: pool), to: &results)
  }

  /// What is checked: a model, the network that was named, or a few.
  private func subjects(_ file: ModelOfFile?) throws -> [any InferenceSubject] {
    if let file { return [file] }
    var subjects: [any InferenceSubject] = []
    for name in network.map({ [$0] }) ?? ["resnet18", "resnet50", "inception_v3"] {
      let named = try Network.named(name)
      guard named.item != .sequence else {
        subjects.append(try sequences(of: named))
        continue
      }
      guard sequence == nil else { throw named.refusal(ofSequence: true) }
      let model = try Model(named: name, weights: nil, seed: 1)
      subjects.append(SizedModel(model, inputSize: named.checkInputSize))
    }
    return subjects
  }
}
