import ArgumentParser
import Basics
import Economics
import Harness
import Reporter

/// `costcurve claims`: the published claims, recomputed.
struct ClaimsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "claims",
    abstract: "The published claims, recomputed: which hold, which do not, and why.",
    discussion: "Example: costcurve claims show inference-cost-1b-end",
    subcommands: [ClaimsListCommand.self, ClaimsShowCommand.self, ClaimsAuditCommand.self],
    defaultSubcommand: ClaimsListCommand.self)
}

/// `costcurve claims list`.
struct ClaimsListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Every claim with its verdict and the reason in one line.",
    discussion: "Example: costcurve claims list --verdict inconsistent")

  @Option(help: "Only consistent, inconsistent or not-checkable ones.")
  var verdict: String?

  @Option(help: "Only those of one document, such as 000.")
  var document: String?

  @Option(help: "Only those of one kind, such as cost-point or projection.")
  var kind: String?

  @OptionGroup var data: ClaimsOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    try output.refuseUnwritable()
    let book = try ClaimBook(data)
    var claims = book.audit.claims
    if let verdict {
      let name = verdict.replacing("-", with: " ")
      guard let wanted = Economics.Verdict(rawValue: name) else {
        throw Problem(
          .usage, "--verdict takes consistent, inconsistent or not-checkable, not '\(verdict)'.")
      }
      claims.removeAll { $0.verdict != wanted }
    }
    if let document {
      let id = String(document.prefix { $0.isNumber })
      try refuse(
        document, unless: book.documents[id] != nil, among: book.documents.keys, "document")
      claims.removeAll { !$0.documents.contains(id) }
    }
    if let kind {
      let kinds = Set(book.audit.claims.map(\.kind))
      try refuse(kind, unless: kinds.contains(kind), among: kinds, "kind of claim")
      claims.removeAll { $0.kind != kind }
    }
    guard !claims.isEmpty else { throw Problem(.caseFailed, "no claim fits all of these filters.") }
    try output.emit(
      try book.text(of: claims, as: output) {
        output.full ? $0.list(claims) : $0.screen(of: claims)
      })
  }

  private func refuse(
    _ name: String, unless known: Bool, among names: some Collection<String>, _ what: String
  ) throws {
    guard !known else { return }
    let hint = NearestNames.hint(to: name, among: Array(names))
    throw Problem(
      .absent,
      "there is no \(what) '\(name)'.\(hint) There are \(names.sorted().joined(separator: ", ")).")
  }
}

/// `costcurve claims show`.
struct ClaimsShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "One claim, recomputed step by step with every input.",
    discussion: "Example: costcurve claims show train-cost-resnet50-2017")

  @Argument(help: "The claim's id; see 'costcurve claims list'.")
  var id: String

  @Option(help: "Follow the claim's curves to this day, such as 2026-07-01.")
  var at: String?

  @OptionGroup var data: ClaimsOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    try output.refuseUnwritable()
    let day = at.flatMap { Day($0) }
    if let at, day == nil {
      throw Problem(.usage, "--at takes a day such as 2026-07-01, not '\(at)'.")
    }
    let book = try ClaimBook(data)
    let claim = try book.audit.claim(id)
    let curves = try Curve.all(book.records) + Curve.fitted(book.records)
    try output.emit(
      try book.text(of: [claim], as: output) { text in
        output.full
          ? try text.show(claim, curves: curves, on: day)
          : try text.showScreen(claim, curves: curves, on: day)
      })
  }
}

/// `costcurve claims audit`.
struct ClaimsAuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Recompute everything; end with 10 if a value or verdict is not the one on record.",
    discussion: "Example: costcurve claims audit --format markdown -o audit.md")

  @OptionGroup var data: ClaimsOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    try output.refuseUnwritable()
    let book = try ClaimBook(data)
    try output.emit(
      try book.text(of: book.audit.claims, as: output) {
        output.full ? $0.summary() : $0.auditScreen()
      })
    guard book.audit.agrees else {
      let count = book.audit.disagreements.count
      throw Problem(
        .auditDisagrees,
        "the data disagrees with what is on record in \(Units.count(count, "place")).")
    }
  }
}
