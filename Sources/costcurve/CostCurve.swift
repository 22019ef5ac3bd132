import ArgumentParser
import Basics
import CShims
import Economics
import Foundation

/// The command line: a table of contents of what costcurve does.
@main
struct CostCurve: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "costcurve",
    abstract: "How fast is this machine at neural-network work, and what does that cost?",
    discussion: """
      Start with 'costcurve run --quick': it measures this machine, prices it and compares \
      it with the published cost curves, and leaves the report in report/.

      Each command answers on one screen. --full prints all of it; --format csv, json, markdown or \
      html with -o FILE writes it.

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
      ExportModelCommand.self,
      QuantizeCommand.self,
      ClaimsCommand.self,
      CostCommand.self,
      CompareCommand.self,
      CheckCommand.self,
      BaselineCommand.self,
      HistoryCommand.self,
      ReportCommand.self,
      PeersCommand.self,
      EfficiencyCommand.self,
      ScalingCommand.self,
      DoctorCommand.self,
      SelfTestCommand.self,
      ListCommand.self,
      WorkerCommand.self,
      ManualCommand.self,
    ])

  static func main() {
    costcurve_occupy_standard_descriptors()
    // A reader that has gone and a file that may not grow are then errors of the write, and no end.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    guard !CommandLine.arguments.isEmpty else {
      Problem(.malformed, "/proc is not mounted, without which the arguments cannot be read.").end()
    }
    FreshStart.takeIfNeeded()
    Interrupt.install()
    let arguments = Array(CommandLine.arguments.dropFirst())
    do {
      try hintAtNearestCommand(arguments)
      var command = try parseAsRoot(arguments)
      try command.run()
    } catch let problem as Problem {
      problem.end()
    } catch {
      if exitCode(for: error) == .validationFailure,
        let refusal = (try? DeclaredCommand.root()).flatMap({
          OptionHint.refusal(of: arguments, declared: $0)
        })
      {
        refusal.end()
      }
      end(withParsersWord: error)
    }
    if Interrupt.wasRequested { Problem.interrupted.end() }
  }

  /// Says what the parser has to say, such as the help, and ends with its code.
  private static func end(withParsersWord error: any Error) -> Never {
    let (text, code) = (fullMessage(for: error), exitCode(for: error))
    if code.isSuccess {
      do {
        if !text.isEmpty { try Console.write(text + "\n") }
      } catch {
        (error as? Problem ?? Problem(.cannotWrite)).end()
      }
    } else if !text.isEmpty {
      Console.error(text)
    }
    Foundation.exit(code.rawValue)
  }

  /// Refuses a wrong first word with the nearest right one, before the parser calls it unexpected.
  private static func hintAtNearestCommand(_ arguments: [String]) throws {
    let names = configuration.subcommands.map { $0._commandName } + ["help"]
    guard let word = arguments.first, !word.hasPrefix("-"), !names.contains(word) else { return }
    let visible = configuration.subcommands.filter { $0.configuration.shouldDisplay }
    let owner = visible.first { command in
      command.configuration.subcommands.contains { $0._commandName == word }
    }
    let elsewhere = ["bench": "run", "benchmark": "run", "diff": "compare", "gate": "check"]
    let hint =
      elsewhere[word].map { " Did you mean '\($0)'?" } ?? owner.map {
        " It is 'costcurve \($0._commandName) \(word)'."
      }
      ?? NearestNames.hint(to: word, among: visible.map { $0._commandName })
    throw Problem(.usage, "there is no command '\(word)'.\(hint) See 'costcurve --help'.")
  }
}
