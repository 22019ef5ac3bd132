import ArgumentParser
import Economics
import Foundation
import Harness
import Models
import Workloads

/// `costcurve list`: the names that other commands take.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the networks, engines, instances or cases that there are.",
    discussion: "Example: costcurve list networks")

  /// What can be listed.
  enum Subject: String, CaseIterable, ExpressibleByArgument {
    case networks, engines, instances, cases
  }

  @Argument(help: "networks, engines, instances or cases.")
  var subject: Subject

  func run() throws {
    let lines =
      switch subject {
      case .networks: try networks()
      case .engines: Engine.allCases.map { row($0.rawValue, $0.summary) }
      case .instances: try instances()
      case .cases: try cases()
      }
    try Console.write(lines.joined(separator: "\n") + "\n")
  }

  private func networks() throws -> [String] {
    try Network.names.map { name in
      let network = try Network.named(name)
      let size = network.usualInputSize
      let macs = network.macs(batch: 1, inputSize: size)
      return row(
        name,
        "\(Units.grouped(macs.count)) MACs at \(size)x\(size), "
          + "\(Units.grouped(network.parameterCount)) parameters")
    }
  }

  private func instances() throws -> [String] {
    try PriceCatalogue().latest.map { entry in
      let size = entry.vcpus.map { "\($0) vCPU" } ?? ""
      return row(
        entry.instance,
        "\(Units.usd(entry.usdPerHour))/h  \(size)  \(entry.cloud) \(entry.region)  "
          + "\(entry.asOf)  \(entry.accelerator)")
    }
  }

  private func cases() throws -> [String] {
    let threads = MachineReader.availableThreads
    return try RunSuite(threads: Array(Set([1, threads])).sorted()).requests().map(\.id)
  }

  private func row(_ name: String, _ text: String) -> String {
    name.padding(toLength: max(22, name.count + 1), withPad: " ", startingAt: 0) + text
  }
}
