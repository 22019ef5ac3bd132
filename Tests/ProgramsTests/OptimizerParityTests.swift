import Foundation
import Kernels
import Models
import TestSupport
import Testing

/// Weights and moments that PyTorch's optimizers, and LAMB by its formula, make of given gradients.
///
/// `Tests/Fixtures/make.py optimizers` records them.
@Suite struct OptimizerParityTests {
  private struct Fixture: Decodable {
    struct Run: Decodable {
      var kind: String
      var rate: Double
      var momentum: Double
      var secondMomentum: Double
      var epsilon: Double
      var weightDecay: Double
      var clip: Double?
      var tensors: [String: [String: Probes]]
    }

    var steps: Int
    var runs: [Run]

    static func read() throws -> Fixture? {
      guard
        let url = Bundle.module.url(
          forResource: "Fixtures/pytorch-optimizers", withExtension: "json")
      else { return nil }
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      return try decoder.decode(Fixture.self, from: Data(contentsOf: url))
    }
  }

  /// Names, numbers and weight decay of the tensors, in the order of memory.
  private static let tensors: [(name: String, count: Int, decays: Bool)] = [
    ("matrix", 600, true), ("bias", 37, false),
  ]

  /// Numbers around 0, as make.py draws them.
  private static func values(_ name: String, _ count: Int, _ scale: Double) -> [Float] {
    let hash = HashFill(name: name, seed: 1)
    return (0..<count).map { Float(Double(Int(hash.word($0)) - (1 << 19)) * 0x1p-20 * scale) }
  }

  @Test func updatesAsPyTorchDoes() throws {
    guard let fixture = try Fixture.read() else {
      print(
        "SKIPPED: no Fixtures/pytorch-optimizers.json; 'Tests/Fixtures/make.py optimizers' "
          + "records it")
      return
    }
    #expect(fixture.runs.count == 6)
    for run in fixture.runs { try compare(run, steps: fixture.steps) }
  }

  private func compare(_ run: Fixture.Run, steps: Int) throws {
    let optimizer = Optimizer(
      try #require(Optimizer.Kind(rawValue: run.kind)), learningRate: run.rate,
      momentum: run.momentum, secondMomentum: run.secondMomentum, epsilon: run.epsilon,
      weightDecay: run.weightDecay, clip: run.clip)
    let segments = [
      OptimizerPass.Segment(range: 0..<600, decays: true),
      OptimizerPass.Segment(range: 608..<645, decays: false),
    ]
    let memory = AlignedBuffer(count: 4 * 656)
    defer { withExtendedLifetime(memory) {} }
    let (weights, gradients) = (memory.pointer, memory.pointer + 656)
    let (moments, squares) = (memory.pointer + 2 * 656, memory.pointer + 3 * 656)
    func put(_ prefix: String, _ scale: Double, _ target: UnsafeMutablePointer<Float>) {
      for (tensor, segment) in zip(Self.tensors, segments) {
        for (index, value) in Self.values(prefix + tensor.name, tensor.count, scale).enumerated() {
          target[segment.range.lowerBound + index] = value
        }
      }
    }
    put("", 1, weights)
    let pass = OptimizerPass(optimizer.kind, segments: segments, threads: 2)
    let numbers = AlignedBuffer(count: Optimizer.numberCount)
    let workspace = AlignedBuffer(count: pass.workspaceCount)
    for step in 0..<steps {
      put("gradient\(step).", 0.5, gradients)
      optimizer.write(step: step + 1, into: numbers.pointer)
      pass.run(
        .init(
          weights: weights, gradients: gradients, moments: moments,
          squares: optimizer.kind.hasSecondMoment ? squares : nil),
        numbers: numbers.pointer, workspace: workspace.pointer, pool: ThreadPool(threads: 2))
    }
    for (tensor, segment) in zip(Self.tensors, segments) {
      let expected = try #require(run.tensors[tensor.name])
      for (key, place) in [
        ("weights", weights), ("moments", moments), ("squares", squares),
      ] {
        guard let probes = expected[key] else { continue }
        let own = (0..<tensor.count).map { place[segment.range.lowerBound + $0] }
        #expect(probes.error(of: own) < 1e-6, "\(run.kind) \(tensor.name) \(key)")
      }
    }
  }
}
