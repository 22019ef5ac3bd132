import ArgumentParser

/// `costcurve list`: the names that other commands take.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the networks, engines, instances or cases.",
    discussion: "Example: costcurve list networks")

  /// What can be listed.
  enum Subject: String, CaseIterable, ExpressibleByArgument {
    case networks, engines, instances, cases
  }

  @Argument(help: "networks, engines, instances or cases.")
  var subject: Subject

  @OptionGroup var output: OutputOptions

  func run() throws {
    try output.refuseUnwritable()
    let list =
      switch subject {
      case .networks: try NameList.networks()
      case .engines: NameList.engines()
      case .instances: try NameList.instances()
      case .cases: try NameList.cases()
      }
    try output.emit(list.document, json: list.json, csv: list.csv)
  }
}
