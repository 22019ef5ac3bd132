import Basics
import Formats
import Foundation
import Training

/// What a training run leaves on the disk.
struct TrainingFolder {
  let path: String

  /// State after the last complete epoch.
  var checkpoint: String { "\(path)/checkpoint.safetensors" }
  /// The trained weights under torchvision's names.
  var weights: String { "\(path)/weights.safetensors" }

  /// What is to become of an earlier training in the folder.
  enum Earlier {
    /// It stays, and a new training is refused.
    case kept
    /// The training goes on from its checkpoint.
    case resumed
    /// It is removed.
    case replaced
  }

  /// Makes the folder, takes it for this process and removes what a killed run left half-written.
  ///
  /// - Parameters:
  ///   - path: Of the folder.
  ///   - earlier: What to do where a training has been there.
  /// - Throws: `Problem` of kind `cannotWrite`, also where another training is using the folder, or
  ///   where one has left its results and they are to be kept.
  init(path: String, earlier: Earlier) throws {
    self.path = path
    try Folder.make(path, hint: "; choose another --run-directory")
    try takeForThisProcess()
    do {
      for file in results { AtomicFile.removeLeftovers(beside: file) }
      switch earlier {
      case .kept: try refuseEarlier()
      case .resumed: break
      case .replaced:
        // The checkpoint first: without it nothing here looks like a training that could go on.
        for file in results where FileManager.default.fileExists(atPath: file) {
          try FileManager.default.removeItem(atPath: file)
        }
      }
    } catch let problem as Problem {
      throw problem
    } catch { throw Self.unwritable(path) }
  }

  /// Two trainings in one folder would overwrite each other's work.
  ///
  /// The lock is held until the process ends, however that comes, and its file stays.
  private func takeForThisProcess() throws {
    let descriptor = open("\(path)/.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.unwritable(path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK else { return }
    close(descriptor)
    throw Problem(
      .cannotWrite,
      "\(path): another training is using it; wait for its end, or choose another "
        + "--run-directory.")
  }

  /// All that a training writes.
  private var results: [String] {
    [checkpoint, weights, "\(path)/epochs.tsv", "\(path)/dawnbench.json"]
  }

  private func refuseEarlier() throws {
    guard let found = results.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
      return
    }
    throw Problem(
      .cannotWrite,
      "\(found) is of an earlier training and would be overwritten; --resume goes on from its "
        + "checkpoint, --restart begins anew, --run-directory names another folder.")
  }

  private static func unwritable(_ path: String) -> Problem {
    Problem(.cannotWrite, "\(path): cannot be made or written; choose another --run-directory.")
  }

  /// Writes the learning curve as DAWNBench's TSV and its JSON beside it; of a text as losses in nats a
  /// byte.
  ///
  /// - Throws: `Problem` of kind `cannotWrite`.
  func writeCurve<Subject>(_ report: TrainingReport<Subject>) throws {
    let (measure, isText) = (Subject.measure, Subject.measure == .loss)
    let own = isText ? ["testLoss", "trainLoss"] : ["top1Accuracy"]
    var rows: [[String]] = [["epoch", "hours"] + own]
    var seconds = 0.0
    for (index, epoch) in report.training.history.enumerated() {
      seconds += epoch.seconds
      let losses = isText ? ["\(epoch.loss)"] : []
      rows.append(["\(index + 1)", "\(seconds / 3600)", "\(measure.shown(epoch.test))"] + losses)
    }
    let table = rows.map { $0.joined(separator: "\t") + "\n" }.joined()
    try AtomicFile.write(Data(table.utf8), to: "\(path)/epochs.tsv")
    guard let entry = try report.dawnBenchEntry?.text() else { return }
    try AtomicFile.write(Data(entry.utf8), to: "\(path)/dawnbench.json")
  }
}
