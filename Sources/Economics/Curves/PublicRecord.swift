/// One dated public result: what somebody else measured, charted or filed.
package struct PublicRecord: Hashable, Sendable {
  package var date: Day
  package var value: Double
  package var unit: String
  package var model: String
  package var hardware: String
  package var source: String
  /// What a reader has to know before comparing it, such as a corrected date.
  package var note: String

  package init(
    date: Day, value: Double, unit: String, model: String, hardware: String, source: String,
    note: String = ""
  ) {
    (self.date, self.value, self.unit) = (date, value, unit)
    (self.model, self.hardware, self.source, self.note) = (model, hardware, source, note)
  }
}

extension PublicRecord {
  /// What DAWNBench entries paid to train to their threshold, 93 % top-5 on ImageNet.
  package static func trainingCosts(_ records: Records = .builtIn) throws -> [PublicRecord] {
    try dawnbench("dawnbench_imagenet_train", value: "usd_to_threshold", unit: "USD", records)
  }

  /// What DAWNBench entries paid to classify 10⁹ images of ImageNet.
  package static func inferenceCosts(_ records: Records = .builtIn) throws -> [PublicRecord] {
    try dawnbench(
      "dawnbench_imagenet_inference", value: "usd_per_1e9_images", unit: "USD per 10⁹ images",
      records)
  }

  /// CPU results that others measured, priced at a comparable instance.
  package static func cpuInferenceCosts(_ records: Records = .builtIn) throws -> [PublicRecord] {
    try read(
      "cpu_cost_points_inference", records, value: "usd_per_1e9_images",
      unit: "USD per 10⁹ images", date: "price_as_of", model: "task", hardware: "priced_instance",
      note: "what")
  }

  /// ResNet-50 on ImageNet trained by CPU clusters, where a price is on record.
  package static func cpuTrainingCosts(_ records: Records = .builtIn) throws -> [PublicRecord] {
    try read(
      "cpu_cost_points_training", records, value: "usd_total", unit: "USD",
      hardware: "node_instance", note: "note"
    ) { record, cell in
      record.hardware = "\(cell("nodes")) × \(record.hardware)"
      return true
    }
  }

  /// Compute of the runs charted by OpenAI's AI and Compute, in petaflop/s-days, by date.
  package static func trainingRuns(_ records: Records = .builtIn) throws -> [PublicRecord] {
    var seen: Set<String> = []
    // The table has one row for each method of counting; the charted value is the same.
    return try read(
      "openai_ai_and_compute_systems", records, value: "chart_pfs_days", unit: "pfs-days",
      model: "system", source: "source_chart"
    ) { record, _ in
      seen.insert(record.model).inserted
    }.sorted { $0.date < $1.date }
  }

  /// Compute of the networks that reached AlexNet's accuracy with less than all before them.
  package static func efficiencyRecords(_ records: Records = .builtIn) throws -> [PublicRecord] {
    try read(
      "openai_efficiency_sota", records, value: "tfs_days_printed", unit: "tfs-days"
    ) { _, cell in
      cell("target").hasPrefix("AlexNet-level")
    }
  }

  private static func dawnbench(
    _ name: String, value: String, unit: String, _ records: Records
  ) throws -> [PublicRecord] {
    try read(name, records, value: value, unit: unit, date: "timestamp") { record, cell in
      guard let added = Day(cell("git_first_added")) else { return false }
      // An entry cannot have been published long after the file that holds it was written. One
      // is stamped a year before its commit and carries a later framework: a mistyped year.
      if (331..<400).contains(added.number - record.date.number) {
        record.note = "stamped \(record.date), committed \(added): dated by the commit"
        record.date = added
      }
      return true
    }.sorted { ($0.date, $0.value) < ($1.date, $1.value) }
  }

  /// The rows of a table that have a value and a date; texts other than name and unit are columns,
  /// and `keeps` completes a record from further cells or leaves it out.
  private static func read(
    _ name: String, _ records: Records, value: String, unit: String, date: String = "date",
    model: String = "model", hardware: String = "hardware", source: String = "source",
    note: String = "",
    keeps: (inout PublicRecord, _ cell: (String) -> String) -> Bool = { _, _ in true }
  ) throws -> [PublicRecord] {
    let table = try records.table(name)
    return table.rows.indices.compactMap { row in
      let cell = { table.text(row, $0) }
      guard let value = table.number(row, value), let date = table.day(row, date) else {
        return nil
      }
      var record = PublicRecord(
        date: date, value: value, unit: unit, model: cell(model), hardware: cell(hardware),
        source: cell(source), note: cell(note))
      return keeps(&record, cell) ? record : nil
    }
  }
}
