/// Where the values of an inference plan lie: the images, an arena shared by lifetimes, the logits.
///
/// What passes from one section of the plan to another exists for the whole batch, what lives
/// inside a section for one group of images.
struct ActivationPlaces {
  /// A value's place.
  struct Place {
    /// The block of memory.
    enum Block {
      case images
      case arena
      case logits
    }

    /// Where it is.
    var block: Block
    /// Floats from the block's start to the first image's value.
    var offset = 0
    /// Floats from one image's value to the next; 0 where every group uses the same memory.
    var imageStride: Int
  }

  /// Floats of the arena.
  let arenaCount: Int
  private var places: [Int: Place] = [:]

  /// Gives each step's output a place; a residual sum overwrites the residual where that dies.
  ///
  /// - Parameters:
  ///   - steps: In order; the last gives the logits.
  ///   - shapes: The output of each node, for the whole batch.
  ///   - groups: The sections that the steps run in.
  init(_ steps: [FusedStep], _ shapes: [ActivationShape], groups: ImageGroups) {
    let batch = shapes[0].N
    func imageCount(_ node: Int) -> Int { shapes[node].count / batch }
    var lastUse: [Int: Int] = [:]
    for (index, step) in steps.enumerated() {
      for value in [step.input, step.residual].compactMap(\.self) { lastUse[value] = index }
    }
    let sections = groups.sectionOfStep
    var slots: [Int: (request: Int, isWhole: Bool)] = [:]
    var requests: [ArenaLayout.Request] = []
    for (index, step) in steps.dropLast().enumerated() {
      let last = lastUse[step.output] ?? index
      let isWhole = sections[index] != sections[last]
      // Until the last group is through, a later group still needs what belongs to all.
      let (from, to) =
        isWhole
        ? (sections[index].steps.lowerBound, sections[last].steps.upperBound - 1) : (index, last)
      if let residual = step.residual, lastUse[residual] == index, let slot = slots[residual],
        slot.isWhole == isWhole
      {
        slots[step.output] = slot
        requests[slot.request].last = to
      } else {
        slots[step.output] = (requests.count, isWhole)
        requests.append(
          ArenaLayout.Request(
            count: imageCount(step.output) * (isWhole ? batch : sections[index].images),
            first: from, last: to))
      }
    }
    let layout = ArenaLayout(requests)
    arenaCount = layout.count
    for (node, slot) in slots {
      places[node] = Place(
        block: .arena, offset: layout.offsets[slot.request],
        imageStride: slot.isWhole ? imageCount(node) : 0)
    }
    places[0] = Place(block: .images, imageStride: imageCount(0))
    if let last = steps.last {
      places[last.output] = Place(block: .logits, imageStride: imageCount(last.output))
    }
  }

  /// Where a node's value lies.
  subscript(node: Int) -> Place {
    guard let place = places[node] else { preconditionFailure("node \(node) is in no step") }
    return place
  }
}
