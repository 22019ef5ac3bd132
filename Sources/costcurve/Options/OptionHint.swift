import Basics
import Economics

/// The right name for an option that a command does not have.
enum OptionHint {
  /// What other programs call an option, and the nearest here, the first that a command has.
  private static let elsewhere: [String: [String]] = [
    "b": ["--batch-size"], "bs": ["--batch-size"], "batchsize": ["--batch-size"],
    "images": ["--batch-size"], "t": ["--threads"], "j": ["--threads"], "cores": ["--threads"],
    "cpus": ["--threads"], "jobs": ["--threads"], "nthreads": ["--threads"],
    "num-threads": ["--threads"], "m": ["--model", "--network"], "model": ["--network"],
    "net": ["--network"], "arch": ["--network"], "n": ["--network", "--limit"],
    "backend": ["--engine"], "runtime": ["--engine"], "device": ["--engine"],
    "size": ["--input-size"], "image-size": ["--input-size"], "resolution": ["--input-size"],
    "time": ["--duration"], "seconds": ["--duration"], "d": ["--duration"],
    "min-time": ["--duration"], "iterations": ["--duration"], "iters": ["--duration"],
    "repetitions": ["--processes"], "repeat": ["--processes"], "runs": ["--processes"],
    "fast": ["--quick"], "q": ["--quiet"], "silent": ["--quiet"], "f": ["--filter", "--format"],
    "out": ["--output"], "file": ["--output"], "output-file": ["--output"],
    "out-dir": ["--output-folder"], "output-dir": ["--output-folder"],
    "json": ["--format json"], "csv": ["--format csv"], "markdown": ["--format markdown"],
    "md": ["--format markdown"], "html": ["--format html"], "lr": ["--learning-rate"],
    "wd": ["--weight-decay"], "price": ["--usd-per-hour"], "cost": ["--usd-per-hour"],
    "hourly": ["--usd-per-hour"], "threshold": ["--margin"], "tolerance": ["--margin"],
    "checkpoint": ["--weights"], "w": ["--weights"], "i": ["--input"], "db": ["--database"],
    "history": ["--database"], "v": ["--version"], "l": ["--list"], "dry-run": ["--list"],
    "int8": ["--precision int8"], "quantized": ["--precision int8"],
    "fp32": ["--precision f32"], "float32": ["--precision f32"], "f32": ["--precision f32"],
    "dtype": ["--precision"], "data-type": ["--precision"], "calib": ["--calibration"],
    "calibration-data": ["--calibration"], "onnx": ["--model"], "seq-len": ["--sequence"],
    "seqlen": ["--sequence"], "seq": ["--sequence"], "max-length": ["--sequence"],
    "tokens": ["--sequence"],
  ]

  /// What to say of the first option of a command line that its command does not have.
  ///
  /// - Parameters:
  ///   - words: Without the program's name.
  ///   - root: What is declared.
  /// - Returns: Nil where the command has all of them.
  static func refusal(of words: [String], declared root: DeclaredCommand) -> Problem? {
    let (command, path) = root.named(by: words)
    // A command line may leave out the one that a command runs by itself.
    let known = Set(spellings(of: [command] + command.shown))
    for word in words.dropFirst(path.count - 1) {
      if word == "--" { return nil }
      let name = String(word.prefix { $0 != "=" })
      guard name.hasPrefix("-"), Double(name) == nil, name != "-", !known.contains(name) else {
        continue
      }
      let line = path.joined(separator: " ")
      return Problem(
        .usage,
        "'\(line)' has no option '\(name)'.\(hint(to: name, among: known, root))"
          + " See '\(line) --help'.")
    }
    return nil
  }

  /// ` Did you mean '--batch-size'?`, the commands that have it, or nothing.
  private static func hint(
    to name: String, among known: Set<String>, _ root: DeclaredCommand
  ) -> String {
    let bare = name.drop { $0 == "-" }.lowercased().replacing("_", with: "-")
    let own = known.contains("--\(bare)") ? ["--\(bare)"] : elsewhere[bare] ?? []
    if let meant = own.first(where: { known.contains(String($0.prefix { $0 != " " })) }) {
      return " Did you mean '\(meant)'?"
    }
    let owners = root.shown.filter { spellings(of: [$0]).contains(name) }
    if !owners.isEmpty {
      let names = owners.prefix(3).map { "'costcurve \($0.commandName)'" }
      return " \(names.joined(separator: ", ")) \(names.count == 1 ? "has" : "have") it."
    }
    guard bare.count > 2 else { return "" }
    let near = NearestNames.to(
      bare, among: known.filter { $0.hasPrefix("--") }.map { String($0.dropFirst(2)) })
    // A plural, or a name that goes on, is that name and no other.
    let same = near.filter { bare.hasPrefix($0) || $0.hasPrefix(bare) }
    let names = (same.isEmpty ? near.prefix(2) : same.prefix(1)).map { "'--\($0)'" }
    return names.isEmpty ? "" : " Did you mean \(names.joined(separator: " or "))?"
  }

  private static func spellings(of commands: [DeclaredCommand]) -> [String] {
    commands.flatMap { $0.arguments ?? [] }.flatMap(\.spellings)
  }
}
