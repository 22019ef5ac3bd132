import Basics
import Graphs
import Kernels

/// What a unit of work does when its turn has come.
typealias Kernel = (UnitCall) -> Void

/// An operator that has a kernel.
protocol CompiledOperator: Operator {
  /// The part of a run that its units belong to.
  var phase: Program.Phase { get }

  /// The one kernel that there is, where tables name it; nil where they do not, and where an
  /// algorithm is chosen.
  var kernelName: String? { get }

  /// Fixes all that can be fixed before the first run, and says in `unit` what it is.
  ///
  /// - Parameter builder: Knows shapes, places and parameters.
  /// - Returns: What a run calls; allocates nothing.
  /// - Throws: A weight file that cannot be read.
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel
}

extension CompiledOperator {
  var phase: Program.Phase { .other }
  var kernelName: String? { nil }

  /// Which pass over a layer it is, where there are algorithms to choose among.
  var direction: Program.Direction {
    switch phase {
    case .backwardData: .backwardData
    case .backwardWeights: .backwardWeights
    default: .forward
    }
  }
}

/// Where a value lies, as a kernel keeps it.
struct BoundPlace: Equatable {
  var block: Int
  /// Bytes from its start.
  var offset: Int
  /// Bytes from image to image.
  var imageStride: Int
  /// Elements from one row of channels to the next; nil where rows follow one another.
  var pitch: Int?
}

/// What a kernel is given in a run.
struct UnitCall {
  /// Where the blocks begin.
  let bases: UnsafeMutablePointer<UnsafeMutableRawPointer>
  /// The first image of the group.
  let first: Int
  /// Floats that contents need not survive in; at least what the unit asked for.
  let workspace: UnsafeMutablePointer<Float>
  /// The filters that are read after this call.
  let upcoming: UnsafeRawBufferPointer?
  /// Runs the work.
  let pool: ThreadPool

  /// A value's first byte for this group.
  func bytes(_ place: BoundPlace) -> UnsafeMutableRawPointer {
    bases[place.block] + place.offset + first * place.imageStride
  }

  /// A value's first float for this group.
  func floats(_ place: BoundPlace) -> UnsafeMutablePointer<Float> {
    bytes(place).assumingMemoryBound(to: Float.self)
  }
}
