import CShims
import Tensors

/// Pools of bfloat16 as training has them: where maxima were, and the way back of gradients; vector
/// lanes over channels.
///
/// Gradients that meet in a pixel are added in float32 and rounded once.
extension BFloat16Pool {
  /// Channels whose sums are kept at a time: what fits the stack.
  private static let blockChannels = 128

  /// The largest of each window, NaN where there is one, and where it was; see `MaxPool`.
  ///
  /// - Parameters:
  ///   - shape: The windows; their side is at most `MaxPool.largestWindow`.
  ///   - input: `N H W C`.
  ///   - output: `N P Q C`; overwritten.
  ///   - pitch: Elements from a pixel of the output to the next, `C` or more; nil for `C`.
  ///   - positions: `N P Q C` bytes, the winner's index in its window; overwritten.
  ///   - pool: Runs the work.
  public static func maximum(
    _ shape: PoolShape, input: UnsafePointer<BFloat16>, output: UnsafeMutablePointer<BFloat16>,
    pitch: Int? = nil, positions: UnsafeMutablePointer<UInt8>, pool: ThreadPool
  ) {
    precondition(
      shape.window <= MaxPool.largestWindow,
      "a window of \(shape.window) has positions beyond a byte")
    let (C, pitch) = (shape.C, pitch ?? shape.C)
    pool.forEachShare(of: shape.N * shape.P) { lines in
      for line in lines {
        let (n, p) = (line / shape.P, line % shape.P)
        for q in 0..<shape.Q {
          let pixel = line * shape.Q + q
          let (best, winners) = (output + pixel * pitch, positions + pixel * C)
          var isFirst = true
          for h in shape.inputs(under: p, shape.H) {
            for w in shape.inputs(under: q, shape.W) {
              let values = input + ((n * shape.H + h) * shape.W + w) * C
              let position = Self.position(shape, h, p, w, q)
              if isFirst {
                best.update(from: values, count: C)
                winners.update(repeating: position, count: C)
                isFirst = false
              } else {
                take(values, position, C, best, winners)
              }
            }
          }
        }
      }
    }
  }

  /// Sends each output's gradient to the input that won.
  ///
  /// - Parameters:
  ///   - shape: The windows.
  ///   - outputGradient: `N P Q C`.
  ///   - positions: As `maximum` wrote them.
  ///   - inputGradient: `N H W C`; overwritten.
  ///   - pool: Runs the work.
  public static func maximumBackward(
    _ shape: PoolShape, outputGradient: UnsafePointer<BFloat16>,
    positions: UnsafePointer<UInt8>, inputGradient: UnsafeMutablePointer<BFloat16>,
    pool: ThreadPool
  ) {
    gather(
      rows: shape.N * shape.H, W: shape.W, C: shape.C, into: inputGradient, pool: pool
    ) { row, w, channels, sums in
      let (n, h) = (row / shape.H, row % shape.H)
      for p in shape.windows(over: h, shape.P) {
        for q in shape.windows(over: w, shape.Q) {
          let at = ((n * shape.P + p) * shape.Q + q) * shape.C + channels.lowerBound
          let position = Self.position(shape, h, p, w, q)
          add(
            outputGradient + at, wherever: positions + at, are: position, count: channels.count,
            to: sums)
        }
      }
    }
  }

  /// Spreads each output's gradient evenly over its window; what falls on the border is lost.
  ///
  /// - Parameters:
  ///   - shape: The windows.
  ///   - outputGradient: `N P Q C`.
  ///   - inputGradient: `N H W C`; overwritten.
  ///   - pool: Runs the work.
  public static func meanBackward(
    _ shape: PoolShape, outputGradient: UnsafePointer<BFloat16>,
    inputGradient: UnsafeMutablePointer<BFloat16>, pool: ThreadPool
  ) {
    let factor = 1 / Float(shape.window * shape.window)
    gather(
      rows: shape.N * shape.H, W: shape.W, C: shape.C, into: inputGradient, pool: pool
    ) { row, w, channels, sums in
      let n = row / shape.H
      for p in shape.windows(over: row % shape.H, shape.P) {
        for q in shape.windows(over: w, shape.Q) {
          let at = ((n * shape.P + p) * shape.Q + q) * shape.C + channels.lowerBound
          add(outputGradient + at, times: factor, count: channels.count, to: sums)
        }
      }
    }
  }

