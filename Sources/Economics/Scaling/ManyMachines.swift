import Harness

/// What 1 to 1024 machines like one would do, by a model of their steps.
package struct ManyMachines: Hashable, Sendable {
  /// As many machines.
  package struct Entry: Codable, Hashable, Sendable {
    package var machines: Int
    package var stepMs: Double
    /// Of all machines.
    package var imagesPerSecond: Double
    /// The share, 0 to 1, of so many times the rate of one machine with the same images.
    package var efficiency: Double
    /// How many times as many epochs the larger batch takes; absent without a critical batch size.
    package var epochsFactor: Double?
    /// Absent, as the price of it, for a network without a training target.
    package var hoursToTrain: Double?
    package var usdToTrain: Double?
  }

  /// By powers of two.
  package let entries: [Entry]
  /// What hours and dollars assume beside the model, a sentence; nil where there are none, or where
  /// nothing is assumed.
  package let assumption: String?

  /// Works out steps, rates, hours and dollars.
  ///
  /// - Parameters:
  ///   - model: Whose single machine is the one that is priced.
  ///   - batch: Images of a machine.
  ///   - target: What the steps lead to; nil where that is nothing.
  ///   - criticalBatch: Of network and data, in images; nil where nobody knows it.
  ///   - usdPerHour: Of one machine.
  package init(
    _ model: ScalingModel, batch: Int, target: TrainingTarget?, criticalBatch: Double?,
    usdPerHour: Double
  ) {
    entries = (0...10).map { power in
      let machines = 1 << power
      let seconds = model.stepSeconds(machines: machines)
      let images = Double(machines * batch)
      let factor = criticalBatch.map { ScalingModel.epochsFactor(batch: images, critical: $0) }
      let hours = target.map { $0.itemsToTrain * (factor ?? 1) * seconds / images / 3600 }
      return Entry(
        machines: machines, stepMs: 1e3 * seconds, imagesPerSecond: images / seconds,
        efficiency: model.efficiency(machines: machines), epochsFactor: factor,
        hoursToTrain: hours, usdToTrain: hours.map { $0 * Double(machines) * usdPerHour })
    }
    let most = entries.last?.machines ?? 1
    assumption =
      target == nil || criticalBatch != nil
      ? nil
      : "Hours and USD assume that a batch of \(Units.grouped(most * batch)) images takes no more "
        + "epochs than a small one, which large batches do; --critical-batch adds these."
  }
}
