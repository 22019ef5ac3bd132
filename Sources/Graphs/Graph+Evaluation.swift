import Basics
import Kernels
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
    try evaluate(on: .alone) { name, _ in inputs[name] }
  }

  /// The same with inputs and parameters that are asked for by name.
  ///
  /// A value is let go when its last reader has read it, and a parameter is asked for by each of its
  /// readers, so that no more is in memory at a time than `evaluationCost` says.
  ///
  /// - Parameters:
  ///   - pool: The threads of those references that share their work.
  ///   - keepsTypes: Whether each value becomes what its type holds, as a run stores it, and does not
  ///     stay in float64.
  ///   - given: The tensor of an input, or of a parameter as the reference implementation has it; nil
  ///     where it is missing.
  /// - Returns: The outputs by name, and what parameters become under theirs.
  /// - Throws: A name that is missing, and what `given` throws.
  package func evaluate(
    on pool: ThreadPool, keepsTypes: Bool = false,
    given: (_ name: String, _ parameter: Parameter?) throws(Problem) -> ReferenceTensor?
  ) throws(Problem) -> [String: ReferenceTensor] {
    var known: [Value: ReferenceTensor] = [:]
    var unread = readers.map(\.count)
    let wanted = kept
    for port in inputs { known[port.value] = try given(port.name, nil) }
    func find(_ value: Value) throws(Problem) -> ReferenceTensor {
      if let tensor = known[value] { return tensor }
      let definition = self[value]
      if let parameter = definition.parameter,
        let tensor = try given(definition.name, parameter)
      {
        return tensor
      }
      throw Problem(.malformed, "no value for \(definition.name)")
    }
    for node in nodes {
      var read: [ReferenceTensor] = []
      for value in node.inputs { read.append(try find(value)) }
      for value in node.inputs {
        unread[value.index] -= 1
        if unread[value.index] == 0, !wanted.contains(value) { known[value] = nil }
      }
      let results = node.op.reference(read, on: pool)
      for (value, tensor) in zip(node.outputs, results)
      where unread[value.index] > 0 || wanted.contains(value) {
        known[value] = keepsTypes ? tensor.stored(as: self[value].type.element) : tensor
      }
    }
    var result: [String: ReferenceTensor] = [:]
    for port in outputs { result[port.name] = try find(port.value) }
    for update in updates { result[self[update.parameter].name] = try find(update.value) }
    return result
  }
}
