import Basics

extension Graph {
  /// The graph with each output `gradient/NAME` summed over the shards of the batch.
  ///
  /// - Returns: The graph with a node that waits for the sums behind its backward pass.
  /// - Throws: A graph without such outputs.
  package func summingOverShards() throws(Problem) -> Graph {
    var builder = GraphBuilder(self, keepsNodes: false)
    for node in nodes { builder.append(node) }
    let gradients = outputs.filter { $0.name.hasPrefix("gradient/") }
    let sums = try builder.append(
      "all-reduce", GradientSum(count: gradients.count), gradients.map(\.value))
    let byName = Dictionary(uniqueKeysWithValues: zip(gradients.map(\.name), sums))
    for port in outputs { builder.output(port.name, byName[port.name] ?? port.value) }
    for update in updates { builder.update(update.parameter, to: update.value) }
    return try builder.graph()
  }
}