  /// Spreads each output's gradient evenly over its part of the image.
  ///
  /// - Parameters:
  ///   - shape: The parts.
  ///   - outputGradient: `N P Q C`.
  ///   - inputGradient: `N H W C`; overwritten.
  ///   - pool: Runs the work.
  public static func meanBackward(
    _ shape: AdaptivePoolShape, outputGradient: UnsafePointer<BFloat16>,
    inputGradient: UnsafeMutablePointer<BFloat16>, pool: ThreadPool
  ) {
    gather(
      rows: shape.N * shape.H, W: shape.W, C: shape.C, into: inputGradient, pool: pool
    ) { row, w, channels, sums in
      let (n, h) = (row / shape.H, row % shape.H)
      for p in 0..<shape.P where shape.rows(p).contains(h) {
        for q in 0..<shape.Q where shape.columns(q).contains(w) {
          let factor = 1 / Float(shape.rows(p).count * shape.columns(q).count)
          let at = ((n * shape.P + p) * shape.Q + q) * shape.C + channels.lowerBound
          add(outputGradient + at, times: factor, count: channels.count, to: sums)
        }
      }
    }
  }

  /// The index of an input position in the window of an output position.
  private static func position(
    _ shape: PoolShape, _ h: Int, _ p: Int, _ w: Int, _ q: Int
  ) -> UInt8 {
    UInt8(
      (h + shape.padding - p * shape.stride) * shape.window
        + (w + shape.padding - q * shape.stride))
  }

  /// Keeps the larger of two rows of channels, and whose position it was.
  ///
  /// `values` and `best` are `count` channels of one pixel, `positions` are `count` bytes.
  private static func take(
    _ values: UnsafePointer<BFloat16>, _ position: UInt8, _ count: Int,
    _ best: UnsafeMutablePointer<BFloat16>, _ positions: UnsafeMutablePointer<UInt8>
  ) {
    let lanes = WordTileLimits.lanes
    var c = 0
    while c + lanes <= count {
      costcurve_take_bfloats(values + c, position, best + c, positions + c)
      c += lanes
    }
    while c < count {
      let (value, old) = (values[c].value, best[c].value)
      let wins = !(value <= old) && old == old
      best[c] = wins ? values[c] : best[c]
      positions[c] = wins ? position : positions[c]
      c += 1
    }
  }

  /// Adds a gradient where the winner's position is that of the sums.
  ///
  /// `gradient` and `sums` are `count` channels of one pixel, `winners` are `count` bytes.
  private static func add(
    _ gradient: UnsafePointer<BFloat16>, wherever winners: UnsafePointer<UInt8>,
    are position: UInt8, count: Int, to sums: UnsafeMutablePointer<Float>
  ) {
    let lanes = WordTileLimits.lanes
    var c = 0
    while c + lanes <= count {
      let place = UnsafeMutableRawPointer(sums + c)
      let won = costcurve_load_bfloats_at(gradient + c, winners + c, position)
      place.storeBytes(of: UnsafeRawPointer(place).floats() + won, as: FloatVector.self)
      c += lanes
    }
    while c < count {
      sums[c] += winners[c] == position ? gradient[c].value : 0
      c += 1
    }
  }

  /// Adds a gradient times a factor, `count` channels of one pixel.
  private static func add(
    _ gradient: UnsafePointer<BFloat16>, times factor: Float, count: Int,
    to sums: UnsafeMutablePointer<Float>
  ) {
    let lanes = WordTileLimits.lanes
    var c = 0
    while c + lanes <= count {
      let place = UnsafeMutableRawPointer(sums + c)
      let share = costcurve_load_bfloats(gradient + c) * factor
      place.storeBytes(of: UnsafeRawPointer(place).floats() + share, as: FloatVector.self)
      c += lanes
    }
    while c < count {
      sums[c] += gradient[c].value * factor
      c += 1
    }
  }

  /// Computes the input's gradient pixel by pixel, each by one worker.
  ///
  /// - Parameters:
  ///   - rows: Rows of all images.
  ///   - W: Pixels of a row.
  ///   - C: Channels.
  ///   - target: `rows · W · C` elements; overwritten.
  ///   - pool: Runs the work.
  ///   - add: Adds to the zeros of some channels of a pixel all that reaches them.
  private static func gather(
    rows: Int, W: Int, C: Int, into target: UnsafeMutablePointer<BFloat16>, pool: ThreadPool,
    _ add: (
      _ row: Int, _ w: Int, _ channels: Range<Int>, _ sums: UnsafeMutablePointer<Float>
    ) -> Void
  ) {
    pool.forEachShare(of: rows) { share in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: blockChannels) { buffer in
        guard let sums = buffer.baseAddress else { return }
        for row in share {
          for w in 0..<W {
            (0..<C).forEachBlock(of: blockChannels) { channels in
              sums.initialize(repeating: 0, count: channels.count)
              add(row, w, channels, sums)
              BFloat16Rows.round(
                UnsafePointer(sums), count: channels.count,
                to: target + ((row * W + w) * C + channels.lowerBound))
            }
          }
        }
      }
    }
  }
}
