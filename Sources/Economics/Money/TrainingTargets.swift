import Basics
import Harness

/// The training target of each network that has one: `training_targets.csv`.
package struct TrainingTargets: Sendable {
  /// A target and the kind of step that leads to it.
  private struct Entry {
    var target: TrainingTarget
    var inputSize: Double
    var classes: Double
  }

  private let entries: [String: Entry]

  /// - Throws: `Problem` where a row has no items or no epochs.
  package init(_ records: Records) throws {
    let table = try records.table("training_targets")
    var entries: [String: Entry] = [:]
    for row in table.rows.indices {
      guard let items = table.number(row, "items"), items > 0,
        let epochs = table.number(row, "epochs"), epochs > 0,
        let top1 = table.number(row, "top1_percent"),
        let inputSize = table.number(row, "input_size"),
        let classes = table.number(row, "classes")
      else {
        throw Problem(
          .malformed,
          "training_targets.csv, row \(row + 2): items, epochs, accuracy and sizes are needed.")
      }
      entries[table.text(row, "network")] = Entry(
        target: TrainingTarget(
          dataset: table.text(row, "dataset"), items: items, epochs: epochs, top1Percent: top1),
        inputSize: inputSize, classes: classes)
    }
    self.entries = entries
  }

  package static let builtIn: TrainingTargets = {
    do {
      return try TrainingTargets(.builtIn)
    } catch {
      preconditionFailure("the targets compiled in cannot be read: \(error)")
    }
  }()

  package var networks: [String] { entries.keys.sorted() }

  /// The target of a network at its usual image size and classes; nil where it has none.
  package func target(of network: String) -> TrainingTarget? { entries[network]?.target }

  /// The target of a network.
  ///
  /// - Throws: `Problem` of kind `absent` where it has none, so that its training has no cost.
  package func target(named network: String) throws(Problem) -> TrainingTarget {
    guard let target = target(of: network) else {
      throw Problem(
        .absent,
        "'\(network)' has no training target, so there is no cost to train it; "
          + "\(networks.joined(separator: ", ")) have one.")
    }
    return target
  }

  /// The target that a case's steps, or its inferences, belong to.
  ///
  /// Nil where its network has none, or where its images or classes are not the target's: steps on
  /// 64-pixel images do not lead to an accuracy that was reached on 224-pixel ones.
  package func target(of item: CaseRecord) -> TrainingTarget? {
    guard case .string(let network)? = item.parameters["network"], let entry = entries[network]
    else { return nil }
    // Software of others does not say how many classes its network has.
    func agrees(_ name: String, with expected: Double) -> Bool {
      item.parameters[name].map { $0 == .number(expected) } ?? true
    }
    return agrees("input_size", with: entry.inputSize) && agrees("classes", with: entry.classes)
      ? entry.target : nil
  }
}
