import Basics
import Graphs
import Kernels

/// The residual towers that play board games: moves, and who will win.
///
/// Silver et al., "Mastering the game of Go without human knowledge" (2017), Methods, and "A general
/// reinforcement learning algorithm that masters chess, shogi, and Go through self-play" (2018). A
/// 3x3 convolution and residual blocks of two, each with batch-norm; then two heads. The papers
/// leave two things open that are filled in here: ε is 1e-5, and chess has its moves from a 3x3
/// convolution.
package struct GameTower: Sendable {
  /// How moves are told.
  package enum Policy: Sendable {
    /// By a fully connected layer behind a 1x1 convolution of two filters: one number a move.
    case linear(moves: Int)
    /// By a 3x3 convolution: so many planes of one number a square, in the order plane, row, column.
    case planes(Int)
  }

  /// The network's name on the command line.
  package var name: String
  /// Residual blocks.
  package var blocks: Int
  /// Planes that tell a position.
  package var planes: Int
  /// Squares along a side of the board.
  package var side: Int
  /// How moves are told.
  package var policy: Policy
  /// Filters of the tower's convolutions.
  package var width: Int

  package init(
    name: String, blocks: Int, planes: Int, side: Int, policy: Policy, width: Int = 256
  ) {
    (self.name, self.blocks, self.planes) = (name, blocks, planes)
    (self.side, self.policy, self.width) = (side, policy, width)
  }

  /// The published ones: the papers count the first convolution as a block.
  package static let all = [
    GameTower(
      name: "alphago-zero-20", blocks: 19, planes: 17, side: 19, policy: .linear(moves: 362)),
    GameTower(
      name: "alphago-zero-40", blocks: 39, planes: 17, side: 19, policy: .linear(moves: 362)),
    GameTower(name: "alphazero-chess", blocks: 19, planes: 119, side: 8, policy: .planes(73)),
  ]

  /// Numbers that tell moves.
  package var moves: Int {
    switch policy {
    case .linear(let moves): moves
    case .planes(let planes): planes * side * side
    }
  }

  /// The network: outputs `policy`, before any softmax, and `value`, between −1 and 1.
  package var network: Network {
    Network(
      name: name, item: .position, classes: moves, channels: planes, minimumInputSize: side,
      maximumInputSize: side, usualInputSize: side,
      shallow: {
        var tower = self
        tower.blocks = min(blocks, 1)
        return tower.network
      }
    ) { (graph: inout GraphBuilder, positions: Graph.Value) throws(Problem) in
      var value = try graph.convolution(
        "stem.conv", positions, filters: width, window: 3, paddings: 1)
      value = try graph.relu("stem.relu", graph.batchNorm("stem.bn", value))
      for block in 0..<blocks {
        value = try graph.residualBlock(
          "blocks.\(block)", value, channels: width, width: width, outputs: width, stride: 1,
          isBottleneck: false)
      }
      return [
        Graph.Port("policy", try graph.policyHead(value, policy, width: width)),
        Graph.Port("value", try graph.valueHead(value, width: width)),
      ]
    }
  }
}

extension GraphBuilder {
  fileprivate mutating func policyHead(
    _ input: Graph.Value, _ policy: GameTower.Policy, width: Int
  ) throws(Problem) -> Graph.Value {
    switch policy {
    case .linear(let moves):
      let planes = try convolution("policy.conv", input, filters: 2, window: 1)
      let open = try relu("policy.relu", batchNorm("policy.bn", planes))
      return try linear("policy.fc", open, outputs: moves)
    case .planes(let count):
      let planes = try convolution("policy.conv1", input, filters: width, window: 3, paddings: 1)
      let open = try relu("policy.relu", batchNorm("policy.bn1", planes))
      let moves = try convolution(
        "policy.conv2", open, filters: count, window: 3, paddings: 1, hasBias: true)
      return try flatten("policy.flatten", moves)
    }
  }

  fileprivate mutating func valueHead(
    _ input: Graph.Value, width: Int
  ) throws(Problem) -> Graph.Value {
    let plane = try convolution("value.conv", input, filters: 1, window: 1)
    let open = try relu("value.relu", batchNorm("value.bn", plane))
    let hidden = try relu("value.relu1", linear("value.fc1", open, outputs: width))
    return try tanh("value.tanh", linear("value.fc2", hidden, outputs: 1))
  }
}
