import Foundation
import Harness

/// One line at the bottom of a terminal that says how far a measurement is; nothing in a pipe.
struct Progress {
  private let isShown: Bool
  private let begin = Date()

  init(quiet: Bool) { isShown = !quiet && Console.errorIsTerminal }

  /// Redraws the line.
  func show(_ progress: MeasurementProgress) {
    guard isShown else { return }
    let width = 24
    let filled = Int((progress.fraction * Double(width)).rounded())
    let bar = String(repeating: "━", count: filled) + String(repeating: "╌", count: width - filled)
    let percent = Int((progress.fraction * 100).rounded(.down))
    var line = "\(bar) \(percent) %  \(remaining(progress.fraction))\(progress.phase.rawValue) "
    line += progress.caseID
    Console.show("\r\u{1B}[2K" + String(line.prefix((Console.columns ?? 80) - 1)))
  }

  /// Takes the line away.
  func end() {
    if isShown { Console.show("\r\u{1B}[2K") }
  }

  private func remaining(_ fraction: Double) -> String {
    guard fraction > 0.03 else { return "" }
    let elapsed = Date().timeIntervalSince(begin)
    let left = Int(elapsed / fraction * (1 - fraction))
    return left >= 60 ? "\(left / 60) min \(left % 60) s left  " : "\(left) s left  "
  }
}
