import Basics
import Formats
import Foundation
import Reporter

extension Report.LearningCurve {
  /// Reads what 'costcurve train --dataset' leaves: `epochs.tsv`, and `dawnbench.json` beside it.
  ///
  /// Any entry in DAWNBench's form can be read: a table with the columns `epoch`, `hours` and
  /// `top1Accuracy` (in per cent) apart by tabs. The JSON may be missing; it only names things.
  ///
  /// - Parameter path: The run's folder, or the table.
  /// - Throws: `Problem` of kind `absent` where there is none, else `malformed`.
  init(path: String) throws {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    let table = exists && isFolder.boolValue ? path + "/epochs.tsv" : path
    let folder = (table as NSString).deletingLastPathComponent
    let epochs = try Self.epochs(table)
    let entry = Entry.read(folder.isEmpty ? "dawnbench.json" : folder + "/dawnbench.json")
    let name = folder.isEmpty ? table : (folder as NSString).lastPathComponent
    let title = [entry?.model, entry?.misc?["dataset"]].compactMap { $0 }
    let basis = [
      entry?.hardware, entry?.misc?["engine"], entry?.misc?["seed"].map { "seed \($0)" },
    ].compactMap { $0 }
    self.init(
      title: title.isEmpty ? name : title.joined(separator: " on "), epochs: epochs,
      basis: basis.joined(separator: ", "),
      usdPerHour: entry?.costPerHour.flatMap { $0.isFinite && $0 > 0 ? $0 : nil })
  }

  /// What of a DAWNBench entry names the run.
  private struct Entry: Decodable {
    var model: String?
    var hardware: String?
    var costPerHour: Double?
    var misc: [String: String]?

    static func read(_ path: String) -> Entry? {
      guard let file = try? RegularFile(path: path), file.sizeBytes < 1 << 20,
        let bytes = try? file.bytes(at: 0, count: file.sizeBytes)
      else { return nil }
      return try? JSONDecoder().decode(Entry.self, from: Data(bytes))
    }
  }

  /// Longest table that a run of many epochs can have left.
  private static let largestBytes = 16 << 20

  private static func epochs(_ path: String) throws -> [Epoch] {
    let file = try RegularFile(path: path)
    guard file.sizeBytes <= largestBytes else {
      throw Problem(.malformed, "\(path): has \(file.sizeBytes) bytes; it is not a learning curve")
    }
    let text = String(decoding: try file.bytes(at: 0, count: file.sizeBytes), as: UTF8.self)
    let lines = text.split(whereSeparator: \.isNewline).map { line in
      line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
    let head = lines.first ?? []
    let columns = ["epoch", "hours", "top1Accuracy"].compactMap { head.firstIndex(of: $0) }
    guard columns.count == 3, lines.count > 1 else {
      throw Problem(
        .malformed,
        "\(path): is not a learning curve; give a folder that 'costcurve train --dataset' made, or "
          + "a table with the columns epoch, hours and top1Accuracy")
    }
    return try lines.dropFirst().enumerated().map { index, fields in
      let values = columns.compactMap { $0 < fields.count ? Double(fields[$0]) : nil }
      guard values.count == 3, let number = Int(exactly: values[0]), number >= 0,
        values[1] >= 0, values[1].isFinite, (0...100).contains(values[2])
      else {
        throw Problem(
          .malformed,
          "\(path): line \(index + 2) needs an epoch, hours and an accuracy from 0 to 100")
      }
      return Epoch(number: number, hours: values[1], top1: values[2] / 100)
    }
  }
}
