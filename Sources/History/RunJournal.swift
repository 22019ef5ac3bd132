import Basics
import Foundation
import Harness

/// The file in which a run notes every step that it has finished, so that an interrupted one, also
/// one that was killed, can be resumed.
///
/// One JSON line per entry, the head first. A last line that a kill cut short is dropped. The file
/// is locked by the run that writes it.
package final class RunJournal {
  /// What a run was asked, and by which binary on which machine.
  package struct Head: Codable, Hashable, Sendable {
    package var schema = "costcurve.unfinished"
    package var schemaVersion = 1
    /// UTC, ISO 8601.
    package var begun: String
    /// The command line without the program's name.
    package var arguments: [String]
    package var machine: Fingerprint
    /// `Executable.digest` of the binary.
    package var executable: String
    /// Libraries that the workers load.
    package var libraries: [Context.Library]
    /// Variables in force that change results or speed.
    package var environment: [String: String]

    /// The head of a run that begins at the context's date with its arguments.
    package init(_ context: Context, executable: String) {
      (begun, arguments, machine) = (context.date, context.arguments, Fingerprint(context))
      (self.executable, libraries) = (executable, context.libraries)
      environment = context.environment
    }

    /// What differs where another machine or binary would go on; empty where nothing does.
    package func differences(from other: Head) -> [String] {
      var found = machine.differences(from: other.machine)
      if executable != other.executable { found.append("the costcurve binary") }
      if environment != other.environment {
        let names = Set(environment.keys).union(other.environment.keys).filter {
          environment[$0] != other.environment[$0]
        }
        found.append("the variables \(names.sorted().joined(separator: ", "))")
      }
      return found
    }
  }

  private enum Entry: Codable {
    case begun(head: Head)
    case resumed(date: String)
    case finished(step: MeasurementStep)
    /// The history holds what there was at an interruption, under this content.
    case kept(content: String)
  }

  /// Name of the file in a run's output folder.
  package static let fileName = "unfinished.jsonl"

  package let path: String
  package let head: Head
  /// Steps of earlier tries, in their order.
  package private(set) var steps: [MeasurementStep] = []
  /// When the run was resumed.
  package private(set) var resumed: [String] = []
  /// What the history holds of earlier tries.
  package private(set) var kept: String?
  /// Why noting has stopped; the run itself goes on.
  package private(set) var fault: Problem?
  private let descriptor: Int32

  /// Begins a journal, in place of one that is there.
  ///
  /// - Throws: `Problem` of kind `cannotWrite`, also where another run is writing it.
  package init(path: String, head: Head) throws {
    self.path = path
    self.head = head
    descriptor = try Self.lock(path, creating: true)
    guard ftruncate(descriptor, 0) == 0 else { throw Self.unwritable(path) }
    try write(.begun(head: head))
  }

  /// Resumes the journal of an interrupted run.
  ///
  /// - Parameter path: Of the file.
  /// - Throws: `Problem` of kind `absent` where no run was interrupted, and where the journal is
  ///   damaged, of a later version, or locked by a run that is still going on.
  package init(resuming path: String) throws {
    guard FileManager.default.fileExists(atPath: path) else {
      let folder = (path as NSString).deletingLastPathComponent
      throw Problem(
        .absent,
        "there is no interrupted run in '\(folder)'; name its folder with --output-folder, or run "
          + "without --resume")
    }
    self.path = path
    descriptor = try Self.lock(path, creating: false)
    do {
      // Only now: a run that was about to end may have added to it until it let the lock go.
      guard let data = FileManager.default.contents(atPath: path) else {
        throw Self.unwritable(path)
      }
      let (head, entries, length) = try Self.read(data, path)
      self.head = head
      // What a kill cut short would spoil the line after it.
      guard ftruncate(descriptor, off_t(length)) == 0 else { throw Self.unwritable(path) }
      for entry in entries {
        switch entry {
        case .begun: break
        case .resumed(let date): resumed.append(date)
        case .finished(let step): steps.append(step)
        case .kept(let content): kept = content
        }
      }
    } catch {
      Self.unlock(descriptor)
      throw error
    }
  }

  package func goOn(at date: String) {
    resumed.append(date)
    note(.resumed(date: date))
  }

  deinit { Self.unlock(descriptor) }

  /// Notes a step; where that fails, noting stops and `fault` says why.
  package func append(_ step: MeasurementStep) { note(.finished(step: step)) }

  /// Notes that the history holds what there is so far.
  package func keep(content: String) { note(.kept(content: content)) }

  /// Removes the file: the run is whole.
  package func remove() { unlink(path) }

  // MARK: Lines

  private func note(_ entry: Entry) {
    guard fault == nil else { return }
    do {
      try write(entry)
    } catch {
      fault = Problem(
        .cannotWrite,
        "what is finished can no longer be noted in '\(path)' "
          + "(\(String(cString: strerror(errno)))); this run goes on, but could not be resumed")
    }
  }

  private func write(_ entry: Entry) throws {
    let line = try JSONEncoder().encode(entry) + Data([UInt8(ascii: "\n")])
    let written = line.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
    guard written == line.count, fdatasync(descriptor) == 0 else { throw Self.unwritable(path) }
  }

  /// The head, the entries, and how many bytes of the file they fill.
  private static func read(
    _ data: Data, _ path: String
  ) throws -> (head: Head, entries: [Entry], length: Int) {
    var (entries, length) = ([Entry](), 0)
    let end = data.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    for line in data[..<end].split(separator: UInt8(ascii: "\n")) {
      if entries.isEmpty { try refuseNewer(line, path) }
      guard let entry = try? JSONDecoder().decode(Entry.self, from: line) else {
        throw Problem(
          .malformed,
          "'\(path)' is damaged in entry \(entries.count + 1); remove it and run without --resume")
      }
      entries.append(entry)
      length += line.count + 1
    }
    guard case .begun(let head)? = entries.first else {
      throw Problem(
        .malformed,
        "'\(path)' is not the journal of a run, or was cut short at once; remove it and run "
          + "without --resume")
    }
    return (head, entries, length)
  }

  private static func refuseNewer(_ line: Data, _ path: String) throws {
    struct Version: Decodable { var schemaVersion: Int }
    struct Begun: Decodable { var head: Version }
    struct First: Decodable { var begun: Begun }
    guard let first = try? JSONDecoder().decode(First.self, from: line),
      first.begun.head.schemaVersion > 1
    else { return }
    throw Problem(
      .notComparable, "'\(path)' was written by a later costcurve; resume the run with that one")
  }

  // MARK: The file

  private static func lock(_ path: String, creating: Bool) throws -> Int32 {
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | (creating ? O_CREAT : 0), 0o644)
    guard descriptor >= 0 else { throw unwritable(path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw Problem(
        .cannotWrite,
        "a run that is still going on writes '\(path)'; wait for its end, or name another "
          + "--output-folder")
    }
    return descriptor
  }

  /// Closing alone would leave the lock to a process that was forked meanwhile, until its `exec`.
  private static func unlock(_ descriptor: Int32) {
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  private static func unwritable(_ path: String) -> Problem {
    Problem(
      .cannotWrite,
      "'\(path)' cannot be written (\(String(cString: strerror(errno)))); make room or name "
        + "another --output-folder")
  }
}

/// The binary of this process.
package enum Executable {
  /// A name of its content: equal for equal binaries.
  package static func digest() -> String {
    let file = URL(fileURLWithPath: "/proc/self/exe")
    return (try? Data(contentsOf: file, options: .alwaysMapped)).map(Store.digest) ?? "unknown"
  }
}
