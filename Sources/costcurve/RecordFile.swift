import Basics
import Economics
import Formats
import Foundation
import Harness

/// Result records read back from files.
enum RecordFile {
  /// A record of a whole rigorous run has under ten million.
  private static let limitBytes = 1 << 30

  /// The records of a file, plain or gzipped: one, or an array as `report --format json` writes it.
  ///
  /// - Throws: Exit 5 where there is no file, 1 where it is no record of this schema
  ///   or no regular file.
  static func read(_ path: String) throws -> [ResultRecord] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw Problem(.absent, "there is no file '\(path)'; 'costcurve run' writes report/run.json.")
    }
    guard !isFolder.boolValue else {
      throw Problem(.malformed, "'\(path)' is a folder; name the run.json in it.")
    }
    var file = try GzipFile(path: path)
    let data = Data(try file.rest(limit: limitBytes))
    let records: [ResultRecord]
    do {
      let heads = try heads(of: data)
      for head in heads { try check(head, path) }
      let decoder = ResultRecord.decoder()
      let read =
        heads.count == 1 && !isArray(data)
        ? [try decoder.decode(ResultRecord.self, from: data)]
        : try decoder.decode([ResultRecord].self, from: data)
      records = read.map(\.current)
    } catch let error as DecodingError {
      throw Problem(.malformed, "'\(path)' is not a result record: \(error.place).")
    }
    guard !records.isEmpty else { throw Problem(.malformed, "'\(path)' holds no record.") }
    for record in records { try check(record, path) }
    return records.map { record in
      var record = record
      record.setTrainingTargets()
      return record
    }
  }

  /// The race of a file, which has to be of the same CPU.
  static func race(_ path: String, beside run: ResultRecord) throws -> ResultRecord {
    let record = try comparison(path, of: "--peers", beside: run)
    guard record.softwareTrends == nil else {
      throw Problem(.usage, "'\(path)' compares dated releases: give it by --versions.")
    }
    guard record.cases.contains(where: { $0.kind == .infer && $0.validity.ok }) else {
      throw Problem(.malformed, "--peers '\(path)' has no inference; 'costcurve peers' makes one.")
    }
    return record
  }

  /// The comparison of dated releases of a file, which has to be of the same CPU.
  static func versions(_ path: String, beside run: ResultRecord) throws -> ResultRecord {
    let record = try comparison(path, of: "--versions", beside: run)
    guard record.softwareTrends != nil else {
      throw Problem(
        .malformed,
        "--versions '\(path)' compares no dated releases; 'costcurve peers --versions' makes one.")
    }
    return record
  }

  private static func comparison(
    _ path: String, of option: String, beside run: ResultRecord
  ) throws -> ResultRecord {
    let record = try read(path)[0]
    let (here, there) = (run.context.machine, record.context.machine)
    guard here.hasProcessor(of: there) else {
      throw Problem(
        .notComparable,
        "\(option) '\(path)' was measured on '\(there.processor)', the run on "
          + "'\(here.processor)'.")
    }
    return record
  }

  /// What says which schema a record follows.
  private struct Head: Decodable {
    var schema: String
    var schemaVersion: Int
  }

  private static func heads(of data: Data) throws -> [Head] {
    let decoder = ResultRecord.decoder()
    return isArray(data)
      ? try decoder.decode([Head].self, from: data) : [try decoder.decode(Head.self, from: data)]
  }

  private static func isArray(_ data: Data) -> Bool {
    data.first { !" \n\r\t".utf8.contains($0) } == UInt8(ascii: "[")
  }

  private static func check(_ head: Head, _ path: String) throws {
    guard head.schema == "costcurve.result" else {
      throw Problem(
        .malformed, "'\(path)' follows the schema '\(head.schema)', not 'costcurve.result'.")
    }
    guard (1...ResultRecord.currentVersion).contains(head.schemaVersion) else {
      throw Problem(
        .malformed,
        "'\(path)' has schema version \(head.schemaVersion), this costcurve reads 1 to "
          + "\(ResultRecord.currentVersion); use a newer one."
      )
    }
  }

  /// Refuses figures that no measurement can give, before anything divides by them.
  private static func check(_ record: ResultRecord, _ path: String) throws {
    if let price = record.price, !(price.usdPerHour > 0) {
      throw Problem(
        .malformed, "'\(path)': price.usd_per_hour is \(price.usdPerHour), not above 0.")
    }
    for item in record.cases {
      let rates = [
        ("images_per_second", item.derived.imagesPerSecond),
        ("items_per_second", item.derived.itemsPerSecond),
        ("gflops_executed", item.derived.gflopsExecuted), ("median_ns", item.statistics?.medianNs),
      ]
      for (name, rate) in rates {
        guard let rate, !(rate > 0) else { continue }
        throw Problem(
          .malformed, "'\(path)': \(name) of \(item.id.prefix(80)) is \(rate), not above 0.")
      }
    }
    for peak in record.peaks {
      guard let rate = peak.rate, !(rate > 0) else { continue }
      let name = peak.fmaGflops != nil ? "fma_gflops" : "giga_operations_per_second"
      throw Problem(.malformed, "'\(path)': a peak's \(name) is \(rate), not above 0.")
    }
  }
}
