import Basics
import Tensors

extension Graph {
  /// What a run would give, by the operators' plain references in float64.
  ///
  /// - Parameter inputs: A tensor for each input and parameter, by name; parameters as the
  ///   reference implementation has them.
  /// - Returns: The outputs by name, and what parameters become under theirs.
  /// - Throws: A name that is missing.
  package func evaluate(
    _ inputs: [String: ReferenceTensor]
  ) throws(Problem) -> [String: ReferenceTensor] {
    var known: [Value: ReferenceTensor] = [:]
    for index in values.indices where values[index].parameter != nil {
      known[Value(index)] = inputs[values[index].name]
    }
    for port in self.inputs { known[port.value] = inputs[port.name] }
    func find(_ value: Value) throws(Problem) -> ReferenceTensor {
      guard let tensor = known[value] else {
        throw Problem(.malformed, "no value for \(self[value].name)")
      }
      return tensor
    }
    for node in nodes {
      var read: [ReferenceTensor] = []
      for value in node.inputs { read.append(try find(value)) }
      for (value, tensor) in zip(node.outputs, node.op.reference(read)) { known[value] = tensor }
    }
    var result: [String: ReferenceTensor] = [:]
    for port in outputs { result[port.name] = try find(port.value) }
    for update in updates { result[self[update.parameter].name] = try find(update.value) }
    return result
  }
}
