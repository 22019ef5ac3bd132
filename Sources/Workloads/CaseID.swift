/// The name of a case: `kind/subject[/direction][/bN][/tN][/engine]`.
///
/// One string in file, test, benchmark, history row, JSON and chart legend, for example
/// `conv/resnet50.layer2.0.conv2/forward/b1/t2/native`.
package struct CaseID: Hashable, Sendable, CustomStringConvertible {
  /// `peak`, `gemm`, `conv`, `infer` or `train`.
  package var kind: String
  /// What is measured: `fma`, `256x256x256`, `resnet50.conv1`, `resnet50`.
  package var subject: String
  /// Which pass of a convolution.
  package var direction: Direction?
  /// Images in a batch.
  package var batch: Int?
  package var threads: Int?
  package var engine: String?

  /// The pass over a layer; a training step is one of each.
  package enum Direction: String, CaseIterable, Sendable {
    case forward
    case backwardData = "backward-data"
    case backwardWeights = "backward-weights"
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
  /// Nil when the parts are not in the documented order or a number is not positive.
  package init?(_ text: String) {
    var parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)[...]
    guard parts.count >= 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
    kind = parts.removeFirst()
    subject = parts.removeFirst()
    if let part = parts.first, let direction = Direction(rawValue: part) {
      self.direction = direction
      parts.removeFirst()
    }
    if let number = CaseID.number(parts.first, after: "b") {
      batch = number
      parts.removeFirst()
    }
    if let number = CaseID.number(parts.first, after: "t") {
      threads = number
      parts.removeFirst()
    }
    if !parts.isEmpty { engine = parts.joined(separator: "/") }
  }

  private static func number(_ part: String?, after letter: Character) -> Int? {
    guard let part, part.first == letter, let value = Int(part.dropFirst()), value > 0 else {
      return nil
    }
    return value
  }

  package var description: String {
    var parts = [kind, subject]
    if let direction { parts.append(direction.rawValue) }
    if let batch { parts.append("b\(batch)") }
    if let threads { parts.append("t\(threads)") }
    if let engine { parts.append(engine) }
    return parts.joined(separator: "/")
  }
}
