import ArgumentParser

/// `costcurve list`: the names that other commands take.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the networks, engines, instances or cases that there are.",
    discussion: "Example: costcurve list cases")
}
