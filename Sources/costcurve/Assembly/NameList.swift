import Economics
import Harness
import Models
import Reporter
import Workloads

/// Names that commands take, in an order that is told, with what there is to know of each.
struct NameList {
  /// A column under two names: for people, and for programs.
  struct Column {
    var head: DataTable.Column
    var key: String
    init(
      _ title: String, _ key: String, unit: String = "", isNumber: Bool = false, rank: Int = 0
    ) {
      head = DataTable.Column(title, unit: unit, isNumber: isNumber, rank: rank)
      self.key = key
    }
  }

  var title: String
  var order: String
  var columns: [Column]
  var rows: [[DataTable.Cell]]

  var document: Document {
    Document(
      title: title, subtitle: "", answer: "\(title): \(rows.count), \(order).",
      blocks: [
        .table(
          DataTable(
            id: "names", caption: "Names that commands take", columns: columns.map(\.head),
            rows: rows))
      ])
  }

  /// An object a row; figures as numbers, and null where one is not known.
  var json: [[String: JSONValue]] {
    rows.map { row in
      Dictionary(
        uniqueKeysWithValues: zip(columns, row).map { column, cell in
          let value: JSONValue =
            column.head.isNumber ? cell.number.map { .number($0) } ?? .null : .string(cell.text)
          return (column.key, value)
        })
    }
  }

  var csv: String {
    CSVReport.text(
      [columns.map(\.key)]
        + rows.map { row in
          zip(columns, row).map { column, cell in
            column.head.isNumber ? CSVReport.number(cell.number) : cell.text
          }
        })
  }
}

extension NameList {
  /// Every network, with its work and size at its usual input.
  static func networks() throws -> NameList {
    let counted = try Network.names.map { name in
      let network = try Network.named(name)
      let macs = network.macs(batch: 1, inputSize: network.usualInputSize)
      return (network: network, macs: macs.count)
    }
    return NameList(
      title: "Networks", order: "those of the least work first",
      columns: [
        .init("Network", "network"),
        .init("Input", "input_size", unit: "pixels or tokens", isNumber: true),
        .init("MACs", "macs", unit: "of one input", isNumber: true),
        .init("Parameters", "parameters", isNumber: true), .init("Reads", "item"),
      ],
      rows: counted.sorted { $0.macs < $1.macs }.map { row(of: $0.network, macs: $0.macs) })
  }

  private static func row(of network: Network, macs: Int) -> [DataTable.Cell] {
    let (size, parameters) = (network.usualInputSize, network.parameterCount)
    return [
      .init(network.name), .init("\(size)", number: Double(size)),
      .init(Units.grouped(macs), number: Double(macs)),
      .init(Units.grouped(parameters), number: Double(parameters)),
      .init(network.item == .sequence ? "tokens" : network.item.plural),
    ]
  }

  static func engines() -> NameList {
    NameList(
      title: "Engines", order: "the oldest software first, the oracle last",
      columns: [.init("Engine", "engine"), .init("How it computes", "summary")],
      rows: Engine.allCases.map { [.init($0.rawValue), .init($0.summary)] })
  }

  static func instances() throws -> NameList {
    let entries = try PriceCatalogue().latest.sorted {
      ($0.usdPerHour, $0.cloud, $0.instance) < ($1.usdPerHour, $1.cloud, $1.instance)
    }
    return NameList(
      title: "Instances", order: "the cheapest hour first; list prices on demand",
      columns: [
        .init("Instance", "instance"),
        .init("Price", "usd_per_hour", unit: "USD/h", isNumber: true),
        .init("vCPUs", "vcpus", isNumber: true), .init("Cloud", "cloud"), .init("Region", "region"),
        .init("As of", "as_of", rank: 2), .init("Accelerator", "accelerator", rank: 1),
      ],
      rows: entries.map { entry in
        [
          .init(entry.instance), .init(Units.number(entry.usdPerHour), number: entry.usdPerHour),
          .init(entry.vcpus.map(String.init) ?? "", number: entry.vcpus.map(Double.init)),
          .init(entry.cloud), .init(entry.region), .init("\(entry.asOf)"), .init(entry.accelerator),
        ]
      })
  }

  /// The cases of `run` on this machine.
  static func cases() throws -> NameList {
    let threads = MachineReader.availableThreads
    var suite = RunSuite(threads: Array(Set([1, threads])).sorted())
    suite.measuresAll = true
    let requests = try suite.requests()
    return NameList(
      title: "Cases of 'costcurve run' on this machine", order: "in the order of the suite",
      columns: [.init("Case", "id"), .init("Repeat with", "repeat", rank: 1)],
      rows: requests.map { [.init($0.id), .init($0.repeat)] })
  }
}
