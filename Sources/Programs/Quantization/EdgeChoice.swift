import Foundation

/// Whether the first and the last layer of a network stay float: by what that does to its outputs.
///
/// A layer stays float where that more than halves the product of the outputs' error and of the time.
/// Half the error is what one more bit for every number would give, as it halves all steps. A layer
/// with a share `s` of all operations lets the time grow to `1 + 3 · s`: floats take four times the
/// memory of bytes, and four times the instructions where a CPU multiplies bytes in VNNI's way.
package struct EdgeChoice: Codable, Hashable, Sendable {
  /// The first or the last layer.
  package struct Edge: Codable, Hashable, Sendable {
    /// Its name.
    package var layer: String
    /// Its share of all operations, up to 1.
    package var share: Double

    /// Names a layer and its share of all operations.
    package init(layer: String, share: Double) { (self.layer, self.share) = (layer, share) }

    /// How many times as large the error has to be with the layer on bytes.
    package var margin: Double { EdgeChoice.gain * (1 + 3 * share) }
  }

  /// What was found with some of the layers in float.
  package struct Trial: Codable, Hashable, Sendable {
    /// Names of these layers, the first one before the last.
    package var kept: [String]
    /// How far outputs are from those of float32: `OutputDistance.error`.
    package var error: Double
  }

  /// Items that are compared: few, as each set of layers takes a program of its own.
  package static let mostItems = 8
  /// What has to become of error times time: its half, a bit.
  private static let gain = 2.0

  /// Items that were compared.
  package var items: Int
  /// Layers that could be either.
  package var edges: [Edge]
  /// The first with none of them in float.
  package var trials: [Trial]

  /// Tries with none of some layers in float, with all of them, and with each alone where all together
  /// have lowered the error enough: where they have not, none of them alone does.
  ///
  /// - Parameters:
  ///   - edges: The layers that can be either, the first one before the last.
  ///   - items: Items that are compared.
  ///   - error: How far outputs are from those of float32 with some of them in float; nil where no
  ///     layer would be left on bytes.
  /// - Returns: nil where there was nothing to choose.
  /// - Throws: What `error` throws.
  package static func measured(
    _ edges: [Edge], items: Int, error: (_ kept: [String]) throws -> Double?
  ) throws -> EdgeChoice? {
    guard !edges.isEmpty else { return nil }
    var choice = EdgeChoice(items: items, edges: edges, trials: [])
    let layers = edges.map(\.layer)
    for kept: [String] in [[], layers] { try choice.add(kept, error) }
    let isWorthMore = choice.found(keeping: layers).map { choice.error > gain * $0 } ?? true
    if layers.count > 1, isWorthMore {
      for layer in layers { try choice.add([layer], error) }
    }
    return choice.trials.count > 1 ? choice : nil
  }

  private mutating func add(
    _ kept: [String], _ error: (_ kept: [String]) throws -> Double?
  ) throws {
    if let found = try error(kept) { trials.append(Trial(kept: kept, error: found)) }
  }

  private func found(keeping kept: [String]) -> Double? {
    trials.first { $0.kept == kept }?.error
  }

  /// Names of the layers that stay float: of the sets in which each layer is worth its time, the one
  /// with the smallest error.
  package var kept: [String] {
    let worth = trials.filter { trial in
      edges.filter { trial.kept.contains($0.layer) }.allSatisfy { isWorth($0, in: trial) }
    }
    return worth.min { $0.error < $1.error }?.kept ?? []
  }

  /// Whether the error is enough larger with one of a trial's layers on bytes.
  private func isWorth(_ edge: Edge, in trial: Trial) -> Bool {
    guard let other = found(keeping: trial.kept.filter { $0 != edge.layer }) else { return false }
    return other > edge.margin * trial.error
  }

  /// The error with all of the layers on bytes.
  package var error: Double { trials.first?.error ?? 0 }

  /// The trial beside that on bytes: with those in float that stay so; where none does, the one with the
  /// smallest error.
  private var other: Trial? {
    let chosen = kept
    return trials.dropFirst().filter { chosen.isEmpty || $0.kept == chosen }
      .min { $0.error < $1.error }
  }

  /// The error with those in float that stay so; where none does, the smallest that was found.
  package var errorKept: Double { other?.error ?? error }

  /// What was chosen, with both errors and the layers that each is of, in a sentence.
  package var sentence: String {
    let (chosen, all) = (kept, edges.map(\.layer))
    let layers = chosen.isEmpty ? all : chosen
    let names = layers.joined(separator: " and ") + (layers.count == 1 ? " is" : " are")
    let (bytes, float) = (Self.percent(error), Self.percent(errorKept))
    let tried = other?.kept ?? all
    let place = tried == all ? "there" : "in \(tried.joined(separator: " and ")) alone"
    let errors =
      chosen.isEmpty
      ? "on bytes: outputs are off by \(bytes), by \(float) with float32 \(place)"
      : "in float32: outputs are off by \(float), by \(bytes) on bytes"
    return "By measured loss \(names) \(errors) (\(items) item\(items == 1 ? "" : "s"))."
  }

  private static func percent(_ error: Double) -> String {
    String(format: "%.3g %%", 100 * error)
  }
}
