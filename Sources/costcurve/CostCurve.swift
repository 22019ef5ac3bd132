import ArgumentParser
import Economics
import Formats
import Foundation
import Harness
import History
import Workloads

/// The command line: a table of contents of what costcurve does.
@main
struct CostCurve: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "costcurve",
    abstract: "How fast is this machine at neural-network work, and what does that cost?",
    discussion: """
      Start with 'costcurve run --quick': it measures this machine, prices it and holds it \
      against the published cost curves, and leaves the report in report/.

      Exit codes:
      \(ExitStatus.table)
      """,
    version: Version.text,
    subcommands: [
      RunCommand.self,
      InferCommand.self,
      TrainCommand.self,
      KernelsCommand.self,
      RooflineCommand.self,
      PredictCommand.self,
      VerifyCommand.self,
      ClaimsCommand.self,
      CostCommand.self,
      CompareCommand.self,
      CheckCommand.self,
      BaselineCommand.self,
      HistoryCommand.self,
      ReportCommand.self,
      PeersCommand.self,
      EfficiencyCommand.self,
      DoctorCommand.self,
      SelfTestCommand.self,
      ListCommand.self,
      WorkerCommand.self,
    ])

  static func main() {
    FreshStart.takeIfNeeded()
    Interrupt.install()
    // A file that may not grow is then an error of the write, with a sentence, and not a signal.
    signal(SIGXFSZ, SIG_IGN)
    let arguments = Array(CommandLine.arguments.dropFirst())
    do {
      try hintAtNearestCommand(arguments)
      var command = try parseAsRoot(arguments)
      try command.run()
    } catch let failure as Failure {
      failure.end()
    } catch let error as FileError {
      Failure(error).end()
    } catch let error as RecordError {
      Failure(error).end()
    } catch let error as WorkerError {
      Failure(error).end()
    } catch let error as HistoryError {
      Failure(error).end()
    } catch let refusal as WorkerRefusal {
      Failure(refusal).end()
    } catch {
      exit(withError: error)
    }
    if Interrupt.wasRequested { Failure.interrupted.end() }
  }

  /// Refuses a wrong first word with the nearest right one, before the parser calls it unexpected.
  private static func hintAtNearestCommand(_ arguments: [String]) throws {
    let names = configuration.subcommands.map { $0._commandName } + ["help"]
    guard let word = arguments.first, !word.hasPrefix("-"), !names.contains(word) else { return }
    let visible = configuration.subcommands.filter { $0.configuration.shouldDisplay }
    let owner = visible.first { command in
      command.configuration.subcommands.contains { $0._commandName == word }
    }
    let hint =
      owner.map { " It is 'costcurve \($0._commandName) \(word)'." }
      ?? NearestNames.hint(to: word, among: visible.map { $0._commandName })
    throw Failure(.usage, "there is no command '\(word)'.\(hint) See 'costcurve --help'.")
  }
}
