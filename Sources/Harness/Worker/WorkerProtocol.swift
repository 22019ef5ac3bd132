import Foundation

/// What passes between a parent and a worker: one line of words down, one line of JSON back.
///
/// | line | reply carries |
/// |---|---|
/// | `hello` | `protocol`, `worker`, `march`, `git`, `libraries`, `cblas_file` |
/// | `prepare CASE [key=value …]` | `case`: id, kind, parameters, algorithm, threads, work |
/// | `checksum` | `checksum` after exactly one call of the freshly prepared case |
/// | `check` | `correctness` of the very plan that is timed |
/// | `run K [SECONDS [CALLS]]` | `samples_ns`, `flags`, `calls_per_sample`, `warmup_ns` |
/// | `quit` | nothing |
///
/// Every reply has `ok`; a refusal has `error`, a sentence, and `code`, the exit code it asks for.
/// The first `run` of a case warms it up. `run` ends early, with one sample at least, once SECONDS
/// are over. Each sample from then on has CALLS calls; a worker that answers with other
/// `calls_per_sample` cannot be told. A worker ends when its standard input does.
package enum WorkerProtocol {
  /// Raised when an older side would misread a newer one.
  package static let version = 1

  /// Options of `prepare` that the worker itself takes: seconds of warm-up, and its cap.
  static let warmupKey = "warmup"
  static let warmupCapKey = "warmup-cap"
}

/// A case to prepare: an id of the catalogue, and what the id does not say.
package struct CaseRequest: Codable, Hashable, Sendable {
  package var id: String
  /// Keys and values without blanks in them, or percent-encoded by the client.
  package var options: [String: String]
  /// The command line that repeats this case on its own.
  package var `repeat`: String

  package init(id: String, options: [String: String] = [:], repeat: String = "") {
    (self.id, self.options, self.repeat) = (id, options, `repeat`)
  }

  /// The case's first word, where it is one that the records know.
  package var kind: CaseRecord.Kind? {
    CaseID(id).flatMap { CaseRecord.Kind(rawValue: $0.kind) }
  }

  /// The options that a catalogue knows.
  package enum Key: String, CaseIterable, Sendable {
    /// Side of the square input image, in pixels.
    case inputSize = "input-size"
    /// Number of logits.
    case classes
    /// A safetensors file; without it weights are seeded.
    case weights
    /// An ONNX file, which stands in a network's place.
    case model
    /// Tokens of an item, where the file leaves their number open.
    case sequence
    /// `NAME=FILE` of inputs of the file that decide what it computes, one a line.
    case input
    /// Fixes weights and inputs.
    case seed
    /// A tuning table to choose algorithms by; without it the rule does.
    case tuning
    /// Requests of a batch each that are answered as one larger batch; 1 unless given.
    case requests
    /// Arrays that ranges of int8 are taken from, one path a line; seeded ones without.
    case calibration
    /// A table of these ranges, so that no process calibrates for itself.
    case quantization
    /// Bits of weights in int8, 7 or 8, for a process that calibrates.
    case weightBits = "weight-bits"
  }

  /// The case with how a worker warms it up: seconds until it may end, and until it has to.
  func warmed(seconds: Double, cap: Double) -> CaseRequest {
    var request = self
    request.options[WorkerProtocol.warmupKey] = "\(seconds)"
    request.options[WorkerProtocol.warmupCapKey] = "\(cap)"
    return request
  }

  /// The line that asks a worker for this case.
  package var line: String {
    let pairs = options.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.escape($0.value))" }
    return (["prepare", Self.escape(plainID)] + pairs).joined(separator: " ")
  }

  /// The id without the conditions that the options say as well: older binaries and other software
  /// know no such parts.
  private var plainID: String {
    guard var id = CaseID(self.id) else { return self.id }
    if options[Key.inputSize.rawValue] != nil { id.inputSize = nil }
    if options[Key.classes.rawValue] != nil { id.classes = nil }
    if options[Key.requests.rawValue] != nil { id.requests = nil }
    if options[Key.tuning.rawValue] != nil { id.isTuned = false }
    if options[Key.weights.rawValue] != nil { id.weights = nil }
    if [Key.calibration, .quantization].contains(where: { options[$0.rawValue] != nil }) {
      id.calibration = nil
    }
    return id.description
  }

  /// Reads what `line` writes, from its words after `prepare`.
  init?(words: [Substring]) {
    guard let first = words.first, let id = String(first).removingPercentEncoding else {
      return nil
    }
    var options: [String: String] = [:]
    for word in words.dropFirst() {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, let value = String(parts[1]).removingPercentEncoding else {
        return nil
      }
      options[String(parts[0])] = value
    }
    self.init(id: id, options: options)
  }

  private static let plain = CharacterSet.alphanumerics.union(.init(charactersIn: "/.,:;_+-@~"))

  private static func escape(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: plain) ?? text
  }
}

