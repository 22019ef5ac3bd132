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
  /// What DAWNBench entries paid to train to their threshold (93 % top-5, or 94 % on CIFAR-10).
  ///
  /// `dataset` is `imagenet` or `cifar10`.
  package static func trainingCosts(
    dataset: String = "imagenet", _ records: Records = .builtIn
  ) throws -> [PublicRecord] {
    try dawnbench("dawnbench_\(dataset)_train", value: "usd_to_threshold", unit: "USD", records)
  }

  /// What DAWNBench entries paid to classify 10⁹ images.
  ///
  /// `dataset` is `imagenet` or `cifar10`.
  package static func inferenceCosts(
    dataset: String = "imagenet", _ records: Records = .builtIn
  ) throws -> [PublicRecord] {
    try dawnbench(
      "dawnbench_\(dataset)_inference", value: "usd_per_1e9_images", unit: "USD per 10⁹ images",
      records)
  }

  /// CPU results that others measured, priced at a comparable instance.
  package static func cpuInferenceCosts(_ records: Records = .builtIn) throws -> [PublicRecord] {
    let table = try records.table("cpu_cost_points_inference")
    return table.rows.indices.compactMap { row in
      guard let value = table.number(row, "usd_per_1e9_images"),
        let date = table.day(row, "price_as_of")
      else { return nil }
      return PublicRecord(
        date: date, value: value, unit: "USD per 10⁹ images", model: table.text(row, "task"),
        hardware: table.text(row, "priced_instance"), source: table.text(row, "source"),
        note: table.text(row, "what"))
    }
  }

  /// ResNet-50 on ImageNet trained by CPU clusters, where a price is on record.
  package static func cpuTrainingCosts(_ records: Records = .builtIn) throws -> [PublicRecord] {
    let table = try records.table("cpu_cost_points_training")
    return table.rows.indices.compactMap { row in
      guard let value = table.number(row, "usd_total"), let date = table.day(row, "date") else {
        return nil
      }
      return PublicRecord(
        date: date, value: value, unit: "USD", model: table.text(row, "model"),
        hardware: "\(table.text(row, "nodes")) × \(table.text(row, "node_instance"))",
        source: table.text(row, "source"), note: table.text(row, "note"))
    }
  }

  /// Compute of the runs charted by OpenAI's AI and Compute, in petaflop/s-days, by date.
  package static func trainingRuns(_ records: Records = .builtIn) throws -> [PublicRecord] {
    let table = try records.table("openai_ai_and_compute_systems")
    var seen: Set<String> = []
    return table.rows.indices.compactMap { row in
      // The table has one row for each method of counting; the charted value is the same.
      guard let date = table.day(row, "date"), let value = table.number(row, "chart_pfs_days"),
        seen.insert(table.text(row, "system")).inserted
      else { return nil }
      return PublicRecord(
        date: date, value: value, unit: "pfs-days", model: table.text(row, "system"),
        hardware: "", source: table.text(row, "source_chart"))
    }.sorted { $0.date < $1.date }
  }

  /// Compute of the networks that reached AlexNet's accuracy with less than all before them.
  package static func efficiencyRecords(_ records: Records = .builtIn) throws -> [PublicRecord] {
    let table = try records.table("openai_efficiency_sota")
    return table.rows.indices.compactMap { row in
      guard table.text(row, "target").hasPrefix("AlexNet-level"),
        let date = table.day(row, "date"), let value = table.number(row, "tfs_days_printed")
      else { return nil }
      return PublicRecord(
        date: date, value: value, unit: "tfs-days", model: table.text(row, "model"),
        hardware: "", source: table.text(row, "source"))
    }
  }

  private static func dawnbench(
    _ name: String, value: String, unit: String, _ records: Records
  ) throws -> [PublicRecord] {
    let table = try records.table(name)
    return table.rows.indices.compactMap { row -> PublicRecord? in
      guard let number = table.number(row, value), let stamp = table.day(row, "timestamp"),
        let added = table.day(row, "git_first_added")
      else { return nil }
      // An entry cannot have been published long after the file that holds it was written. One
      // is stamped a year before its commit and carries a later framework: a mistyped year.
      let mistyped = added.number - stamp.number > 330 && added.number - stamp.number < 400
      return PublicRecord(
        date: mistyped ? added : stamp, value: number, unit: unit,
        model: table.text(row, "model"), hardware: table.text(row, "hardware"),
        source: table.text(row, "source"),
        note: mistyped ? "stamped \(stamp), committed \(added): dated by the commit" : "")
    }.sorted { ($0.date, $0.value) < ($1.date, $1.value) }
  }
}
