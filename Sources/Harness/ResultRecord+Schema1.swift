import Foundation

extension ResultRecord {
  /// The version of the schema that records are written in.
  package static let currentVersion = 2

  /// Reads a record of this schema or of the one before.
  ///
  /// - Throws: `DecodingError` for what is no record.
  package static func read(_ data: Data) throws -> ResultRecord {
    try decoder().decode(ResultRecord.self, from: data).current
  }

  /// The record in the present schema: what older ones left to be guessed from ids, names and zeros
  /// is in fields of its own.
  package var current: ResultRecord {
    guard schemaVersion < 2 else { return self }
    var record = self
    record.schemaVersion = Self.currentVersion
    let isRace = cases.contains { $0.derived.firstArmSpeedup != nil }
    record.kind = isRace ? .race : .run
    record.cases = cases.map { $0.fromSchema1(isRace: isRace) }
    let processes = cases.map { $0.processMediansNs?.count ?? $0.processes.count }.max() ?? 0
    if processes > 0 { record.extent = Extent(preset: nil, processes: processes, interrupted: nil) }
    return record
  }
}

extension CaseRecord {
  /// The case of a record of schema 1, with what that schema left unsaid.
  fileprivate func fromSchema1(isRace: Bool) -> CaseRecord {
    var item = self
    let isNetwork = kind == .infer || kind == .train
    if isNetwork, flop.executed == 0 {
      // Peers begin with their library and its version: `torch 2.15.0, compile, 2 threads`.
      let words =
        algorithm.split(separator: ",").first?.split(separator: " ").map(String.init) ?? []
      item.origin =
        words.count == 2
        ? Origin(name: words[0], version: words[1])
        : Origin(name: name.engine ?? algorithm, version: nil)
    }
    if kind == .infer, let requests = parameters["requests"]?.wholeNumber {
      item.requestsInFlight = requests
      item.batching =
        requests == 1
        ? .single : item.isForeign && !algorithm.contains("gathered") ? .concurrent : .gathered
    }
    if let rate = derived.imagesPerSecond {
      item.derived.item = "image"
      item.derived.itemsPerSecond = rate
      item.derived.itemsPerSecondCi95 = derived.imagesPerSecondCi95
    }
    item.id = idFromSchema1(isRace: isRace)
    return item
  }

  /// The id with the conditions that ids of schema 1 did not have.
  private func idFromSchema1(isRace: Bool) -> String {
    guard var id = CaseID(self.id) else { return self.id }
    switch kind {
    case .infer, .train:
      let size = parameters["input_size"]?.wholeNumber
      if size != Self.usualInputSize(of: id.subject) { id.inputSize = size }
      let classes = parameters["classes"]?.wholeNumber
      if classes != Self.usualClasses { id.classes = classes }
      if algorithm.hasSuffix(".tuned") || algorithm.contains(".tuned.") { id.isTuned = true }
      // The files of a race hold the seeded weights.
      if !isRace, case .string(let file)? = parameters["weights"], file != "seeded" {
        id.weights = file.replacing("/", with: "")
      }
    case .conv:
      // The first layer has the image's own size, the others have what is left of it, so that only
      // the command tells.
      let words = self.repeat.split(separator: " ")
      if let place = words.firstIndex(of: "--input-size"), words.indices.contains(place + 1) {
        let network = id.subject.split(separator: ".").first.map(String.init) ?? ""
        let size = Int(words[place + 1])
        if size != Self.usualInputSize(of: network) { id.inputSize = size }
      }
    case .peak, .gemm, .prefill, .decode: break
    }
    return id.description
  }

  private static let usualClasses = 1000

  /// What the networks that schema 1 knew were made for, in pixels a side.
  private static func usualInputSize(of network: String) -> Int {
    let small = ["resnet20", "resnet32", "resnet44", "resnet56", "resnet110", "alexnet-small"]
    return small.contains(network) ? 28 : 224
  }
}

extension JSONValue {
  /// The number, where it is a whole one.
  package var wholeNumber: Int? {
    guard case .number(let value) = self else { return nil }
    return Int(exactly: value)
  }
}
