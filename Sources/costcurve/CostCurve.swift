import ArgumentParser

/// The command line: a table of contents of what costcurve does.
@main
struct CostCurve: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "costcurve",
    abstract: "How fast is this machine at neural-network work, and what does that cost?")
}