extension Dictionary where Key == CaseRequest.Key, Value == String {
  /// The options as a request has them.
  package var byName: [String: String] {
    [String: String](uniqueKeysWithValues: map { ($0.key.rawValue, $0.value) })
  }
}

/// What a worker says of a case that it has prepared.
package struct PreparedCase: Codable, Hashable, Sendable {
  package var id: String
  package var kind: CaseRecord.Kind
  package var parameters: [String: JSONValue]
  package var algorithm: String
  package var threads: Int
  package var flop: CaseRecord.Work
  /// What a call handles some of; absent for images, as older workers and peers leave it.
  package var item: String?
  @Nullable package var imagesPerCall: Int?
  @Nullable package var bytesPerCall: Double?
  /// The software of others that a foreign worker runs.
  @Nullable package var origin: CaseRecord.Origin?
  @Nullable package var requestsInFlight: Int?
  @Nullable package var batching: CaseRecord.Batching?

  package var workItem: WorkItem { WorkItem(item) }

  /// Tokens of an item; nil where it has none.
  var tokensPerItem: Double? {
    if case .number(let count)? = parameters["tokens_per_item"] { count } else { nil }
  }

  /// Stands for a case of which no worker could say what it is.
  init(unprepared request: CaseRequest) {
    (id, kind, parameters) = (request.id, request.kind ?? .gemm, [:])
    (algorithm, threads, flop) = ("unknown", 1, .init(direct: 0, executed: 0))
  }

  package init(_ workload: any Workload) {
    (id, kind, parameters) = (workload.id, workload.kind, workload.parameters)
    (algorithm, threads) = (workload.algorithm, workload.threads)
    let operations = workload.integerOperations?.count
    let beside = workload.float32FLOPs.count
    flop = CaseRecord.Work(
      direct: workload.directIntegerOperations?.count ?? workload.directFLOPs.count,
      executed: operations ?? workload.executedFLOPs.count, float: beside > 0 ? beside : nil)
    item = workload.item == .image ? nil : workload.item.name
    imagesPerCall = workload.imagesPerCall
    bytesPerCall = workload.bytesPerCall
    requestsInFlight = workload.requestsInFlight
    batching = workload.requestsInFlight.map { $0 > 1 ? .gathered : .single }
  }
}

/// One reply of a worker; only the fields of the line that it answers are there.
package struct WorkerReply: Codable, Sendable {
  package var ok: Bool
  package var error: String?
  package var code: Int32?
  package var `protocol`: Int?
  package var worker: String?
  package var march: String?
  package var git: Context.Git?
  package var libraries: [Context.Library]?
  /// The file that answers `cblas_sgemm`, links followed; no record holds it.
  package var cblasFile: String?
  package var `case`: PreparedCase?
  package var checksum: String?
  package var correctness: CaseRecord.Correctness?
  package var samplesNs: [Double]?
  package var flags: [String]?
  package var callsPerSample: Int?
  package var warmupNs: [Double]?
  package var peakMemoryBytes: Int?
  package var phaseNs: [String: Double]?

  package init(ok: Bool) { self.ok = ok }

  /// The reply as one line, without its newline.
  package func line() throws -> Data {
    try ResultRecord.encoder(onOneLine: true).encode(self)
  }
}
