extension Energy: Codable {
  /// What a record calls it.
  package enum Status: String, Codable, Sendable { case measured, estimated, unmeasurable }

  private enum CodingKeys: String, CodingKey {
    case status, joules, seconds, windows, source, domains, reason
  }

  package var status: Status {
    switch self {
    case .measured: .measured
    case .estimated: .estimated
    case .unmeasurable: .unmeasurable
    }
  }

  /// What was read, or would have been, and what it covers.
  package var source: String {
    switch self {
    case .measured(let measured): measured.source
    case .estimated: "--watts"
    case .unmeasurable: EnergyMeter.source
    }
  }

  /// Reads what `encode` writes.
  ///
  /// - Throws: `DecodingError`, also for joules, seconds or domains that no such energy has.
  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    let status = try fields.decode(Status.self, forKey: .status)
    let joules = try fields.decodeIfPresent(Double.self, forKey: .joules) ?? 0
    let seconds = try fields.decodeIfPresent(Double.self, forKey: .seconds) ?? 0
    let reason = try fields.decodeIfPresent(String.self, forKey: .reason) ?? ""
    let windows = try fields.decodeIfPresent(Int.self, forKey: .windows) ?? 1
    let source = try fields.decode(String.self, forKey: .source)
    let domains = try fields.decode([String].self, forKey: .domains)
    var found: Energy?
    switch status {
    case .measured:
      let measured = Measured(
        joules: joules, seconds: seconds, windows: windows, source: source, domains: domains)
      found = measured.map { Energy.measured($0) }
    case .estimated:
      let estimate = Estimate(joules: joules, seconds: seconds, reason: reason)
      found = estimate.map { Energy.estimated($0) }
    case .unmeasurable: found = .unmeasurable(reason)
    }
    guard let found else {
      throw DecodingError.dataCorruptedError(
        forKey: .joules, in: fields,
        debugDescription: "\(joules) J in \(seconds) s by \(domains.count) counters")
    }
    self = found
  }

  /// Writes status, joules, seconds, windows, source, domains and reason; null for what it has not.
  ///
  /// - Throws: What the encoder throws.
  package func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(status, forKey: .status)
    try fields.encode(measured?.joules ?? estimate?.joules, forKey: .joules)
    try fields.encode(measured?.seconds ?? estimate?.seconds, forKey: .seconds)
    try fields.encode(measured?.windows, forKey: .windows)
    try fields.encode(source, forKey: .source)
    try fields.encode(measured?.domains ?? [], forKey: .domains)
    try fields.encode(refusal, forKey: .reason)
  }
}
