import Basics

extension Graph {
  /// The graph in which every layer that can become one of bytes has its bias to itself: where several
  /// nodes read one, each layer among them gets a copy under a name of its own.
  ///
  /// A bias on bytes is whole steps of its layer's scales, which are others in each layer.
  ///
  /// - Returns: The graph, and what each new parameter is a copy of, by its name.
  /// - Throws: Nothing for a sound graph; what a broken operator would break.
  package func withOwnBiases() throws(Problem) -> (graph: Graph, copies: [String: Parameter]) {
    var builder = GraphBuilder(self, keepsNodes: false)
    var copies: [String: Parameter] = [:]
    var taken = Set(parameters.map(\.name))
    let readers = readers
    for node in nodes {
      var node = node
      if let layer = node.op as? Convolution, layer.hasPlainFilters, let place = layer.biasInput,
        let shared = self[node.inputs[place]].parameter,
        readers[node.inputs[place].index].count > 1
      {
        var own = shared
        (own.name, own.role) = ("\(node.name).bias", .bias)
        while !taken.insert(own.name).inserted { own.name += "#" }
        copies[own.name] = shared
        node.inputs[place] = builder.parameter(own)
      }
      builder.append(node)
    }
    for port in outputs { builder.output(port.name, port.value) }
    for update in updates { builder.update(update.parameter, to: update.value) }
    return (try builder.graph(), copies)
  }
}
