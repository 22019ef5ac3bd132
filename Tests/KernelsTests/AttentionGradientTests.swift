import Foundation
import Kernels
import TestSupport
import Testing

@Suite("Gradients of attention")
struct AttentionGradientTests {
  /// Lengths, and whether keys behind a query are hidden.
  static let sizes: [(size: Attention.Size, isCausal: Bool)] = [
    (.init(batch: 1, heads: 1, keyHeads: 1, queries: 1, keys: 1, depth: 1, width: 1), false),
    (.init(batch: 2, heads: 3, keyHeads: 3, queries: 5, keys: 7, depth: 6, width: 9), false),
    (.init(batch: 2, heads: 4, keyHeads: 2, queries: 31, keys: 31, depth: 16, width: 16), true),
    (.init(batch: 1, heads: 2, keyHeads: 1, queries: 130, keys: 75, depth: 64, width: 64), false),
    (.init(batch: 1, heads: 1, keyHeads: 1, queries: 150, keys: 150, depth: 65, width: 33), true),
  ]

  /// A case's operands, side by side in memory, and what plain loops make of them.
  private struct Sample {
    let size: Attention.Size
    let rule: Attention.Rule
    let isByHeads: Bool
    var (queries, keys, values, gradient): ([Float], [Float], [Float], [Float])

    init(_ size: Attention.Size, isCausal: Bool, isByHeads: Bool) {
      (self.size, self.isByHeads) = (size, isByHeads)
      var rule = Attention.Rule(scale: 0.4)
      rule.isCausal = isCausal
      self.rule = rule
      var random = SeededRandom(seed: UInt64(size.queries))
      queries = random.floats(size.batch * size.heads * size.queries * size.depth)
      keys = random.floats(size.batch * size.keyHeads * size.keys * size.depth)
      values = random.floats(size.batch * size.keyHeads * size.keys * size.width)
      gradient = random.floats(size.batch * size.heads * size.queries * size.width)
    }

    func rows(_ heads: Int, _ rows: Int, _ width: Int) -> Attention.Rows {
      isByHeads
        ? Attention.Rows(item: heads * rows * width, head: rows * width, row: width)
        : Attention.Rows(item: rows * heads * width, head: width, row: heads * width)
    }

    var places:
      (
        queries: Attention.Rows, keys: Attention.Rows, values: Attention.Rows,
        outputs: Attention.Rows
      )
    {
      (
        rows(size.heads, size.queries, size.depth), rows(size.keyHeads, size.keys, size.depth),
        rows(size.keyHeads, size.keys, size.width), rows(size.heads, size.queries, size.width)
      )
    }

    /// The sum of all outputs times their derivatives, by the definition in float64.
    func loss(hidden: Set<Int> = []) -> Double {
      let places = self.places
      var loss = 0.0
      for item in 0..<size.batch {
        for head in 0..<size.heads {
          let keyHead = head / (size.heads / size.keyHeads)
          for query in 0..<size.queries {
            let q = item * places.queries.item + head * places.queries.head
            var scores: [Double] = []
            for key in 0..<size.keys {
              let k = item * places.keys.item + keyHead * places.keys.head
              var sum = 0.0
              for j in 0..<size.depth {
                sum +=
                  Double(queries[q + query * places.queries.row + j])
                  * Double(keys[k + key * places.keys.row + j])
              }
              let isHidden = (rule.isCausal && key > query) || hidden.contains(key)
              scores.append(isHidden ? -.infinity : sum * Double(rule.scale))
            }
            let top = scores.max() ?? 0
            let shares = scores.map { exp($0 - top) }
            let whole = shares.reduce(0, +)
            let v = item * places.values.item + keyHead * places.values.head
            let o =
              item * places.outputs.item + head * places.outputs.head
              + query * places.outputs.row
            for (key, share) in shares.enumerated() {
              for j in 0..<size.width {
                let value = Double(values[v + key * places.values.row + j])
                loss += share / whole * value * Double(gradient[o + j])
              }
            }
          }
        }
      }
      return loss
    }

    /// The kernel's derivatives.
    func derivatives(
      threads: Int, cache: Int = 1 << 20, hidden: Set<Int> = []
    ) -> (queries: [Float], keys: [Float], values: [Float]) {
      let kernel = AttentionGradient(
        size, rule, rows: places, threads: threads,
        caches: CacheSizes(l1: 1 << 15, l2: cache, l3: 0))
      let (q, k, v, g) = (Tensor(queries), Tensor(keys), Tensor(values), Tensor(gradient))
      let dq = Tensor(count: queries.count, filledWith: .nan)
      let dk = Tensor(count: keys.count, filledWith: .nan)
      let dv = Tensor(count: values.count, filledWith: .nan)
      let workspace = Tensor(count: kernel.workspaceCount, filledWith: .nan)
      var operands = AttentionGradient.Operands(
        queries: q.input, keys: k.input, values: v.input, outputGradient: g.input,
        queryGradient: dq.pointer, keyGradient: dk.pointer, valueGradient: dv.pointer)
      var flags = (0..<size.keys).map { hidden.contains($0) ? 0 : 1 as UInt8 }
      flags.withUnsafeMutableBufferPointer { flags in
        if !hidden.isEmpty, let first = flags.baseAddress {
          operands.mask = AttentionMask(
            .flags(UnsafePointer(first)), strides: (item: 0, head: 0, query: 0, key: 1),
            keys: size.keys)
        }
        kernel.run(operands, workspace: workspace.pointer, pool: ThreadPool(threads: threads))
      }
      return (dq.values, dk.values, dv.values)
    }

