import ArgumentParser
import Basics
import Foundation
import Harness
import History

/// The journal of a `run` in its output folder.
enum UnfinishedRun {
  /// Begins the journal of a new run.
  ///
  /// - Parameters:
  ///   - folder: The output folder.
  ///   - note: Told where an interrupted run is replaced.
  /// - Returns: The journal, its head written.
  /// - Throws: Exit 6 where it cannot be written, or a run that still goes on writes it.
  static func begin(in folder: String, note: (String) -> Void) throws -> RunJournal {
    let path = folder + "/" + RunJournal.fileName
    if FileManager.default.fileExists(atPath: path) {
      note("An interrupted run in \(folder)/ is replaced; --resume would have finished it.")
    }
    return try RunJournal(path: path, head: try head())
  }

  /// Resumes the journal that an interrupted run has left.
  ///
  /// - Throws: Exit 9 where machine or binary are not those of its beginning: one run's figures
  ///   never come from two.
  static func journal(in folder: String) throws -> RunJournal {
    let journal = try RunJournal(resuming: folder + "/" + RunJournal.fileName)
    let differences = try head().differences(from: journal.head)
    guard differences.isEmpty else {
      throw Problem(
        .notComparable,
        "the run in '\(folder)', begun \(journal.head.begun), cannot go on here, for these differ: "
          + "\(differences.joined(separator: "; ")). Run without --resume to begin anew.")
    }
    return journal
  }

  /// What identifies this binary on this machine, its libraries as a worker reports them.
  private static func head() throws -> RunJournal.Head {
    RunJournal.Head(try GreetedWorker().context(seed: 0), executable: Executable.digest())
  }
}

extension RunJournal {
  /// Fills in what no worker of this try has said, all being done already.
  func complete(_ outcome: inout MeasurementOutcome) {
    if outcome.libraries.isEmpty { outcome.libraries = head.libraries }
  }

  /// Says in a record that it was interrupted, and by which arguments it was begun.
  func complete(_ context: inout Context) {
    guard !resumed.isEmpty else { return }
    (context.resumed, context.arguments) = (resumed, head.arguments)
  }
}

extension RunCommand {
  /// What was asked of the interrupted run, with this command's choice of where output goes.
  ///
  /// - Throws: Usage, where this command asks for another measurement than that run.
  func asBegun(_ journal: RunJournal) throws -> RunCommand {
    var begun = try RunCommand.parse(Array(journal.head.arguments.dropFirst()))
    let mine = Question.options(of: self)
    let isPlain = mine == Question.options(of: try RunCommand.parse([]))
    guard isPlain || mine == Question.options(of: begun) else {
      throw Problem(
        .usage,
        "the interrupted run was begun as "
          + "'costcurve \(journal.head.arguments.joined(separator: " "))'; --resume takes the same "
          + "options or none, but for where output goes.")
    }
    (begun.output, begun.place, begun.filter.listing) = (output, place, filter.listing)
    let omitsSaving = begun.measure.noSave || measure.noSave
    begun.measure.saving = measure.saving
    begun.measure.saving.noSave = omitsSaving
    return begun
  }
}
