import Basics
import Graphs
import Kernels

/// The stem and the blocks of Inception v3, which torchvision calls A to E.
struct InceptionBlocks {
  /// What is appended to.
  var graph: GraphBuilder
  /// What the number of filters of every layer is divided by.
  let narrowing: Int

  /// Appends everything before the last mean, and in training the auxiliary classifier.
  ///
  /// - Parameters:
  ///   - images: `N H W C`.
  ///   - classes: Of the auxiliary classifier; nil for none.
  /// - Returns: What the last mean is of, and the auxiliary classifier's logits.
  /// - Throws: Images that are too small.
  mutating func features(
    _ images: Graph.Value, auxiliaryClasses classes: Int? = nil
  ) throws(Problem) -> (last: Graph.Value, auxiliary: Graph.Value?) {
    var value = try unit("Conv2d_1a_3x3", images, 32, 3, strides: 2)
    value = try unit("Conv2d_2a_3x3", value, 32, 3)
    value = try unit("Conv2d_2b_3x3", value, 64, 3, paddings: 1)
    value = try graph.maxPool("maxpool1", value, window: 3, stride: 2)
    value = try unit("Conv2d_3b_1x1", value, 80, 1)
    value = try unit("Conv2d_4a_3x3", value, 192, 3)
    value = try graph.maxPool("maxpool2", value, window: 3, stride: 2)
    for (name, pooled) in [("Mixed_5b", 32), ("Mixed_5c", 64), ("Mixed_5d", 64)] {
      value = try blockA(name, value, pooled: pooled)
    }
    value = try blockB("Mixed_6a", value)
    for (name, width) in [("Mixed_6b", 128), ("Mixed_6c", 160), ("Mixed_6d", 160)] {
      value = try blockC(name, value, width: width)
    }
    value = try blockC("Mixed_6e", value, width: 192)
    var auxiliary: Graph.Value?
    if let classes { auxiliary = try self.auxiliary(value, classes: classes) }
    value = try blockD("Mixed_7a", value)
    value = try blockE("Mixed_7b", value)
    return (try blockE("Mixed_7c", value), auxiliary)
  }

  /// 1x1; 5x5; two 3x3; mean.
  private mutating func blockA(
    _ name: String, _ input: Graph.Value, pooled: Int
  ) throws(Problem) -> Graph.Value {
    let narrow = try unit("\(name).branch1x1", input, 64, 1)
    var wide = try unit("\(name).branch5x5_1", input, 48, 1)
    wide = try unit("\(name).branch5x5_2", wide, 64, 5, paddings: 2)
    var double = try unit("\(name).branch3x3dbl_1", input, 64, 1)
    double = try unit("\(name).branch3x3dbl_2", double, 96, 3, paddings: 1)
    double = try unit("\(name).branch3x3dbl_3", double, 96, 3, paddings: 1)
    let mean = try meanBranch(name, input, pooled)
    return try graph.concatenation(name, [narrow, wide, double, mean])
  }

  /// Half the side: 3x3; two 3x3; maximum.
  private mutating func blockB(_ name: String, _ input: Graph.Value) throws(Problem) -> Graph.Value
  {
    let single = try unit("\(name).branch3x3", input, 384, 3, strides: 2)
    var double = try unit("\(name).branch3x3dbl_1", input, 64, 1)
    double = try unit("\(name).branch3x3dbl_2", double, 96, 3, paddings: 1)
    double = try unit("\(name).branch3x3dbl_3", double, 96, 3, strides: 2)
    let largest = try graph.maxPool("\(name).pool", input, window: 3, stride: 2)
    return try graph.concatenation(name, [single, double, largest])
  }

