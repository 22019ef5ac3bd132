import Harness

/// How fast this machine runs one network in one way, as a case measured it.
package struct NetworkRate: Codable, Hashable, Sendable {
  /// The network's name, such as `bert-large`.
  package var network: String
  package var kind: CaseRecord.Kind
  /// What its layers multiply; nil for float32.
  package var precision: CaseID.Precision?
  /// What is known of its answers' accuracy in lower precision, a clause; nil for float32.
  package var accuracyStatus: String?
  /// Tokens of a sequence; nil where it reads none.
  package var sequence: Int?
  /// Items of a call.
  package var batch: Int
  /// What `units` counts, such as `token` or `position`.
  package var unit: String
  /// Units a second.
  package var units: LocalMeasurement.Rate
  /// Direct operations a second, in whatever precision; of float32 layers beside bfloat16 those that
  /// they execute.
  package var flops: LocalMeasurement.Rate
  /// Operations that its algorithms execute a second, such as Winograd's; nil where that is not known.
  package var executed: Double?

  package init(
    network: String, kind: CaseRecord.Kind, precision: CaseID.Precision? = nil,
    accuracyStatus: String? = nil, sequence: Int? = nil, batch: Int = 1, unit: String,
    units: LocalMeasurement.Rate, flops: LocalMeasurement.Rate, executed: Double? = nil
  ) {
    (self.network, self.kind, self.sequence) = (network, kind, sequence)
    (self.precision, self.accuracyStatus) = (precision, accuracyStatus)
    (self.batch, self.unit, self.units, self.flops) = (batch, unit, units, flops)
    self.executed = executed
  }

  /// `bert-large's training step in bf16, batch 8, 128 tokens`; of float32 without a precision.
  package var words: String {
    let pass =
      switch kind {
      case .train: "training step"
      case .decode: "step of text generation"
      case .prefill: "prompt"
      case .infer, .peak, .gemm, .conv: "inference"
      }
    let element = precision.map { " in \($0.rawValue)" } ?? ""
    let length = sequence.map { ", \($0) tokens" } ?? ""
    return "\(network)'s \(pass)\(element), batch \(batch)\(length)"
  }
}

extension NetworkRate {
  /// The rate of a case on floats by software of ours; nil for one of anything else, of images of
  /// another size, without a valid rate, or whose answers are known to lose too much by MLPerf's rule.
  package init?(_ item: CaseRecord) {
    guard item.validity.ok, item.kind.isNetwork, !item.isForeign, !item.isGathered,
      item.name.precision != .int8, item.accuracy.againstF32?.mlperfPassed != false,
      item.name.inputSize == nil, item.name.ranks == nil,
      case .string(let network)? = item.parameters["network"],
      let direct = item.derived.gflopsDirect, direct > 0, direct.isFinite,
      let rate = item.derived.tokensPerSecond ?? item.derived.rate, rate > 0, rate.isFinite
    else { return nil }
    let ends =
      item.derived.tokensPerSecond == nil
      ? item.derived.rateCi95 : item.derived.tokensPerSecondCi95
    let interval = ends.flatMap(CostModel.fastestFirst).map { Array($0.reversed()) }
    let flops = direct * 1e9 * Self.whole(item.flop.direct, beside: item.flop.float)
    let parts = Self.whole(item.flop.executed, beside: item.flop.float)
    self.init(
      network: network, kind: item.kind, precision: item.name.precision,
      accuracyStatus: item.name.precision == nil ? nil : item.accuracy.words,
      sequence: Self.count("sequence", item),
      batch: Self.count("batch_size", item) ?? 1,
      unit: item.derived.tokensPerSecond == nil ? item.derived.workItem.name : "token",
      units: .init(perSecond: rate, interval: interval),
      flops: .init(
        perSecond: flops, interval: interval?.map { flops * $0 / rate }),
      executed: item.derived.gflopsExecuted.flatMap {
        $0 > 0 && $0.isFinite ? $0 * 1e9 * parts : nil
      })
  }

  /// How many times what a record counts of a call all of its work is: a case in bfloat16 counts its
  /// float32 layers apart, as executed.
  private static func whole(_ counted: Double, beside float: Double?) -> Double {
    guard let float, float > 0, counted > 0 else { return 1 }
    let times = 1 + float / counted
    return times.isFinite ? times : 1
  }

  private static func count(_ name: String, _ item: CaseRecord) -> Int? {
    guard case .number(let value)? = item.parameters[name] else { return nil }
    return Int(exactly: value)
  }
}

extension LocalMeasurement {
  /// The fastest pass of a kind that was measured of a network.
  ///
  /// - Parameters:
  ///   - kind: Such as `train`.
  ///   - network: Its name.
  ///   - precision: What its layers multiply; nil for float32.
  ///   - sequence: Tokens that it is to have read, unless none was measured with so many.
  ///   - batch: Items of a call, likewise.
  /// - Returns: Nil where none was measured.
  package func fastest(
    _ kind: CaseRecord.Kind, of network: String, in precision: CaseID.Precision? = nil,
    sequence: Int? = nil, batch: Int? = nil
  ) -> NetworkRate? {
    let all = networks.filter {
      $0.network == network && $0.kind == kind && $0.precision == precision
    }
    let alike = all.filter {
      (sequence == nil || $0.sequence == sequence) && (batch == nil || $0.batch == batch)
    }
    return (alike.isEmpty ? all : alike).max { $0.flops.perSecond < $1.flops.perSecond }
  }

  /// The training step that executes the most operations a second: what this machine sustains.
  ///
  /// Its direct operations are no measure for another network: an algorithm of one may leave out
  /// operations that all of the other's take.
  ///
  /// - Parameter precision: What its layers multiply; nil for float32.
  /// - Returns: Nil where no such step was measured.
  package func sustained(in precision: CaseID.Precision? = nil) -> NetworkRate? {
    networks.filter { $0.kind == .train && $0.precision == precision && $0.executed != nil }
      .max { ($0.executed ?? 0) < ($1.executed ?? 0) }
  }
}
