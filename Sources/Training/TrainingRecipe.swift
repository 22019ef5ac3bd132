import Glibc
import Graphs
import Kernels
import Models

/// Everything that decides how a training run goes; with the same one, it goes the same.
package struct TrainingRecipe: EpochRecipe, Hashable {
  /// Images of one step.
  package var batch: Int
  /// Passes over the training images; the learning rate's course depends on it.
  package var epochs: Int
  package var peakRate: Float
  /// Share of the last step's direction that SGD keeps.
  package var momentum: Float
  /// Share of the weights added to the gradient.
  package var weightDecay: Float
  /// Of weights, order, crops, flips and dropout.
  package var seed: UInt32

  package init(
    batch: Int = 128, epochs: Int = 6, peakRate: Float = 0.1, momentum: Float = 0.9,
    weightDecay: Float = 5e-4, seed: UInt32 = 1
  ) {
    (self.batch, self.epochs, self.peakRate) = (batch, epochs, peakRate)
    (self.momentum, self.weightDecay, self.seed) = (momentum, weightDecay, seed)
  }

  /// The recipe that is used for a network unless told otherwise.
  ///
  /// Without batch-norm a tenth of the learning rate is as much as stays finite.
  ///
  /// - Parameters:
  ///   - network: What is trained.
  ///   - epochs: Passes over the training images.
  ///   - seed: Of weights, order, crops, flips and dropout.
  package init(for network: Network, epochs: Int, seed: UInt32) {
    let normalises = network.uses(BatchNormalization.self)
    self.init(epochs: epochs, peakRate: normalises ? 0.1 : 0.01, seed: seed)
  }

  /// The optimizer of one step: a linear warm-up, then half a cosine down to almost 0.
  ///
  /// Smith and Topin, "Super-Convergence" (2018), with the warm-up taking 30 % of all steps.
  ///
  /// - Parameters:
  ///   - step: From 0.
  ///   - steps: Of the whole run.
  /// - Returns: Learning rate, momentum and weight decay.
  package func optimizer(step: Int, of steps: Int) -> SGD {
    let warmUp = max(1, 3 * steps / 10)
    let share: Double
    if step < warmUp {
      share = 0.04 + 0.96 * Double(step) / Double(warmUp)
    } else {
      let progress = Double(step - warmUp) / Double(max(1, steps - warmUp))
      share = 1e-4 + (1 - 1e-4) * (1 + cos(Double.pi * progress)) / 2
    }
    return SGD(
      learningRate: peakRate * Float(share), momentum: momentum, weightDecay: weightDecay)
  }
}

/// The order, crops and flips of one epoch, drawn from seed and epoch alone.
package struct EpochDraw {
  /// Pixels by which a crop may move in each direction.
  static let border = 2

  /// Indices of the training images in the order of the epoch.
  package private(set) var order: [Int]
  private let crops: HashFill

  /// - Parameters:
  ///   - images: Training images in all.
  ///   - epoch: From 0.
  ///   - seed: Of the whole run.
  package init(images: Int, epoch: Int, seed: UInt32) {
    crops = HashFill(name: "crop of epoch \(epoch)", seed: seed)
    let shuffle = HashFill(name: "order of epoch \(epoch)", seed: seed)
    order = Array(0..<images)
    for index in stride(from: images - 1, to: 0, by: -1) {
      // Two words of 20 bits, so that the remainder favours no index noticeably.
      let wide = UInt64(shuffle.word(2 * index)) << 20 | UInt64(shuffle.word(2 * index + 1))
      order.swapAt(index, Int(wide % UInt64(index + 1)))
    }
  }

  /// How one image is moved, in pixels, and whether it is mirrored.
  package func crop(_ image: Int) -> (dy: Int, dx: Int, isMirrored: Bool) {
    let word = Int(crops.word(image))
    let span = 2 * EpochDraw.border + 1
    return (
      (word >> 1) % span - EpochDraw.border, (word >> 9) % span - EpochDraw.border, word & 1 == 1
    )
  }
}