  /// 1x1; 1x7 and 7x1; that twice; mean.
  private mutating func blockC(
    _ name: String, _ input: Graph.Value, width: Int
  ) throws(Problem) -> Graph.Value {
    let narrow = try unit("\(name).branch1x1", input, 192, 1)
    var single = try unit("\(name).branch7x7_1", input, width, 1)
    single = try row("\(name).branch7x7_2", single, width, 7)
    single = try column("\(name).branch7x7_3", single, 192, 7)
    var double = try unit("\(name).branch7x7dbl_1", input, width, 1)
    double = try column("\(name).branch7x7dbl_2", double, width, 7)
    double = try row("\(name).branch7x7dbl_3", double, width, 7)
    double = try column("\(name).branch7x7dbl_4", double, width, 7)
    double = try row("\(name).branch7x7dbl_5", double, 192, 7)
    let mean = try meanBranch(name, input, 192)
    return try graph.concatenation(name, [narrow, single, double, mean])
  }

  /// Half the side: 3x3; 1x7, 7x1 and 3x3; maximum.
  private mutating func blockD(_ name: String, _ input: Graph.Value) throws(Problem) -> Graph.Value
  {
    var single = try unit("\(name).branch3x3_1", input, 192, 1)
    single = try unit("\(name).branch3x3_2", single, 320, 3, strides: 2)
    var long = try unit("\(name).branch7x7x3_1", input, 192, 1)
    long = try row("\(name).branch7x7x3_2", long, 192, 7)
    long = try column("\(name).branch7x7x3_3", long, 192, 7)
    long = try unit("\(name).branch7x7x3_4", long, 192, 3, strides: 2)
    let largest = try graph.maxPool("\(name).pool", input, window: 3, stride: 2)
    return try graph.concatenation(name, [single, long, largest])
  }

  /// 1x1; 1x3 beside 3x1; that behind a 3x3; mean.
  private mutating func blockE(_ name: String, _ input: Graph.Value) throws(Problem) -> Graph.Value
  {
    let narrow = try unit("\(name).branch1x1", input, 320, 1)
    let single = try unit("\(name).branch3x3_1", input, 384, 1)
    let singles = [
      try row("\(name).branch3x3_2a", single, 384, 3),
      try column("\(name).branch3x3_2b", single, 384, 3),
    ]
    var double = try unit("\(name).branch3x3dbl_1", input, 448, 1)
    double = try unit("\(name).branch3x3dbl_2", double, 384, 3, paddings: 1)
    let doubles = [
      try row("\(name).branch3x3dbl_3a", double, 384, 3),
      try column("\(name).branch3x3dbl_3b", double, 384, 3),
    ]
    let mean = try meanBranch(name, input, 192)
    return try graph.concatenation(name, [narrow] + singles + doubles + [mean])
  }

  /// The mean of 3x3 windows, the border counted, and a 1x1.
  private mutating func meanBranch(
    _ name: String, _ input: Graph.Value, _ filters: Int
  ) throws(Problem) -> Graph.Value {
    let mean = try graph.averagePool("\(name).pool", input, window: 3, stride: 1, padding: 1)
    return try unit("\(name).branch_pool", mean, filters, 1)
  }

  /// A window of one row.
  private mutating func row(
    _ name: String, _ input: Graph.Value, _ filters: Int, _ length: Int
  ) throws(Problem) -> Graph.Value {
    try unit(name, input, filters, PerAxis(1, length), paddings: PerAxis(0, length / 2))
  }

  /// A window of one column.
  private mutating func column(
    _ name: String, _ input: Graph.Value, _ filters: Int, _ length: Int
  ) throws(Problem) -> Graph.Value {
    try unit(name, input, filters, PerAxis(length, 1), paddings: PerAxis(length / 2, 0))
  }

  /// A convolution, its batch-norm and ReLU.
  mutating func unit(
    _ name: String, _ input: Graph.Value, _ filters: Int, _ window: PerAxis,
    strides: PerAxis = 1, paddings: PerAxis = 0
  ) throws(Problem) -> Graph.Value {
    let sums = try graph.convolution(
      "\(name).conv", input, filters: filters / narrowing, window: window, strides: strides,
      paddings: paddings)
    return try graph.relu(
      "\(name).relu", graph.batchNorm("\(name).bn", sums, epsilon: 0.001))
  }
}
