/// The name of a case: what is measured, and every condition that is not the usual one.
///
/// One string in file, test, benchmark, history row, JSON and chart legend, for example
/// `conv/resnet50.layer2.0.conv2/forward/b1/t2/native`. Its parts, in this order, all but the first
/// two only where they apply:
///
/// | part | says |
/// |---|---|
/// | `kind/subject` | what is measured |
/// | `forward`, `backward-data`, `backward-weights` | which pass over a layer |
/// | `bN` `sN` | items in a batch, positions in a sequence |
/// | `iN` `cN` | side of the image in pixels and number of classes, where they are not the network's usual ones |
/// | `qN` | requests of a batch each that are answered together, where there are several |
/// | `rN` `mN` `tN` | processes that share the work and machines that they run on, where there are several; threads |
/// | `bf16`, `int8` | element type; float32 is unwritten |
/// | `tuned` | algorithms were chosen by timing them, not by rule |
/// | `w-NAME` | given weights, by a digest of their file; seeded ones are unwritten |
/// | `cal-NAME` | ranges of int8 that are not the usual ones of seeded items, by a digest of the rule and the files that they follow from, and of layers that measured loss leaves in float |
/// | `sum-NAME` | how processes sum gradients, where that is not as usual: overlap, who adds, bytes of a bucket |
/// | the rest | the engine, or the arm of a race |
///
/// Two measurements of different work or by different means have different ids. A seed is in none:
/// it changes the values that are computed with, not what is done to them.
package struct CaseID: Hashable, Sendable, CustomStringConvertible {
  /// `peak`, `gemm`, `conv`, `infer`, `prefill`, `decode` or `train`.
  package var kind: String
  /// Such as `fma`, `256x256x256`, `resnet50.conv1`, `resnet50`.
  package var subject: String
  package var direction: Direction?
  package var batch: Int?
  package var sequence: Int?
  package var inputSize: Int?
  package var classes: Int?
  package var requests: Int?
  package var ranks: Int?
  package var machines: Int?
  package var threads: Int?
  package var precision: Precision? {
    didSet { if precision != .int8 { calibration = nil } }
  }
  package var isTuned = false
  package var weights: String?
  /// Only beside int8.
  package var calibration: String?
  package var sums: String?
  package var engine: String?

  /// The pass over a layer; a training step is one of each.
  package enum Direction: String, CaseIterable, Sendable {
    case forward
    case backwardData = "backward-data"
    case backwardWeights = "backward-weights"
  }

  /// An element type that an id names.
  package enum Precision: String, CaseIterable, Codable, Sendable {
    case bf16, int8

    /// Whether training steps multiply it; int8 is of inference alone.
    package var isTrained: Bool { self == .bf16 }
  }

  package init(
    kind: String, subject: String, direction: Direction? = nil, batch: Int? = nil,
    threads: Int? = nil, engine: String? = nil
  ) {
    self.kind = kind
    self.subject = subject
    self.direction = direction
    self.batch = batch
    self.threads = threads
    self.engine = engine
  }

  /// Reads an id as `description` writes it.
  ///
  /// Nil when there are not two parts or one is empty. What is in no documented place is part of the
  /// engine.
  package init?(_ text: String) {
    var parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)[...]
    guard parts.count >= 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
    kind = parts.removeFirst()
    subject = parts.removeFirst()
    func next<Part>(_ read: (String) -> Part?) -> Part? {
      guard let part = parts.first, let found = read(part) else { return nil }
      parts.removeFirst()
      return found
    }
    direction = next { Direction(rawValue: $0) }
    for axis in Self.axes {
      self[keyPath: axis.path] = next { CaseID.number($0, after: axis.letter) }
    }
    precision = next { Precision(rawValue: $0) }
    isTuned = next { $0 == Self.tuned ? true : nil } ?? false
    weights = next { Self.name($0, after: Self.given) }
    if precision == .int8 { calibration = next { Self.name($0, after: Self.calibrated) } }
    sums = next { Self.name($0, after: Self.summed) }
    if !parts.isEmpty { engine = parts.joined(separator: "/") }
  }

  package var description: String {
    var parts = [kind, subject]
    if let direction { parts.append(direction.rawValue) }
    parts += Self.axes.compactMap { axis in
      self[keyPath: axis.path].map { "\(axis.letter)\($0)" }
    }
    if let precision { parts.append(precision.rawValue) }
    if isTuned { parts.append(Self.tuned) }
    if let weights { parts.append(Self.given + weights) }
    if let calibration { parts.append(Self.calibrated + calibration) }
    if let sums { parts.append(Self.summed + sums) }
    if let engine { parts.append(engine) }
    return parts.joined(separator: "/")
  }

  /// The axes that are numbers, in the order in which an id has them.
  private static var axes: [(letter: Character, path: WritableKeyPath<CaseID, Int?>)] {
    [
      ("b", \.batch), ("s", \.sequence), ("i", \.inputSize), ("c", \.classes), ("q", \.requests),
      ("r", \.ranks), ("m", \.machines), ("t", \.threads),
    ]
  }

  private static let tuned = "tuned"
  private static let given = "w-"
  private static let calibrated = "cal-"
  private static let summed = "sum-"

  private static func name(_ part: String, after prefix: String) -> String? {
    part.hasPrefix(prefix) ? String(part.dropFirst(prefix.count)) : nil
  }

  private static func number(_ part: String, after letter: Character) -> Int? {
    guard part.first == letter, let value = Int(part.dropFirst()), value > 0,
      // One spelling a number, so that what is read is what was written.
      "\(value)" == part.dropFirst()
    else { return nil }
    return value
  }
}

extension CaseID {
  /// The same case whichever engine computes it.
  package var withoutEngine: CaseID {
    var id = self
    id.engine = nil
    return id
  }

  /// An id without its engine; as it is where it is none.
  package static func withoutEngine(_ id: String) -> String {
    CaseID(id)?.withoutEngine.description ?? id
  }

  /// The engine that an id names; the id itself where it names none.
  package static func engine(of id: String) -> String { CaseID(id)?.engine ?? id }

  /// An id with another engine in place of its own.
  package static func id(_ id: String, by engine: String) -> String {
    guard var parsed = CaseID(id) else { return id + "/" + engine }
    parsed.engine = engine
    return parsed.description
  }
}

extension CaseRecord {
  /// The parts of the id; of one that is malformed, the whole as the subject.
  package var name: CaseID { CaseID(id) ?? CaseID(kind: kind.rawValue, subject: id) }
}
