import Basics
import Formats
import Foundation
import Interchange
import Programs
import Workloads

extension Verification {
  /// Holds every engine against another program's numbers for a model of a file or a network, or,
  /// without a folder, against plain float64 loops of every operator on seeded inputs; see
  /// `OutputOracle`.
  ///
  /// - Parameters:
  ///   - model: What computes.
  ///   - folder: With a `.npy` file for each input and each output, called as these are; a single
  ///     input may be called `input.npy`, a single output `logits.npy` or `output.npy`.
  /// - Returns: A comparison for each engine and output; of whole numbers none may differ.
  /// - Throws: Absent, damaged or mismatching files.
  func check(_ model: some ArraySubject, beside folder: String?) throws -> [CheckResult] {
    guard let folder else { return try checkSelf(model) }
    let ports = try model.ports(batch: nil)
    let inputs = ports.inputs.map(\.name).filter {
      model.usualNumber(of: $0) == nil
        || FileManager.default.fileExists(atPath: "\(folder)/\($0).npy")
    }
    let arrays = try InputArrays(
      inputs.isEmpty ? [:] : try Self.files(inputs, single: ["input"], in: folder), of: model)
    let expected = try Self.files(
      ports.outputs.map(\.name), single: ["logits", "output"], in: folder)
    let prediction = try ModelPrediction(model, arrays, batchSize: 1, threads: pool.threads)
    var results: [CheckResult] = []
    for engine in engines {
      let (outputs, transforms) = try prediction.run(engine: engine, pool: pool) {
        if Interrupt.wasRequested { throw Problem.interrupted }
      }
      for output in outputs {
        let (shape, path) = (output.shape, expected[output.name] ?? "")
        let file = try NPYFile(
          path: path,
          element: output.element == .f32 ? .float32 : output.element == .bool ? .bool : .int64,
          rank: shape.count)
        guard file.shape == shape else {
          throw Problem(.malformed, "\(path): has shape \(file.shape), not \(shape)")
        }
        let other =
          output.element == .f32
          ? try file.readTensor().values : try file.readIntegers().map { Float($0) }
        try add(
          CheckResult(
            name: "\(output.name) of \(model.title) in \(folder), \(engine.rawValue)",
            error: RelativeError.between(output.numbers, other),
            bound: output.element != .f32 ? 0 : transforms ? 1e-3 : 1e-4),
          to: &results)
      }
    }
    return results
  }

  /// `NAME=FILE` of the arrays in a folder, among which may be some that decide what is computed.
  static func arrays(in folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".npy") }.sorted().map { name in
      "\(name.dropLast(4))=\(folder)/\(name)"
    }
  }

  /// Holds every engine against plain float64 loops, on seeded inputs.
  func checkSelf(_ model: some ArraySubject, batch: Int? = nil) throws -> [CheckResult] {
    let pass = try model.forwardPass(batch: batch ?? model.smallestBatch)
    try pass.refuseIfTooLarge(
      for: model.title, threads: pool.threads, remedy: "free some memory")
    let shapes = try pass.oracle.inputShapes()
    var results: [CheckResult] = []
    var known: (inputs: InputBlock, answer: OutputOracle.Answer)?
    for engine in engines {
      let program = try pass.program(pool: pool, engine: engine)
      let inputs = known?.inputs ?? InputBlock(for: program, tables: pass.tables)
      if known == nil { inputs.fill(seed: 1) }
      let answer =
        try known?.answer
        ?? pass.oracle.answer(to: inputs.lastItems(shapes), pool: pool)
      known = (inputs, answer)
      inputs.bindLast(to: program)
      let bound = try withExtendedLifetime(inputs) {
        program.run()
        return try pass.oracle.errorBound(
          of: program, for: inputs.lastItems(shapes), beside: answer, pool: pool)
      }
      try add(
        CheckResult(
          name: "\(program.outputNames.joined(separator: " and ")) of \(model.title), "
            + engine.rawValue,
          error: program.error(beside: answer.outputs), bound: bound, against: answer.basis),
        to: &results)
    }
    return results
  }

  /// The file of each name in a folder.
  private static func files(
    _ names: [String], single: [String], in folder: String
  ) throws -> [String: String] {
    var found: [String: String] = [:]
    for name in names {
      let own = name.replacing("/", with: "_")
      let candidates = ([own] + (names.count == 1 ? single : [])).map { "\(folder)/\($0).npy" }
      guard let path = candidates.first(where: FileManager.default.fileExists(atPath:)) else {
        throw Problem(
          .absent, "\(candidates[0]): no such file; write the array of \(name) there")
      }
      found[name] = path
    }
    return found
  }
}
