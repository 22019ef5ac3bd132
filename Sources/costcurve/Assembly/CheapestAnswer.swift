import Economics
import Harness
import Reporter
import Workloads

/// What `infer --cheapest` found: the configuration of the lowest cost, among all measured.
struct CheapestAnswer: Encodable {
  var validity: RunValidity
  var best: CheapestSearch.Configuration
  @Nullable var usdPerBillionImages: Double?
  var usdPerMillionPositions: Double?
  /// Of what is neither an image nor a position.
  var usdPerMillionItems: Double?
  /// What layers multiply; absent for float32, whose answers are checked.
  var precision: String?
  /// That of a lower precision nobody looked at the answers; absent for float32.
  var accuracy: String?
  var usdPerHour: Double
  var priceBasis: String
  var configurations: [CheapestSearch.Configuration]
  /// What measures the best as a case of its own; null where it is several processes.
  @Nullable var `repeat`: String?
  private static let position = WorkItem("position")
  private let item: WorkItem
  /// Of `item.costUnit`, one a configuration.
  private let costs: [Double]
  private let bestUSD: Double
  private let noise: Context.NoiseRecord

  private enum CodingKeys: CodingKey {
    case validity, best, usdPerBillionImages, usdPerMillionPositions, usdPerMillionItems, usdPerHour
    case priceBasis, precision, accuracy, configurations, `repeat`
  }

  /// Nil without a configuration.
  init?(
    _ found: [CheapestSearch.Configuration], by search: CheapestSearch, at price: Price,
    _ noise: Context.NoiseRecord
  ) {
    let (model, isImages) = (CostModel(price: price), search.item == .image)
    let costs = found.map(\.itemsPerSecond).map { rate in
      isImages
        ? model.usdPerBillionImages(imagesPerSecond: rate)
        : model.usdPerMillionPositions(positionsPerSecond: rate)
    }
    guard let best = found.max(by: { $0.itemsPerSecond < $1.itemsPerSecond }),
      let bestUSD = costs.min()
    else { return nil }
    (self.best, configurations, self.costs, self.bestUSD) = (best, found, costs, bestUSD)
    (usdPerHour, priceBasis, item) = (price.usdPerHour, price.basis, search.item)
    precision = search.precision?.rawValue
    accuracy = search.precision.map { _ in "not evaluated" }
    (validity, self.noise) = (RunValidity(doubts: RunValidity.ofMachine(noise)), noise)
    _usdPerBillionImages = Nullable(wrappedValue: isImages ? bestUSD : nil)
    usdPerMillionPositions = search.item == Self.position ? bestUSD : nil
    usdPerMillionItems = isImages || search.item == Self.position ? nil : bestUSD
    _repeat = Nullable(
      wrappedValue: best.instances > 1
        ? nil
        : CaseSuite.network(
          .infer, name: search.network, batch: best.batchSize, threads: best.threads,
          engine: search.engine, options: search.options, precision: search.precision
        ).repeat)
  }

  /// The best first in words, then every configuration.
  var document: Document {
    let rate = [Units.number(best.itemsPerSecond), Units.interval(best.itemsPerSecondCi95)]
      .filter { !$0.isEmpty }.joined(separator: " ")
    var blocks: [Document.Block] = [
      .table(table),
      .paragraph(
        "Intervals are of block means within one process each, provisional: what another process "
          + "would differ by was not measured."),
    ]
    if let line = `repeat` {
      blocks.append(.commands([.init(line, purpose: "measures the cheapest as a case of its own")]))
    }
    return Document(
      title: "The cheapest configuration", subtitle: "\(configurations.count) measured",
      notice: .init(validity, on: noise),
      answer: "Cheapest: \(status)batch \(best.batchSize), \(Self.words(best)): \(rate) "
        + "\(item.rateUnit), \(Units.usd(bestUSD)) per \(item.costUnit) at "
        + "\(Units.usd(usdPerHour)) an hour, \(priceBasis).",
      blocks: blocks)
  }

  /// One row per configuration.
  var csv: String {
    let head = [
      "batch_size", "threads", "instances", "item", "items_per_second", "items_per_second_ci95_low",
      "items_per_second_ci95_high",
      item == .image
        ? "usd_per_billion_images"
        : item == Self.position ? "usd_per_million_positions" : "usd_per_million_items",
      "peak_memory_bytes", "usd_per_hour", "price_basis", "cheapest", "precision", "accuracy",
    ]
    let number: (Double?) -> String = CSVReport.number
    return CSVReport.text(
      [head]
        + zip(configurations, costs).map { one, usd in
          [
            "\(one.batchSize)", "\(one.threads)", "\(one.instances)", item.name,
            number(one.itemsPerSecond), number(one.itemsPerSecondCi95?.first),
            number(one.itemsPerSecondCi95?.last),
            number(usd), "\(one.peakMemoryBytes)", number(usdPerHour), priceBasis,
            "\(one == best)", precision ?? "f32", accuracy ?? "",
          ]
        })
  }

  /// The precision and what is known of its answers, before what follows; empty for float32.
  private var status: String {
    precision.map { "\($0), accuracy \(accuracy ?? ""), " } ?? ""
  }

  private var table: DataTable {
    DataTable(
      id: "configurations", caption: "Every configuration, with 95 % intervals",
      columns: [
        .init("Batch", isNumber: true), .init("Threads", isNumber: true),
        .init("Instances", isNumber: true), .init("Rate", unit: item.rateUnit, isNumber: true),
        .init("Cost", unit: "USD per \(item.costUnit)", isNumber: true),
        .init("Memory", unit: "MiB", isNumber: true, rank: 1),
      ],
      rows: zip(configurations, costs).map { one, usd in
        [
          .init(count: one.batchSize), .init(count: one.threads), .init(count: one.instances),
          .init(
            Units.number(one.itemsPerSecond), number: one.itemsPerSecond,
            interval: Units.interval(one.itemsPerSecondCi95)),
          .init(Units.number(usd), number: usd, tone: one == best ? .good : .plain),
          .init("\(one.peakMemoryBytes >> 20)", number: Double(one.peakMemoryBytes)),
        ]
      })
  }

  private static func words(_ one: CheapestSearch.Configuration) -> String {
    let threads = Units.count(one.threads, "thread")
    return one.instances == 1
      ? "\(threads) in one instance" : "\(threads) in each of \(one.instances) instances"
  }
}
