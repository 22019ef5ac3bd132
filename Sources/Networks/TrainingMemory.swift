/// Where activations and gradients of a training step lie, and which gradients share a place.
///
/// Time runs over the forward steps, the loss, then the same steps backward. What backward reads
/// again lives until then; everything else makes room as soon as it was read.
struct TrainingMemory {
  /// Place of each node's value, in floats; the images have none.
  private(set) var values: [Int: Int] = [:]
  /// Place of the loss's derivative by each node's value.
  private(set) var gradients: [Int: Int] = [:]
  /// Place of each max pool's positions, one byte each, by the step's node.
  private(set) var positions: [Int: Int] = [:]
  /// Steps, by node, whose backward-data adds to a gradient that is already there.
  private(set) var accumulating: Set<Int> = []
  /// Steps, by node, whose residual's gradient takes the output's place instead of being added.
  private(set) var handsOver: Set<Int> = []
  /// Floats of the whole block.
  private(set) var count = 0

  /// Lays out one training step.
  ///
  /// - Parameters:
  ///   - steps: In forward order; the last gives the logits.
  ///   - shapes: Of each node's value.
  init(_ steps: [TrainingStep], _ shapes: [ActivationShape]) {
    let lossTime = steps.count
    var requests: [ArenaLayout.Request] = []
    func demand(_ count: Int, _ first: Int, _ last: Int) -> Int {
      requests.append(ArenaLayout.Request(count: count, first: first, last: last))
      return requests.count - 1
    }
    let lastUse = TrainingMemory.lastUses(steps)
    var valueSlots: [Int: Int] = [:]
    var positionSlots: [Int: Int] = [:]
    for (time, step) in steps.enumerated() {
      let last = lastUse[step.output] ?? time
      let reused = step.residual ?? (step.operation == .dropout ? step.input : nil)
      if let reused, lastUse[reused] == time, let slot = valueSlots[reused] {
        valueSlots[step.output] = slot
        requests[slot].last = last
      } else {
        valueSlots[step.output] = demand(shapes[step.output].count, time, last)
      }
      if step.operation == .maxPool {
        positionSlots[step.node] = demand(
          (shapes[step.output].count + 3) / 4, time, 2 * lossTime - time)
      }
    }
    var gradientSlots: [Int: Int] = [:]
    if let logits = steps.last?.output {
      gradientSlots[logits] = demand(shapes[logits].count, lossTime, lossTime)
    }
    for (index, step) in steps.enumerated().reversed() {
      let time = 2 * lossTime - index
      guard let output = gradientSlots[step.output] else {
        preconditionFailure("nothing reads what step \(index) gives")
      }
      requests[output].last = time
      if let residual = step.residual {
        if let slot = gradientSlots[residual] {
          requests[slot].last = time
        } else {
          gradientSlots[residual] = output
          handsOver.insert(step.node)
        }
      }
      guard step.input != 0 else { continue }
      let inPlace = step.operation == .dropout || (step.isNorm && step.residual == nil)
      if let slot = gradientSlots[step.input] {
        guard case .filters = step.operation else {
          preconditionFailure("step \(index) cannot add to a gradient")
        }
        requests[slot].last = time
        accumulating.insert(step.node)
      } else if inPlace {
        gradientSlots[step.input] = output
      } else {
        gradientSlots[step.input] = demand(shapes[step.input].count, time, time)
      }
    }
    let layout = ArenaLayout(requests)
    values = valueSlots.mapValues { layout.offsets[$0] }
    gradients = gradientSlots.mapValues { layout.offsets[$0] }
    positions = positionSlots.mapValues { layout.offsets[$0] }
    count = layout.count
  }

  /// The last time at which each node's value is read.
  private static func lastUses(_ steps: [TrainingStep]) -> [Int: Int] {
    var last: [Int: Int] = [:]
    for (time, step) in steps.enumerated() {
      for value in [step.input, step.residual].compactMap(\.self) {
        last[value] = max(last[value] ?? 0, time)
      }
    }
    for (index, step) in steps.enumerated() {
      let time = 2 * steps.count - index
      if step.rereadsInput { last[step.input] = max(last[step.input] ?? 0, time) }
      if step.rereadsOutput { last[step.output] = max(last[step.output] ?? 0, time) }
    }
    if let logits = steps.last?.output { last[logits] = max(last[logits] ?? 0, steps.count) }
    return last
  }
}

extension TrainingStep {
  /// Whether the step is a batch-norm.
  var isNorm: Bool {
    if case .norm = operation { return true }
    return false
  }
}
