import Harness

extension FleetRuns {
  /// The places of runs by the type of their machines.
  ///
  /// Several machines whose ranks share their work are a type of their own. An older record that does
  /// not say family and model belongs to the first type of its name.
  static func groups(of records: [ResultRecord]) -> [[Int]] {
    var groups: [[Int]] = []
    for (place, record) in records.enumerated() {
      let home = groups.firstIndex { group in
        group.allSatisfy { isOneType(records[$0], record) }
      }
      if let home { groups[home].append(place) } else { groups.append([place]) }
    }
    return groups
  }

  private static func isOneType(_ one: ResultRecord, _ other: ResultRecord) -> Bool {
    let (here, there) = (one.context.machine, other.context.machine)
    return here.hasProcessor(of: there) && here.architecture == there.architecture
      && here.usableCPUs == there.usableCPUs && one.price?.instance == other.price?.instance
      && one.machines == other.machines
  }

  static func machineTypes(
    _ groups: [[Int]], of records: [ResultRecord]
  ) -> [FleetComparison.MachineType] {
    let catalogue = try? PriceCatalogue()
    var types = groups.enumerated().map { place, group -> FleetComparison.MachineType in
      let record = records[group[0]]
      let (machine, price) = (record.context.machine, record.price)
      let size = Units.count(machine.usableCPUs, "CPU")
      let several = record.machines > 1 ? "\(record.machines) machines" : nil
      let words = [several, price?.instance, "\(machine.cpu.prefix(60)), \(size)"]
        .compactMap { $0 }
      return FleetComparison.MachineType(
        letter: letter(place), name: words.joined(separator: ": "), cpu: machine.cpu,
        design: group.lazy.compactMap { records[$0].context.machine.design }.first,
        cpus: machine.usableCPUs, instance: price?.instance, runs: group.map { $0 + 1 },
        usdPerHour: price?.usdPerHour, priceBasis: price?.basis, priceAsOf: price?.asOf,
        hasOwnPrice: isOwn(price, of: machine, catalogue))
    }
    withholdSharedPrices(&types, of: groups.map { assumedInstance(of: records[$0[0]].price) })
    let names = types.map(\.name)
    for place in types.indices where names.count(where: { $0 == names[place] }) > 1 {
      types[place].name += types[place].design.map { " (\($0))" } ?? ", type \(types[place].letter)"
    }
    return types
  }

  /// `A` to `Z`, then `A2`.
  static func letter(_ place: Int) -> String {
    let letter = String(Character(Unicode.Scalar(UInt8(ascii: "A") + UInt8(place % 26))))
    return place < 26 ? letter : letter + "\(place / 26 + 1)"
  }

  /// Whether a price is what that machine costs: one that the user gave, or an instance's that the
  /// machine can be, whole.
  private static func isOwn(
    _ price: ResultRecord.PriceRecord?, of machine: Context.Machine, _ catalogue: PriceCatalogue?
  ) -> Bool {
    guard let price else { return false }
    guard price.assumption != nil else { return true }
    guard let instance = price.instance, let catalogue else { return false }
    let names = ["x86_64": "x86-64", "aarch64": "arm64"]
    return catalogue.canBe(
      instance, cpus: machine.usableCPUs,
      architecture: names[machine.architecture] ?? machine.architecture)
  }

  /// The instance that a machine is assumed to be; nil where nobody assumed one.
  private static func assumedInstance(of price: ResultRecord.PriceRecord?) -> String? {
    price?.assumption == nil ? nil : price?.instance
  }

  /// Takes the price of an assumed instance for no type's own where several types are priced by it.
  ///
  /// They share one price per CPU, so that the cheapest would be the fastest by another name.
  private static func withholdSharedPrices(
    _ types: inout [FleetComparison.MachineType], of instances: [String?]
  ) {
    for place in types.indices {
      guard let instance = instances[place] else { continue }
      if instances.count(where: { $0 == instance }) > 1 { types[place].hasOwnPrice = false }
    }
  }
}
