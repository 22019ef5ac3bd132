import ArgumentParser
import Harness
import Workloads

/// The hidden other end of every measurement; `WorkerProtocol` describes what it reads and writes.
struct WorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker",
    abstract: "Serve measurements to a parent process over standard input and output.",
    shouldDisplay: false)

  func run() throws {
    let catalogue = Catalogue.here()
    let server = WorkerServer(
      worker: "costcurve \(Version.text)", march: ContextReader.march,
      libraries: [LoadedLibrary.cblas].compactMap(\.self), cblasFile: LoadedLibrary.cblasFile,
      make: catalogue.workload)
    try server.serveStandardIO()
  }
}
