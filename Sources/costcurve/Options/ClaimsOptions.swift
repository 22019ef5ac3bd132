import ArgumentParser
import Basics
import Economics
import Foundation
import Harness
import Reporter

/// Where claims, prices and records come from.
struct DataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Folder with data files that replace those compiled in, such as cloud_prices.csv.",
      valueName: "folder"), completion: .directory)
  var claims: String?

  /// Compiled in, or with the folder's files in their place.
  func records() throws -> Records {
    try claims.map { try Records(folder: URL(fileURLWithPath: $0, isDirectory: true)) } ?? .builtIn
  }
}

/// Where the claims and this machine's figures come from.
struct ClaimsOptions: ParsableArguments {
  @OptionGroup var data: DataOptions

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp(
      "Run whose measurements are set beside the claims, report/run.json where there is one; "
        + "again for another run of the same machine.",
      valueName: "run.json"), completion: .file())
  var runFiles: [String] = []

  /// What the runs measured; nil where none is named and none lies in `report/`.
  func local() throws -> LocalMeasurement? {
    guard let path = runFiles.first else {
      // A run that was not asked for is no reason to refuse the claims.
      return FileManager.default.contents(atPath: "report/run.json")
        .flatMap { try? ResultRecord.read($0) }.map { LocalMeasurement($0) }
    }
    let first = try record(path)
    var local = LocalMeasurement(first)
    for path in runFiles.dropFirst() {
      let other = try record(path)
      let (ours, theirs) = (first.context.machine, other.context.machine)
      guard ours.hasProcessor(of: theirs), ours.usableCPUs == theirs.usableCPUs else {
        throw Problem(
          .notComparable,
          "'\(path)' is of \(Units.count(theirs.usableCPUs, "CPU")) of \(theirs.processor), the "
            + "run before of \(Units.count(ours.usableCPUs, "CPU")) of \(ours.processor); --run "
            + "takes runs of one machine.")
      }
      local.join(LocalMeasurement(other))
    }
    return local
  }

  private func record(_ path: String) throws -> ResultRecord {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Problem(.absent, "cannot read '\(path)'; --run takes a run.json of 'costcurve run'.")
    }
    do {
      return try ResultRecord.read(data)
    } catch {
      throw Problem(.malformed, "'\(path)' is not a record of a run; --run takes a run.json.")
    }
  }
}

/// The audited claims and what is shown with them.
struct ClaimBook {
  let records: Records
  let audit: Audit
  let findings: [Finding]
  let documents: [String: String]
  /// Whether there is a run of this machine to compare with.
  let isMeasured: Bool

  init(_ options: ClaimsOptions) throws {
    records = try options.data.records()
    let local = try options.local()
    isMeasured = local != nil
    audit = try Claims.audit(records, local: local)
    findings = try Findings.all(records)
    documents = try Claims.documents(records)
  }

  /// The claims in the form asked for; `text` writes the one that differs between commands.
  func text(
    of claims: [AuditedClaim], as output: OutputOptions, text: (ClaimsText) throws -> String
  ) throws -> String {
    let all = claims.count == audit.claims.count
    let findings =
      all
      ? findings
      : findings.filter { finding in
        claims.contains { finding.claims.contains($0.id) }
      }
    switch output.format {
    case .text:
      return try text(
        ClaimsText(
          audit: audit, findings: findings, fitted: try Curve.fitted(records),
          documents: documents, width: output.terminal.width))
    case .json:
      return try RecordJSON.text(
        ClaimsRecord(audit, claims: claims, findings: findings, data: records.origin))
    case .csv:
      return ClaimsCSV.text(claims)
    case .markdown:
      return ClaimsMarkdown(audit: audit, findings: findings, documents: documents)
        .text(claims, isWhole: output.full)
    case .html:
      let origin = "\(claims.count) of \(Units.count(audit.claims.count, "claim"))"
      return HTMLReport().text(
        Document(
          claims: claims, findings: findings, documents: documents, subtitle: origin,
          isMeasured: isMeasured))
    }
  }
}
