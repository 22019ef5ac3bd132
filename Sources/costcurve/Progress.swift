import Foundation
import Harness

/// How far a measurement is: one line at the bottom of a terminal that is drawn anew, or, where
/// standard error is none, a line about twice a minute.
final class Progress {
  private let isQuiet: Bool
  private let begin = Date()
  private var lines = ProgressLines()

  init(quiet: Bool) { isQuiet = quiet }

  /// Says where it stands, if that is due.
  func show(_ progress: MeasurementProgress) {
    if isQuiet { return }
    let elapsed = Date().timeIntervalSince(begin)
    if Console.errorIsTerminal {
      draw(progress, elapsed: elapsed)
    } else if let line = lines.line(progress, elapsed: elapsed) {
      Console.error("costcurve: \(line)")
    }
  }

  /// Says in a log that a step goes on, if that is due; a bar stays as it is.
  func goOn(_ progress: MeasurementProgress) {
    if isQuiet || Console.errorIsTerminal { return }
    let elapsed = Date().timeIntervalSince(begin)
    if let line = lines.line(progress, elapsed: elapsed, isWithinStep: true) {
      Console.error("costcurve: \(line)")
    }
  }

  /// Takes the bar away.
  func end() {
    if !isQuiet, Console.errorIsTerminal { Console.show("\r\u{1B}[2K") }
  }

  private func draw(_ progress: MeasurementProgress, elapsed: Double) {
    let width = 24
    let filled = Int((progress.fraction * Double(width)).rounded())
    let bar = String(repeating: "━", count: filled) + String(repeating: "╌", count: width - filled)
    let percent = Int((progress.fraction * 100).rounded(.down))
    let left = ProgressLines.secondsLeft(progress.fraction, elapsed: elapsed)
      .map { ProgressLines.duration($0) + " left  " }
    var line = "\(bar) \(percent) %  \(left ?? "")\(progress.phase.rawValue) "
    line += progress.caseID
    Console.show("\r\u{1B}[2K" + String(line.prefix((Console.columns ?? 80) - 1)))
  }
}
