import Harness
import Reporter
import Workloads

extension Rendering {
  /// An interleaved comparison as a table, or as the record that it is.
  ///
  /// - Throws: What the JSON encoder throws, which a record of finite numbers never makes it do.
  static func text(ofRace record: ResultRecord, as output: OutputOptions) throws -> String {
    guard output.format == .text else {
      return try text(of: try Report(record), as: output)
    }
    let validity = record.validity ?? RunValidity(of: record)
    let item = record.cases.lazy.filter { $0.derived.rate != nil }.first?.derived.workItem ?? .image
    let notice = Document.Notice(validity, on: record.context.noise)
    let doubts =
      notice.map { output.full ? terminal(output).lines(of: $0) : screen(output).lines(of: $0) }
      ?? []
    let groups = Dictionary(grouping: record.cases, by: { CaseID.withoutEngine($0.id) })
      .sorted { $0.key < $1.key }
    let tables = groups.flatMap { id, cases in
      ["", id, header(item)] + cases.map(row) + answers(to: cases)
    }
    let all = text(doubts + tables + [""] + notes(on: record, item))
    guard !output.full, screenLines(of: all) > ScreenReport.lines else { return all }
    // The ratios and what they are of; the tables are in the other forms.
    let foot =
      [""] + [warnings(on: record).first, price(of: record), ratio(item), rest].compactMap(\.self)
    let room = ScreenReport.lines - screenLines(of: text(foot)) - 2
    var lines = doubts
    var left = 0
    for (id, cases) in groups {
      let told = answers(to: cases)
      let part = ["", id] + (told.isEmpty ? cases.prefix(1).map(row) : told)
      if screenLines(of: text(lines + part)) > room {
        left += 1
      } else {
        lines += part
      }
    }
    if left > 0 { lines += ["", "… and \(left) more"] }
    return text(lines + foot)
  }

  private static func text(_ lines: [String]) -> String { lines.joined(separator: "\n") + "\n" }

  /// Lines of a text on a terminal of 100 columns.
  private static func screenLines(of text: String) -> Int {
    text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      .reduce(0) { $0 + max(1, ($1.count + 99) / 100) }
  }

  private static func price(of record: ResultRecord) -> String? {
    record.price.map { "Dollars: \(Units.usd($0.usdPerHour)) an hour, \($0.basis)." }
  }

  /// What is to be said of the machine beside that it was busy, which stands first.
  private static func warnings(on record: ResultRecord) -> [String] {
    Warning.ofMachine(record.context).compactMap { warning in
      if case .busy = warning { nil } else { "! \(warning.sentence) \(warning.remedy)" }
    }
  }

  private static func ratio(_ item: WorkItem) -> String {
    "Ratio: how many times as fast the first row is, per \(item.name), from interleaved blocks."
  }

  /// What the tables do not say: software, warnings, price, and what the columns are.
  private static func notes(on record: ResultRecord, _ item: WorkItem) -> [String] {
    var lines = record.context.libraries.map { "\($0.name) \($0.version): \($0.configuration)." }
    lines += warnings(on: record)
    if let price = price(of: record) { lines.append(price) }
    lines.append(ratio(item))
    if record.cases.contains(where: \.isGathered) {
      lines.append(
        "A row named -gathered is dynamically batched: it waits for a request per thread and answers "
          + "them as one larger batch.")
    }
    return lines
  }

  /// The first row over the fastest peer that computes the same batch, and our dynamically batched
  /// variant over the fastest of those that have as many in-flight requests.
  private static func answers(to cases: [CaseRecord]) -> [String] {
    let peers = cases.filter { $0.isForeign && $0.validity.ok }
    func fastest(_ some: [CaseRecord]) -> CaseRecord? {
      some.max { $0.derived.rate ?? 0 < $1.derived.rate ?? 0 }
    }
    let leanest = peers.compactMap(\.derived.peakMemoryBytes).min()
    var answers: [String] = []
    let ungathered = peers.filter { !$0.isGathered }
    if let first = cases.first, let best = fastest(ungathered),
      let ratio = best.derived.firstArmSpeedup
    {
      answers.append(
        answer(
          first, over: "the best peer, \(CaseID.engine(of: best.id))", ratio,
          best.derived.firstArmSpeedupCi95, best.processes.count, leanest: leanest))
    }
    if let gathered = cases.first(where: { $0.isGathered && !$0.isForeign }),
      let best = fastest(peers.filter { $0.derived.ownArm == CaseID.engine(of: gathered.id) }),
      let ratio = best.derived.ownArmSpeedup
    {
      answers.append(
        answer(
          gathered, over: "the best with as many in-flight requests, \(CaseID.engine(of: best.id))",
          ratio,
          best.derived.ownArmSpeedupCi95, best.processes.count, leanest: leanest))
    }
    return answers
  }

  private static func answer(
    _ own: CaseRecord, over peer: String, _ ratio: Double, _ ends: [Double]?, _ processes: Int,
    leanest: Int?
  ) -> String {
    let memory = zip([own.derived.peakMemoryBytes, leanest], ["ours", "the leanest peer"])
      .compactMap { bytes, name in bytes.map { "\(Units.bytes($0)) \(name)" } }
    return "  \(CaseID.engine(of: own.id)) over \(peer): \(Units.ratio(ratio)) \(interval(ends)), "
      + "\(processes) process\(processes == 1 ? "" : "es"); "
      + "resident \(memory.joined(separator: ", "))."
  }

  private static func header(_ item: WorkItem) -> String {
    columns(
      "", item.rateUnit, "95 % interval", "ratio", "95 % interval", "MiB",
      "USD per \(item.costUnit.prefix(3))")
  }

  private static func row(_ item: CaseRecord) -> String {
    let engine = CaseID.engine(of: item.id)
    guard item.validity.ok, let rate = item.derived.rate else {
      return "  \(engine): no speed: \(item.validity.reasons.joined(separator: "; "))"
    }
    return columns(
      engine, Units.number(rate), interval(item.derived.rateCi95),
      item.derived.firstArmSpeedup.map { Units.number($0) } ?? "n/a",
      interval(item.derived.firstArmSpeedupCi95),
      item.derived.peakMemoryBytes.map { String($0 >> 20) } ?? "n/a",
      item.derived.usdPerCount.map { Units.number($0) } ?? "n/a")
  }

  private static func interval(_ ends: [Double]?) -> String {
    ends.map { "[\(Units.number($0[0])), \(Units.number($0[1]))]" } ?? "n/a"
  }

  private static func columns(_ texts: String...) -> String {
    "  " + TextRow.text(texts, widths: [22, 11, 16, 6, 16, 6, 12], leading: 1)
  }
}
