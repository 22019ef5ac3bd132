import Harness

extension ResultRecord {
  /// Puts what the user stated of electricity into the record, and what follows beside all energy.
  ///
  /// Joules that were measured and those that the stated watts come to have fields of their own,
  /// and so has what each costs. What an earlier statement said and this one leaves out stays.
  package mutating func setElectricity(_ stated: Electricity) {
    var known = electricity ?? Electricity()
    known.usdPerKwh = stated.usdPerKwh ?? known.usdPerKwh
    known.watts = stated.watts ?? known.watts
    electricity = known
    for index in cases.indices {
      if let watts = known.watts { cases[index].estimateEnergy(watts: watts) }
      if let usd = known.usdPerKwh { cases[index].derived.setEnergyCost(usdPerKilowattHour: usd) }
    }
  }
}

extension CaseRecord {
  /// Where nothing was measured, what the stated power comes to in the time of the samples.
  fileprivate mutating func estimateEnergy(watts: Double) {
    guard statistics != nil, energy?.measured == nil else { return }
    let reason = energy.map { $0.refusal ?? "" } ?? "nobody read a counter when this was timed"
    let seconds = sampledSeconds
    let estimate = Energy.Estimate(joules: watts * seconds, seconds: seconds, reason: reason)
    guard let estimate else { return }
    energy = .estimated(estimate)
    guard let rate = derived.rate, rate > 0 else { return }
    derived.estimatedJoulesPerItem = watts / rate
    let rates = derived.rateCi95.flatMap(CostModel.fastestFirst)
    derived.estimatedJoulesPerItemCi95 = rates?.map { watts / $0 }
  }

  /// Seconds of all samples; of those that only their statistics tell of, their number of medians.
  private var sampledSeconds: Double {
    guard processes.isEmpty, let statistics else {
      let each = processes.map { Double($0.callsPerSample) * $0.samplesNs.reduce(0, +) }
      return 1e-9 * each.reduce(0, +)
    }
    return 1e-9 * Double(statistics.n) * statistics.medianNs
  }
}

extension CaseRecord.Derived {
  /// `USD per 10⁶ items = 10⁶ · joules per item / 3.6·10⁶ · USD per kWh`.
  fileprivate mutating func setEnergyCost(usdPerKilowattHour usd: Double) {
    let cost: (Double) -> Double = { 1e6 * $0 / Electricity.joulesPerKilowattHour * usd }
    electricityUsdPerMillionItems = joulesPerItem.map(cost)
    electricityUsdPerMillionItemsCi95 = joulesPerItemCi95?.map(cost)
    estimatedElectricityUsdPerMillionItems = estimatedJoulesPerItem.map(cost)
    estimatedElectricityUsdPerMillionItemsCi95 = estimatedJoulesPerItemCi95?.map(cost)
  }
}
