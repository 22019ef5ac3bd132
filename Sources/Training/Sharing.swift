import Programs
import Ranks

/// Who has the parts that a training's steps are cut into.
package enum Sharing {
  /// There is one part, the whole.
  case alone
  /// This process has so many, and takes them in turn: the bits of as many ranks, without them.
  case inTurn(Int)
  /// Each rank has one.
  case ranks(RankGroup, RankReduction.Settings)

  /// Parts of a step's images.
  package var shards: Int {
    switch self {
    case .alone: 1
    case .inTurn(let count): count
    case .ranks(let group, _): group.count
    }
  }

  /// Machines that have them.
  package var machines: Int { group?.places.machines ?? 1 }

  /// The ranks, where there are some.
  package var group: RankGroup? {
    if case .ranks(let group, _) = self { group } else { nil }
  }
}
