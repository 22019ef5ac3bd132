import Kernels
import Tensors

extension Convolution {
  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    reference(inputs, on: .alone)
  }

  package func reference(
    _ inputs: [ReferenceTensor], on pool: ThreadPool
  ) -> [ReferenceTensor] {
    guard let shape = filterShape(inputs.map(\.shape)) else { return [] }
    let (pixels, weights) = (flattened(inputs[0]), ordered(inputs[1].values, shape))
    let sums = ConvolutionSums(shape, images: pixels, filters: weights).values(on: pool)
    let N = inputs[0].shape.N
    let image: Shape = flattens ? [N, filters] : [N, shape.P, shape.Q, filters]
    let rows = readsRows ? Shape(inputs[0].shape.dimensions.dropLast() + [filters]) : nil
    let target = rows ?? image
    return [
      ReferenceTensor(target, on: pool) { index in
        let k = index % filters
        let first = part?.first ?? 0
        var value = sums[index] + (biasInput.map { inputs[$0].values[first + k] } ?? 0)
        if let norm = normInputs.first, let normEpsilon {
          let (scale, shift) = (inputs[norm].values[k], inputs[norm + 1].values[k])
          let (mean, variance) = (inputs[norm + 2].values[k], inputs[norm + 3].values[k])
          value =
            (value - mean) / (variance + normEpsilon).squareRoot() * scale + shift
        }
        if let residualInput { value += inputs[residualInput].values[index] }
        return epilogue.activation?.value(at: value) ?? value
      }
    ]
  }

  /// Filters in the order `K C R S`, of a matrix that may be stored otherwise or hold others too.
  private func ordered(_ stored: [Double], _ shape: ConvShape) -> [Double] {
    guard part != nil || isStoredByInput else { return stored }
    return (0..<shape.K * shape.C).map { stored[place($0, shape)] }
  }
}

/// The sums of a convolution in float64: `N P Q K` of images `N H W C` and filters `K C R S`.
///
/// Each sum adds its products in the order window row, window column, channel.
private struct ConvolutionSums {
  /// Filters side by side at most, so that what is read of them again and again stays in a cache.
  private static let mostFilters = 64
  /// Pixels that the filters of one place of the window are applied to before those of the next.
  private static let mostPixels = 16

  private let shape: ConvShape
  private let images: [Double]
  private let filters: [Double]
  /// Rows and columns of the output.
  private let (P, Q): (Int, Int)
  /// Channels, and filters, of a group.
  private let (depth, width): (Int, Int)

  init(_ shape: ConvShape, images: [Double], filters: [Double]) {
    (self.shape, self.images, self.filters) = (shape, images, filters)
    (P, Q) = (shape.P, shape.Q)
    (depth, width) = (shape.C / shape.groups, shape.K / shape.groups)
  }

  func values(on pool: ThreadPool) -> [Double] {
    depth == 1 && width == 1 ? depthwise(on: pool) : blocks(on: pool)
  }

  /// Every channel by itself, side by side.
  private func depthwise(on pool: ThreadPool) -> [Double] {
    let taps = PlainProduct.transposed(filters, rows: shape.K, columns: shape.R * shape.S)
    return PlainProduct.rows(shape.N * P, width: Q * shape.K, on: pool) { line, sums in
      forEachTap(of: line) { q, tap, pixel in
        for c in 0..<shape.C {
          sums[q * shape.C + c] += images[pixel + c] * taps[tap * shape.C + c]
        }
      }
    }
  }

  /// A few filters at a time, each thread those of its share.
  private func blocks(on pool: ThreadPool) -> [Double] {
    let most = min(Self.mostFilters, (width + pool.threads - 1) / pool.threads)
    let count = (width + most - 1) / most
    let lines = max(1, Self.mostPixels / Q)
    var sums = [Double](repeating: 0, count: shape.outputCount)
    sums.withUnsafeMutableBufferPointer { buffer in
      guard let sums = buffer.baseAddress else { return }
      pool.forEachShare(of: shape.groups * count) { items in
        for item in items {
          let (group, first) = (item / count, item % count * most)
          let span = min(most, width - first)
          let taps = packed(group * width + first, span)
          for start in stride(from: 0, to: shape.N * P, by: lines) {
            let end = min(start + lines, shape.N * P)
            for tap in 0..<shape.R * shape.S {
              for line in start..<end {
                let target = sums + line * Q * shape.K + group * width + first
                forEachPixel(of: line, under: tap) { q, pixel in
                  PlainProduct.add(
                    images, at: pixel + group * depth, depth: depth, times: taps,
                    at: tap * depth * span, width: span, to: target + q * shape.K)
                }
              }
            }
          }
        }
      }
    }
    return sums
  }

  /// Some filters in the order `R S C K`.
  private func packed(_ first: Int, _ count: Int) -> [Double] {
    let area = shape.R * shape.S
    var taps = [Double](repeating: 0, count: area * depth * count)
    for k in 0..<count {
      for c in 0..<depth {
        for tap in 0..<area {
          taps[(tap * depth + c) * count + k] = filters[((first + k) * depth + c) * area + tap]
        }
      }
    }
    return taps
  }

  /// Calls `body` with each column of a line of the output for which a place of the window lies on the
  /// image, and with the first element of the pixel there.
  private func forEachPixel(
    of line: Int, under tap: Int, _ body: (_ q: Int, _ pixel: Int) -> Void
  ) {
    let (r, s) = (tap / shape.S, tap % shape.S)
    let (n, h) = (line / P, shape.row(line % P, r))
    guard h >= 0, h < shape.H else { return }
    for q in 0..<Q {
      let w = shape.column(q, s)
      guard w >= 0, w < shape.W else { continue }
      body(q, ((n * shape.H + h) * shape.W + w) * shape.C)
    }
  }

  /// The same for all places of the window.
  private func forEachTap(
    of line: Int, _ body: (_ q: Int, _ tap: Int, _ pixel: Int) -> Void
  ) {
    for tap in 0..<shape.R * shape.S {
      forEachPixel(of: line, under: tap) { q, pixel in body(q, tap, pixel) }
    }
  }
}
