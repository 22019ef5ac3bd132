import Basics
import Interchange
import Kernels
import Models
import Programs
import Workloads

extension Verification {
  /// Holds int8 against the same arithmetic in plain integers: where no layer is left in floats not a
  /// bit may differ, elsewhere as much as roundings explain.
  ///
  /// - Parameters:
  ///   - file: A model; nil for networks of ours with seeded weights.
  ///   - calibration: Arrays that ranges are taken from; seeded ones for none.
  /// - Returns: A comparison for each subject.
  /// - Throws: What cannot be quantized.
  func checkBytes(_ file: ModelOfFile?, calibration: [String]) throws -> [CheckResult] {
    if let engine = engines.first, engines.count == 1, let refusal = engine.refusalOfBytes {
      throw Problem(.usage, "--engine: \(refusal)")
    }
    var subjects: [any InferenceSubject] = []
    if let file {
      subjects.append(file)
    } else {
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
    }
    var results: [CheckResult] = []
    for subject in subjects {
      if Interrupt.wasRequested { throw Problem.interrupted }
      let quantized = try Quantizer(threads: pool.threads).quantized(
        subject, table: nil, calibration: calibration)
      let pass = try quantized.forwardPass(batch: quantized.smallestBatch)
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
          name: "\(program.outputNames.joined(separator: " and ")) of \(name), int8, "
            + "\(quantized.layers.onBytes) of \(quantized.layers.all) layers",
          error: program.error(beside: answer.outputs), bound: bound, against: answer.basis),
        to: &results)
    }
    return results
  }
}
