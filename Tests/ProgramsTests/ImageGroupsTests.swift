import Programs
import Testing

/// How many images go through which steps together.
@Suite struct ImageGroupsTests {
  /// A chain of steps: step `i` reads value `i - 1` and writes value `i`.
  private func chain(
    _ bytes: [Int], filters: [Int], batch: Int, cache: Int
  ) -> [ImageGroups.Section] {
    let values = bytes.indices.map {
      ImageGroups.Value(bytes: bytes[$0], first: $0, last: min($0 + 1, bytes.count - 1))
    }
    return ImageGroups(values: values, filterBytes: filters, batch: batch, cacheBytes: cache)
      .sections
  }

  @Test func keepsTheBatchTogetherWhereItFits() {
    #expect(
      chain([100, 100, 100], filters: [10, 10, 10], batch: 8, cache: 1600)
        == [ImageGroups.Section(steps: 0..<3, images: 8)])
    #expect(
      chain([100], filters: [10], batch: 1, cache: 0)
        == [ImageGroups.Section(steps: 0..<1, images: 1)])
  }

  @Test func takesTheLargestGroupThatFits() {
    #expect(
      chain([100, 100, 100], filters: [10, 10, 10], batch: 12, cache: 900)
        == [ImageGroups.Section(steps: 0..<3, images: 4)])
  }

  @Test func keepsTheBatchTogetherWhereFiltersOutweighIt() {
    #expect(
      chain([100, 100, 100], filters: [9000, 9000, 9000], batch: 8, cache: 200)
        == [ImageGroups.Section(steps: 0..<3, images: 8)])
  }

  @Test func growsGroupsWhereActivationsShrinkAndFiltersGrow() {
    let sections = chain(
      [800, 800, 400, 100, 100, 10, 10], filters: [1, 1, 50, 200, 300, 5000, 5000], batch: 16,
      cache: 1700)
    #expect(sections.first?.images == 1)
    #expect(sections.last?.images == 16)
    #expect(sections.map(\.images) == sections.map(\.images).sorted())
    #expect(sections.flatMap { Array($0.steps) } == Array(0..<7))
  }

  @Test func doesNotPartStepsForLessThanThePartingCosts() {
    // Alone, the middle step would rather see all images at once; writing and reading the batch
    // on either side of it costs more than its filters once again.
    #expect(
      chain([100, 100, 100], filters: [0, 500, 0], batch: 2, cache: 200)
        == [ImageGroups.Section(steps: 0..<3, images: 1)])
  }

  @Test func dividesTheBatch() {
    for batch in 1...20 {
      for cache in [0, 150, 250, 450, 1000] {
        let sections = chain([100, 50, 20], filters: [5, 50, 900], batch: batch, cache: cache)
        #expect(sections.allSatisfy { batch % $0.images == 0 })
        #expect(sections.flatMap { Array($0.steps) } == [0, 1, 2])
      }
    }
  }
}