    /// Central differences of some elements of one operand, beside the kernel's derivatives of them.
    func compare(
      _ operand: WritableKeyPath<Sample, [Float]>, _ derivatives: [Float], hidden: Set<Int> = []
    ) {
      let largest = Double(derivatives.map { abs($0) }.max() ?? 0)
      let count = self[keyPath: operand].count
      for index in stride(from: 0, to: count, by: max(1, count / 5)) {
        var (up, down) = (self, self)
        up[keyPath: operand][index] += 0x1p-6
        down[keyPath: operand][index] -= 0x1p-6
        let step =
          Double(up[keyPath: operand][index]) - Double(down[keyPath: operand][index])
        let difference = (up.loss(hidden: hidden) - down.loss(hidden: hidden)) / step
        #expect(
          abs(Double(derivatives[index]) - difference) < 1e-3 * max(largest, 1e-3),
          "\(size) \(operand) \(index): \(derivatives[index]), \(difference)")
      }
    }
  }

  @Test("Equal central differences of the definition", arguments: sizes, [false, true])
  func differences(one: (size: Attention.Size, isCausal: Bool), isByHeads: Bool) {
    let sample = Sample(one.size, isCausal: one.isCausal, isByHeads: isByHeads)
    let given = sample.derivatives(threads: 2)
    sample.compare(\.queries, given.queries)
    sample.compare(\.keys, given.keys)
    sample.compare(\.values, given.values)
  }

  @Test("What a mask hides has no derivative")
  func masks() {
    let size = Attention.Size(
      batch: 2, heads: 2, keyHeads: 2, queries: 9, keys: 11, depth: 8, width: 8)
    let sample = Sample(size, isCausal: false, isByHeads: true)
    let hidden: Set = [0, 4, 10]
    let given = sample.derivatives(threads: 1, hidden: hidden)
    sample.compare(\.queries, given.queries, hidden: hidden)
    sample.compare(\.keys, given.keys, hidden: hidden)
    sample.compare(\.values, given.values, hidden: hidden)
    for head in 0..<4 {
      for key in hidden {
        let first = (head * size.keys + key) * size.depth
        #expect(given.keys[first..<first + size.depth].allSatisfy { $0 == 0 })
        #expect(given.values[first..<first + size.width].allSatisfy { $0 == 0 })
      }
    }
  }

  @Test("A query that sees nothing has no derivative, and gives none")
  func seesNothing() {
    let size = Attention.Size(
      batch: 1, heads: 1, keyHeads: 1, queries: 3, keys: 5, depth: 4, width: 4)
    let sample = Sample(size, isCausal: false, isByHeads: true)
    let given = sample.derivatives(threads: 1, hidden: [0, 1, 2, 3, 4])
    for values in [given.queries, given.keys, given.values] {
      #expect(values.allSatisfy { $0 == 0 })
    }
  }

  @Test("More threads give the same bits, and smaller blocks nearly the same numbers")
  func isDeterministic() {
    let size = Attention.Size(
      batch: 1, heads: 5, keyHeads: 5, queries: 90, keys: 90, depth: 24, width: 24)
    let sample = Sample(size, isCausal: true, isByHeads: false)
    let (one, three) = (sample.derivatives(threads: 1), sample.derivatives(threads: 3))
    #expect(one.queries == three.queries && one.keys == three.keys && one.values == three.values)
    let blocks = sample.derivatives(threads: 2, cache: 1 << 14)
    #expect(relativeError(blocks.queries, one.queries) < 1e-5)
    #expect(relativeError(blocks.keys, one.keys) < 1e-5)
    #expect(relativeError(blocks.values, one.values) < 1e-5)
  }

  @Test("What no query sees is left out of the executed work, not of the direct")
  func counts() {
    let size = Attention.Size(
      batch: 2, heads: 3, keyHeads: 3, queries: 240, keys: 240, depth: 64, width: 64)
    func kernel(isCausal: Bool) -> AttentionGradient {
      let sample = Sample(size, isCausal: isCausal, isByHeads: true)
      return AttentionGradient(
        size, sample.rule, rows: sample.places, threads: 1,
        caches: CacheSizes(l1: 1 << 15, l2: 1 << 17, l3: 0))
    }
    let (whole, causal) = (kernel(isCausal: false), kernel(isCausal: true))
    #expect(whole.macs.count == 2 * size.macs.count && causal.macs == whole.macs)
    #expect(whole.executedFLOPs.count == 2.5 * size.macs.flops.count)
    #expect(causal.executedFLOPs < whole.macs.flops)
  }
}
