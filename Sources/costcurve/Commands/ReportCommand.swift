import ArgumentParser
import Economics
import Foundation
import Harness
import History
import Reporter

/// `costcurve report`: a stored run as text, Markdown, CSV, JSON or a page.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Render stored runs; several are compared side by side, or by machine type.",
    discussion: """
      Earlier runs of the same machine are added from the history. --instance, --usd-per-hour \
      and the options of owned hardware recompute costs, --usd-per-kwh recomputes those of energy.

      Example: costcurve report report/run.json --peers peers.json \
      --learning training/resnet20-seed1 --format html -o report.html

      Example: costcurve report --fleet laptop.json server.json
      """)

  @Argument(
    help: "Records written by 'costcurve run' (run.json) or with --format json.",
    completion: .file())
  var runs: [String]

  @Flag(
    help: """
      Compare machine types: runs on equal processors with as many CPUs count as one type, whose \
      spread they show; what is not comparable is refused.
      """)
  var fleet = false

  @Option(
    help: "A record of 'costcurve peers', drawn as the software versions.",
    completion: .file())
  var peers: String?

  @Option(
    help: "A record of 'costcurve peers --versions', drawn by the dates of its releases.",
    completion: .file())
  var versions: String?

  @Option(
    help: "A folder that 'costcurve train --dataset' made, or its epochs.tsv; may be repeated.",
    completion: .directory)
  var learning: [String] = []

  @Flag(name: .customLong("no-history"), help: "Leave out the earlier runs of this machine.")
  var noHistory = false

  @Flag(help: "Leave out host names, user names and paths.")
  var redact = false

  @Option(
    help: "Also write every chart into this folder, as SVG and CSV.", completion: .directory)
  var charts: String?

  @OptionGroup var price: PriceOptions
  @OptionGroup var history: HistoryOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard fleet else { return }
    guard peers == nil, versions == nil, learning.isEmpty else {
      throw ValidationError("--fleet compares runs alone, without --peers, --versions, --learning.")
    }
  }

  func run() throws {
    try output.refuseUnwritable()
    if fleet { return try compareFleet() }
    var records = try runs.flatMap { try RecordFile.read($0) }
    if price.isGiven {
      records = try records.map(priced)
    } else if let electricity = price.electricity {
      for index in records.indices {
        records[index].setElectricity(electricity.times(records[index].machines))
      }
    }
    let race = try peers.map { try RecordFile.race($0, beside: records[0]) }
    let study = try versions.map { try RecordFile.versions($0, beside: records[0]) }
    let curves = try learning.map { try Report.LearningCurve(path: $0) }
    let machine = Fingerprint(records[0].context)
    let redaction =
      redact ? Redaction.here(fileOptions: try DeclaredCommand.root().fileOptions) : nil
    if let redaction { records = try records.map { try redaction.record($0) } }
    var report = try Report(
      records[0], others: Array(records.dropFirst()),
      peers: try race.map { try redaction?.record($0) ?? $0 },
      versions: try study.map { try redaction?.record($0) ?? $0 })
    report.learning = curves.map { redaction?.curve($0) ?? $0 }
    if !noHistory { try report.addHistory(of: machine, from: history, note: output.note) }
    let file = URL(fileURLWithPath: runs[0]).lastPathComponent
    if records.count == 1 { report.recordFile = redaction?.text(file) ?? file }
    let document = report.document
    if let charts { try ChartFolder(path: charts).write(ChartFile.all(in: document)) }
    try output.emit(report, as: document)
  }

  /// The run at the price that was named for its machine, as often as its ranks had one.
  func priced(_ record: ResultRecord) throws -> ResultRecord {
    var record = record
    record.setPrice(try price.price(of: record.context.machine).times(record.machines))
    return record
  }
}
